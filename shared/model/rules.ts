import type { FieldName } from './field.ts';
import type { AccountId } from './ids.ts';
import type { FieldValue } from './replica.ts';

/**
 * Who wins when both sides changed a field since the base and the changes cannot be merged. `hold` keeps both values until a
 * person decides.
 */
export type Policy = 'newest' | 'a' | 'b' | 'hold';

/** When a field travels: only into an issue that we make, only into one that is there, or both. */
export type When = 'create' | 'update' | 'both';

/** What happens to a value on its way. A value of another kind than the transform works on is left as it is. */
export type Transform =
  | { readonly kind: 'prefix' | 'suffix'; readonly text: string }
  | { readonly kind: 'upper' | 'lower' | 'trim' | 'plain-text' }
  /** Cuts a text; characters, not bytes. */
  | { readonly kind: 'truncate'; readonly length: number }
  /** Of a set, only these elements, or all but these. */
  | { readonly kind: 'only' | 'without'; readonly values: readonly string[] };

/** One row of a rule document: a field that may leave, how it arrives, and how a double change of it ends. */
export interface FieldRule {
  readonly field: FieldName;
  /** The other side's field of the same kind; absent: the same name. */
  readonly target?: FieldName;
  readonly policy: Policy;
  /** Absent: `both`. */
  readonly when?: When;
  readonly transform?: Transform;
  /** What arrives when the field is empty. */
  readonly default?: Exclude<FieldValue, null>;
}

/** Names on this side → names on the other. */
export type NameTable = Readonly<Record<string, string>>;

/** The tables of a rule document: of a field whose value is a name or a set of names, and of link types. */
export type TableName = FieldName | 'linkType';

/** Which files leave. All that is given must hold; absent parts let everything through. */
export interface AttachmentRule {
  readonly maxBytes?: number;
  /** Media types such as `image/png`, or `image/*`. */
  readonly types?: readonly string[];
  /** File name patterns with `*` and `?`; a file must match one. */
  readonly names?: readonly string[];
}

/**
 * What one side lets leave, in one direction. It is an allow-list: what it does not name never leaves.
 * Each side owns the document of what it sends.
 */
export interface RuleDocument {
  readonly version: number;
  readonly fields: readonly FieldRule[];
  /** Public comments travel when true. */
  readonly comments: boolean;
  /**
   * As what a restricted comment or worklog arrives: `role:Developers`, `group:staff` or `internal` → the same on the other side,
   * or `public`. What is not named does not travel.
   */
  readonly visibility?: NameTable;
  readonly worklogs?: boolean;
  /** Files travel when there is a rule for them. */
  readonly attachments?: AttachmentRule;
  /** What is absent keeps its name. */
  readonly values: Readonly<Partial<Record<TableName, NameTable>>>;
  /** The issue type to use on the other side when it does not know the name. */
  readonly fallbackIssueType: string;
  /** People by account id; everybody else is the same account on both sites. */
  readonly people?: NameTable;
  /** Who stands in for a person who is not usable on the other site. */
  readonly fallbackPerson?: AccountId;
  /** What a transition's screen asks for, by the status that it leads to: field of the other side → value. */
  readonly transitionFields?: Readonly<Record<string, Readonly<Partial<Record<FieldName, FieldValue>>>>>;
  /**
   * What happens to a pair whose issue leaves: moved to another project, or not inside the scope any more from which this side's
   * issues come. `end`: what is open arrives, then the pair ends and both issues stay. Absent: `keep`.
   */
  readonly leaving?: 'keep' | 'end';
  /** What happens to the other issue when this side's is deleted. Absent: `keep`. */
  readonly deletion?: 'keep' | 'delete';
  /** Source text of a rule script. */
  readonly script?: string;
}
