import type { AccountId } from './ids.ts';

/** An account id that is stored, and since when at the longest; epoch milliseconds. */
export interface AccountReport {
  readonly account: AccountId;
  readonly oldestAt: number;
}

/** What Atlassian says of reported accounts: those that were closed and those whose data have changed. */
export interface ReportAnswer {
  readonly closed: readonly AccountId[];
  readonly updated: readonly AccountId[];
  /** How often each is to be reported from now on. */
  readonly cycleMs?: number;
}
