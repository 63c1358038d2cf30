import type { FieldName } from './replica.ts';

/** Who wins when both sides changed a field since the base. `hold` keeps both values until a person decides. */
export type Policy = 'newest' | 'a' | 'b' | 'hold';

/** One row of a rule document: a field that may leave, and how a double change of it ends. */
export interface FieldRule {
  readonly field: FieldName;
  readonly policy: Policy;
}

/**
 * What one side lets leave, in one direction. It is an allow-list: what it does not name never leaves.
 * Each side owns the document of what it sends.
 */
export interface RuleDocument {
  readonly version: number;
  readonly fields: readonly FieldRule[];
  /** Public comments travel when true; restricted ones never do. */
  readonly comments: boolean;
  /** Names on this side → names on the other, per field; what is absent keeps its name. */
  readonly values: {
    readonly issueType: Readonly<Record<string, string>>;
    readonly priority: Readonly<Record<string, string>>;
    readonly status: Readonly<Record<string, string>>;
  };
  /** The issue type to use on the other side when it does not know the name. */
  readonly fallbackIssueType: string;
}
