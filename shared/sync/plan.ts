import type { Blocked, Plan, SyncInput } from '../model/plan.ts';
import type { Side } from '../model/connection.ts';
import type { Code } from '../verdict.ts';
import { decide, type Decisions } from './decide.ts';
import type { FieldDecision } from './fields.ts';
import type { FileDecision } from './attachments.ts';
import { lanesOf, sendsLane } from './lanes.ts';
import type { SetFlow } from './sets.ts';
import { stepsOf } from './steps.ts';
import { bothSides } from './view.ts';
import type { Note, NoteDecision } from './notes.ts';

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

function blockedOf({ gone, creation, fields, sets, comments, worklogs, files }: Decisions): readonly Blocked[] {
  return [
    ...gone,
    ...(creation?.blocked ?? []),
    ...fields.flatMap(blockedField),
    ...sets.flatMap(blockedSet),
    ...comments.flatMap((decision) => blockedPart(decision, (id) => ({ comment: id }))),
    ...worklogs.flatMap((decision) => blockedPart(decision, (id) => ({ worklog: id }))),
    ...files.flatMap((decision) => blockedPart(decision, (id) => ({ attachment: id }))),
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

type PartDecision<Id> = { readonly on?: Side; readonly id?: Id; readonly code?: Code } & (
  | { readonly kind: 'blocked'; readonly on: Side; readonly id: Id; readonly code: Code }
  | { readonly kind: 'delete'; readonly on: Side; readonly id: Id }
  | { readonly kind: 'rest' | 'add' | 'edit' }
);

/** What cannot travel, and what is taken away for a reason beside its deletion. */
function blockedPart<Id>(decision: PartDecision<Id>, nameOf: (id: Id) => Partial<Blocked>): Blocked[] {
  if (decision.kind !== 'blocked' && decision.kind !== 'delete') return [];
  const { on: side, id, code } = decision;
  return code === undefined ? [] : [{ side, ...nameOf(id), code }];
}

function isReplaced<T extends Note>(decision: NoteDecision<T>): boolean {
  return decision.kind === 'delete' && decision.isReplaced === true;
}

function isGuess(decision: FileDecision): boolean {
  return decision.kind === 'add' && decision.candidates.length > 0;
}

/**
 * A created issue is read again when some field that the rules name was not set at birth, and an issue on its way through a workflow
 * until it has arrived. The same when a copy goes to be made anew, or a file may turn out not to be the one that it looks like.
 */
function isUnfinished(input: SyncInput, { creation, fields, comments, worklogs, files }: Decisions): boolean {
  if (comments.some(isReplaced) || worklogs.some(isReplaced) || files.some(isGuess)) return true;
  if ([...comments, ...worklogs].some((one) => one.kind === 'edit' && one.hasToClose === true)) return true;
  if (fields.some((one) => one.kind === 'write' && one.write.move?.isLast === false)) return true;
  const born = creation?.fields;
  if (creation === undefined || born === undefined) return false;
  return lanesOf(input.rules).some(
    (lane) => born[lane[creation.to]] === undefined && bothSides.some((side) => sendsLane(input.rules, side, lane)),
  );
}
