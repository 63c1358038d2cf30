import { otherSide } from '../model/connection.ts';
import type { Side } from '../model/connection.ts';
import type { SyncInput } from '../model/plan.ts';
import type { CommentTrace } from '../model/twin.ts';
import { bothSides } from './view.ts';

/** What was known of a pair when it was last settled: the sites' own stamps, and when they were read. */
export interface Stamps {
  readonly aUpdatedAt?: number;
  readonly bUpdatedAt?: number;
  readonly readAt?: number;
}

/** A site may answer from a copy that lags behind; none lags as long as this. */
const STALE_MS = 600_000;

/**
 * The side whose site was restored from a backup: it shows an issue with an older last change than it showed long ago. An issue's
 * `updated` never goes back by itself, and a restored issue raises no event.
 */
export function restoredSide(stamps: Stamps, input: SyncInput, now: number): Side | undefined {
  const { readAt } = stamps;
  if (readAt === undefined || now - readAt <= STALE_MS) return undefined;
  return bothSides.find((side) => {
    const stamp = side === 'a' ? stamps.aUpdatedAt : stamps.bUpdatedAt;
    const { issue } = input[side];
    return stamp !== undefined && typeof issue === 'object' && issue.updatedAt < stamp;
  });
}

/**
 * What stays known of comments after a side was restored: which matches which. Texts meet anew, and the later edit counts. What the
 * restored side has lost counts as a copy that is missing, so that the other side's text stays.
 */
export function afterRestore(traces: readonly CommentTrace[], restored: Side): readonly CommentTrace[] {
  return traces.map(({ a, b }) => ({
    origin: otherSide(restored),
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
  }));
}
