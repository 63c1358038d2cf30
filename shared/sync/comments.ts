import { otherSide, type Side } from '../model/connection.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { CommentId, ValueHash } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import type { JiraComment, Marker } from '../model/replica.ts';
import type { CommentTrace } from '../model/twin.ts';
import type { Code } from '../verdict.ts';
import { pairsOf, type CommentPair } from './commentPairs.ts';
import { digest, hashOfBody } from './echo.ts';
import { newerOf, refusalOf } from './fields.ts';
import { isEmptyBody, mediaObstacle, textObstacle, travelling } from './richText.ts';
import { changedSides, hashes, standing, type Hashes } from './stance.ts';

/**
 * What is decided for one comment. `trace` is what is remembered when nothing is done or the end of the act is unknown
 * (`undefined`: nothing); `after` is what is remembered when the act has succeeded.
 */
export type CommentDecision = { readonly trace: CommentTrace | undefined } & (
  | { readonly kind: 'rest' }
  | {
      readonly kind: 'add';
      readonly on: Side;
      readonly source: JiraComment;
      readonly body: AdfDoc;
      readonly marker: Marker;
      readonly after: CommentTrace;
      readonly attempt: ValueHash;
    }
  | {
      readonly kind: 'edit';
      readonly on: Side;
      readonly comment: CommentId;
      readonly body: AdfDoc;
      readonly after: CommentTrace;
      readonly attempt: ValueHash;
    }
  | {
      readonly kind: 'delete';
      readonly on: Side;
      readonly comment: CommentId;
      readonly after: CommentTrace | undefined;
      readonly attempt: ValueHash;
      /** Said beside the deletion, when it is no deletion on the origin's side that caused it. */
      readonly code?: Code;
    }
  | { readonly kind: 'blocked'; readonly on: Side; readonly comment: CommentId; readonly code: Code }
);

/** Decides every comment of both issues. Only comments with a trace or a marker of this twin are ever edited or deleted. */
export function decideComments(input: SyncInput): readonly CommentDecision[] {
  return pairsOf(input).flatMap((pair) => [decidePair(input, pair), ...duplicates(input, pair)]);
}

function decidePair(input: SyncInput, pair: CommentPair): CommentDecision {
  const { trace, source, copy } = pair;
  const memory = pair.isTraced ? trace : undefined;
  const from = trace.origin;
  const to = otherSide(from);
  const mayLeave = input.rules[from].comments;
  if (source === undefined) {
    if (copy === undefined) return { kind: 'rest', trace: undefined };
    return mayLeave ? deletion(trace, to, copy.id, memory, undefined) : { kind: 'rest', trace: memory };
  }
  if (copy === undefined)
    return mayLeave ? decideAdd(input, pair, source) : { kind: 'rest', trace: withoutCopy(input, pair) };
  if (!source.isRestricted) return decideEdit(input, pair, source, copy);
  if (!mayLeave) return { kind: 'rest', trace: memory };
  const after: CommentTrace = { ...alone(from, source.id), blocked: 'comment-restricted' };
  return deletion(trace, to, copy.id, memory, after, 'comment-restricted');
}

function decideAdd(input: SyncInput, pair: CommentPair, source: JiraComment): CommentDecision {
  const from = pair.trace.origin;
  const to = otherSide(from);
  const trace = withoutCopy(input, pair);
  const stop = (code: Code): CommentDecision => ({ kind: 'blocked', on: from, comment: source.id, code, trace });
  if (source.isRestricted) return stop('comment-restricted');
  if (trace?.blocked === 'comment-copy-deleted') return { kind: 'rest', trace };
  if (isEmptyBody(source.body)) return stop('comment-empty');
  const body = travelling(source.body, input[to].abilities.usable);
  const code = textObstacle(source.body, body);
  if (code !== undefined) return stop(code);
  const attempt = digest(['add', to, source.id, hashOfBody(body)]);
  if (trace?.tried === attempt) return stop(refusalOf(trace));
  const marker: Marker = { twin: input.memory.twin, origin: from, source: source.id };
  const seen = withHashes(alone(from, source.id), sided(from, hashOfBody(source.body), hashOfBody(body)));
  return { kind: 'add', on: to, source, body, marker, after: seen, attempt, trace };
}

