import type { AdfDoc } from './adf.ts';
import type { CustomField, FieldName } from './field.ts';
import type { AccountId, AttachmentId, CommentId, IssueId, IssueKey, ProjectKey, WorklogId } from './ids.ts';

/** A field's value; `null` is an empty field. What it means depends on the kind: see `field.ts`. */
export type FieldValue = string | number | AdfDoc | readonly string[] | null;

/**
 * The fields of an issue that a side may share. `null` is an empty field; an absent one is not shared or not readable.
 * Values are names, not ids, because ids differ between sites; people are account ids, which do not. Issues (parent, links) are ids
 * of the replica's own site.
 */
export interface Replica {
  readonly summary?: string;
  readonly description?: AdfDoc | null;
  readonly environment?: AdfDoc | null;
  readonly issueType?: string;
  readonly parent?: IssueId | null;
  readonly priority?: string | null;
  /** A set: sorted, without repeats; so are all lists below but a cascade. */
  readonly labels?: readonly string[];
  readonly components?: readonly string[];
  readonly fixVersions?: readonly string[];
  readonly affectsVersions?: readonly string[];
  readonly status?: string;
  readonly resolution?: string | null;
  readonly assignee?: AccountId | null;
  readonly reporter?: AccountId | null;
  /** `2026-11-25` */
  readonly dueDate?: string | null;
  /** Whole seconds. */
  readonly originalEstimate?: number | null;
  readonly remainingEstimate?: number | null;
  /** The name of the sprint that is open or planned. */
  readonly sprint?: string | null;
  /** Each as `linkElement` of `links.ts` writes it. */
  readonly links?: readonly string[];
  readonly remoteLinks?: readonly string[];
  readonly [custom: CustomField]: FieldValue | undefined;
}

/** An issue as one site shows it to the app. Instants are epoch milliseconds. */
export interface JiraIssue {
  readonly id: IssueId;
  readonly key: IssueKey;
  readonly projectKey: ProjectKey;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly fields: Replica;
  /** When each field last changed, from the changelog; absent when the changelog does not tell. */
  readonly changedAt: Readonly<Partial<Record<FieldName, number>>>;
  /** The fields whose last change was made by an app or an automation, as far as the changelog tells. */
  readonly changedByApp?: readonly FieldName[];
  /** When an app or an automation last changed each field, as far as the changelog tells. */
  readonly appChangedAt?: Readonly<Partial<Record<FieldName, number>>>;
  /** Elements of sets that came in last by a person's hand, as far as the changelog tells. */
  readonly putByPeople?: Readonly<Partial<Record<FieldName, readonly string[]>>>;
  /** True for a sub-task: its type name exists on the other side only as a sub-task type. */
  readonly isSubtask: boolean;
  /** Our own mark, when the sync made this issue. */
  readonly marker?: Marker;
}

/** Who may read a comment or worklog: members of a role or a group, or (JSM) the agents only. */
export interface Visibility {
  readonly type: 'role' | 'group' | 'internal';
  /** The role's or group's name; empty for `internal`. */
  readonly name: string;
}

/** A comment as one site shows it to the app. */
export interface JiraComment {
  readonly id: CommentId;
  readonly author: AccountId | null;
  /** The site says that its author is a person: no copy of ours, because apps write under accounts of their own. */
  readonly isByPerson?: true;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Who wrote it last, when the site says so: a copy's author is us. */
  readonly editor?: AccountId;
  /** `null`: the comment has no body. */
  readonly body: AdfDoc | null;
  /** True when a role, a group or JSM keeps it from some readers; it leaves only when a rule says as what. */
  readonly isRestricted: boolean;
  /** Whom it is restricted to, when that can be told. */
  readonly visibility?: Visibility;
}

/** Time that somebody worked on an issue. */
export interface JiraWorklog {
  readonly id: WorklogId;
  readonly author: AccountId | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** As with comments. */
  readonly editor?: AccountId;
  readonly startedAt: number;
  readonly spentSeconds: number;
  readonly body: AdfDoc | null;
  readonly isRestricted: boolean;
  /** As with comments; never `internal`. */
  readonly visibility?: Visibility;
}

/** A file at an issue, without its bytes. It never changes. */
export interface JiraAttachment {
  readonly id: AttachmentId;
  readonly author: AccountId | null;
  readonly createdAt: number;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** The id under which documents of the same site show the file; absent while it was not asked for, `null` when the site does not tell. */
  readonly media?: string | null;
  /** True when it belongs to a comment that is restricted. */
  readonly isRestricted: boolean;
}

/** The mark that we leave in every thing we create, so that it is found again before it is created twice. */
export interface Marker {
  readonly twin: string;
  /** For comments and worklogs: the side and id of the thing that this one copies. */
  readonly origin?: 'a' | 'b';
  readonly source?: string;
}

/** How many people watch an issue, and how many voted for it; what the site does not tell is absent. Shown, never stored. */
export interface Audience {
  readonly watchers?: number;
  readonly votes?: number;
}
