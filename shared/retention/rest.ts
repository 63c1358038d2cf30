/** Since when a tenant's syncs rest, and what the rest of the house has to hear when that changes. Pure. @see SPEC.md R26 */
import type { TenancyState } from '../model/tenant.ts';

/** What of a tenant's record decides whether its syncs run. */
export interface Standing {
  readonly state: TenancyState;
  readonly enabled: boolean;
  readonly licensed: boolean;
  readonly markedAt?: number;
}

/** Since when the syncs rest, and a change that was written and perhaps not yet told. */
export interface Rest {
  readonly restsSince?: number;
  readonly untold?: 'installed' | 'returned' | 'marked';
  readonly untoldSince?: number;
}

/** Do the syncs of a tenant run? */
export function isAtWork({ state, enabled, licensed }: Standing): boolean {
  return state === 'active' && enabled && licensed;
}

/**
 * The rest after a change of state or flags. A tenant that may rest for several reasons at once (a mark, a lapsed licence,
 * a disabled app) is caught up since the first of them, when the last one is gone.
 */
export function restAfter(before: Standing & Rest, after: Standing, at: number): Rest {
  return { ...restsSince(before, after, at), ...noteAfter(before, after) };
}

function restsSince(before: Standing & Rest, after: Standing, at: number): Rest {
  if (isAtWork(after)) return {};
  if (before.restsSince !== undefined) return { restsSince: before.restsSince };
  // Day 0 of a mark may be earlier than the day on which it was set.
  const since = isAtWork(before) ? Math.min(at, after.markedAt ?? at) : (before.markedAt ?? at);
  return { restsSince: since };
}

function noteAfter(before: Standing & Rest, after: Standing): Rest {
  const { untold, untoldSince } = before;
  const since = untoldSince === undefined ? {} : { untoldSince };
  if (after.state === 'marked' && before.state === 'active') return { untold: 'marked', ...since };
  const isBack = after.state === 'active' && before.state === 'marked';
  if (isBack || (isAtWork(after) && !isAtWork(before))) return { untold: 'returned', ...earliest(before) };
  return untold === undefined ? {} : { untold, ...since };
}

function earliest({ restsSince: rested, untoldSince, markedAt }: Standing & Rest): Rest {
  const since = Math.min(rested ?? Infinity, untoldSince ?? Infinity, markedAt ?? Infinity);
  return Number.isFinite(since) ? { untoldSince: since } : {};
}
