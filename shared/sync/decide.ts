import { otherSide } from '../model/connection.ts';
import type { Blocked, SyncInput } from '../model/plan.ts';
import { fieldNames } from '../model/replica.ts';
import { decideComments, type CommentDecision } from './comments.ts';
import { decideCreation, type Creation } from './create.ts';
import { decideField, type FieldDecision, type ScalarName } from './fields.ts';
import { decideLabels, type LabelFlow } from './labels.ts';
import { bothSides, issuesOf } from './view.ts';

/** Everything decided about one twin. Planning reads steps from it, settling reads the next memory from it. */
export interface Decisions {
  readonly gone: readonly Blocked[];
  readonly creation?: Creation;
  readonly fields: readonly FieldDecision[];
  readonly labels: readonly LabelFlow[];
  readonly comments: readonly CommentDecision[];
}

/** Decides a twin. Pure: planning and settling call it with the same input and get the same answer. */
export function decide(input: SyncInput): Decisions {
  const nothing: Decisions = { gone: goneOf(input), fields: [], labels: [], comments: [] };
  if (nothing.gone.length > 0) return nothing;
  const creation = decideCreation(input);
  if (creation !== undefined) {
    const comments = creation.fields === undefined ? [] : decideComments(input);
    return { ...nothing, creation, comments };
  }
  const issues = issuesOf(input);
  if (issues === undefined) return nothing;
  return {
    gone: [],
    fields: fieldNames.filter(isScalar).map((field) => decideField(input, issues, field)),
    labels: decideLabels(input, issues),
    comments: decideComments(input),
  };
}

/** An issue that was there is gone, or the copy is there without its origin: nothing is done on either side. */
function goneOf(input: SyncInput): readonly Blocked[] {
  const { memory } = input;
  return bothSides
    .filter((side) => {
      const { issue } = input[side];
      if (issue !== 'absent') return issue === 'gone';
      const isOrphan = side === memory.originSide && input[otherSide(side)].issue !== 'absent';
      return memory[side] !== undefined || isOrphan;
    })
    .map((side) => ({ side, code: 'issue-gone' }));
}

function isScalar(field: (typeof fieldNames)[number]): field is ScalarName {
  return field !== 'labels';
}
