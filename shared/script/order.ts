import type { ScriptBudget } from './budget.ts';

/** What the pool asks a worker: texts and numbers only. */
export type Order = RunOrder | CheckOrder;

export interface RunOrder {
  readonly kind: 'run';
  readonly source: string;
  readonly isOutgoing: boolean;
  /** Replica, issue, previous: JSON. */
  readonly texts: readonly [string, string, string];
  readonly budget: ScriptBudget;
}

export interface CheckOrder {
  readonly kind: 'check';
  readonly source: string;
  readonly budget: ScriptBudget;
}