/** The memory of a comment without copy; when there was one and a person deleted it, that is remembered. */
function withoutCopy(input: SyncInput, { trace, isTraced, source }: CommentPair): CommentTrace | undefined {
  if (!isTraced) return undefined;
  if (trace[otherSide(trace.origin)] === undefined || source === undefined) return trace;
  const code: Code =
    source.isRestricted && input.rules[trace.origin].comments ? 'comment-restricted' : 'comment-copy-deleted';
  return { ...alone(trace.origin, source.id), blocked: code };
}

function decideEdit(input: SyncInput, pair: CommentPair, source: JiraComment, copy: JiraComment): CommentDecision {
  const { origin } = pair.trace;
  const both: Record<Side, JiraComment> = origin === 'a' ? { a: source, b: copy } : { a: copy, b: source };
  const now = hashes(hashOfBody(both.a.body), hashOfBody(both.b.body));
  const base = baseOf(pair, now);
  const ids: CommentTrace = { origin, a: both.a.id, b: both.b.id };
  const trace = withHashes(ids, base);
  const changed = changedSides(base, now);
  if (!changed.a && !changed.b) return { kind: 'rest', trace };
  const from = changed.a !== changed.b ? (changed.a ? 'a' : 'b') : newerOf(both.a.updatedAt, both.b.updatedAt, origin);
  const to = otherSide(from);
  const stop = (code: Code, tried?: ValueHash): CommentDecision => {
    const memory: CommentTrace = { ...trace, blocked: code, ...(tried === undefined ? {} : { tried }) };
    return { kind: 'blocked', on: from, comment: both[from].id, code, trace: memory };
  };
  if (now.a === now.b) return { kind: 'rest', trace: withHashes(ids, now) };
  if (!input.rules[from].comments) return { kind: 'rest', trace };
  if (copy.isRestricted) return stop('comment-restricted');
  const { body } = both[from];
  if (isEmptyBody(body)) return stop('comment-empty');
  const arriving = travelling(body, input[to].abilities.usable);
  if (hashOfBody(arriving) === now[to]) return { kind: 'rest', trace: withHashes(ids, now) };
  const code = mediaObstacle(both[to].body) ?? textObstacle(body, arriving);
  if (code !== undefined) return stop(code);
  const attempt = digest(['edit', to, both[to].id, hashOfBody(arriving)]);
  if (pair.trace.tried === attempt) return stop(refusalOf(pair.trace), attempt);
  const after = withHashes(ids, sided(from, now[from] ?? attempt, hashOfBody(arriving)));
  return { kind: 'edit', on: to, comment: both[to].id, body: arriving, after, attempt, trace };
}

/** A copy that was found again has an unknown age: the original's text is what counts. */
function baseOf({ trace }: CommentPair, now: Hashes): Hashes {
  const base = standing({ a: trace.aHash, b: trace.bHash, aSent: trace.aSent, bSent: trace.bSent }, now);
  if (base.a !== undefined || base.b !== undefined) return base;
  return trace.origin === 'a' ? hashes(undefined, now.b) : hashes(now.a, undefined);
}

/** Second copies of the same text are ours and go; one that a person has changed stays and is nobody's copy. */
function duplicates(input: SyncInput, { trace, copy, extras }: CommentPair): readonly CommentDecision[] {
  const on = otherSide(trace.origin);
  if (copy === undefined || !input.rules[trace.origin].comments) return [];
  return extras
    .filter((extra) => hashOfBody(extra.body) === hashOfBody(copy.body))
    .map((extra) => deletion(undefined, on, extra.id, undefined, undefined));
}

function deletion(
  trace: CommentTrace | undefined,
  on: Side,
  comment: CommentId,
  memory: CommentTrace | undefined,
  after: CommentTrace | undefined,
  code?: Code,
): CommentDecision {
  const attempt = digest(['delete', on, comment]);
  if (trace?.tried === attempt) return { kind: 'blocked', on, comment, code: refusalOf(trace), trace: memory };
  return { kind: 'delete', on, comment, after, attempt, trace: memory, ...(code === undefined ? {} : { code }) };
}

function alone(origin: Side, id: CommentId): CommentTrace {
  return { origin, [origin]: id };
}

function sided(from: Side, mine: ValueHash, theirs: ValueHash): Hashes {
  return from === 'a' ? hashes(mine, theirs) : hashes(theirs, mine);
}

function withHashes(trace: CommentTrace, { a, b }: Hashes): CommentTrace {
  return { ...trace, ...(a === undefined ? {} : { aHash: a }), ...(b === undefined ? {} : { bHash: b }) };
}
