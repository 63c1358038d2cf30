/** The pool's decisions over plain data. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastPoints, pointsOf } from '../../../shared/budget/cost.ts';
import {
  HOUR_MS,
  SLICE_LIFE_MS,
  freeOf,
  freshHour,
  grantSlice,
  nextWants,
  reserveOf,
  settleReport,
  shareOf,
  viewOf,
  withPause,
  withSlice,
  withWait,
} from '../../../shared/budget/pool.ts';
import { fairLevel } from '../../../shared/budget/share.ts';
import type { PoolHour, Priority } from '../../../shared/model/budget.ts';
import { tenantId } from '../../../shared/model/ids.ts';
import type { TenantId } from '../../../shared/model/ids.ts';

const START = 500_000 * HOUR_MS;
const [ONE, TWO, THREE] = [tenantId('t-00000001'), tenantId('t-00000002'), tenantId('t-00000003')];
const ask = (tenant: TenantId, priority: Priority = 'people', points = 2, wants = 100) => ({
  tenant,
  priority,
  points,
  wants,
});
const silent = { spent: {}, ended: [] };

/** Takes slices until it has to wait, spending each; answers the hour and what was had. */
function drain(hour: PoolHour, tenant: TenantId, priority: Priority, now: number, most = Number.POSITIVE_INFINITY) {
  let [after, had] = [hour, 0];
  for (let n = 0; had < most; n += 1) {
    const wanted = ask(tenant, priority, 1, Math.min(1_000, most - had));
    const grant = grantSlice(after, wanted, now);
    if (grant.kind === 'wait') return { hour: after, had, grant };
    const id = `${tenant}-${n}-${had}`;
    after = settleReport(withSlice(after, id, wanted, grant), { spent: { [id]: grant.points }, ended: [id] }, now);
    had += grant.points;
  }
  return { hour: after, had, grant: undefined };
}

describe('the price of a call', () => {
  test.each([
    ['a write, whatever it returns', { path: '/issue/10001/comment', isWrite: true }, { id: '1' }, 1, 1],
    ['an issue', { path: '/issue/10001?fields=summary', isWrite: false }, { id: '10001', fields: {} }, 2, 2],
    [
      'a page of comments',
      { path: '/issue/10001/comment', isWrite: false },
      { comments: [{}, {}, {}], total: 3 },
      4,
      2,
    ],
    ['an empty page', { path: '/issue/10001/comment', isWrite: false }, { comments: [], total: 0 }, 1, 2],
    ['a bulk read', { path: '/issue/bulkfetch', isWrite: false }, { issues: [{}, {}], issueErrors: [] }, 3, 2],
    ['people', { path: '/user/assignable/search?project=X', isWrite: false }, [{}, {}], 5, 3],
    ['a question about permissions', { path: '/permissions/check', isWrite: false }, { projectPermissions: [] }, 3, 3],
    ['no answer', { path: '/issue/1', isWrite: false }, undefined, 1, 2],
  ])('G1 %s', (_what, call, body, points, least) => {
    expect(pointsOf(call, body)).toBe(points);
    expect(leastPoints(call)).toBe(least);
  });
});

