import type { Side } from './connection.ts';
import type { ConnectionId, IssueId, IssueKey } from './ids.ts';
import type { Plan, SyncInput } from './plan.ts';
import type { RuleDocument } from './rules.ts';
import type { Code } from '../verdict.ts';

/** Which issue to look at as the sync would, and which rules to take instead of those that rule. */
export interface PairAsk {
  readonly connection: ConnectionId;
  /** The side whose issue is named. */
  readonly side: Side;
  readonly issue: IssueId | IssueKey;
  readonly rules: Readonly<Partial<Record<Side, RuleDocument>>>;
}

/** What the sync would see and plan; or why it would not look at the issue. */
export type PairLook =
  | { readonly input: SyncInput; readonly plan: Plan; readonly issue: IssueId }
  | { readonly code: Code };
