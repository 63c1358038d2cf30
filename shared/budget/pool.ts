/**
 * The hourly pool of points: who may take how much of it, decided over plain data. A process takes slices and spends them by itself,
 * so that the pool's record is written once per slice and not once per call.
 */
import type {
  PoolHour,
  PoolView,
  Priority,
  ShareView,
  Slice,
  SpendAsk,
  TenantUse,
  WaitReason,
} from '../model/budget.ts';
import { tenantId } from '../model/ids.ts';
import type { TenantId } from '../model/ids.ts';
import { fairLevel } from './share.ts';

/** Points per hour of an app, over all its tenants (tier 1). @see ATLASSIAN.md §6.1 */
export const APP_POINTS = 65_000;
export const HOUR_MS = 3_600_000;
/** The part of an hour that bulk leaves to people, shrinking with the hour itself. Jira's own mark of "near the limit". */
export const RESERVE_PART = 0.2;
/** Kept back for calls that return more than they promised: a list's price is known afterwards. */
export const MARGIN_PART = 0.01;

/** A first slice: two or three changes of an issue. */
const FIRST_SLICE = 30;
/** A slice of somebody who uses them up: at most this part of an hour. */
const LARGEST_PART = 1 / 128;
/** Of what is left, one slice is at most this part: the last points are not all given to the first who asks. */
const LAST_PART = 1 / 8;
/** How long a slice may lie unused. */
export const SLICE_LIFE_MS = 300_000;
/** A tenant's pace fades to a half in this time. */
const HALF_LIFE_MS = 300_000;
/** What is guessed of a tenant's needs is taken twice, so that its people do not meet the guess. */
const HEADROOM = 2;
/** Somebody who is at his fair share asks again after this: others may need less than was guessed. */
const SHARE_WAIT_MS = 300_000;
/** The least wait; shorter ones would be woken by no tick. */
const LEAST_WAIT_MS = 10_000;
/** How long an hour's record can be looked at. */
const KEEP_MS = 48 * HOUR_MS;
/** Tenants in one record: far more than a pool can serve, far less than a record can hold. */
const MAX_TENANTS = 2_000;

/** The hour's number of an instant; a pool resets at the top of each UTC hour. */
export function hourOf(now: number): number {
  return Math.floor(now / HOUR_MS);
}

/** When the hour of this instant ends. */
export function resetAfter(now: number): number {
  return (hourOf(now) + 1) * HOUR_MS;
}

/** An hour of which nothing is spent. */
export function freshHour(limit: number, now: number): PoolHour {
  const startsAt = hourOf(now) * HOUR_MS;
  return {
    limit,
    remaining: limit,
    saidAt: startsAt - 1,
    slices: {},
    tenants: {},
    removeAt: startsAt + HOUR_MS + KEEP_MS,
  };
}

/** What a process tells with its asking. */
export interface Report {
  /** Points spent of its slices since it told last, by slice. */
  readonly spent: Readonly<Record<string, number>>;
  /** Slices that it does not need any more. */
  readonly ended: readonly string[];
  /** Jira's last word to it. */
  readonly word?: PoolWord | undefined;
}

/** What an answer of Jira said of the pool. */
export interface PoolWord {
  readonly at: number;
  readonly limit: number;
  readonly remaining: number;
}

/** Enters what a process tells, and ends the slices whose time is over. */
export function settleReport(hour: PoolHour, report: Report, now: number): PoolHour {
  const slices: Record<string, Slice> = {};
  const tenants: Record<string, TenantUse> = { ...hour.tenants };
  let { remaining } = hour;
  for (const [id, slice] of Object.entries(hour.slices)) {
    const spent = report.spent[id];
    const isOver = report.ended.includes(id) || slice.until <= now;
    // Nobody knows what a process that is silent has spent: all of it, until Jira's next word says otherwise.
    remaining -= isOver && spent === undefined ? Math.max(0, slice.points - slice.spent) : (spent ?? 0);
    if (spent !== undefined && spent > 0)
      tenants[slice.tenant] = withUse(tenants[slice.tenant], slice.priority, spent, now);
    if (!isOver) slices[id] = { ...slice, spent: slice.spent + (spent ?? 0) };
  }
  const { word } = report;
  // A word that is known already says nothing of what was spent since.
  if (word === undefined || word.at <= hour.saidAt) return { ...hour, remaining, slices, tenants };
  return { ...hour, limit: word.limit, remaining: word.remaining, saidAt: word.at, slices, tenants };
}