describe('shares', () => {
  test.each([
    ['all fit', 100, [10, 20], Number.POSITIVE_INFINITY],
    ['nobody is small', 90, [100, 100, 100], 30],
    ['the small one gets all it wants', 100, [10, 100, 100], 45],
    ['somebody wants everything', 100, [10, Number.POSITIVE_INFINITY], 90],
    ['nothing is there', 0, [5, 5], 0],
  ])('G4 the level when %s', (_when, good, wants, level) => {
    expect(fairLevel(good, wants)).toBe(level);
  });

  test('G4 no one gets more than another who still wants, and all that is wanted and there is given', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.array(fc.nat(5_000), { minLength: 1, maxLength: 12 }), (good, wants) => {
        const level = fairLevel(good, wants);
        const got = wants.map((want) => Math.min(want, level));
        const given = got.reduce((sum, one) => sum + one, 0);
        const wanted = wants.reduce((sum, one) => sum + one, 0);
        expect(given).toBeLessThanOrEqual(good + 1e-6);
        expect(given).toBeCloseTo(Math.min(good, wanted), 3);
      }),
    );
  });

  test('G4 one alone gets the hour; two who want all of it get halves', () => {
    const alone = drain(freshHour(65_000, START), ONE, 'people', START);
    expect(alone.had).toBeGreaterThan(64_000);
    // The other has been told to wait, so he wants everything.
    const waited = withWait(
      freshHour(65_000, START),
      { tenant: TWO, priority: 'people', points: 2 },
      { waitMs: 60_000, why: 'share' },
      START,
    );
    const half = drain(waited, ONE, 'people', START);
    expect(half.had).toBe(32_500);
    expect(half.grant).toMatchObject({ why: 'share' });
    expect(drain(half.hour, TWO, 'people', START).had).toBeGreaterThan(31_500);
  });

  test('G4 who needs little leaves the rest: a small tenant keeps what its pace needs, twice', () => {
    const busy = drain(freshHour(65_000, START), TWO, 'people', START, 100).hour;
    const { had } = drain(busy, ONE, 'people', START);
    // 100 points at once fade with a half-life of 5 minutes: about 14 points a minute, for an hour, twice.
    expect(had).toBeGreaterThan(60_000);
    expect(had).toBeLessThan(65_000 - 100 - 1_600);
    expect(drain(freshHour(65_000, START), TWO, 'people', START, 100).had).toBe(100);
  });

  test('G5 bulk leaves the last fifth of the hour to people, and less of it as the hour ends', () => {
    const bulk = drain(freshHour(65_000, START), ONE, 'bulk', START);
    expect(bulk.grant).toMatchObject({ why: 'reserve' });
    expect(bulk.had).toBeLessThanOrEqual(52_000);
    expect(bulk.had).toBeGreaterThan(51_000);
    expect(drain(bulk.hour, TWO, 'people', START).had).toBeGreaterThan(12_000);
    const late = START + HOUR_MS - 60_000;
    expect(reserveOf(bulk.hour, late)).toBeLessThan(300);
    expect(drain(settleReport(bulk.hour, silent, late), ONE, 'bulk', late).had).toBeGreaterThan(11_500);
  });

  test('G5 the wait for the reserve is until it has shrunk enough', () => {
    const { hour, grant } = drain(freshHour(65_000, START), ONE, 'bulk', START);
    if (grant === undefined) throw new Error('never');
    const { waitMs } = grant;
    expect(waitMs).toBeGreaterThan(0);
    expect(grantSlice(settleReport(hour, silent, START + waitMs), ask(ONE, 'bulk', 1), START + waitMs).kind).toBe(
      'slice',
    );
  });
});

