import type { Adf, Visibility } from './types.ts';

/** Time that somebody spent on an issue; never changed in place. Instants are epoch ms. */
export interface Worklog {
  readonly id: string;
  readonly issueId: string;
  readonly authorId: string;
  readonly updateAuthorId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly startedAt: number;
  readonly spentSeconds: number;
  readonly comment: Adf | null;
  readonly visibility: Visibility | null;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** All that is left of a worklog: its id and when it went. */
export interface GoneWorklog {
  readonly id: string;
  readonly at: number;
}

/** A file of an issue; never changed. Its bytes are the server's business. */
export interface Attachment {
  readonly id: string;
  readonly issueId: string;
  /**
   * What documents call the file: `attrs.id` of a media node. No operation of Jira's tells it; it stands in the path of
   * the address that `attachment/content/{id}` redirects to [inf].
   */
  readonly mediaId: string;
  readonly authorId: string;
  readonly createdAt: number;
  readonly filename: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** Where the server keeps the bytes; null for a file of a dump, which has none: its bytes are made up from its id. */
  readonly fileId: string | null;
  /** Hex; null for bytes that are made up. */
  readonly sha256: string | null;
}

/** Whether files may be attached on a site, and the largest one. */
export interface AttachmentSettings {
  readonly enabled: boolean;
  readonly uploadLimit: number;
}

/** A kind of link: "A {outward} B", "B {inward} A". */
export interface LinkType {
  readonly id: string;
  readonly name: string;
  readonly inward: string;
  readonly outward: string;
}

/** A link between two issues of one site: the source {outward} the destination. */
export interface IssueLink {
  readonly id: string;
  readonly typeId: string;
  /** "A blocks B": A. REST calls it the inward issue. */
  readonly sourceId: string;
  /** "A blocks B": B. REST calls it the outward issue. */
  readonly destinationId: string;
}

/** A link to something outside, as its maker described it. */
export interface RemoteLink {
  readonly id: string;
  readonly issueId: string;
  readonly globalId: string | null;
  readonly application: Readonly<Record<string, unknown>>;
  readonly relationship: string | null;
  readonly object: Readonly<Record<string, unknown>>;
}
