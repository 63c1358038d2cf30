/** When somebody has to be woken because data are still there. Pure. @see SPEC.md R38, DESIGN.md §5 */
import type { Code } from '../verdict.ts';
import { PURGE_LEAD_MS } from './clocks.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Nothing of a customer may be left after this many days. @see promise E-38 */
export const HARD_DAYS = 180;
/** Days before it on which people are woken: the first with time to repair, the last with time to act by hand. @see PRIVACY-ENGINE.md §4 */
const FIRST_ALARM_DAYS = 30;
const LAST_ALARM_DAYS = 10;
/** A purge that is late by as much as it began early will not end by itself. (Ours.) */
const OVERDUE_MS = PURGE_LEAD_MS;

/**
 * Days after which somebody looks at a customer that is active and whose site has given no answer to a probe: an app that
 * is switched off, or limits for ever, are no end, and nothing must be kept for ever for it. (Ours: twice the longest month.)
 */
const UNHEARD_DAYS = 62;

/**
 * How many days a site has not been heard of, when that is long enough for somebody to look; `since` its last answer. Told in
 * the first hour of each day, so that sweeps, which come every hour, tell it once.
 */
export function unheardDays(since: number, now: number): number | undefined {
  const days = Math.floor((now - since) / DAY_MS);
  return days >= UNHEARD_DAYS && (now - since) % DAY_MS < HOUR_MS ? days : undefined;
}

/** A life that was marked and whose data are not gone. */
export interface Unfinished {
  /** Day 0. */
  readonly markedAt: number;
  /** When its live data were promised to be gone. */
  readonly dueAt: number;
}

/** What somebody has to hear, and how many days are left; nothing while everything is in time. */
export interface Alarm {
  readonly code: Extract<Code, 'deletion-overdue' | 'deletion-late' | 'deletion-last'>;
  /** Whole days until the hard stop; negative after it. */
  readonly daysLeft: number;
}

/** The alarm that is due for data that are still there. */
export function alarmOf({ markedAt, dueAt }: Unfinished, now: number): Alarm | undefined {
  const daysLeft = Math.floor((markedAt + HARD_DAYS * DAY_MS - now) / DAY_MS);
  if (now >= markedAt + (HARD_DAYS - LAST_ALARM_DAYS) * DAY_MS) return { code: 'deletion-last', daysLeft };
  if (now >= markedAt + (HARD_DAYS - FIRST_ALARM_DAYS) * DAY_MS) return { code: 'deletion-late', daysLeft };
  return now >= dueAt + OVERDUE_MS ? { code: 'deletion-overdue', daysLeft } : undefined;
}
