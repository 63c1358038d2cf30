/** What an issue without a pair waits for, and for how long. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inTurns, isGranted, joinedWish, waitMs } from '../../../shared/sync/wishes.ts';
import type { Wish } from '../../../shared/sync/wishes.ts';

const made: Wish = { isNew: true, isChanged: false, eventAt: 20 };
const changed: Wish = { isNew: false, isChanged: true, eventAt: 10 };
const byPerson: Wish = { isNew: false, isChanged: false, asked: 'person', eventAt: 30 };
const byJob: Wish = { isNew: false, isChanged: false, asked: 'job' };

const wishes: fc.Arbitrary<Wish> = fc.record(
  {
    isNew: fc.boolean(),
    isChanged: fc.boolean(),
    asked: fc.constantFrom('person' as const, 'job' as const),
    eventAt: fc.nat(100),
  },
  { requiredKeys: ['isNew', 'isChanged'] },
);

describe('two wishes for one issue', () => {
  test.each<readonly [string, Wish, Wish, Wish]>([
    ['made, then changed', made, changed, { isNew: true, isChanged: true, eventAt: 10 }],
    ['a person beside a change', changed, byPerson, { isNew: false, isChanged: true, asked: 'person', eventAt: 10 }],
    ['a person before a job', byJob, byPerson, { isNew: false, isChanged: false, asked: 'person', eventAt: 30 }],
    ['a job twice waits for nobody', byJob, byJob, byJob],
  ])('S119 become one: %s', (_what, one, other, joined) => {
    expect(joinedWish(one, other)).toEqual(joined);
    expect(joinedWish(other, one)).toEqual(joined);
  });

  test('S119 become the same one in whatever order and however often they come', () => {
    fc.assert(
      fc.property(wishes, wishes, wishes, (one, two, three) => {
        expect(joinedWish(joinedWish(one, two), three)).toEqual(joinedWish(one, joinedWish(two, three)));
        expect(joinedWish(one, one)).toEqual(one);
        expect(isGranted(one, joinedWish(one, two))).toBe(true);
      }),
    );
  });

  test.each<readonly [string, Wish, Wish, boolean]>([
    ['the same', made, made, true],
    ['the same with an earlier moment', { ...made, eventAt: 1 }, made, true],
    ['less than was done', made, joinedWish(made, changed), true],
    ['a change more', joinedWish(made, changed), made, false],
    ['a person instead of a job', byPerson, byJob, false],
    ['a job where a person was heard', byJob, byPerson, true],
  ])('S120 are done with only when nothing more was wanted: %s', (_what, now, done, is) => {
    expect(isGranted(now, done)).toBe(is);
  });
});

describe('the wait for a site', () => {
  test.each<readonly [number, number, number]>([
    [0, 0, 30_000],
    [1, 0, 60_000],
    [5, 0, 960_000],
    [10, 0, 6 * 3_600_000],
    [5_000, 0, 6 * 3_600_000],
    [0, 1_000, 1_000],
    [9, 7 * 3_600_000, 7 * 3_600_000],
  ])('G23 after %i tries, asked for %i ms, is %i ms', (attempts, askedMs, ms) => {
    expect(waitMs(attempts, askedMs)).toBe(ms);
  });

  test('G23 of one side with many does not make another one wait behind them', () => {
    const shelf = (side: string, count: number) => Array.from({ length: count }, (_, at) => `${side}${at}`);
    const due = [...shelf('x', 900), ...shelf('y', 2), ...shelf('z', 1)];
    const taken = inTurns(due, (one) => one.slice(0, 1), 10);
    expect(taken).toEqual(['x0', 'y0', 'z0', 'x1', 'y1', 'x2', 'x3', 'x4', 'x5', 'x6']);
    expect(inTurns(due, (one) => one.slice(0, 1), 1_000).toSorted()).toEqual(due.toSorted());
    expect(inTurns([], String, 5)).toEqual([]);
  });
});
