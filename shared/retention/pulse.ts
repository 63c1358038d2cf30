/** When the sweep is overdue, and which part of its slow search is due. Pure. @see SPEC.md R94–R98 */
import { createHash } from 'node:crypto';
import type { Owner } from '../model/ids.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Sweeps come each hour; three that are missed in a row are no hiccup. (Ours.) */
export const SWEEP_OVERDUE_MS = 3 * HOUR_MS + HOUR_MS / 2;
/**
 * A search through all lives begins three times a day: a purge begins 12 hours ahead of its due day and takes three ticks, so that one
 * which only the search can begin is done on its day as well.
 */
const SEARCH_EVERY_MS = 7 * HOUR_MS + HOUR_MS / 2;
/** An install writes the ledger first and its record moments later; a restore takes hours. (Ours.) */
const SETTLED_MS = 2 * DAY_MS;
/** Days in which each purged life is looked for once in every category. */
const DEEP_DAYS = 7;

/** Whole hours since a sweep last ended, or since somebody watches over a house that never had one; nothing while that is in time. */
export function overdueHours(
  { sweptAt, watchedSince }: { readonly sweptAt?: number; readonly watchedSince?: number },
  now: number,
): number | undefined {
  const since = sweptAt ?? watchedSince;
  return since === undefined || now < since + SWEEP_OVERDUE_MS ? undefined : Math.floor((now - since) / HOUR_MS);
}

/** Is a search under way, or is it time for the next? */
export function isSearchDue(
  { cursor, soughtAt }: { readonly cursor?: string; readonly soughtAt?: number },
  now: number,
): boolean {
  return cursor !== undefined || soughtAt === undefined || now >= soughtAt + SEARCH_EVERY_MS;
}

/** Is the newest word on a life old enough that its record must be there by now? */
export function isSettled(at: number, now: number): boolean {
  return now >= at + SETTLED_MS;
}

/** Is this the day on which a purged life is looked for everywhere? Lives are spread over the days by their names. */
export function isDeepDay(owner: Owner, now: number): boolean {
  const own = createHash('sha256').update(owner).digest().readUInt32BE(0);
  return (own + Math.floor(now / DAY_MS)) % DEEP_DAYS === 0;
}
