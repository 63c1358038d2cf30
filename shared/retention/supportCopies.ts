/** Until when a copy of a bundle may be at a support person, and when somebody is woken about it. Pure. @see SPEC.md R73, R103, R105 */

const DAY_MS = 86_400_000;
/** Days in which a support person deletes a copy whose erasure was asked for. (Ours.) */
export const CALL_BACK_DAYS = 3;

/** What a copy's times are made of; instants in epoch milliseconds. */
export interface CopyTimes {
  readonly takenAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly calledBackAt?: number | undefined;
  readonly removeAt: number;
}

/** By when it has to be gone. */
export function lastInstantOf({ calledBackAt, removeAt }: Pick<CopyTimes, 'calledBackAt' | 'removeAt'>): number {
  return calledBackAt === undefined ? removeAt : Math.min(removeAt, calledBackAt + CALL_BACK_DAYS * DAY_MS);
}

/**
 * When somebody is woken next: a day before the last instant, and each day from then on; never about one that is deleted or was never
 * taken. `now`: the last time that somebody was.
 */
export function copyAlarmAfter(times: CopyTimes, now: number): number | undefined {
  if (times.takenAt === undefined || times.endedAt !== undefined) return undefined;
  return Math.max(lastInstantOf(times) - DAY_MS, now + DAY_MS);
}
