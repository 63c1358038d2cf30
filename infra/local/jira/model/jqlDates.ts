import type { Operand } from './jqlParse.ts';
import { refuse } from './problem.ts';

const UNITS: Readonly<Record<string, number>> = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000 };
const DAY_MS = 86_400_000;

/**
 * The instant (epoch ms) that a query's value means. Sites of the stand-in live in UTC.
 * Takes `2026-11-23`, `2026-11-23 10:00`, both with slashes, `-1d 4h`, epoch milliseconds, `now()`, `startOfDay()`.
 * @throws JiraProblem 400
 */
export function instantOf(field: string, operand: Operand, now: number): number {
  if (operand.isFunction) {
    if (operand.text === 'now') return now;
    if (operand.text === 'startofday') return now - (now % DAY_MS);
    throw refuse(400, `Unable to find JQL function '${operand.written}()'.`);
  }
  const text = operand.text.trim();
  if (/^\d{10,}$/.test(text)) return Number(text);
  const absolute = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?$/.exec(text);
  if (absolute !== null) {
    const [year, month, day, hour, minute] = absolute.slice(1).map((part) => Number((part as string | undefined) ?? 0));
    return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
  }
  if (/^[-+]?(?:\d+[wdhm]\s*)+$/.test(text)) return now + relative(text);
  throw refuse(
    400,
    `Date value '${text}' for field '${field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
  );
}

function relative(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const parts = [...text.matchAll(/(\d+)([wdhm])/g)];
  return sign * parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
}
