/** What is due of a tenant at an instant. Pure; settings may only shorten what the catalogue says. @see SPEC.md R10–R13, DESIGN.md §5 */
import type { Tenancy } from '../model/tenant.ts';
import { categories, COPY_DAYS, LIVE_DAYS, rowOf } from './catalogue.ts';
import type { Catalogue, Category, OwnedCategory } from './catalogue.ts';
import { isOwned } from './address.ts';
import { REQUEST_DAYS } from './tenancy.ts';

/** The configured days after the mark. */
export interface RetentionDays {
  readonly liveDays: number;
  readonly copyDays: number;
}

/** What has to go now: single categories, or the tenant as a whole. */
export interface Due {
  /** Categories whose own days after the mark have passed while the tenant as such stays. */
  readonly categories: readonly OwnedCategory[];
  readonly purge: boolean;
}

const DAY_MS = 86_400_000;

/**
 * How long before its due day a purge begins: the due day is when everything must be gone, and a purge waits for three
 * ticks of an hour and may have to try again. (Ours.)
 */
export const PURGE_LEAD_MS = 12 * 3_600_000;

/**
 * How long before its due day the purge of a customer's own request begins: a day after the confirmation, in which it can
 * be taken back, and two days for the purge. (Ours; promise E-40 has 72 hours for all of it.)
 */
export const REQUEST_LEAD_MS = 48 * 3_600_000;
/** Days after a request by which offline backups are gone, too. @see promise E-40 */
export const REQUEST_GONE_DAYS = 35;

const nothing: Due = { categories: [], purge: false };

/** What is due. A tenant that is active has nothing due, whatever its dates say; one that is being purged is due as a whole. */
export function dueOf(tenancy: Tenancy, now: number, days: RetentionDays): Due {
  if (tenancy.state === 'purging') return { categories: [], purge: true };
  if (tenancy.state !== 'marked' || tenancy.markedAt === undefined) return nothing;
  const { markedAt } = tenancy;
  if (now >= purgeBeginsAt(tenancy, days)) return { categories: [], purge: true };
  return {
    categories: categories.filter(isOwned).filter((category) => {
      const own = markDaysOf(category, days);
      return own < liveDaysOf(days) && now >= markedAt + own * DAY_MS;
    }),
    purge: false,
  };
}

/** Days after the mark by which a category must be gone: never more than its row says. */
export function markDaysOf(category: OwnedCategory, days: RetentionDays): number {
  const { retention, database } = rowOf(category);
  // Names are needed by nobody once the customer has left. @see SPEC.md R45
  if (database === 'identity') return 0;
  const written = retention.starts === 'mark' ? retention.days : LIVE_DAYS;
  return written <= COPY_DAYS
    ? Math.min(written, days.copyDays, liveDaysOf(days))
    : Math.min(written, liveDaysOf(days));
}

/** When the purge of a marked tenant begins: until then the mark can be lifted. Without a mark, never. */
export function purgeBeginsAt({ markedAt, dueAt, evidence }: Tenancy, days: Pick<RetentionDays, 'liveDays'>): number {
  if (markedAt === undefined) return Infinity;
  const latest = Math.min(dueAt ?? Infinity, markedAt + liveDaysOf(days) * DAY_MS);
  return latest - (evidence === 'requested' ? REQUEST_LEAD_MS : PURGE_LEAD_MS);
}

/** When the live data of a request that is made now are gone. */
export function goneByAfterRequest(now: number, days: Pick<RetentionDays, 'liveDays'>): number {
  return now + Math.min(REQUEST_DAYS, days.liveDays) * DAY_MS;
}

function liveDaysOf(days: Pick<RetentionDays, 'liveDays'>): number {
  return Math.min(days.liveDays, LIVE_DAYS);
}

/** Categories whose records carry the instant of their own end in the field `until`. */
export type OwnClockCategory = {
  [C in Category]: Catalogue[C]['retention'] extends { readonly starts: 'own' } ? C : never;
}[Category];
