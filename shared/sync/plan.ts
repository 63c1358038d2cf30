import type { Blocked, Plan, SyncInput } from '../model/plan.ts';
import type { CommentDecision } from './comments.ts';
import { decide, type Decisions } from './decide.ts';
import type { FieldDecision } from './fields.ts';
import { lanesOf, sendsLane } from './lanes.ts';
import type { SetFlow } from './sets.ts';
import { stepsOf } from './steps.ts';
import { bothSides } from './view.ts';

/**
 * Decides what to do so that both sides of a twin show the same, as far as the rules let them: ordered steps, what cannot be done
 * and why. Pure: the same input gives the same plan, and the input is not changed.
 * A plan over a settled pair has no steps. Nothing is planned on a side because of a field or comment that the other does not send.
 * @see SPEC.md
 */
export function planSync(input: SyncInput): Plan {
  const decisions = decide(input);
  const steps = stepsOf(input, decisions);
  return { steps, blocked: blockedOf(decisions), again: isUnfinished(input, decisions) };
}

function blockedOf({ gone, creation, fields, sets, comments }: Decisions): readonly Blocked[] {
  return [
    ...gone,
    ...(creation?.blocked ?? []),
    ...fields.flatMap(blockedField),
    ...sets.flatMap(blockedSet),
    ...comments.flatMap(blockedComment),
  ];
}

function blockedField(decision: FieldDecision): Blocked[] {
  return decision.kind === 'blocked'
    ? [{ side: decision.to, field: decision.lane[decision.to], code: decision.code }]
    : [];
}

function blockedSet({ to, field, code, left }: SetFlow): Blocked[] {
  const codes = new Set([...(code === undefined ? [] : [code]), ...left.map((one) => one.code)]);
  return [...codes].map((one) => ({ side: to, field, code: one }));
}

function blockedComment(decision: CommentDecision): Blocked[] {
  if (decision.kind === 'blocked') return [{ side: decision.on, comment: decision.comment, code: decision.code }];
  if (decision.kind !== 'delete' || decision.code === undefined) return [];
  return [{ side: decision.on, comment: decision.comment, code: decision.code }];
}

/**
 * A created issue is read again when some field that the rules name was not set at birth, and an issue on its way through a workflow
 * until it has arrived.
 */
function isUnfinished(input: SyncInput, { creation, fields }: Decisions): boolean {
  if (fields.some((one) => one.kind === 'write' && one.write.move?.isLast === false)) return true;
  const born = creation?.fields;
  if (creation === undefined || born === undefined) return false;
  return lanesOf(input.rules).some(
    (lane) => born[lane[creation.to]] === undefined && bothSides.some((side) => sendsLane(input.rules, side, lane)),
  );
}
