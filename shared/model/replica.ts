import type { AdfDoc } from './adf.ts';
import type { AccountId, CommentId, IssueId, IssueKey, ProjectKey } from './ids.ts';

/**
 * The fields of an issue that a side may share. `null` is an empty field; an absent one is not shared or not readable.
 * Values are names, not ids, because ids differ between sites; people are account ids, which do not.
 */
export interface Replica {
  readonly summary?: string;
  readonly description?: AdfDoc | null;
  readonly issueType?: string;
  readonly priority?: string | null;
  /** A set: sorted, without repeats. */
  readonly labels?: readonly string[];
  readonly status?: string;
  readonly assignee?: AccountId | null;
  readonly reporter?: AccountId | null;
}

export type FieldName = keyof Replica;

/** Every field kind, in the order in which plans name them. */
export const fieldNames = [
  'summary',
  'description',
  'issueType',
  'priority',
  'labels',
  'status',
  'assignee',
  'reporter',
] as const satisfies readonly FieldName[];

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
  /** True for a sub-task: its type name exists on the other side only as a sub-task type. */
  readonly isSubtask: boolean;
  /** Our own mark, when the sync made this issue. */
  readonly marker?: Marker;
}

/** A comment as one site shows it to the app. */
export interface JiraComment {
  readonly id: CommentId;
  readonly author: AccountId | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** `null`: the comment has no body. */
  readonly body: AdfDoc | null;
  /** True when a role, a group or JSM keeps it from some readers; such a comment never leaves. */
  readonly isRestricted: boolean;
}

/** The mark that we leave in every thing we create, so that it is found again before it is created twice. */
export interface Marker {
  readonly twin: string;
  /** For comments: the side and id of the comment that this one copies. */
  readonly origin?: 'a' | 'b';
  readonly source?: string;
}
