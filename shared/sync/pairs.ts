import { otherSide, type Side } from '../model/connection.ts';
import type { TwinId } from '../model/ids.ts';
import type { Marker } from '../model/replica.ts';
import { bothSides } from './view.ts';

/** A thing of an issue that has a life of its own. */
export interface Thing {
  readonly id: string;
  readonly createdAt: number;
}

/** Which thing matches which; the smallest part of a trace. */
export interface Match<Id extends string> {
  readonly origin: Side;
  readonly a?: Id;
  readonly b?: Id;
}

/** All things of one kind of both issues, and what is remembered of them. */
export interface Shelf<T extends Thing, R extends Match<T['id']>> {
  readonly twin: TwinId;
  readonly traces: readonly R[];
  readonly things: Readonly<Record<Side, readonly T[]>>;
  /** Our markers on those that no trace names. */
  readonly markers: Readonly<Record<Side, ReadonlyMap<T['id'], Marker>>>;
}

/** A person's thing and its copy, as far as each is there. */
export interface Pair<T extends Thing, R extends Match<T['id']>> {
  readonly trace: R | Match<T['id']>;
  /** What the memory holds; absent for what it does not know yet: a new thing, or a copy that only its marker tells of. */
  readonly known?: R;
  readonly source?: T;
  readonly copy?: T;
  /** More copies of the same thing, made by a second worker; the oldest is the copy. */
  readonly extras: readonly T[];
}

/** Things in the order in which people made them; Jira's ids decide between equal moments. */
export function byAge(one: Thing, other: Thing): number {
  return one.createdAt - other.createdAt || one.id.length - other.id.length || (one.id < other.id ? -1 : 1);
}

/**
 * All things of both issues as pairs: first those of the memory in its order, then copies found by their marker, then new ones by
 * age. A thing with a marker of another twin was not made by a person of this pair and is left out.
 */
export function pairsOf<T extends Thing, R extends Match<T['id']>>(shelf: Shelf<T, R>): readonly Pair<T, R>[] {
  const marked = markedCopies(shelf);
  const traced = shelf.traces.map((trace) => tracedPair(shelf, trace, marked));
  const tracedIds = new Set(shelf.traces.flatMap((trace) => bothSides.map((side) => nameOf(side, trace[side]))));
  const found = [...marked.values()]
    .filter(({ origin, source }) => !tracedIds.has(nameOf(origin, source)))
    .map((copies) => foundPair(shelf, copies));
  const foundIds = new Set(found.map(({ trace, source }) => nameOf(trace.origin, source?.id)));
  const fresh = bothSides.flatMap((side) =>
    [...shelf.things[side]]
      .filter(({ id }) => !shelf.markers[side].has(id))
      .filter(({ id }) => !tracedIds.has(nameOf(side, id)) && !foundIds.has(nameOf(side, id)))
      .sort(byAge)
      .map((source): Pair<T, R> => ({ trace: alone(side, source.id), source, extras: [] })),
  );
  return [...traced, ...found, ...fresh];
}

/** The match of a thing that has no copy. */
export function alone<Id extends string>(origin: Side, id: Id | undefined): Match<Id> {
  if (id === undefined) return { origin };
  return origin === 'a' ? { origin, a: id } : { origin, b: id };
}

/** Copies of one thing that their markers tell of, oldest first. */
interface MarkedCopies<T> {
  readonly origin: Side;
  readonly source: string;
  readonly copies: readonly [T, ...T[]];
}

function markedCopies<T extends Thing, R extends Match<T['id']>>(
  shelf: Shelf<T, R>,
): ReadonlyMap<string, MarkedCopies<T>> {
  const groups = new Map<string, MarkedCopies<T>>();
  const traced = new Set(shelf.traces.flatMap((trace) => bothSides.map((side) => nameOf(side, trace[side]))));
  for (const side of bothSides) {
    for (const thing of [...shelf.things[side]].sort(byAge)) {
      const marker = ownMarker(shelf, side, thing);
      // What a trace names needs no marker.
      if (marker === undefined || traced.has(nameOf(side, thing.id))) continue;
      const name = nameOf(marker.origin, marker.source);
      const before = groups.get(name);
      groups.set(name, { ...marker, copies: before === undefined ? [thing] : [...before.copies, thing] });
    }
  }
  return groups;
}

/** The marker when it is ours and names a thing of the other side. */
function ownMarker<T extends Thing, R extends Match<T['id']>>(
  { twin, markers }: Shelf<T, R>,
  side: Side,
  { id }: T,
): { readonly origin: Side; readonly source: string } | undefined {
  const marker: Marker | undefined = markers[side].get(id);
  if (marker?.twin !== twin || marker.origin !== otherSide(side) || marker.source === undefined) return undefined;
  return { origin: marker.origin, source: marker.source };
}

function tracedPair<T extends Thing, R extends Match<T['id']>>(
  { things }: Shelf<T, R>,
  trace: R,
  marked: ReadonlyMap<string, MarkedCopies<T>>,
): Pair<T, R> {
  const to = otherSide(trace.origin);
  const source = find(things[trace.origin], trace[trace.origin]);
  const traced = find(things[to], trace[to]);
  const others = marked.get(nameOf(trace.origin, trace[trace.origin]))?.copies ?? [];
  const copies = [...(traced === undefined ? [] : [traced]), ...others];
  return { ...pair<T, R>(trace, source, copies), known: trace };
}

function foundPair<T extends Thing, R extends Match<T['id']>>(
  { things }: Shelf<T, R>,
  { origin, source, copies }: MarkedCopies<T>,
): Pair<T, R> {
  const original = find(things[origin], source);
  return pair<T, R>(alone<T['id']>(origin, original?.id), original, copies);
}

function pair<T extends Thing, R extends Match<T['id']>>(
  trace: R | Match<T['id']>,
  source: T | undefined,
  [copy, ...extras]: readonly T[],
): Pair<T, R> {
  return { trace, extras, ...(source === undefined ? {} : { source }), ...(copy === undefined ? {} : { copy }) };
}

function find<T extends Thing>(things: readonly T[], id: string | undefined): T | undefined {
  return id === undefined ? undefined : things.find((thing) => thing.id === id);
}

function nameOf(side: Side, id: string | undefined): string {
  return `${side}:${id ?? ''}`;
}
