import type { AdfDoc } from './adf.ts';
import type { Side } from './connection.ts';
import type { AccountId, CommentId, IssueId } from './ids.ts';
import type { FieldName } from './field.ts';
import type { JiraComment, JiraIssue, Marker, Replica } from './replica.ts';
import type { RuleDocument } from './rules.ts';
import type { TwinMemory } from './twin.ts';
import type { Code } from '../verdict.ts';

/** What one side's project can take, as the site itself says. Names, not ids; the shell knows the ids. */
export interface Abilities {
  readonly issueTypes: readonly { readonly name: string; readonly isSubtask: boolean }[];
  /**
   * What the site knows of a field with a list of values; a cascade's as JSON of the option and the option beneath it. A field that
   * is absent takes any value.
   */
  readonly options: Readonly<Partial<Record<FieldName, readonly string[]>>>;
  /** Types of links, each by its name. */
  readonly linkTypes?: readonly string[];
  /** Fields that the create screen takes. */
  readonly creatable: readonly FieldName[];
  /** Fields that the edit screen takes; empty while the issue does not exist. */
  readonly editable: readonly FieldName[];
  /** Transitions that the issue offers from its present status; empty while it does not exist. */
  readonly transitions: readonly Way[];
  /** Moves of the workflow as far as they are known, `from` → `to`, beside those that are offered now. */
  readonly workflow?: readonly { readonly from: string; readonly to: string }[];
  /** Of the people that either issue names: who is active and may be assigned or named as reporter here. */
  readonly usable: ReadonlySet<AccountId>;
}

/** One transition that an issue offers. */
export interface Way {
  readonly id: string;
  readonly to: string;
  /** Fields of its screen, and those among them that it asks for. */
  readonly fields?: readonly FieldName[];
  readonly required?: readonly FieldName[];
}

/** One side as it was just read. `absent`: no issue was ever made there; `gone`: there was one. */
export interface SideView {
  readonly issue: JiraIssue | 'absent' | 'gone';
  readonly comments: readonly JiraComment[];
  /** Our markers on those comments that no trace names. */
  readonly markers: ReadonlyMap<CommentId, Marker>;
  readonly abilities: Abilities;
}

/** Everything one decision needs. */
export interface SyncInput {
  readonly memory: TwinMemory;
  readonly a: SideView;
  readonly b: SideView;
  /** What each side lets leave. */
  readonly rules: { readonly a: RuleDocument; readonly b: RuleDocument };
  /** For issues that the fields name (parent, links): an issue of that side → its twin's other issue. */
  readonly counterparts?: Readonly<Record<Side, ReadonlyMap<IssueId, IssueId>>>;
  /** What each side showed at the last settle, when it is still stored: the middle of a merge of texts. */
  readonly base?: { readonly a?: Replica; readonly b?: Replica };
}

/** One act on one site. `key` is the idempotency key: the same decision always has the same key. */
export type Step = { readonly key: string; readonly side: Side } & (
  | { readonly kind: 'create-issue'; readonly fields: Replica; readonly marker: Marker }
  | { readonly kind: 'edit-issue'; readonly issue: IssueId; readonly fields: Replica }
  | {
      readonly kind: 'transition';
      readonly issue: IssueId;
      readonly transition: string;
      readonly to: string;
      readonly fields?: Replica;
    }
  | {
      readonly kind: 'add-comment';
      readonly issue: IssueId | 'created';
      readonly body: AdfDoc;
      readonly marker: Marker;
    }
  | { readonly kind: 'edit-comment'; readonly issue: IssueId; readonly comment: CommentId; readonly body: AdfDoc }
  /** One link or remote link; `element` as `links.ts` writes it. */
  | {
      readonly kind: 'link';
      readonly issue: IssueId;
      readonly field: 'links' | 'remoteLinks';
      readonly act: 'add' | 'remove';
      readonly element: string;
    }
  | { readonly kind: 'delete-comment'; readonly issue: IssueId; readonly comment: CommentId }
);

/** Something that could not be carried over, said per field or per comment; the rest goes on. */
export interface Blocked {
  readonly side: Side;
  readonly field?: FieldName;
  readonly comment?: CommentId;
  readonly code: Code;
}

/** The decision: what to do, in order, and what cannot be done. Data only. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
  /** True when status or other parts can only be planned after the created issue was read again. */
  readonly again: boolean;
}

/**
 * How one step ended. Steps that were not reached, or whose end is not known, have no result. `found`: the thing was there
 * already, found by its marker and not written now, so its content is that of an earlier moment. After a `create-issue` that was
 * found, the rest of the plan is not carried out: it was made for an issue without comments, and this one may have them.
 */
export type StepResult = { readonly key: string } & (
  | {
      readonly ok: true;
      readonly found?: boolean;
      readonly issue?: IssueId;
      readonly comment?: CommentId;
      readonly refusedFields?: Readonly<Partial<Record<FieldName, Code>>>;
    }
  | { readonly ok: false; readonly code: Code; readonly refusedFields?: Readonly<Partial<Record<FieldName, Code>>> }
);

/** What a settled twin is: its next memory, and what each side holds now, for the stored copies. */
export interface Settled {
  readonly memory: TwinMemory;
  readonly copies: { readonly a?: Replica; readonly b?: Replica };
  readonly blocked: readonly Blocked[];
  /** True when every planned step was carried out and nothing has to be planned again. */
  readonly isComplete: boolean;
}
