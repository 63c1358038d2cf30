import type { AttachmentId } from '../model/ids.ts';
import { otherSide, type Side } from '../model/connection.ts';
import type { StepResult, SyncInput } from '../model/plan.ts';
import type { FileTrace } from '../model/twin.ts';
import type { FileDecision } from './attachments.ts';
import { outcomeOf } from './outcome.ts';
import { alone } from './pairs.ts';
import { isShown } from './privateFiles.ts';

type Of<Kind extends FileDecision['kind']> = FileDecision & { readonly kind: Kind };

/** The next trace of a file, given how its step ended; `undefined` when there is nothing to remember. */
export function settleAttachment(
  input: SyncInput,
  decision: FileDecision,
  result: StepResult | undefined,
): FileTrace | undefined {
  const trace = settled(input, decision, result);
  return trace === undefined ? undefined : withMedia(input, trace);
}

/** A media id that was asked for once is remembered, also that the site does not tell it. */
function withMedia(input: SyncInput, trace: FileTrace): FileTrace {
  const a = trace.aMedia ?? readOn(input, 'a', trace);
  const b = trace.bMedia ?? readOn(input, 'b', trace);
  return { ...trace, ...(a === undefined ? {} : { aMedia: a }), ...(b === undefined ? {} : { bMedia: b }) };
}

function readOn(input: SyncInput, side: Side, trace: FileTrace): string | undefined {
  const media = input[side].attachments?.find(({ id }) => id === trace[side])?.media;
  return media === null ? '' : media;
}

function settled(input: SyncInput, decision: FileDecision, result: StepResult | undefined): FileTrace | undefined {
  switch (decision.kind) {
    case 'rest':
    case 'blocked':
      return decision.trace;
    case 'add':
      return settleAdd(input, decision, result);
    case 'delete':
      return settleDelete(decision, result);
  }
}

/** A file that was found is ours only when the app's own account attached it. */
function settleAdd(
  input: SyncInput,
  { on, source, candidates, trace, attempt }: Of<'add'>,
  result: StepResult | undefined,
): FileTrace | undefined {
  const alike: FileTrace = alone<AttachmentId>(otherSide(on), source.id);
  if (result?.ok === true && result.attachment !== undefined) {
    const { attachment, content } = result;
    const found = candidates.find(({ id }) => id === attachment);
    const isForeign = found !== undefined && (found.author === null || found.author !== input[on].abilities.self);
    return {
      ...alike,
      [on]: attachment,
      ...(content === undefined ? {} : { content }),
      ...(isForeign ? { isForeign } : {}),
    };
  }
  const outcome = outcomeOf(result);
  if (outcome.kind === 'refused') return { ...alike, tried: attempt, blocked: outcome.code };
  if (!isShown(input, otherSide(on), source.media)) return trace;
  return { ...trace, ...alike, begun: (trace?.begun ?? 0) + 1 };
}

/** A file that the site does not find is deleted, whoever did it. */
function settleDelete({ after, trace, attempt }: Of<'delete'>, result: StepResult | undefined): FileTrace | undefined {
  if (result?.ok === false && result.code === 'jira-not-found') return after;
  const outcome = outcomeOf(result);
  if (outcome.kind === 'done') return after;
  if (outcome.kind === 'unknown' || trace === undefined) return trace;
  return { ...trace, tried: attempt, blocked: outcome.code };
}
