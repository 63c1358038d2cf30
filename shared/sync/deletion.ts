import { otherSide, type Side } from '../model/connection.ts';
import type { IssueId } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import { issueOf } from './view.ts';

/** The issue that goes because the one that it was made from has gone. */
export interface Deletion {
  readonly on: Side;
  readonly issue: IssueId;
}

/**
 * Decides whether the other issue is deleted, too: the origin's site has told that its issue was deleted, it is not there any more, the
 * origin's rules ask for it, and we made the other one, as its marker of this twin says. An issue that cannot be read is no evidence:
 * it may have been hidden from us.
 */
export function decideDeletion({ memory, rules, ...sides }: SyncInput): Deletion | undefined {
  const { deletedOn, originSide, twin } = memory;
  const on = otherSide(originSide);
  const other = issueOf(sides[on]);
  if (deletedOn !== originSide || sides[originSide].issue !== 'gone') return undefined;
  if (rules[originSide].deletion !== 'delete' || other?.marker?.twin !== twin) return undefined;
  return { on, issue: other.id };
}
