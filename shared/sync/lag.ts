import { otherSide } from '../model/connection.ts';
import type { Side } from '../model/connection.ts';
import type { LagKind } from '../model/lag.ts';
import type { Plan, Step, SyncInput } from '../model/plan.ts';
import { lanesOf } from './lanes.ts';
import { namesIn } from './outgoing.ts';
import { issueOf } from './view.ts';

/** A person's change that a step carries over, and when that person made it, as the site's own records say. */
export interface Carried {
  readonly kind: LagKind;
  readonly changedAt: number;
}

/**
 * The changes that a step carries, each with its own time: of a field from the changelog, of a comment, worklog or file from itself.
 * Left out is what nobody has just done: changes from before `since` (when the two sides began), what an app did, deletions, whose
 * time no site tells, and what belongs to the birth of the other issue beside the birth itself.
 */
export function carriedBy(input: SyncInput, plan: Plan, step: Step, since: number): readonly Carried[] {
  const isBirth = plan.steps.some(({ kind }) => kind === 'create-issue');
  if (isBirth && step.kind !== 'create-issue') return [];
  return changesIn(input, plan, step).filter(({ changedAt }) => changedAt >= since);
}

function changesIn(input: SyncInput, plan: Plan, step: Step): readonly Carried[] {
  const from = otherSide(step.side);
  const source = issueOf(input[from]);
  switch (step.kind) {
    case 'create-issue':
      return known('issue', source?.createdAt);
    case 'edit-issue':
      return namesIn(step.fields).flatMap((field) => fieldChange(input, step.side, field, 'field'));
    case 'transition':
      // The value has not arrived before the last move.
      return plan.again ? [] : fieldChange(input, step.side, 'status', 'status');
    case 'link':
      return fieldChange(input, step.side, step.field, 'link');
    case 'add-comment':
      return known('comment', input[from].comments.find(({ id }) => id === step.marker.source)?.createdAt);
    case 'edit-comment': {
      const trace = input.memory.comments.find((one) => one[step.side] === step.comment);
      return known('comment', input[from].comments.find(({ id }) => id === trace?.[from])?.updatedAt);
    }
    case 'add-worklog':
      return known('worklog', input[from].worklogs?.find(({ id }) => id === step.marker.source)?.createdAt);
    case 'edit-worklog': {
      const trace = input.memory.worklogs?.find((one) => one[step.side] === step.worklog);
      return known('worklog', input[from].worklogs?.find(({ id }) => id === trace?.[from])?.updatedAt);
    }
    case 'add-attachment':
      return known('attachment', step.source.createdAt);
    case 'delete-issue':
    case 'delete-comment':
    case 'delete-worklog':
    case 'delete-attachment':
      return [];
  }
}

function known(kind: LagKind, changedAt: number | undefined): readonly Carried[] {
  return changedAt === undefined ? [] : [{ kind, changedAt }];
}

function fieldChange(input: SyncInput, to: Side, field: string, kind: LagKind): readonly Carried[] {
  const from = otherSide(to);
  const source = issueOf(input[from]);
  const lane = lanesOf(input.rules).find((one) => one[to] === field);
  if (lane === undefined || source?.changedByApp?.includes(lane[from]) === true) return [];
  // A value that was not set at birth is still part of it.
  if (input.memory.fields[lane.key]?.pending !== undefined) return [];
  return known(kind, source?.changedAt[lane[from]]);
}
