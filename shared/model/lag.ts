/** How long changes take to arrive: kinds, and a histogram of bounded size whose parts can be added up. */

/** What kind of change it was. */
export const lagKinds = ['field', 'status', 'comment', 'issue', 'link', 'worklog', 'attachment'] as const;
export type LagKind = (typeof lagKinds)[number];

/**
 * Counts by the logarithm of the lag. Each bucket is a tenth wider than the one before, so that a percentile is off by at most 4.8 %
 * (half a bucket, `(1.1 − 1) ÷ (1.1 + 1)`), and 31 days need 228 buckets.
 */
export interface LagSketch {
  readonly count: number;
  readonly maxMs: number;
  /** Only buckets that hold something, in order. */
  readonly buckets: readonly { readonly at: number; readonly count: number }[];
}

const GROWTH = 1.1;
/** The largest relative error of a percentile. */
export const LAG_ERROR = (GROWTH - 1) / (GROWTH + 1);
/** The longest lag that is told from longer ones: a message lives 7 days, and a webhook may come 31 days late. */
const LONGEST_MS = 31 * 86_400_000;

export const noLag: LagSketch = { count: 0, maxMs: 0, buckets: [] };

/** The sketch with one lag more. */
export function withLag(sketch: LagSketch, lagMs: number): LagSketch {
  const ms = Math.min(LONGEST_MS, Math.max(0, Math.round(lagMs)));
  return mergedLags(sketch, { count: 1, maxMs: ms, buckets: [{ at: bucketOf(ms), count: 1 }] });
}

/** Both together: the same as if all had been counted in one. */
export function mergedLags(one: LagSketch, other: LagSketch): LagSketch {
  const counts = new Map(one.buckets.map(({ at, count }) => [at, count]));
  for (const { at, count } of other.buckets) counts.set(at, (counts.get(at) ?? 0) + count);
  const buckets = [...counts].map(([at, count]) => ({ at, count })).sort((left, right) => left.at - right.at);
  return { count: one.count + other.count, maxMs: Math.max(one.maxMs, other.maxMs), buckets };
}

/** The lag in milliseconds that `share` of all changes did not exceed, up to {@link LAG_ERROR}; 0 when there is none. */
export function lagAt(sketch: LagSketch, share: number): number {
  const wanted = Math.max(1, Math.ceil(sketch.count * share));
  let seen = 0;
  for (const { at, count } of sketch.buckets) {
    seen += count;
    if (seen >= wanted) return Math.min(sketch.maxMs, Math.round(middleOf(at)));
  }
  return sketch.maxMs;
}

/** The percentiles that are told everywhere. */
export interface LagFigures {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** A sketch as people read it. Milliseconds. */
export function lagFigures(sketch: LagSketch): LagFigures {
  const { count, maxMs: max } = sketch;
  return { count, p50: lagAt(sketch, 0.5), p95: lagAt(sketch, 0.95), p99: lagAt(sketch, 0.99), max };
}

/** The day of an instant, in UTC: `2026-11-25`. */
export function lagDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.ceil(Math.log(ms) / Math.log(GROWTH));
}

/** The value whose relative distance to both ends of the bucket is the same. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 1 : (2 * GROWTH ** bucket) / (GROWTH + 1);
}
