import type { StepResult } from '../model/plan.ts';
import type { CommentTrace } from '../model/twin.ts';
import type { CommentDecision } from './comments.ts';
import { hashOfBody } from './echo.ts';
import { outcomeOf } from './outcome.ts';
import { sentTo } from './stance.ts';

/** The next trace of a comment, given how its step ended; `undefined` when there is nothing to remember. */
export function settleComment(decision: CommentDecision, result: StepResult | undefined): CommentTrace | undefined {
  switch (decision.kind) {
    case 'rest':
    case 'blocked':
      return decision.trace;
    case 'add':
      return settleAdd(decision, result);
    case 'edit':
      return settleEdit(decision, result);
    case 'delete':
      return settleDelete(decision, result);
  }
}

type Of<Kind extends CommentDecision['kind']> = CommentDecision & { readonly kind: Kind };

/** A copy that was found, not made, holds the text of an earlier moment: its hashes stay open. */
function settleAdd(
  { after, trace, on, body, attempt }: Of<'add'>,
  result: StepResult | undefined,
): CommentTrace | undefined {
  const { origin } = after;
  const source = after[origin];
  const ids: CommentTrace = { origin, ...(source === undefined ? {} : { [origin]: source }) };
  if (result?.ok === true && result.comment !== undefined) {
    return { ...(result.found === true ? ids : after), [on]: result.comment };
  }
  const outcome = outcomeOf(result);
  if (outcome.kind === 'refused') return { ...ids, tried: attempt, blocked: outcome.code };
  // Met again with another text, the copy was changed by a person since.
  return outcome.kind === 'unknown' ? { ...ids, ...mine(after), ...sentTo(on, hashOfBody(body)) } : trace;
}

/** The hash of the original alone: the copy has still to be met. */
function mine({ origin, aHash, bHash }: CommentTrace): Pick<CommentTrace, 'aHash' | 'bHash'> {
  if (origin === 'a') return aHash === undefined ? {} : { aHash };
  return bHash === undefined ? {} : { bHash };
}

/** A refused edit leaves the hashes as they were: the text that could not travel still counts as changed. */
function settleEdit(
  { after, trace, on, body, attempt }: Of<'edit'>,
  result: StepResult | undefined,
): CommentTrace | undefined {
  const outcome = outcomeOf(result);
  if (outcome.kind === 'done' || trace === undefined) return after;
  if (outcome.kind === 'unknown') return { ...trace, ...sentTo(on, hashOfBody(body)) };
  return { ...trace, tried: attempt, blocked: outcome.code };
}

/** A comment that the site does not find is deleted, whoever did it. */
function settleDelete(
  { after, trace, attempt }: Of<'delete'>,
  result: StepResult | undefined,
): CommentTrace | undefined {
  if (result?.ok === false && result.code === 'jira-not-found') return after;
  const outcome = outcomeOf(result);
  if (outcome.kind === 'done') return after;
  if (outcome.kind === 'unknown' || trace === undefined) return trace;
  return { ...trace, tried: attempt, blocked: outcome.code };
}
