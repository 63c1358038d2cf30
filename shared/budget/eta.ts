/** When a job will end, as the limits have it. */
import type { PoolView } from '../model/budget.ts';
import type { TenantId } from '../model/ids.ts';
import { HOUR_MS, MARGIN_PART, RESERVE_PART } from './pool.ts';
import { fairLevel } from './share.ts';

/** What a job still has to do. */
export interface RemainingWork {
  readonly points: number;
  /** Calls to the endpoint that it calls most. */
  readonly calls: number;
}

/** The end, or why nobody can say it. `resets`: how many times the job waits for a new hour. */
export type Eta = { readonly endsAt: number; readonly resets: number } | 'unknown';

/** Calls per second that bulk gets of one endpoint while people are about. */
const CALLS_PER_SECOND = 77;
/** A job that would take longer than this is not estimated: too much will have changed. */
const MAX_HOURS = 24 * 30;
/** A pace is judged by no less than this part of an hour. */
const LEAST_PART = 0.1;

/**
 * The estimated end of bulk work of a tenant: what it may still take of this hour, then its fair share of each following one, and never
 * faster than calls may follow one another. Honest in one direction: other people's work can make it later, nothing makes it
 * earlier but less work.
 */
export function etaOf(work: RemainingWork, view: PoolView, tenant: TenantId, now: number): Eta {
  const callsMs = Math.ceil((work.calls / CALLS_PER_SECOND) * 1_000);
  const startsAt = Math.max(now, view.pausedUntil ?? 0);
  if (work.points <= 0) return { endsAt: startsAt + callsMs, resets: 0 };
  const here = startsAt < view.resetAt ? leftHere(view, tenant) : 0;
  if (work.points <= here) {
    const doneAt = reachedAt(view, { free: freeIn(view), points: work.points, from: startsAt, until: view.resetAt });
    return { endsAt: Math.max(doneAt, startsAt + callsMs), resets: 0 };
  }
  const perHour = hourlyShare(view, tenant, now);
  const rest = work.points - here;
  const fullHours = perHour <= 0 ? MAX_HOURS : Math.ceil(rest / perHour) - 1;
  if (fullHours >= MAX_HOURS) return 'unknown';
  const firstReset = Math.max(view.resetAt, Math.floor(startsAt / HOUR_MS) * HOUR_MS);
  const from = firstReset + fullHours * HOUR_MS;
  const points = rest - fullHours * perHour;
  const doneAt = reachedAt(view, { free: usable(view.limit), points, from, until: from + HOUR_MS });
  return { endsAt: Math.max(doneAt, startsAt + callsMs), resets: fullHours + 1 };
}

function usable(limit: number): number {
  return limit * (1 - MARGIN_PART);
}

/** What nobody holds now. */
function freeIn({ limit, remaining, tenants }: PoolView): number {
  return remaining - limit * MARGIN_PART - tenants.reduce((sum, { held }) => sum + held, 0);
}

/** What the tenant may still take of this hour: its share, and no more than there is. */
function leftHere(view: PoolView, tenant: TenantId): number {
  const mine = view.tenants.find((one) => one.tenant === tenant);
  const share = mine === undefined ? view.remaining : mine.share - mine.spent - mine.held;
  return Math.max(0, Math.floor(Math.min(share, freeIn(view))));
}

/** When bulk has come to so many points: the reserve has shrunk to what is free beyond them. */
function reachedAt(
  { limit }: PoolView,
  {
    free,
    points,
    from,
    until,
  }: { readonly free: number; readonly points: number; readonly from: number; readonly until: number },
): number {
  const reserveThen = Math.max(0, free - points);
  const at = until - (reserveThen / (limit * RESERVE_PART)) * HOUR_MS;
  return Math.min(until, Math.max(from, Math.ceil(at)));
}

/** The tenant's share of an hour like this one: the others go on as they have begun, and those who wait want everything. */
function hourlyShare({ limit, resetAt, tenants }: PoolView, tenant: TenantId, now: number): number {
  const part = Math.max(LEAST_PART, 1 - (resetAt - now) / HOUR_MS);
  const others = tenants
    .filter((one) => one.tenant !== tenant)
    .map(({ spent, waitsUntil }) => (waitsUntil === undefined ? spent / part : Number.POSITIVE_INFINITY));
  return Math.floor(Math.min(usable(limit), fairLevel(usable(limit), [...others, Number.POSITIVE_INFINITY])));
}
