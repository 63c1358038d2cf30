import { regionsOf, type Region } from './regions.ts';

/** The same list three times: as both sides last had it, and as each has it now. */
export interface Three<T> {
  readonly base: readonly T[];
  readonly a: readonly T[];
  readonly b: readonly T[];
}

/** What the merge has to know about the items of a list. */
export interface ItemKind<T> {
  /** Two items with the same key mean the same. */
  readonly keyOf: (item: T) => string;
  /**
   * For items that are something by themselves (blocks, lines). Without it they are parts of one thing (words), and two edits must
   * have an untouched item between them.
   */
  readonly single?: Single<T>;
}

/** What the merge has to know about items that are something by themselves. */
export interface Single<T> {
  /** How likely `now` is an edit of `before`: 0 for surely not, up to 1. */
  readonly likeness: (before: T, now: T) => number;
  /** The item with both edits; `undefined` when they are in each other's way. */
  readonly merge: (base: T, a: T, b: T) => T | undefined;
  /** True for items that may well stand in two places: blank ones. */
  readonly mayRepeat: (item: T) => boolean;
}

/**
 * Regions longer than this are not looked through for edited items: they count as rewritten. It keeps the comparison of
 * every old with every new item linear; people seldom edit so many neighbouring blocks between two syncs.
 */
const longestPaired = 50;

/**
 * The list with the edits of both sides; `undefined` when some edits are in each other's way. Every item comes from `a` or `b`, or
 * from the merge of three.
 *
 * - Equal edits count once. Two different inserts at one place are a conflict: nobody knows their order.
 * - Single items: edits of neighbours do not disturb each other. Deleted here and edited there is a conflict. An insert beside a
 *   stretch that grew is one too. So is an item that both sides put in different places, or one moved and the other deleted:
 *   it would come out twice, or come back.
 * - Parts: an edit that overlaps or touches another one is a conflict.
 */
