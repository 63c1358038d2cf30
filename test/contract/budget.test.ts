/** What the Budget keeps to, over memory and the emulator: several processes at one pool. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { tenantId } from '../../shared/model/ids.ts';
import type { TenantId } from '../../shared/model/ids.ts';
import type { Store } from '../../shared/ports.ts';
import { Purse } from '../../shared/purse.ts';
import { Fault } from '../../shared/verdict.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';

const hosts = emulatorHosts();
const open: FirestoreStore[] = [];
afterAll(() => Promise.all(open.map((store) => store.close())));

function emulated(host: string): Store {
  const store = new FirestoreStore({ project: ownProject('budget'), emulatorHost: host });
  open.push(store);
  return store;
}

const worlds: readonly { readonly name: string; readonly fresh: () => Store }[] = [
  { name: 'memory', fresh: () => new MemoryStore() },
  ...(hosts === undefined ? [] : [{ name: 'firestore', fresh: () => emulated(hosts.firestoreHost) }]),
];

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 25, 10);
const [ONE, TWO] = [tenantId('t-00000001'), tenantId('t-00000002')];
const ids = { next: () => randomUUID(), bytes: (length: number) => new Uint8Array(length) };

describe.each(worlds)('the budget over $name', ({ fresh }) => {
  let store: Store;
  let now = START;
  // A wait for one's turn at the record does not move this clock: the hour must not end while a test counts.
  const clock = { now: () => now, sleep: async () => undefined };
  const purse = (more: { readonly tenantPoints?: Record<string, number> } = {}) =>
    new Purse({ store, clock, ids, appPoints: 2_000, ...more });
  beforeEach(() => {
    now = START;
    store = fresh();
  });

  /** Times that others may be faster: on a busy machine the emulator's transactions lose their races for seconds. */
  const MAX_LOST = 20;

  /** Spends until told to wait; answers how much, and the wait. Who lost every race for the record asks again, as work does. */
  async function drain(one: Purse, tenant: TenantId, priority: 'people' | 'bulk') {
    let lost = 0;
    for (let spent = 0; ; ) {
      try {
        await one.spend({ tenant, priority, points: 5 });
        spent += 5;
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        if (thrown.code === 'store-changed' && (lost += 1) <= MAX_LOST) continue;
        return { spent, code: thrown.code, waitMs: thrown.facts['retryAfterMs'] };
      }
    }
  }

  test('processes that ask at once never spend more than the hour together', async () => {
    const all = await Promise.all([purse(), purse(), purse(), purse()].map((one) => drain(one, ONE, 'people')));
    const total = all.reduce((sum, { spent }) => sum + spent, 0);
    expect(total).toBeLessThanOrEqual(2_000);
    expect(total).toBeGreaterThan(1_900);
    for (const { code } of all) expect(code).toBe('jira-rate-limited');
  });

  test('bulk stops before people do, and the wait is told', async () => {
    const bulk = await drain(purse(), ONE, 'bulk');
    expect(bulk.spent).toBeLessThanOrEqual(1_600);
    expect(bulk.waitMs).toBeLessThanOrEqual(HOUR_MS);
    const people = await drain(purse(), TWO, 'people');
    expect(people.spent).toBeGreaterThan(300);
    expect(people).toMatchObject({ code: 'jira-rate-limited', waitMs: HOUR_MS });
  });

  test('a new hour begins full', async () => {
    await drain(purse(), ONE, 'people');
    now += HOUR_MS;
    expect((await drain(purse(), ONE, 'people')).spent).toBeGreaterThan(1_900);
  });

  test('a pause reaches every process and ends', async () => {
    const other = purse();
    await other.spend({ tenant: TWO, priority: 'people', points: 1 });
    await purse().pause(ONE, 'app', START + 60_000);
    expect(await drain(purse(), TWO, 'people')).toEqual({ spent: 0, code: 'jira-rate-limited', waitMs: 60_000 });
    now += 60_000;
    await purse().spend({ tenant: TWO, priority: 'people', points: 1 });
  });

  test('a tenant with a pool of its own has nothing to do with the others', async () => {
    const own = purse({ tenantPoints: { [TWO]: 1_000 } });
    await drain(own, ONE, 'people');
    expect((await drain(own, TWO, 'people')).spent).toBeGreaterThan(900);
    expect((await own.view(TWO)).limit).toBe(1_000);
  });

  test('what Jira says of the hour is what counts', async () => {
    const one = purse();
    await one.spend({ tenant: ONE, priority: 'people', points: 5 });
    one.hear(ONE, { at: START, limit: 2_000, remaining: 100 });
    expect((await drain(one, ONE, 'people')).spent).toBeLessThanOrEqual(130);
    expect((await one.view(ONE)).remaining).toBeLessThanOrEqual(100);
  });

  test('shows who has had what and who waits', async () => {
    const one = purse();
    await drain(one, ONE, 'bulk');
    await one.spend({ tenant: TWO, priority: 'people', points: 5 });
    const { tenants } = await one.view(TWO);
    expect(tenants.map(({ tenant }) => tenant)).toEqual([ONE, TWO]);
    expect(tenants[0]?.waitsUntil).toBeGreaterThan(START);
    expect(tenants[0]?.bulk).toBeGreaterThan(1_400);
  });
});
