import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FULL_PACE,
  ISSUE_WRITES,
  burstOf,
  endpointOf,
  laneOf,
  partAt,
  slotOf,
  slower,
  withInstant,
} from '../../../shared/budget/bursts.ts';
import type { Window } from '../../../shared/budget/bursts.ts';
import type { Priority } from '../../../shared/model/budget.ts';

/** The most instants in any stretch of that length. */
const most = (taken: readonly number[], windowMs: number): number =>
  Math.max(0, ...taken.map((end) => taken.filter((at) => at > end - windowMs && at <= end).length));

describe('bursts', () => {
  test.each([
    ['GET', '/issue/10001?fields=summary', '/issue/{}', 147],
    ['GET', '/issue/ALPHA-12/comment', '/issue/{}/comment', 97],
    ['POST', '/issue/10001/comment', '/issue/{}/comment', 97],
    ['PUT', '/issue/10001/comment/20002', '/issue/{}/comment/{}', 47],
    ['DELETE', '/issue/10001/comment/20002', '/issue/{}/comment/{}', 47],
    ['GET', '/issue/10001/changelog', '/issue/{}/changelog', 197],
    ['POST', '/changelog/bulkfetch', '/changelog/bulkfetch', 197],
    ['GET', '/attachment/content/123', '/attachment/content/{}', 297],
    ['GET', '/issue/createmeta/ALPHA/issuetypes/10002', '/issue/createmeta/{}/issuetypes/{}', 97],
    ['POST', '/search/jql', '/search/jql', 97],
  ])('G7 %s %s is the endpoint %s with %i calls a second', (method, path, endpoint, calls) => {
    expect(endpointOf(path)).toBe(endpoint);
    expect(burstOf(method, endpoint)).toEqual({ calls, windowMs: 1_000 });
  });

  test('G7 no stretch holds more than the limit, whatever the mixture and whoever comes between promised calls', () => {
    const come = fc.record({ afterMs: fc.nat(40), priority: fc.constantFrom<Priority>('people', 'bulk', 'bulk') });
    const windows: readonly (readonly Window[])[] = [[{ calls: 7, windowMs: 100 }], ISSUE_WRITES];
    fc.assert(
      fc.property(fc.array(come, { maxLength: 120 }), fc.constantFrom(...windows), (coming, limits) => {
        let now = 0;
        let taken: readonly number[] = [];
        for (const { afterMs, priority } of coming) {
          now += afterMs;
          const mine = limits.map((window) => laneOf(window, priority, true));
          const at = slotOf(taken, mine, now);
          expect(at).toBeGreaterThanOrEqual(now);
          taken = withInstant(taken, at);
        }
        for (const { calls, windowMs } of limits) expect(most(taken, windowMs)).toBeLessThanOrEqual(calls);
      }),
    );
  });

  test('G8 while people are about, a person’s call is due at once in the middle of any bulk', () => {
    const window = burstOf('POST', '/issue/{}/comment');
    let taken: readonly number[] = [];
    for (let n = 0; n < 300; n += 1) taken = withInstant(taken, slotOf(taken, [laneOf(window, 'bulk', true)], 0));
    expect(most(taken, 1_000)).toBe(77);
    expect(slotOf(taken, [laneOf(window, 'people', true)], 500)).toBe(500);
  });

  test('G15 a refusal halves the pace once, and it comes back slowly', () => {
    const once = slower(FULL_PACE, 10_000);
    expect(partAt(once, 10_000)).toBe(0.5);
    expect(slower(once, 10_900)).toBe(once);
    expect(partAt(slower(once, 20_000), 20_000)).toBeLessThan(0.26);
    expect(partAt(once, 10_000 + 600_000)).toBe(0.75);
    expect(partAt(once, 10_000_000)).toBe(1);
  });

  test('G8 the first person after a long bulk waits for a second at most', () => {
    const window = burstOf('POST', '/issue/{}/comment');
    let taken: readonly number[] = [];
    for (let n = 0; n < 97; n += 1) taken = withInstant(taken, slotOf(taken, [laneOf(window, 'bulk', false)], n));
    expect(slotOf(taken, [laneOf(window, 'people', false)], 97)).toBeLessThanOrEqual(97 + 1_000);
  });
});
