import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isAtWork, restAfter } from '../../../shared/retention/rest.ts';
import type { Rest, Standing } from '../../../shared/retention/rest.ts';

const DAY = 86_400_000;
const working: Standing = { state: 'active', enabled: true, licensed: true };
const marked = (markedAt: number): Standing => ({ ...working, state: 'marked', markedAt });

/** Goes through standings; what is told is told at once. */
function play(steps: readonly (readonly [day: number, standing: Standing])[]) {
  let now: Standing & Rest = working;
  const told: (readonly [day: number, what: string, sinceDay: number | undefined])[] = [];
  for (const [day, next] of steps) {
    const { untold, untoldSince, restsSince } = restAfter(now, next, day * DAY);
    if (untold !== undefined) told.push([day, untold, untoldSince === undefined ? undefined : untoldSince / DAY]);
    now = { ...next, ...(restsSince === undefined ? {} : { restsSince }) };
  }
  return { now, told };
}

describe('a tenant that rests for several reasons', () => {
  test('R26 is caught up since the first of them, when the last is gone', () => {
    const { told, now } = play([
      [1, { ...working, licensed: false }],
      [2, { ...working, licensed: false, enabled: false }],
      [3, { ...working, enabled: false }],
      [4, working],
    ]);
    expect(told).toEqual([[4, 'returned', 1]]);
    expect(now).not.toHaveProperty('restsSince');
  });

  test('R26 whose mark is lifted while the licence is still inactive is caught up when it is active again', () => {
    const { told } = play([
      [5, marked(2 * DAY)],
      [6, { ...working, licensed: false }],
      [9, working],
    ]);
    // The end of the mark is told at once: the connections' records say again what both sides want.
    expect(told).toEqual([
      [5, 'marked', undefined],
      [6, 'returned', 2],
      [9, 'returned', 2],
    ]);
  });
});

it('R26 in every history, a tenant at work has been caught up since it last was', () => {
  const standing = fc.record({
    state: fc.constantFrom('active', 'marked'),
    enabled: fc.boolean(),
    licensed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(standing, { maxLength: 20 }), (history) => {
      let now: Standing & Rest = working;
      let stoppedAt: number | undefined;
      let at = 0;
      for (const to of history) {
        at += DAY;
        const { state } = to;
        const markedAt = state === 'active' ? {} : { markedAt: now.markedAt ?? at };
        const next: Standing = { ...to, state, ...markedAt };
        const rest = restAfter(now, next, at);
        if (isAtWork(next) && !isAtWork(now)) {
          expect(rest.untold).toBe('returned');
          expect(rest.untoldSince).toBeLessThanOrEqual(stoppedAt ?? -1);
          stoppedAt = undefined;
        }
        if (!isAtWork(next)) stoppedAt ??= at;
        const { untold: _told, untoldSince: _since, ...kept } = rest;
        now = { ...next, ...kept };
      }
    }),
  );
});
