/** The governor over a purse in memory: what waits, what is refused, what an answer stops. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createGovernor } from '../../../shared/jira/governor.ts';
import type { Governed, Governor } from '../../../shared/jira/governor.ts';
import { MemoryStore } from '../../../shared/memory/store.ts';
import { tenantId } from '../../../shared/model/ids.ts';
import { Purse } from '../../../shared/purse.ts';
import { countingIds } from '../../kit/memoryPorts.ts';

const START = Date.UTC(2026, 10, 25, 10);
const [ONE, TWO] = [tenantId('t-00000001'), tenantId('t-00000002')];
const clock = { at: START, now: () => clock.at, sleep: async (ms: number) => void (clock.at += ms) };
const comment = (issue = '1', more: Partial<Governed> = {}): Governed => ({
  ...{
    tenant: ONE,
    priority: 'people',
    method: 'POST',
    path: `/issue/${issue}/comment`,
    isWrite: true,
    issue,
    ...more,
  },
});
const reading = (more: Partial<Governed> = {}): Governed => ({
  ...{ tenant: ONE, priority: 'people', method: 'GET', path: '/issue/1', isWrite: false, ...more },
});
const refusal = (reason: string, more: Record<string, string> = {}) => ({
  ...{ status: 429, body: undefined, headers: { 'ratelimit-reason': reason, ...more } },
});

let store: MemoryStore;
let governor: Governor;
const another = (): Governor =>
  createGovernor(clock, new Purse({ store, clock, ids: countingIds(), tenantPoints: {} }));
beforeEach(() => {
  clock.at = START;
  store = new MemoryStore();
  governor = another();
});
const waitOf = async (admit: Promise<void>): Promise<unknown> => {
  try {
    await admit;
    return 0;
  } catch (thrown) {
    return thrown;
  }
};

describe('the governor', () => {
  test('G7 keeps an issue below 20 writes in 2 seconds and 100 in 30', async () => {
    const at: number[] = [];
    let refused: unknown = 0;
    for (let n = 0; n < 300 && refused === 0; n += 1) {
      refused = await waitOf(governor.admit(comment()));
      if (refused === 0) at.push(clock.at);
    }
    const most = (windowMs: number) =>
      Math.max(...at.map((end) => at.filter((one) => one > end - windowMs && one <= end).length));
    expect(most(2_000)).toBe(19);
    expect(most(30_000)).toBe(99);
    expect(refused).toMatchObject({ code: 'jira-rate-limited' });
    expect(await waitOf(governor.admit(comment('2')))).toBe(0);
  });

  test('G12 waits up to two seconds itself, and longer ones are for the twin', async () => {
    await governor.learn(comment(), refusal('jira-per-issue-on-write', { 'retry-after': '2' }));
    expect(await waitOf(governor.admit(comment()))).toBe(0);
    expect(clock.at).toBe(START + 2_000);
    await governor.learn(comment(), refusal('jira-per-issue-on-write', { 'retry-after': '9' }));
    expect(await waitOf(governor.admit(comment()))).toMatchObject({ facts: { retryAfterMs: 9_000 } });
  });

  test('G11 a 429 without Retry-After rests for 30 seconds', async () => {
    expect(await governor.learn(reading(), { status: 429, body: '', headers: {} })).toBe(30_000);
    expect(await waitOf(governor.admit(reading()))).toMatchObject({ facts: { retryAfterMs: 30_000 } });
  });

  const reset = { 'x-ratelimit-reset': new Date(START + 1_800_000).toISOString() };
  test.each([
    [
      'an issue’s writes: that issue',
      'jira-per-issue-on-write',
      comment(),
      [comment()],
      [comment('2'), reading(), reading({ tenant: TWO })],
    ],
    [
      'a burst: the tenant’s endpoint',
      'jira-burst-based',
      reading(),
      [reading({ path: '/issue/2' })],
      [comment(), reading({ tenant: TWO })],
    ],
    [
      'a tenant’s quota: that tenant',
      'jira-quota-tenant-based',
      reading(),
      [comment(), reading()],
      [reading({ tenant: TWO })],
    ],
    ['the app’s quota: everybody', 'jira-quota-global-based', reading(), [comment(), reading({ tenant: TWO })], []],
  ])('G9 stops %s', async (_what, reason, call, stopped, going) => {
    await governor.learn(call, refusal(reason, reset));
    for (const one of stopped) expect(await waitOf(governor.admit(one))).toMatchObject({ code: 'jira-rate-limited' });
    for (const one of going) expect(await waitOf(governor.admit(one))).toBe(0);
  });

  test('G9 a quota rests until the reset, in every process', async () => {
    await governor.learn(reading(), refusal('jira-quota-global-based', reset));
    const other = another();
    expect(await waitOf(other.admit(reading({ tenant: TWO })))).toMatchObject({ facts: { retryAfterMs: 1_800_000 } });
    clock.at = START + 1_800_000;
    expect(await waitOf(other.admit(reading({ tenant: TWO })))).toBe(0);
  });

  test('G10 near the limit without a number stops bulk and not people', async () => {
    await governor.learn(reading(), { status: 200, body: {}, headers: { 'x-ratelimit-nearlimit': 'true' } });
    const other = another();
    await governor.admit(reading({ priority: 'people' }));
    expect(await waitOf(governor.admit(reading({ priority: 'bulk' })))).toMatchObject({ code: 'jira-rate-limited' });
    expect(await waitOf(other.admit(reading({ priority: 'bulk' })))).toMatchObject({ code: 'jira-rate-limited' });
  });

  test('G1 counts what an answer held beyond what was reserved', async () => {
    const purse = new Purse({ store, clock, ids: countingIds() });
    const one = createGovernor(clock, purse);
    const call = reading({ path: '/issue/1/comment' });
    await one.admit(call);
    await one.learn(call, { status: 200, headers: {}, body: { comments: Array.from({ length: 40 }, () => ({})) } });
    // The first slice is overdrawn now: the next call takes another and tells.
    await one.admit(call);
    const view = await purse.view(ONE);
    expect(view.tenants).toMatchObject([{ tenant: ONE, spent: 41 }]);
  });
});
