/**
 * A bulk job beside people, in virtual time: governors and purses of two processes over one store, judged by the meter of the stand-in
 * Jira. No issue is synced here; the calls are those of a sync.
 */
import { describe, expect, test } from 'vitest';
import { PUBLISHED_LIMITS, admit, charge, newMeter, standing } from '../../../infra/local/jira/model/limits.ts';
import { createGovernor } from '../../../shared/jira/governor.ts';
import type { Governed } from '../../../shared/jira/governor.ts';
import { MemoryStore } from '../../../shared/memory/store.ts';
import type { Priority } from '../../../shared/model/budget.ts';
import { tenantId } from '../../../shared/model/ids.ts';
import type { TenantId } from '../../../shared/model/ids.ts';
import { Purse } from '../../../shared/purse.ts';
import { Fault } from '../../../shared/verdict.ts';
import { VirtualClock } from '../../bench/virtual.ts';
import { countingIds } from '../../kit/memoryPorts.ts';
import { chanceOf } from '../../simulation/chance.ts';

const HOUR_MS = 3_600_000;
const START = 500_000 * HOUR_MS;
const [BULK, PEOPLE] = [tenantId('t-00000001'), tenantId('t-00000002')];
const WAY_MS = 15;
/** Small enough that the bulk needs several hours. */
const POOL = 12_000;
const BULK_WORKERS = 20;

interface Played {
  /** From a person's edit to its write on the other side. */
  readonly lags: readonly number[];
  /** The longest that a bulk change took, waits for the hour left out. */
  readonly longestBulkMs: number;
  readonly refused: number;
  readonly bulkDone: number;
  readonly hours: number;
}

/** Lets a bulk job of so many changes run, with a person of `tenant` editing meanwhile. */
async function play(changes: number, tenant: TenantId, seed: number): Promise<Played> {
  const clock = new VirtualClock(START);
  const store = new MemoryStore();
  const ids = countingIds();
  const chance = chanceOf(seed);
  const meter = newMeter({ ...PUBLISHED_LIMITS, pointsPerHour: POOL });
  const governors = [0, 1].map(() => createGovernor(clock, new Purse({ store, clock, ids, appPoints: POOL })));
  let refused = 0;
  const call = async (
    process: number,
    asked: Omit<Governed, 'tenant'> & { readonly tenant: TenantId },
  ): Promise<void> => {
    const governor = governors[process];
    if (governor === undefined) throw new Error('no such process');
    await governor.admit(asked);
    await clock.sleep(WAY_MS);
    const weighed = {
      ...asked,
      operation: asked.isWrite ? 'editIssue' : 'getIssue',
      issueId: asked.issue,
      now: clock.now(),
    };
    const refusal = admit(meter, weighed);
    if (refusal === undefined) charge(meter, weighed.tenant, { core: asked.isWrite ? 0 : 1, identity: 0 });
    else refused += 1;
    const headers = { ...standing(meter, weighed.tenant, clock.now()), ...refusal?.headers };
    const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    await clock.sleep(WAY_MS);
    await governor.learn(asked, {
      status: refusal === undefined ? 200 : 429,
      headers: named,
      body: asked.isWrite ? undefined : { id: '1' },
    });
  };
  /** Reads both sides, writes one, reads it again. Waits as it is told. */
  const change = async (process: number, who: TenantId, priority: Priority, issue: string): Promise<number> => {
    let waitedMs = 0;
    const asks = [false, false, true, false].map(
      (isWrite): Governed => ({
        ...{ tenant: who, priority, method: isWrite ? 'PUT' : 'GET', path: `/issue/${issue}`, isWrite },
        ...(isWrite ? { issue } : {}),
      }),
    );
    for (const one of asks) {
      for (let isDone = false; !isDone; ) {
        try {
          await call(process, one);
          isDone = true;
        } catch (thrown) {
          const ms = thrown instanceof Fault ? thrown.facts['retryAfterMs'] : undefined;
          if (typeof ms !== 'number') throw thrown;
          waitedMs += ms;
          await clock.sleep(ms);
        }
      }
    }
    return waitedMs;
  };
  let [left, longestBulkMs, bulkDone] = [changes, 0, 0];
  const bulkWorker = async (process: number): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const [startedAt, issue] = [clock.now(), String(10_000 + left)];
      const waitedMs = await change(process, BULK, 'bulk', issue);
      longestBulkMs = Math.max(longestBulkMs, clock.now() - startedAt - waitedMs);
      bulkDone += 1;
    }
  };
  const lags: number[] = [];
  const person = async (): Promise<void> => {
    for (let n = 0; n < 240; n += 1) {
      await clock.sleep(2_000 + 16_000 * chance());
      const startedAt = clock.now();
      await change(n % 2, tenant, 'people', String(20_000 + (n % 7)));
      lags.push(clock.now() - startedAt);
    }
  };
  const workers = changes === 0 ? [] : Array.from({ length: BULK_WORKERS }, (_, n) => bulkWorker(n % 2));
  await clock.run(Promise.all([person(), ...workers]), 50 * HOUR_MS);
  return { lags, longestBulkMs, refused, bulkDone, hours: (clock.now() - START) / HOUR_MS };
}

function p95(lags: readonly number[]): number {
  return [...lags].sort((one, other) => one - other)[Math.floor(lags.length * 0.95)] ?? 0;
}

describe('a bulk job beside people', () => {
  test('A9 a neighbour’s bulk of 5,000 changes does not make people’s edits late, and raises no storm of 429s', {
    timeout: 120_000,
  }, async () => {
    const idle = await play(0, PEOPLE, 3);
    const loaded = await play(5_000, PEOPLE, 3);
    expect(p95(loaded.lags)).toBeLessThanOrEqual(2 * p95(idle.lags));
    // Two processes that do not know of each other find their pace by refusals: less than one in a hundred of 20,000 calls.
    expect(idle.refused).toBe(0);
    expect(loaded.refused).toBeLessThan(0.01 * 4 * 5_000);
    expect(loaded.bulkDone).toBe(5_000);
    // 5,000 changes of 7 points in hours of 12,000: three hours at least.
    expect(loaded.hours).toBeGreaterThan(2);
    expect(loaded.hours).toBeLessThan(3.2);
  });

  test('A17 a person of the same tenant never waits longer than one piece of bulk work takes', {
    timeout: 120_000,
  }, async () => {
    for (const seed of [1, 2]) {
      const { lags, longestBulkMs, refused } = await play(2_500, BULK, seed);
      expect(Math.max(...lags)).toBeLessThanOrEqual(longestBulkMs + 8 * WAY_MS);
      expect(Math.max(...lags)).toBeLessThan(5_000);
      expect(refused).toBeLessThan(0.01 * 4 * 2_500);
    }
  });
});