export function mergeLists<T>(three: Three<T>, kind: ItemKind<T>): readonly T[] | undefined {
  const numbers = new Map<string, number>();
  const numbered = (items: readonly T[]): readonly number[] =>
    items.map((item) => {
      const key = kind.keyOf(item);
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
  const keys: Three<number> = { base: numbered(three.base), a: numbered(three.a), b: numbered(three.b) };
  const edits = (side: 'a' | 'b'): readonly Region[] => {
    const regions = regionsOf(keys.base, keys[side]);
    const { single } = kind;
    return single === undefined
      ? regions
      : regions.flatMap((region) => paired(region, three.base, three[side], single));
  };
  const meetings = placed(meetingsOf(edits('a'), edits('b'), kind.single === undefined), keys);
  if (kind.single !== undefined && isTwiceOrBack(meetings, keys, three, kind.single)) return undefined;
  return joined(meetings, three, kind);
}

/** Regions of the two sides that have to do with each other, or some of one side alone. Both lists are in order. */
interface Meeting {
  readonly base: Stretch;
  readonly a: readonly Region[];
  readonly b: readonly Region[];
}

/** The same with what each side shows there. */
interface Place {
  readonly base: Stretch;
  readonly a: Stretch;
  readonly b: Stretch;
  readonly who: 'a' | 'b' | 'both' | 'equal';
  /** True when each side has exactly one item for exactly one of the base. */
  readonly isOneEach: boolean;
}

/** First place and the place after the last. */
type Stretch = readonly [start: number, end: number];

function meetingsOf(a: readonly Region[], b: readonly Region[], areParts: boolean): readonly Meeting[] {
  const found: { base: Stretch; a: Region[]; b: Region[] }[] = [];
  const all = [
    ...a.map((region) => ({ side: 'a' as const, region })),
    ...b.map((region) => ({ side: 'b' as const, region })),
  ];
  all.sort((one, two) => one.region.start - two.region.start || one.region.end - two.region.end);
  for (const { side, region } of all) {
    let open = found.at(-1);
    const last = open?.[side === 'a' ? 'b' : 'a'].at(-1);
    if (open === undefined || last === undefined || !doMeet(last, region, areParts)) {
      open = { base: [region.start, region.end], a: [], b: [] };
      found.push(open);
    }
    open[side].push(region);
    open.base = [open.base[0], Math.max(open.base[1], region.end)];
  }
  return found;
}

/** Only the last region of the other side need be asked: both sides' regions come in order, and the earlier ones end before it. */
function doMeet(one: Region, two: Region, areParts: boolean): boolean {
  if (areParts) return one.start <= two.end && two.start <= one.end;
  if (one.start < two.end && two.start < one.end) return true;
  if (one.start === one.end && two.start === two.end) return one.start === two.start;
  const [insert, stretch] = one.start === one.end ? [one, two] : [two, one];
  if (insert.start !== insert.end || !hasGrown(stretch)) return false;
  return insert.start === stretch.start || insert.start === stretch.end;
}

function hasGrown(region: Region): boolean {
  return region.to - region.from > region.end - region.start;
}

function placed(meetings: readonly Meeting[], keys: Three<number>): readonly Place[] {
  let aheadA = 0;
  let aheadB = 0;
  return meetings.map(({ base: [start, end], a, b }) => {
    const fromA = start + aheadA;
    const fromB = start + aheadB;
    aheadA += growth(a);
    aheadB += growth(b);
    const stretches = { base: [start, end], a: [fromA, end + aheadA], b: [fromB, end + aheadB] } as const;
    const isOneEach = Object.values(stretches).every(([first, after]) => after - first === 1);
    if (b.length === 0) return { ...stretches, who: 'a', isOneEach };
    if (a.length === 0) return { ...stretches, who: 'b', isOneEach };
    const isEqual = keys.a.slice(...stretches.a).join() === keys.b.slice(...stretches.b).join();
    return { ...stretches, who: isEqual ? 'equal' : 'both', isOneEach };
  });
}

function growth(regions: readonly Region[]): number {
  return regions.reduce((sum, { start, end, from, to }) => sum + (to - from) - (end - start), 0);
}

function joined<T>(places: readonly Place[], three: Three<T>, kind: ItemKind<T>): readonly T[] | undefined {
  const out: T[][] = [];
  let at = 0;
  for (const place of places) {
    out.push(three.a.slice(at, place.a[0]));
    const items = settled(place, three, kind);
    if (items === undefined) return undefined;
    out.push(items);
    at = place.a[1];
  }
  out.push(three.a.slice(at));
  return out.flat();
}

function settled<T>(place: Place, three: Three<T>, { single }: ItemKind<T>): T[] | undefined {
  if (place.who === 'b') return three.b.slice(...place.b);
  if (place.who !== 'both') return three.a.slice(...place.a);
  if (single === undefined || !place.isOneEach) return undefined;
  const [base] = three.base.slice(...place.base);
  const [a] = three.a.slice(...place.a);
  const [b] = three.b.slice(...place.b);
  const merged = base === undefined || a === undefined || b === undefined ? undefined : single.merge(base, a, b);
  return merged === undefined ? undefined : [merged];
}

/** From this likeness on an item that is gone and one that is new somewhere else may be the same, moved and edited. */
const movedLikeness = 0.5;

/**
 * True when both sides put the same item in different places, or one side moved an item (and perhaps edited it) that the other deleted.
 * Looked at one by one these edits do not meet, but the item would come out twice, or come back.
 */
function isTwiceOrBack<T>(places: readonly Place[], keys: Three<number>, three: Three<T>, single: Single<T>): boolean {
  const fresh = { a: new Map<number, T>(), b: new Map<number, T>() };
  const deleted = new Map<number, T>();
  for (const place of places) {
    for (const side of ['a', 'b'] as const) {
      if (place.who !== side && place.who !== 'both') continue;
      for (const [key, item] of newIn(place[side], keys[side], three[side], keys.base.slice(...place.base))) {
        if (!single.mayRepeat(item)) fresh[side].set(key, item);
      }
    }
    if (place.who !== 'equal') continue;
    for (const [key, item] of newIn(place.base, keys.base, three.base, keys.a.slice(...place.a)))
      deleted.set(key, item);
  }
  if ([...fresh.a.keys()].some((key) => fresh.b.has(key))) return true;
  const all = [...fresh.a.values(), ...fresh.b.values()];
  if (all.length * deleted.size > longestPaired ** 2) return true;
  return [...deleted.values()].some((old) => all.some((item) => single.likeness(old, item) >= movedLikeness));
}

/** The items of the stretch that are not among the others, with their keys. */
function newIn<T>(
  [start, end]: Stretch,
  keys: readonly number[],
  items: readonly T[],
  others: readonly number[],
): readonly (readonly [number, T])[] {
  const known = new Set(others);
  return items.slice(start, end).flatMap((item, nth): (readonly [number, T])[] => {
    const key = keys[start + nth] ?? 0;
    return known.has(key) ? [] : [[key, item]];
  });
}

/**
 * The region cut into the edits of single items: which old item became which new one, in order and as alike as possible; what is
 * left between the pairs was deleted, inserted or rewritten.
 */
function paired<T>(region: Region, base: readonly T[], now: readonly T[], { likeness }: Single<T>): readonly Region[] {
  const { start, end, from, to } = region;
  const isLong = end - start > longestPaired || to - from > longestPaired;
  if (isLong && from !== to) return [region];
  const out: Region[] = [];
  let at = { old: start, fresh: from };
  for (const [old, fresh] of [
    ...likeliest(base.slice(start, end), now.slice(from, to), likeness),
    [end - start, to - from],
  ] as const) {
    const pair = { old: start + old, fresh: from + fresh };
    out.push(...rest(at.old, pair.old, at.fresh, pair.fresh));
    if (pair.old < end) out.push({ start: pair.old, end: pair.old + 1, from: pair.fresh, to: pair.fresh + 1 });
    at = { old: pair.old + 1, fresh: pair.fresh + 1 };
  }
  return out;
}

/** Deletions are cut one by one, so that two sides may delete different neighbours and one of them the same. */
function rest(start: number, end: number, from: number, to: number): readonly Region[] {
  if (start === end && from === to) return [];
  if (from !== to) return [{ start, end, from, to }];
  return Array.from({ length: end - start }, (_, nth) => ({ start: start + nth, end: start + nth + 1, from, to }));
}

/** The pairs of old and new places with the greatest likeness in sum; ordered on both sides. */
function likeliest<T>(old: readonly T[], fresh: readonly T[], likeness: Single<T>['likeness']): readonly Stretch[] {
  if (fresh.length === 0) return [];
  const likes = old.map((one) => fresh.map((other) => likeness(one, other)));
  const like = (row: number, column: number): number => likes[row]?.[column] ?? 0;
  const sums = Array.from({ length: old.length + 1 }, () => new Array<number>(fresh.length + 1).fill(0));
  const sum = (row: number, column: number): number => sums[row]?.[column] ?? 0;
  for (let row = old.length - 1; row >= 0; row -= 1) {
    for (let column = fresh.length - 1; column >= 0; column -= 1) {
      const here = like(row, column);
      const best = Math.max(
        sum(row + 1, column),
        sum(row, column + 1),
        here === 0 ? 0 : here + sum(row + 1, column + 1),
      );
      (sums[row] ?? [])[column] = best;
    }
  }
  const pairs: Stretch[] = [];
  for (let row = 0, column = 0; row < old.length && column < fresh.length; ) {
    if (like(row, column) > 0 && sum(row, column) === like(row, column) + sum(row + 1, column + 1))
      pairs.push([row++, column++]);
    else if (sum(row, column) === sum(row + 1, column)) row += 1;
    else column += 1;
  }
  return pairs;
}
