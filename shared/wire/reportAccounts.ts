/** What is said and answered when account ids are reported to Atlassian. @see ATLASSIAN.md §8 */
import { z } from 'zod';
import type { AccountId } from '../model/ids.ts';
import type { AccountReport, ReportAnswer } from '../model/people.ts';
import { read } from './jira.ts';

const DAY_MS = 86_400_000;
/** A cycle that an answer may set: a day at least, a year at most; anything else is not believed. */
const MIN_CYCLE_MS = DAY_MS;
const MAX_CYCLE_MS = 366 * DAY_MS;
/** Below this a bare number is days, from it on seconds: no cycle has so many days, and none so few seconds. */
const BARE_DAYS = 1_000;

const answer = z.object({ accounts: z.array(z.object({ accountId: z.string(), status: z.string() })) });

/** The body of a report. */
export function reportBody(accounts: readonly AccountReport[]): unknown {
  return {
    accounts: accounts.map(({ account, oldestAt }) => ({
      accountId: account,
      updatedAt: new Date(oldestAt).toISOString(),
    })),
  };
}

/** Reads an answer; of accounts that were not asked about, and of states that are not known, nothing is taken. @throws Fault `jira-answer-odd` */
export function parseReport(
  asked: readonly AccountReport[],
  {
    status,
    body,
    headers,
  }: {
    readonly status: number;
    readonly body: unknown;
    readonly headers: Readonly<Record<string, string | undefined>>;
  },
): ReportAnswer {
  const { accounts } = status === 204 ? { accounts: [] } : read('report', answer, body);
  const of = (want: string): readonly AccountId[] => {
    const named = new Set(accounts.filter((one) => one.status === want).map((one) => one.accountId));
    return asked.flatMap(({ account }) => (named.has(account) ? [account] : []));
  };
  const cycleMs = parseCycle(headers['cycle-period']);
  return { closed: of('closed'), updated: of('updated'), ...(cycleMs === undefined ? {} : { cycleMs }) };
}

/** The `Cycle-Period` header: `P7D`, days or seconds. (check: the form is documented nowhere that we found.) */
export function parseCycle(header: string | undefined): number | undefined {
  const [, duration, bare] = /^\s*(?:P(\d{1,4})D|(\d{1,9}))\s*$/.exec(header ?? '') ?? [];
  const days = Number(duration);
  const number = Number(bare);
  const ms = duration === undefined ? number * (number < BARE_DAYS ? DAY_MS : 1_000) : days * DAY_MS;
  return ms >= MIN_CYCLE_MS && ms <= MAX_CYCLE_MS ? ms : undefined;
}
