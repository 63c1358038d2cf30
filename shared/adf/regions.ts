import { diffIndices } from 'node-diff3';

/** A stretch of the base, and the stretch of the other list that stands in its place; either may be empty, not both. */
export interface Region {
  /** First place in the base, and the place after the last. */
  readonly start: number;
  readonly end: number;
  /** The same in the other list. */
  readonly from: number;
  readonly to: number;
}

/**
 * What the search for a longest common sequence may cost for each item of a stretch. Its cost is the equal pairs times the length
 * of the shorter list (node-diff3 scans its candidates one by one), so it would be cubic for a list of equal items. With this bound
 * the comparison of two lists is linear: at most 0.75 s for two lists of 150,000 blocks (3 MB), made to be the worst. A stretch beyond
 * the bound is one region.
 */
const stepsPerItem = 2_000;

/**
 * Where two lists differ, in order. Equal items outside all regions are matched one to one.
 * Equal ends and items that both lists have once are matched first (as in a patience diff), then node-diff3 looks at what is left
 * between them: alone it needs quadratic time. The same two lists always give the same regions.
 */
export function regionsOf(base: readonly number[], other: readonly number[]): readonly Region[] {
  const whole = trimmed(base, other, { start: 0, end: base.length, from: 0, to: other.length });
  const found: Region[] = [];
  let { start, from } = whole;
  for (const [at, there] of [...anchors(base, other, whole), [whole.end, whole.to] as const]) {
    found.push(...between(base, other, trimmed(base, other, { start, end: at, from, to: there })));
    start = at + 1;
    from = there + 1;
  }
  return found;
}

/** The stretch without what is equal at its two ends. */
function trimmed(base: readonly number[], other: readonly number[], region: Region): Region {
  let { start, end, from, to } = region;
  while (start < end && from < to && base[start] === other[from]) {
    start += 1;
    from += 1;
  }
  while (start < end && from < to && base[end - 1] === other[to - 1]) {
    end -= 1;
    to -= 1;
  }
  return { start, end, from, to };
}

/** Pairs of equal items that occur once in each list: the longest run of them that keeps the order of both. */
function anchors(
  base: readonly number[],
  other: readonly number[],
  region: Region,
): readonly (readonly [number, number])[] {
  const there = onceIn(other, region.from, region.to);
  const pairs = [...onceIn(base, region.start, region.end)]
    .flatMap(([item, at]): [number, number][] => {
      const place = there.get(item);
      return place === undefined ? [] : [[at, place]];
    })
    .sort(([one], [two]) => one - two);
  return longestRise(pairs);
}

function onceIn(items: readonly number[], first: number, after: number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  const often = new Set<number>();
  for (let at = first; at < after; at += 1) {
    const item = items[at] ?? 0;
    if (places.has(item)) often.add(item);
    else places.set(item, at);
  }
  for (const item of often) places.delete(item);
  return places;
}

interface Rise {
  readonly pair: readonly [number, number];
  readonly before: Rise | undefined;
}

/** The longest part of the pairs whose second numbers only grow (patience sorting). */
function longestRise(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const tops: Rise[] = [];
  for (const pair of pairs) {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((tops[middle]?.pair[1] ?? 0) < pair[1]) low = middle + 1;
      else high = middle;
    }
    tops[low] = { pair, before: tops[low - 1] };
  }
  const found: (readonly [number, number])[] = [];
  for (let rise = tops.at(-1); rise !== undefined; rise = rise.before) found.push(rise.pair);
  return found.reverse();
}

function between(base: readonly number[], other: readonly number[], region: Region): readonly Region[] {
  const one = base.slice(region.start, region.end);
  const two = other.slice(region.from, region.to);
  if (one.length === 0 && two.length === 0) return [];
  if (one.length === 0 || two.length === 0 || isTooMuch(one, two)) return [region];
  return diffIndices(one, two).map(({ buffer1: [at, length], buffer2: [there, size] }) => ({
    start: region.start + at,
    end: region.start + at + length,
    from: region.from + there,
    to: region.from + there + size,
  }));
}

function isTooMuch(one: readonly number[], two: readonly number[]): boolean {
  const counts = new Map<number, number>();
  for (const item of two) counts.set(item, (counts.get(item) ?? 0) + 1);
  const pairs = one.reduce((sum, item) => sum + (counts.get(item) ?? 0), 0);
  return pairs * Math.min(one.length, two.length) > stepsPerItem * (one.length + two.length);
}
