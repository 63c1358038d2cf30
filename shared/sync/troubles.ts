import { otherSide } from '../model/connection.ts';
import type { Blocked, SyncInput } from '../model/plan.ts';
import { isOfCause, type Cause, type Trouble } from '../model/trouble.ts';
import { lanesOf } from './lanes.ts';

/** Causes that one record holds; an issue has fewer fields that can be synced. (Ours.) */
const MAX_TROUBLES = 100;

/** What is in the way after a settle: each cause once, with the moment since which it has been there without a break. */
export function troublesAfter(
  rules: SyncInput['rules'],
  before: readonly Trouble[],
  blocked: readonly Blocked[],
  at: number,
): readonly Trouble[] {
  const troubles: Trouble[] = [];
  for (const cause of blocked.map((one) => causeOf(rules, one))) {
    const seen = troubles.findIndex((one) => isOfCause(one, cause));
    const known = troubles[seen];
    if (known !== undefined) troubles[seen] = { ...known, count: known.count + 1 };
    else if (troubles.length < MAX_TROUBLES) {
      const since = before.find((one) => isOfCause(one, cause))?.since ?? at;
      troubles.push({ ...cause, count: 1, since, at });
    }
  }
  return troubles;
}

function causeOf(rules: SyncInput['rules'], { side, field, code, ...ids }: Blocked): Cause {
  if (field !== undefined) {
    const lane = lanesOf(rules).find((one) => one[side] === field || one[otherSide(side)] === field);
    return { code, side, field: lane?.key ?? field };
  }
  if (ids.comment !== undefined) return { code, side, part: 'comment' };
  if (ids.worklog !== undefined) return { code, side, part: 'worklog' };
  return { code, side, part: ids.attachment === undefined ? 'issue' : 'attachment' };
}
