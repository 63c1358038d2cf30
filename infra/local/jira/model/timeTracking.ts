import { badField } from './problem.ts';
import { isRecord } from './richText.ts';
import type { Value, WorkingTime } from './types.ts';

type Values = Readonly<Record<string, Value>>;

const MINUTE_S = 60;
const HOUR_S = 3_600;
const WORDS = /^(?:\d+(?:\.\d+)?\s*[wdhm](?:\s+|$))+$/;

/** Seconds of a duration in words (`1w 2d 3h 4m`; a bare number is minutes); undefined when it is none. */
export function secondsOf(text: string, working: WorkingTime): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (/^\d+$/.test(trimmed)) return Number(trimmed) * MINUTE_S;
  if (!WORDS.test(trimmed)) return undefined;
  const units = unitsOf(working);
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([wdhm])/g)];
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0));
}

/** A duration as Jira writes it: weeks, days, hours and minutes of work; nothing is `0m`. */
export function wordsOf(seconds: number, working: WorkingTime): string {
  const words: string[] = [];
  let rest = seconds;
  for (const [unit, length] of Object.entries(unitsOf(working))) {
    const amount = Math.floor(rest / length);
    if (amount > 0) words.push(`${amount}${unit}`);
    rest -= amount * length;
  }
  return words.length === 0 ? '0m' : words.join(' ');
}

function unitsOf(working: WorkingTime): Readonly<Record<string, number>> {
  const day = working.hoursPerDay * HOUR_S;
  return { w: working.daysPerWeek * day, d: day, h: HOUR_S, m: MINUTE_S };
}

/**
 * Both estimates after `timetracking` was set. What is not named stays; an empty text clears. The remaining estimate
 * follows the original while there is none and no work is logged.
 * @throws JiraProblem 400 under the names of Jira's two input fields
 */
export function estimatesAfter(working: WorkingTime, before: Values, raw: unknown): Values {
  if (!isRecord(raw)) throw badField('timetracking', 'expected Object');
  const original = estimateIn(working, raw['originalEstimate'], 'original');
  const remaining = estimateIn(working, raw['remainingEstimate'], 'remaining');
  const isUntouched = (before['timeestimate'] ?? null) === null && (before['timespent'] ?? null) === null;
  return {
    ...(original === undefined ? {} : { timeoriginalestimate: original }),
    ...(original !== undefined && remaining === undefined && isUntouched ? { timeestimate: original } : {}),
    ...(remaining === undefined ? {} : { timeestimate: remaining }),
  };
}

function estimateIn(working: WorkingTime, raw: unknown, which: 'original' | 'remaining'): number | null | undefined {
  if (raw === undefined) return undefined;
  if (raw === null || raw === '') return null;
  const seconds = typeof raw === 'string' ? secondsOf(raw, working) : undefined;
  if (seconds === undefined)
    throw badField(`timetracking_${which}estimate`, `The ${which} estimate specified is not valid.`);
  return seconds;
}
