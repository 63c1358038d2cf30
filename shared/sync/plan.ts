import type { Blocked, Plan, SyncInput } from '../model/plan.ts';
import { fieldNames } from '../model/replica.ts';
import type { CommentDecision } from './comments.ts';
import type { Creation } from './create.ts';
import { decide, type Decisions } from './decide.ts';
import type { FieldDecision } from './fields.ts';
import type { LabelFlow } from './labels.ts';
import { stepsOf } from './steps.ts';
import { bothSides, sends } from './view.ts';

/**
 * Decides what to do so that both sides of a twin show the same, as far as the rules let them: ordered steps, what cannot be done
 * and why. Pure: the same input gives the same plan, and the input is not changed.
 * A plan over a settled pair has no steps. Nothing is planned on a side because of a field or comment that the other does not send.
 * @see SPEC.md
 */
export function planSync(input: SyncInput): Plan {
  const decisions = decide(input);
  const steps = stepsOf(input, decisions);
  return { steps, blocked: blockedOf(decisions), again: isUnfinished(input, decisions.creation) };
}

function blockedOf({ gone, creation, fields, labels, comments }: Decisions): readonly Blocked[] {
  return [
    ...gone,
    ...(creation?.blocked ?? []),
    ...fields.flatMap(blockedField),
    ...labels.flatMap(blockedLabels),
    ...comments.flatMap(blockedComment),
  ];
}

function blockedField(decision: FieldDecision): Blocked[] {
  return decision.kind === 'blocked' ? [{ side: decision.to, field: decision.field, code: decision.code }] : [];
}

function blockedLabels({ to, code }: LabelFlow): Blocked[] {
  return code === undefined ? [] : [{ side: to, field: 'labels', code }];
}

function blockedComment(decision: CommentDecision): Blocked[] {
  if (decision.kind === 'blocked') return [{ side: decision.on, comment: decision.comment, code: decision.code }];
  if (decision.kind !== 'delete' || decision.code === undefined) return [];
  return [{ side: decision.on, comment: decision.comment, code: decision.code }];
}

/** A created issue is read again when some field that the rules name was not set at birth. */
function isUnfinished(input: SyncInput, creation: Creation | undefined): boolean {
  const fields = creation?.fields;
  if (fields === undefined) return false;
  return fieldNames.some((field) => fields[field] === undefined && bothSides.some((side) => sends(input, side, field)));
}