function withUse(use: TenantUse | undefined, priority: Priority, points: number, now: number): TenantUse {
  const before = use ?? { spent: 0, bulk: 0, pace: 0, paceAt: now };
  const pace = Math.round(faded(before, now) + points);
  const bulk = before.bulk + (priority === 'bulk' ? points : 0);
  return { ...before, spent: before.spent + points, bulk, pace, paceAt: now };
}

function faded({ pace, paceAt }: TenantUse, now: number): number {
  return pace * 2 ** (-Math.max(0, now - paceAt) / HALF_LIFE_MS);
}

/** A slice, or how long to wait for one. */
export type Grant =
  | { readonly kind: 'slice'; readonly points: number; readonly until: number }
  | { readonly kind: 'wait'; readonly waitMs: number; readonly why: WaitReason };

/** Who asks for a slice. `wants`: how large it should be when there is enough. */
export interface SliceAsk extends SpendAsk {
  readonly wants: number;
}

/** Decides about one slice. The hour must be settled to `now`. */
export function grantSlice(hour: PoolHour, ask: SliceAsk, now: number): Grant {
  const resetMs = Math.max(1, resetAfter(now) - now);
  if ((hour.pausedUntil ?? 0) > now) return { kind: 'wait', waitMs: (hour.pausedUntil ?? 0) - now, why: 'paused' };
  const free = freeOf(hour);
  if (free < ask.points) return { kind: 'wait', waitMs: resetMs, why: 'pool' };
  const allowed = ask.priority === 'bulk' ? free - reserveOf(hour, now) : free;
  if (allowed < ask.points)
    return { kind: 'wait', waitMs: reserveWait(hour, ask.points - allowed, now), why: 'reserve' };
  const mine = shareOf(hour, ask.tenant, now) - usedOf(hour, ask.tenant);
  if (mine < ask.points) {
    const waitMs = Math.min(resetMs, SHARE_WAIT_MS);
    return { kind: 'wait', waitMs, why: 'share' };
  }
  const largest = Math.max(ask.points, Math.floor(Math.min(hour.limit * LARGEST_PART, free * LAST_PART)));
  const points = Math.floor(Math.min(Math.max(ask.wants, ask.points), largest, allowed, mine));
  return { kind: 'slice', points, until: Math.min(resetAfter(now), now + SLICE_LIFE_MS) };
}

/** What nobody has: without the slices that are out, and without the margin. */
export function freeOf(hour: PoolHour): number {
  const held = Object.values(hour.slices).reduce((sum, { points, spent }) => sum + Math.max(0, points - spent), 0);
  return Math.floor(hour.remaining - held - hour.limit * MARGIN_PART);
}

/** What bulk leaves to people: its part of the hour, as much of it as the hour has left. */
export function reserveOf({ limit }: PoolHour, now: number): number {
  return Math.ceil((limit * RESERVE_PART * (resetAfter(now) - now)) / HOUR_MS);
}

/** Until the reserve has shrunk by so many points, or the hour is over. */
function reserveWait({ limit }: PoolHour, points: number, now: number): number {
  const msPerPoint = HOUR_MS / (limit * RESERVE_PART);
  return Math.min(resetAfter(now) - now, Math.max(LEAST_WAIT_MS, Math.ceil((points + FIRST_SLICE) * msPerPoint)));
}

/**
 * What a tenant may have of this hour: max-min over all who have called or waited in it. The one who asks wants everything; the
 * others what they have had and will need at their present pace; those who were told to wait want everything, too.
 */
export function shareOf(hour: PoolHour, tenant: TenantId, now: number): number {
  const names = new Set([
    ...Object.keys(hour.tenants),
    ...Object.values(hour.slices).map((slice) => slice.tenant),
    tenant,
  ]);
  const good = hour.remaining + [...names].reduce((sum, name) => sum + (hour.tenants[name]?.spent ?? 0), 0);
  const wants = [...names].map((name) => (name === tenant ? Number.POSITIVE_INFINITY : wantOf(hour, name, now)));
  return Math.min(good, fairLevel(good, wants));
}

function wantOf(hour: PoolHour, name: string, now: number): number {
  const use = hour.tenants[name];
  const had = usedOf(hour, name);
  if (use === undefined) return had;
  if ((use.waitsUntil ?? 0) > now) return Number.POSITIVE_INFINITY;
  const perMs = (faded(use, now) * Math.LN2) / HALF_LIFE_MS;
  return had + HEADROOM * perMs * (resetAfter(now) - now);
}

