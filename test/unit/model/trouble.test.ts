import { describe, expect, it } from 'vitest';
import { commentId } from '../../../shared/model/ids.ts';
import type { Blocked } from '../../../shared/model/plan.ts';
import { nextLookAt } from '../../../shared/model/trouble.ts';
import type { Trouble } from '../../../shared/model/trouble.ts';
import { troublesAfter } from '../../../shared/sync/troubles.ts';
import { rulesWith } from '../../kit/syncBuilders.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const waits = (since: number, more: Partial<Trouble> = {}): Trouble => ({
  code: 'value-unknown',
  side: 'b',
  field: 'priority',
  count: 1,
  since,
  at: since,
  ...more,
});

describe('when a cause is looked at again', () => {
  it.each([
    ['just seen', 0, 5 * MINUTE],
    ['after the first look', 5 * MINUTE, 5 * MINUTE],
    ['as long as it has lasted', 40 * MINUTE, 40 * MINUTE],
    ['at the longest every six hours', 100 * HOUR, 6 * HOUR],
  ])('waits double: %s', (_name, age, wait) => {
    const now = 1_000 * HOUR;
    expect(nextLookAt([waits(now - age)], now)).toBe(now + wait);
  });

  it('never looks more than 15 times in the first two days, however often it is asked when', () => {
    let [now, looks] = [0, 0];
    const troubles = [waits(0)];
    while (now < 48 * HOUR) {
      now = nextLookAt(troubles, now) ?? Infinity;
      looks += 1;
    }
    expect(looks).toBeLessThanOrEqual(15);
  });

  it('follows the youngest, and nothing that a person has to mend', () => {
    expect(nextLookAt([waits(0), waits(9 * HOUR)], 10 * HOUR)).toBe(11 * HOUR);
    expect(nextLookAt([], 5)).toBeUndefined();
    expect(nextLookAt([waits(0, { code: 'field-refused' }), waits(0, { code: 'conflict-held' })], 5)).toBeUndefined();
  });
});

describe('what is in the way after a settle', () => {
  const rules = { a: rulesWith(), b: rulesWith() };
  const field: Blocked = { side: 'b', field: 'priority', code: 'value-unknown' };

  it('is each cause once, with the moment since which it has been there', () => {
    const first = troublesAfter(rules, [], [field], 100);
    expect(first).toEqual([waits(100)]);
    expect(troublesAfter(rules, first, [field], 200)).toEqual([waits(100, { at: 200 })]);
    expect(troublesAfter(rules, first, [], 200)).toEqual([]);
    expect(troublesAfter(rules, [], [field], 300)).toEqual([waits(300)]);
  });

  it('counts comments of one cause together and holds no id of theirs', () => {
    const blocked = ['7', '8'].map(
      (id): Blocked => ({ side: 'a', comment: commentId(id), code: 'comment-restricted' }),
    );
    expect(troublesAfter(rules, [], blocked, 9)).toEqual([
      { code: 'comment-restricted', side: 'a', part: 'comment', count: 2, since: 9, at: 9 },
    ]);
  });
});
