import type { AdfDoc } from './adf.ts';
import type { Side } from './connection.ts';
import type { Agreed } from './contract.ts';
import type { AccountId, AttachmentId, CommentId, IssueId, ValueHash, WorklogId } from './ids.ts';
import type { FieldName } from './field.ts';
import type { JiraAttachment, JiraComment, JiraIssue, JiraWorklog, Marker, Replica, Visibility } from './replica.ts';
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
  /** The app's own account, by which its files are told from people's. */
  readonly self?: AccountId;
  /** True for a service project: only there is an internal comment hidden from somebody. */
  readonly hasInternal?: boolean;
  /** Whether the site takes files, and how large ones; absent while it was not asked. */
  readonly upload?: { readonly isEnabled: boolean; readonly maxBytes: number };
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
  /** The comments were read by a call of their own: as many as the issue speaks of, or another number. */
  readonly listed?: 'alike' | 'unlike';
  /** Our markers on those comments that no trace names. */
  readonly markers: ReadonlyMap<CommentId, Marker>;
  /** Absent: not read, because no rule wants them. */
  readonly worklogs?: readonly JiraWorklog[];
  readonly worklogMarkers?: ReadonlyMap<WorklogId, Marker>;
  readonly attachments?: readonly JiraAttachment[];
  readonly abilities: Abilities;
}

/** Everything one decision needs. */
export interface SyncInput {
  readonly memory: TwinMemory;
  readonly a: SideView;
  readonly b: SideView;
  /** What each side lets leave. */
  readonly rules: { readonly a: RuleDocument; readonly b: RuleDocument };
  /** What each side may send, as agreed; looked at where things arrive. */
  readonly agreed?: Agreed;
  /** The rules as each side has written them, where the two have agreed on less: what is left out of `rules` for it is told. */
  readonly offered?: { readonly a: RuleDocument; readonly b: RuleDocument };
  /** For issues that the fields name (parent, links): an issue of that side → its twin's other issue. */
  readonly counterparts?: Readonly<Record<Side, ReadonlyMap<IssueId, IssueId>>>;
  /**
   * What leaves a side by scripts, under the names that it has on the other side: the sender's `outgoing`, then the receiver's
   * `incoming`. Absent where no script has a say; a field that is absent in it does not leave.
   */
  readonly scripted?: { readonly a?: Replica; readonly b?: Replica };
  /** What each side showed at the last settle, when it is still stored: the middle of a merge of texts. */
  readonly base?: { readonly a?: Replica; readonly b?: Replica };
  /** What was known of the files that texts show, where a decision is made again without them; else it follows from the files. */
  readonly across?: Readonly<Record<Side, Across>>;
}

/**
 * What the files that one side's texts show are on the other side. Ids are those under which documents of the side that a text comes
 * from show a file (media ids); a file that is not named here is words on the other side.
 */
export interface Across {
  /** With the id under which documents there show it. */
  readonly there: readonly (readonly [string, string])[];
  /** On their way, or not looked at yet. */
  readonly awaited: readonly string[];
  /** Files that were deleted on this side. */
  readonly gone: readonly string[];
  /** Files that documents of both sides could show at some time. */
  readonly shared: readonly string[];
}

/** Files of a side whose media ids have to be asked for, in this order; with `seeking` only until these ids are found. */
export interface MediaAsk {
  readonly side: Side;
  readonly files: readonly AttachmentId[];
  readonly seeking?: readonly string[];
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
      /** Whom it is restricted to afterwards; absent: everybody who sees the issue. */
      readonly visibility?: Visibility;
      readonly marker: Marker;
    }
  | {
      readonly kind: 'edit-comment';
      readonly issue: IssueId;
      readonly comment: CommentId;
      readonly body: AdfDoc;
      readonly visibility?: Visibility;
    }
  /** One link or remote link; `element` as `links.ts` writes it. */
  | {
      readonly kind: 'link';
      readonly issue: IssueId;
      readonly field: 'links' | 'remoteLinks';
      readonly act: 'add' | 'remove';
      readonly element: string;
    }
  /** Only an issue that the sync has made. */
  | { readonly kind: 'delete-issue'; readonly issue: IssueId }
  | { readonly kind: 'delete-comment'; readonly issue: IssueId; readonly comment: CommentId }
  | {
      readonly kind: 'add-worklog';
      readonly issue: IssueId | 'created';
      readonly work: Work;
      readonly adjust: EstimateAdjustment;
      readonly marker: Marker;
    }
  | {
      readonly kind: 'edit-worklog';
      readonly issue: IssueId;
      readonly worklog: WorklogId;
      readonly work: Work;
      readonly adjust: EstimateAdjustment;
    }
  | {
      readonly kind: 'delete-worklog';
      readonly issue: IssueId;
      readonly worklog: WorklogId;
      readonly adjust: EstimateAdjustment;
    }
  /** Brings a file of the other side over. One of `candidates` with the same bytes is taken for it instead of a second one. */
  | {
      readonly kind: 'add-attachment';
      readonly issue: IssueId | 'created';
      readonly source: JiraAttachment;
      readonly candidates: readonly AttachmentId[];
      /** The source may not travel: when no candidate is its copy, nothing is uploaded, and `attachment-restricted` says so. */
      readonly onlyFind?: boolean;
    }
  | { readonly kind: 'delete-attachment'; readonly issue: IssueId; readonly attachment: AttachmentId }
);

/** What is written of a worklog. */
export interface Work {
  readonly startedAt: number;
  readonly spentSeconds: number;
  readonly body: AdfDoc | null;
  readonly visibility?: Visibility;
}

/**
 * What logged work does to the remaining estimate: `leave` where that travels as a field of its own, because the same hours would
 * count twice; else `auto`, as for a person who logs work there.
 */
export type EstimateAdjustment = 'leave' | 'auto';

/** Something that could not be carried over, said per field, comment, worklog or file; the rest goes on. */
export interface Blocked {
  readonly side: Side;
  readonly field?: FieldName;
  readonly comment?: CommentId;
  readonly worklog?: WorklogId;
  readonly attachment?: AttachmentId;
  readonly code: Code;
}

/** The decision: what to do, in order, and what cannot be done. Data only. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly blocked: readonly Blocked[];
  /** True when status or other parts can only be planned after the created issue was read again. */
  readonly again: boolean;
  /** What has to be asked for before texts that show files can be decided; absent when nothing has. */
  readonly asks?: readonly MediaAsk[];
  /** Issues whose own pair has something to do that this one has seen; absent when there are none. */
  readonly wakes?: readonly { readonly side: Side; readonly issue: IssueId }[];
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
      readonly worklog?: WorklogId;
      readonly attachment?: AttachmentId;
      /** Of a file: SHA-256 of its bytes. */
      readonly content?: ValueHash;
      readonly refusedFields?: Readonly<Partial<Record<FieldName, Code>>>;
    }
  | { readonly ok: false; readonly code: Code; readonly refusedFields?: Readonly<Partial<Record<FieldName, Code>>> }
);

/** What a settled twin is: its next memory, and what each side holds now, for the stored copies. */
export interface Settled {
  readonly memory: TwinMemory;
  /** Absent while a text waits for its files: what is stored is the base that it will be merged on. */
  readonly copies?: { readonly a?: Replica; readonly b?: Replica };
  readonly blocked: readonly Blocked[];
  /** True when every planned step was carried out and nothing has to be planned again. */
  readonly isComplete: boolean;
}
