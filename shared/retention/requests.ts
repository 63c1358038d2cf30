/** The clock of what a person asks for about its own data. Pure. @see SPEC.md R53–R56, PROMISES.md X-34, GDPR 12(3) */

const DAY_MS = 86_400_000;

/** A request is acknowledged within so long, and done within so long. @see PROMISES.md X-34 */
export const ACKNOWLEDGE_MS = 3 * DAY_MS;
export const DONE_MS = 30 * DAY_MS;
/** How long before its last day an open request is alarmed about, each day anew. */
export const ALARM_LEAD_MS = 5 * DAY_MS;
/** How long it can be shown that a request was done; whose it was is forgotten when an erasure is. */
export const REQUEST_DAYS = 396;
/** Walks after which an erasure ends although the site still names the person: it comes back with each sync. */
export const MAX_WALKS = 3;

/** What a request's times are made of. */
export interface RequestTimes {
  readonly askedAt: number;
  readonly acknowledgedAt?: number | undefined;
  readonly doneAt?: number | undefined;
}

/** By when it has to be acknowledged and done. */
export function deadlinesOf(askedAt: number): { readonly acknowledgeBy: number; readonly dueAt: number } {
  return { acknowledgeBy: askedAt + ACKNOWLEDGE_MS, dueAt: askedAt + DONE_MS };
}

/** When somebody is woken next; never for one that is done. `now`: the last time that somebody was. */
export function alarmAfter({ askedAt, acknowledgedAt, doneAt }: RequestTimes, now: number): number | undefined {
  if (doneAt !== undefined) return undefined;
  const { acknowledgeBy, dueAt } = deadlinesOf(askedAt);
  const first = acknowledgedAt === undefined ? acknowledgeBy - DAY_MS : dueAt - ALARM_LEAD_MS;
  return Math.max(first, now + DAY_MS);
}
