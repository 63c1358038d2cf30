import { otherSide, type Side } from '../model/connection.ts';
import type { CommentId } from '../model/ids.ts';
import type { SideView, SyncInput } from '../model/plan.ts';
import type { JiraComment, Marker } from '../model/replica.ts';
import type { CommentTrace } from '../model/twin.ts';
import { bothSides } from './view.ts';

/** A person's comment and its copy, as far as each is there. */
export interface CommentPair {
  readonly trace: CommentTrace;
  /** False for what the memory does not know yet: a new comment, or a copy that only its marker tells of. */
  readonly isTraced: boolean;
  readonly source?: JiraComment;
  readonly copy?: JiraComment;
  /** More copies of the same comment, made by a second worker; the oldest is the copy. */
  readonly extras: readonly JiraComment[];
}

/** The id that a trace holds for a side. */
export function idOn(trace: CommentTrace, side: Side): CommentId | undefined {
  return trace[side];
}

/** Comments in the order in which people wrote them; Jira's ids decide between equal moments. */
export function byAge(one: JiraComment, other: JiraComment): number {
  return one.createdAt - other.createdAt || one.id.length - other.id.length || (one.id < other.id ? -1 : 1);
}

/**
 * All comments of both issues as pairs: first those of the memory in its order, then copies found by their marker, then new
 * comments by age. A comment with a marker of another twin was not written by a person of this pair and is left out.
 */
export function pairsOf(input: SyncInput): readonly CommentPair[] {
  const marked = markedCopies(input);
  const traced = input.memory.comments.map((trace) => tracedPair(input, trace, marked));
  const tracedIds = new Set(
    input.memory.comments.flatMap((trace) => bothSides.map((side) => nameOf(side, idOn(trace, side)))),
  );
  const found = [...marked.values()]
    .filter(({ origin, source }) => !tracedIds.has(nameOf(origin, source)))
    .map((copies) => foundPair(input, copies));
  const foundIds = new Set(found.map(({ trace, source }) => nameOf(trace.origin, source?.id)));
  const fresh = bothSides.flatMap((side) =>
    [...input[side].comments]
      .filter(({ id }) => !input[side].markers.has(id))
      .filter(({ id }) => !tracedIds.has(nameOf(side, id)) && !foundIds.has(nameOf(side, id)))
      .sort(byAge)
      .map((source) => freshPair(side, source)),
  );
  return [...traced, ...found, ...fresh];
}

/** Copies of one comment that their markers tell of, oldest first. */
interface MarkedCopies {
  readonly origin: Side;
  readonly source: string;
  readonly copies: readonly [JiraComment, ...JiraComment[]];
}

function markedCopies(input: SyncInput): ReadonlyMap<string, MarkedCopies> {
  const groups = new Map<string, MarkedCopies>();
  for (const side of bothSides) {
    for (const comment of [...input[side].comments].sort(byAge)) {
      const marker = markerOf(input, side, comment);
      if (marker === undefined) continue;
      const name = nameOf(marker.origin, marker.source);
      const before = groups.get(name);
      groups.set(name, { ...marker, copies: before === undefined ? [comment] : [...before.copies, comment] });
    }
  }
  return groups;
}

/** The marker when it is ours and names a comment of the other side; what a trace names needs none. */
function markerOf(
  input: SyncInput,
  side: Side,
  comment: JiraComment,
): { readonly origin: Side; readonly source: string } | undefined {
  const marker: Marker | undefined = input[side].markers.get(comment.id);
  if (marker?.twin !== input.memory.twin || marker.origin !== otherSide(side) || marker.source === undefined)
    return undefined;
  if (input.memory.comments.some((trace) => trace[side] === comment.id)) return undefined;
  return { origin: marker.origin, source: marker.source };
}

function tracedPair(input: SyncInput, trace: CommentTrace, marked: ReadonlyMap<string, MarkedCopies>): CommentPair {
  const to = otherSide(trace.origin);
  const source = find(input[trace.origin], idOn(trace, trace.origin));
  const traced = find(input[to], idOn(trace, to));
  const others = marked.get(nameOf(trace.origin, idOn(trace, trace.origin)))?.copies ?? [];
  const copies = [...(traced === undefined ? [] : [traced]), ...others];
  return pair(trace, true, source, copies);
}

function foundPair(input: SyncInput, { origin, source, copies }: MarkedCopies): CommentPair {
  const original = input[origin].comments.find(({ id }) => id === source);
  return pair(traceFor(origin, original?.id), false, original, copies);
}

function freshPair(side: Side, source: JiraComment): CommentPair {
  return pair(traceFor(side, source.id), false, source, []);
}

function traceFor(origin: Side, id: CommentId | undefined): CommentTrace {
  return { origin, ...(id === undefined ? {} : { [origin]: id }) };
}

function pair(
  trace: CommentTrace,
  isTraced: boolean,
  source: JiraComment | undefined,
  [copy, ...extras]: readonly JiraComment[],
): CommentPair {
  return {
    trace,
    isTraced,
    extras,
    ...(source === undefined ? {} : { source }),
    ...(copy === undefined ? {} : { copy }),
  };
}

function find(view: SideView, id: CommentId | undefined): JiraComment | undefined {
  return id === undefined ? undefined : view.comments.find((comment) => comment.id === id);
}

function nameOf(side: Side, id: string | undefined): string {
  return `${side}:${id ?? ''}`;
}
