/** When backups are made and when they are gone. Pure. @see SPEC.md B3–B5 */
import { setId } from '../model/ids.ts';
import type { SetId } from '../model/ids.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * A set begins each 20 hours: with an hourly tick and three hours to make it, the newest whole set never shows a state that is older
 * than 24 hours. @see THREATS.md G8 (RPO)
 */
export const PERIOD_MS = 20 * HOUR_MS;
/** The newest whole set must not be older than this. @see THREATS.md G8 */
export const RPO_MS = 24 * HOUR_MS;
/** Days after its beginning by which a set is gone; settings may only shorten it. @see the issue: rotation ≤ 28 days */
export const BACKUP_DAYS = 28;

/** The set that an instant belongs to: all ticks of one period mean the same one. */
export function setAt(now: number): SetId {
  return setId(`b-${stamp(Math.floor(now / PERIOD_MS) * PERIOD_MS)}`);
}

/** When a set's time begins, by its name: also what nobody has registered has an age. */
export function timeOfSet(set: SetId): number {
  const [, year = '', month = '', day = '', hour = '', minute = ''] =
    /^b-(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})$/.exec(set) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
}

/** When a set has to be gone. */
export function expiryOf(beganAt: number, days: number): number {
  return beganAt + Math.min(days, BACKUP_DAYS) * DAY_MS;
}

/**
 * Is a set that lies at the place past its day? One that the register does not know counts from its name, with the longest time that
 * any may have.
 */
export function isPastItsDay(set: SetId, expiresAt: number | undefined, now: number): boolean {
  return now >= (expiresAt ?? expiryOf(timeOfSet(set), BACKUP_DAYS));
}

function stamp(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
}
