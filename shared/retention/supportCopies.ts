/** Until when a copy of a bundle may be at a support person, and when somebody is woken about it. Pure. @see SPEC.md R73, R103, R105 */

const DAY_MS = 86_400_000;
/** Days in which a support person deletes a copy whose erasure was asked for. (Ours.) */
export const CALL_BACK_DAYS = 3;

/** The times of a copy; instants in epoch milliseconds. */
export interface CopyTimes {
  readonly takenAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly calledBackAt?: number | undefined;
  readonly removeAt: number;
  readonly alarmAt?: number | undefined;
}

/** By when it has to be gone. */
export function lastInstantOf({ calledBackAt, removeAt }: Pick<CopyTimes, 'calledBackAt' | 'removeAt'>): number {
  return calledBackAt === undefined ? removeAt : Math.min(removeAt, calledBackAt + CALL_BACK_DAYS * DAY_MS);
}

/**
 * A copy with the time at which somebody is woken next: a day before its last instant, and each day from then on; none for one that is
 * deleted or was never taken. `now`: the last time that somebody was woken, or that its times changed.
 */
export function withAlarm<T extends CopyTimes>(
  copy: T,
  now: number,
): Omit<T, 'alarmAt'> & { readonly alarmAt?: number } {
  const { alarmAt: _before, ...rest } = copy;
  if (copy.takenAt === undefined || copy.endedAt !== undefined) return rest;
  return { ...rest, alarmAt: Math.max(lastInstantOf(copy) - DAY_MS, now + DAY_MS) };
}
