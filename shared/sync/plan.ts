import type { Blocked, Plan, SyncInput } from '../model/plan.ts';
import { otherSide, type Side } from '../model/connection.ts';
import { linkOf } from '../model/links.ts';
import type { Code } from '../verdict.ts';
import { decide, type Decisions } from './decide.ts';
import type { FieldDecision } from './fields.ts';
import type { FileDecision } from './attachments.ts';
import { asksOf, type Awaits } from './mediaAcross.ts';
import { isShown } from './privateFiles.ts';
import { refusedOf } from './refused.ts';
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
  // Where no issue can be made, nothing is on its way to it.
  const isStuck = decisions.creation !== undefined && decisions.creation.fields === undefined;
  const awaits = isStuck ? [] : awaitsIn(decisions);
  const asks = asksOf(input, awaits);
  const wakes = wakesIn(decisions);
  const again = !isStuck && (awaits.length > 0 || isUnfinished(input, decisions));
  return {
    steps,
    blocked: withRefused(blockedOf(decisions), decisions, refusedOf(input)),
    again,
    ...(asks.length === 0 ? {} : { asks }),
    ...(wakes.length === 0 ? {} : { wakes }),
  };
}

/** The issues at the other end of links that their own pairs have to bring along. */
function wakesIn({ sets }: Decisions): NonNullable<Plan['wakes']> {
  return sets.flatMap(({ from, others }) =>
    others.flatMap((element) => {
      const link = linkOf(element);
      return link === undefined ? [] : [{ side: from, issue: link.issue }];
    }),
  );
}

/** What is refused by the contract is told so, and not under the reason that its absence in the rules would give. */
function withRefused(
  blocked: readonly Blocked[],
  { gone }: Decisions,
  refused: readonly Blocked[],
): readonly Blocked[] {
  if (gone.length > 0 || refused.length === 0) return blocked;
  const names = new Set(refused.map(nameOfThing));
  return [...blocked.filter((one) => !names.has(nameOfThing(one))), ...refused];
}

function nameOfThing({ side, field, comment, worklog, attachment }: Blocked): string {
  return JSON.stringify([side, field, comment, worklog, attachment]);
}

/** The files that texts wait for. */
function awaitsIn({ creation, fields, comments, worklogs }: Decisions): readonly Awaits[] {
  const inNotes = [...comments, ...worklogs].flatMap((one) => (one.kind === 'await' ? one.awaits : []));
  return [
    ...(creation?.awaits ?? []),
    ...fields.flatMap((one) => (one.kind === 'await' ? one.awaits : [])),
    ...inNotes,
  ];
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
  | { readonly kind: 'rest' | 'await' | 'add' | 'edit'; readonly id?: Id }
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

/** A file that may turn out to be another one, or that some text may show as soon as it is there. */
function isGuess(input: SyncInput, decision: FileDecision): boolean {
  if (decision.kind !== 'add') return false;
  return decision.candidates.length > 0 || isShown(input, otherSide(decision.on), decision.source.media);
}

/**
 * A created issue is read again when some field that the rules name was not set at birth, and an issue on its way through a workflow
 * until it has arrived. The same when a copy goes to be made anew, or a file may turn out not to be the one that it looks like.
 */
function isUnfinished(input: SyncInput, { creation, fields, comments, worklogs, files }: Decisions): boolean {
  if (comments.some(isReplaced) || worklogs.some(isReplaced) || files.some((one) => isGuess(input, one))) return true;
  if ([...comments, ...worklogs].some((one) => one.kind === 'edit' && one.hasToClose === true)) return true;
  if (fields.some((one) => one.kind === 'write' && one.write.move?.isLast === false)) return true;
  const born = creation?.fields;
  if (creation === undefined || born === undefined) return false;
  return lanesOf(input.rules).some(
    (lane) => born[lane[creation.to]] === undefined && bothSides.some((side) => sendsLane(input.rules, side, lane)),
  );
}