/** What a tenant has had of the hour: spent, and held in slices. */
function usedOf(hour: PoolHour, name: string): number {
  const held = Object.values(hour.slices)
    .filter(({ tenant }) => tenant === name)
    .reduce((sum, { points, spent }) => sum + Math.max(0, points - spent), 0);
  return held + (hour.tenants[name]?.spent ?? 0);
}

/** The hour with a slice given out. */
export function withSlice(
  hour: PoolHour,
  id: string,
  ask: SliceAsk,
  grant: Grant & { readonly kind: 'slice' },
): PoolHour {
  const { tenant, priority } = ask;
  const slice: Slice = { tenant, priority, points: grant.points, spent: 0, until: grant.until };
  return { ...hour, slices: { ...hour.slices, [id]: slice }, tenants: withoutWait(hour.tenants, tenant) };
}

function withoutWait(tenants: PoolHour['tenants'], tenant: TenantId): PoolHour['tenants'] {
  const use = tenants[tenant];
  if (use?.waitingAt === undefined) return tenants;
  const { waitingAt: _at, waitsUntil: _until, waitsFor: _for, ...rest } = use;
  return { ...tenants, [tenant]: rest };
}

/** The hour with a tenant told to wait. */
export function withWait(
  hour: PoolHour,
  { tenant }: SpendAsk,
  { waitMs, why }: Pick<Grant & { readonly kind: 'wait' }, 'waitMs' | 'why'>,
  now: number,
): PoolHour {
  const before = hour.tenants[tenant] ?? { spent: 0, bulk: 0, pace: 0, paceAt: now };
  if (hour.tenants[tenant] === undefined && Object.keys(hour.tenants).length >= MAX_TENANTS) return hour;
  const waits = { waitingAt: now, waitsUntil: now + waitMs, waitsFor: why };
  return { ...hour, tenants: { ...hour.tenants, [tenant]: { ...before, ...waits } } };
}

/** The hour with all calls stopped until an instant, because Jira has refused one for its quota. */
export function withPause(hour: PoolHour, until: number): PoolHour {
  return { ...hour, pausedUntil: Math.max(hour.pausedUntil ?? 0, until) };
}

/** The hour when Jira says that less than a fifth of it is left, without a number: bulk has nothing more to take. */
export function withNear(hour: PoolHour, at: number): PoolHour {
  const remaining = Math.min(hour.remaining, reserveOf(hour, at));
  return { ...hour, remaining, saidAt: Math.max(hour.saidAt, at) };
}

/** How large the next slice should be: twice the last one when that was used up quickly, the first size otherwise. */
export function nextWants(
  last: { readonly points: number; readonly takenAt: number } | undefined,
  now: number,
): number {
  if (last === undefined) return FIRST_SLICE;
  const isQuick = now - last.takenAt < SLICE_LIFE_MS / 10;
  return isQuick ? last.points * 2 : Math.max(FIRST_SLICE, Math.floor(last.points / 2));
}

/** What people are shown of an hour. The hour must be settled to `now`. */
export function viewOf(hour: PoolHour, now: number): PoolView {
  const names = new Set([...Object.keys(hour.tenants), ...Object.values(hour.slices).map(({ tenant }) => tenant)]);
  const tenants = [...names].map((name) => shareView(hour, tenantId(name), now));
  tenants.sort((one, other) => other.spent - one.spent || (one.tenant < other.tenant ? -1 : 1));
  return {
    limit: hour.limit,
    remaining: Math.max(0, hour.remaining),
    reserve: reserveOf(hour, now),
    resetAt: resetAfter(now),
    ...(hour.saidAt >= hourOf(now) * HOUR_MS ? { saidAt: hour.saidAt } : {}),
    ...((hour.pausedUntil ?? 0) > now ? { pausedUntil: hour.pausedUntil ?? 0 } : {}),
    tenants,
  };
}

function shareView(hour: PoolHour, tenant: TenantId, now: number): ShareView {
  const use = hour.tenants[tenant];
  const spent = use?.spent ?? 0;
  const isWaiting = use?.waitsUntil !== undefined && use.waitsUntil > now;
  const why = use?.waitsFor === undefined ? {} : { waitsFor: use.waitsFor };
  const waits = isWaiting ? { waitsUntil: use.waitsUntil, ...why } : {};
  const share = Math.floor(shareOf(hour, tenant, now));
  return { tenant, spent, bulk: use?.bulk ?? 0, held: usedOf(hour, tenant) - spent, share, ...waits };
}
