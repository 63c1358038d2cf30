import type { CommentId, WorklogId } from '../model/ids.ts';
import type { StepResult } from '../model/plan.ts';
import type { NoteTrace } from '../model/twin.ts';
import type { Note, NoteDecision } from './notes.ts';
import { outcomeOf } from './outcome.ts';
import { alone } from './pairs.ts';
import { sentTo } from './stance.ts';

type Trace<T extends Note> = NoteTrace<T['id']>;
type Of<T extends Note, Kind extends NoteDecision<T>['kind']> = NoteDecision<T> & { readonly kind: Kind };

/**
 * The next trace of a note, given how its step ended; `undefined` when there is nothing to remember. `made` is the id of the copy
 * that the step has made or found.
 */
export function settleNote<T extends Note & { readonly id: CommentId | WorklogId }>(
  decision: NoteDecision<T>,
  result: StepResult | undefined,
  made: T['id'] | undefined,
): Trace<T> | undefined {
  switch (decision.kind) {
    case 'rest':
    case 'await':
    case 'blocked':
      return decision.trace;
    case 'add':
      return settleAdd(decision, result, made);
    case 'edit':
      return settleEdit(decision, result);
    case 'delete':
      return settleDelete(decision, result);
  }
}

/** A copy that was found, not made, holds the text of an earlier moment: its hashes stay open. */
function settleAdd<T extends Note>(
  { after, trace, on, arriving, attempt }: Of<T, 'add'>,
  result: StepResult | undefined,
  made: T['id'] | undefined,
): Trace<T> | undefined {
  const { origin } = after;
  const ids: Trace<T> = alone<T['id']>(origin, after[origin]);
  if (result?.ok === true && made !== undefined) return { ...(result.found === true ? ids : after), [on]: made };
  const outcome = outcomeOf(result);
  if (outcome.kind === 'refused') return { ...ids, tried: attempt, blocked: outcome.code };
  // Met again with another text, the copy was changed by a person since.
  return outcome.kind === 'unknown'
    ? { ...ids, ...mine(after), ...sentTo(on, arriving.hash), ...lacking(after) }
    : trace;
}

function lacking<Id extends string>({ lacks }: NoteTrace<Id>): Pick<NoteTrace<Id>, 'lacks'> {
  return lacks === undefined ? {} : { lacks };
}

/** The hash of the original alone: the copy has still to be met. */
function mine<Id extends string>({ origin, aHash, bHash, aFor, bFor }: NoteTrace<Id>): Partial<NoteTrace<Id>> {
  const hash = origin === 'a' ? aHash : bHash;
  const own = hash === undefined ? {} : origin === 'a' ? { aHash: hash } : { bHash: hash };
  return { ...own, ...(aFor === undefined ? {} : { aFor }), ...(bFor === undefined ? {} : { bFor }) };
}

/** A refused edit leaves the hashes as they were: the text that could not travel still counts as changed. */
function settleEdit<T extends Note>(
  { after, trace, on, arriving, attempt }: Of<T, 'edit'>,
  result: StepResult | undefined,
): Trace<T> | undefined {
  const outcome = outcomeOf(result);
  if (outcome.kind === 'done' || trace === undefined) return after;
  if (outcome.kind === 'unknown') return { ...trace, ...sentTo(on, arriving.hash), ...lacking(after) };
  return { ...trace, tried: attempt, blocked: outcome.code };
}

/** A note that the site does not find is deleted, whoever did it. */
function settleDelete<T extends Note>(
  { after, trace, attempt }: Of<T, 'delete'>,
  result: StepResult | undefined,
): Trace<T> | undefined {
  if (result?.ok === false && result.code === 'jira-not-found') return after;
  const outcome = outcomeOf(result);
  if (outcome.kind === 'done') return after;
  if (outcome.kind === 'unknown' || trace === undefined) return trace;
  return { ...trace, tried: attempt, blocked: outcome.code };
}