describe('slices', () => {
  test('G2 what is spent and held is never more than the hour has, in whatever order', () => {
    const step = fc.record({
      tenant: fc.constantFrom(ONE, TWO, THREE),
      priority: fc.constantFrom<Priority>('people', 'bulk'),
      wants: fc.integer({ min: 1, max: 3_000 }),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
      kind: fc.constantFrom('take', 'take', 'take', 'tell', 'end', 'die'),
      laterMs: fc.nat(120_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let hour = freshHour(20_000, START);
        let [now, spent] = [START, 0];
        const held = new Map<string, { points: number; spent: number; told: number; until: number; isDead: boolean }>();
        for (const [index, { tenant, priority, wants, part, kind, laterMs }] of steps.entries()) {
          now = Math.min(now + laterMs, START + HOUR_MS - 1);
          const live = [...held].filter(([, one]) => !one.isDead && one.until > now);
          const [picked] = live.slice(Math.floor(part * live.length));
          if (picked !== undefined && kind === 'die') picked[1].isDead = true;
          for (const [, one] of live) {
            const more = Math.floor((one.points - one.spent) * part);
            one.spent += more;
            spent += more;
          }
          const isTelling = kind !== 'die';
          const report = {
            spent: Object.fromEntries(
              live.filter(([, one]) => isTelling && !one.isDead).map(([id, one]) => [id, one.spent - one.told]),
            ),
            ended: kind === 'end' && picked !== undefined ? [picked[0]] : [],
          };
          for (const [id, one] of live) if (report.spent[id] !== undefined) one.told = one.spent;
          hour = settleReport(hour, report, now);
          for (const id of report.ended) held.delete(id);
          const wanted = ask(tenant, priority, 1, wants);
          const grant = kind === 'take' ? grantSlice(hour, wanted, now) : undefined;
          if (grant?.kind === 'slice') {
            hour = withSlice(hour, `s${index}`, wanted, grant);
            held.set(`s${index}`, { points: grant.points, spent: 0, told: 0, until: grant.until, isDead: false });
          }
          const open = [...held.values()].filter((one) => one.until > now);
          const couldStill = open.reduce((sum, one) => sum + one.points - one.spent, 0);
          expect(spent + couldStill).toBeLessThanOrEqual(20_000);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('G3 what an ended slice has left goes back at once', () => {
    const grant = grantSlice(freshHour(65_000, START), ask(ONE), START);
    if (grant.kind === 'wait') throw new Error('no slice');
    const hour = withSlice(freshHour(65_000, START), 's', ask(ONE), grant);
    expect(freeOf(hour)).toBe(freeOf(freshHour(65_000, START)) - grant.points);
    const ended = settleReport(hour, { spent: { s: 7 }, ended: ['s'] }, START);
    expect(freeOf(ended)).toBe(freeOf(freshHour(65_000, START)) - 7);
    expect(ended.tenants[ONE]).toMatchObject({ spent: 7, bulk: 0 });
  });

  test('G3 a silent slice counts as spent until Jira says what remains, and belongs to no tenant', () => {
    const grant = grantSlice(freshHour(65_000, START), ask(ONE), START);
    if (grant.kind === 'wait') throw new Error('no slice');
    const over = grant.until;
    const dead = settleReport(withSlice(freshHour(65_000, START), 's', ask(ONE), grant), silent, over);
    expect([dead.remaining, dead.slices, dead.tenants]).toEqual([65_000 - grant.points, {}, {}]);
    expect(over - START).toBe(SLICE_LIFE_MS);
    const word = { at: over + 1, limit: 65_000, remaining: 64_995 };
    expect(settleReport(dead, { ...silent, word }, over + 1).remaining).toBe(64_995);
  });

  test('G6 a slice ends with its hour', () => {
    const late = START + HOUR_MS - 1_000;
    expect(grantSlice(freshHour(65_000, late), ask(ONE), late)).toMatchObject({ until: START + HOUR_MS });
  });

  test('G10 Jira’s number wins over ours, an older one of another process does not', () => {
    const hour = settleReport(
      freshHour(65_000, START),
      { ...silent, word: { at: START + 50, limit: 100_000, remaining: 80 } },
      START + 60,
    );
    expect([hour.limit, hour.remaining]).toEqual([100_000, 80]);
    // The same word once more does not give back what was spent since.
    const spent = { ...hour, remaining: 70 };
    const again = { ...silent, word: { at: START + 50, limit: 100_000, remaining: 80 } };
    expect(settleReport(spent, again, START + 65).remaining).toBe(70);
    const older = settleReport(
      hour,
      { ...silent, word: { at: START + 40, limit: 65_000, remaining: 60_000 } },
      START + 70,
    );
    expect(older.remaining).toBe(80);
    expect(grantSlice(hour, ask(ONE, 'people'), START + 60)).toMatchObject({ kind: 'wait', why: 'pool' });
  });

  test('G9 a paused pool gives nothing to anybody until its time', () => {
    const hour = withPause(freshHour(65_000, START), START + 1_000);
    expect(grantSlice(hour, ask(ONE), START)).toEqual({ kind: 'wait', waitMs: 1_000, why: 'paused' });
    expect(grantSlice(hour, ask(ONE), START + 1_000).kind).toBe('slice');
    expect(withPause(hour, START + 500).pausedUntil).toBe(START + 1_000);
  });

  test('a slice that is used up quickly is followed by a larger one, an idle one by a smaller one', () => {
    expect(nextWants(undefined, START)).toBe(30);
    expect(nextWants({ points: 30, takenAt: START }, START + 1_000)).toBe(60);
    expect(nextWants({ points: 400, takenAt: START }, START + SLICE_LIFE_MS)).toBe(200);
  });

  test('people see who has had what, and who waits', () => {
    const spent = drain(freshHour(65_000, START), ONE, 'bulk', START, 500).hour;
    const view = viewOf(
      withWait(spent, { tenant: TWO, priority: 'bulk', points: 2 }, { waitMs: 90_000, why: 'reserve' }, START),
      START,
    );
    expect(view).toMatchObject({ limit: 65_000, remaining: 64_500, reserve: 13_000, resetAt: START + HOUR_MS });
    expect(view.tenants).toMatchObject([
      { tenant: ONE, spent: 500, bulk: 500, held: 0 },
      { tenant: TWO, spent: 0, held: 0, waitsUntil: START + 90_000 },
    ]);
    expect(shareOf(spent, ONE, START)).toBe(65_000);
  });
});
