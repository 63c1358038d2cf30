import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BACKUP_DAYS,
  expiryOf,
  isPastItsDay,
  PERIOD_MS,
  RPO_MS,
  setAt,
  timeOfSet,
} from '../../../shared/backup/schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const instant = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2099, 0, 1) });

describe('when sets are made', () => {
  test('B3 all ticks of one period mean the same set, and the next period another', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: PERIOD_MS - 1 }), (at, later) => {
        const begins = timeOfSet(setAt(at));
        expect(begins).toBeLessThanOrEqual(at);
        expect(at - begins).toBeLessThan(PERIOD_MS);
        expect(setAt(begins + later)).toBe(setAt(at));
        expect(setAt(begins + PERIOD_MS)).not.toBe(setAt(at));
      }),
    );
  });

  test('B3 a set that begins with the first hourly tick of its period and takes three hours keeps the state younger than 24', () => {
    // The worst instant is just before the next set is whole.
    expect(PERIOD_MS + HOUR + 3 * HOUR).toBeLessThanOrEqual(RPO_MS);
    expect(String(setAt(Date.UTC(2026, 10, 25, 12)))).toMatch(/^b-202611\d\d-\d\d00$/);
  });
});

describe('when sets are gone', () => {
  test('B4 a setting above 28 days counts as 28', () => {
    expect(BACKUP_DAYS).toBe(28);
    expect(expiryOf(0, 7)).toBe(7 * DAY);
    for (const days of [28, 29, 400]) expect(expiryOf(0, days)).toBe(28 * DAY);
  });

  test('B5 an unregistered set is past its day 28 days after the time in its name', () => {
    const set = setAt(Date.UTC(2026, 10, 25));
    const begins = timeOfSet(set);
    expect(isPastItsDay(set, undefined, begins + 28 * DAY - 1)).toBe(false);
    expect(isPastItsDay(set, undefined, begins + 28 * DAY)).toBe(true);
    expect(isPastItsDay(set, begins + DAY, begins + DAY)).toBe(true);
    expect(isPastItsDay(set, begins + DAY, begins + DAY - 1)).toBe(false);
  });
});
