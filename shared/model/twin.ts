import type { AttachmentId, CommentId, IssueId, TwinId, ConnectionId, ValueHash, WorklogId } from './ids.ts';
import type { Side } from './connection.ts';
import type { SystemField } from './field.ts';
import type { Code } from '../verdict.ts';

/**
 * What was last seen of one field on each side when the twin was settled: hashes of canonical values.
 * A side changed when its value's hash differs from its own trace; the two may differ from one another,
 * for example when the other site cannot hold the value. A side whose hash is absent while the other's is there has a value that
 * never travelled, and counts as changed.
 */
export interface FieldTrace {
  readonly a?: ValueHash;
  readonly b?: ValueHash;
  /** Sets only: the hashes of the elements on each side. */
  readonly aParts?: readonly ValueHash[];
  readonly bParts?: readonly ValueHash[];
  /** Sets only: the elements that the sync added on that side; only these may be removed by it. */
  readonly aAdded?: readonly ValueHash[];
  readonly bAdded?: readonly ValueHash[];
  /** This side's value has still to travel, whatever the other shows: we created the other issue without it. */
  readonly pending?: Side;
  /** What we may have written there: the act was begun and its end is not known. Met again, it is an echo and no change. */
  readonly aSent?: ValueHash;
  readonly bSent?: ValueHash;
  /** The attempt that the site refused; the same attempt is not made again. */
  readonly tried?: ValueHash;
  /** Why the last value could not be carried over, when it could not. */
  readonly blocked?: Code;
  /**
   * A person's answer to a field that waits, and the values it was about: with others it does not count. `ignore`: what both sides
   * show becomes the base without travelling.
   */
  readonly resolved?: { readonly pick: Side | 'both' | 'ignore'; readonly a?: ValueHash; readonly b?: ValueHash };
  /** How often in a row the value came back from the other side without a person in between, and from where last. */
  readonly flips?: number;
  readonly lastFrom?: Side;
  /** Texts only: media ids of files that either side's text shows and the other side's cannot; it travels again when one can. */
  readonly lacks?: readonly string[];
}

/** What was restored from a backup: one side's site, or our own store. */
export type Restored = Side | 'store';

/** Which note (a comment, a worklog) matches which, and what was last seen of each. */
export interface NoteTrace<Id extends string> {
  /** The side on which a person wrote it. */
  readonly origin: Side;
  readonly a?: Id;
  readonly b?: Id;
  readonly aHash?: ValueHash;
  readonly bHash?: ValueHash;
  /** To whom it was restricted when it was last seen; absent where everybody could read it. */
  readonly aFor?: ValueHash;
  readonly bFor?: ValueHash;
  /** As with fields: what we may have written there, and the attempt that the site refused. */
  readonly aSent?: ValueHash;
  readonly bSent?: ValueHash;
  readonly tried?: ValueHash;
  /** Why it is not carried over, or no longer. */
  readonly blocked?: Code;
  /** The pair has begun anew since, and neither text was looked at: what had been restored. */
  readonly anew?: Restored;
  /** As with fields. */
  readonly lacks?: readonly string[];
}

export type CommentTrace = NoteTrace<CommentId>;
export type WorklogTrace = NoteTrace<WorklogId>;

/**
 * Which file matches which. A file never changes, so nothing else has to be remembered to tell a change. One that was deleted while
 * texts show it is remembered by its media ids alone.
 */
export interface FileTrace {
  /** The side on which a person attached it. */
  readonly origin: Side;
  readonly a?: AttachmentId;
  readonly b?: AttachmentId;
  /** The media ids under which documents of each site show it, as far as they were needed; empty when the site does not tell. */
  readonly aMedia?: string;
  readonly bMedia?: string;
  /** SHA-256 of the bytes that went over. */
  readonly content?: ValueHash;
  /** True when a person attached the other one, too: it is the same file, but not ours to delete. */
  readonly isForeign?: boolean;
  /** How often it was to be brought over without a known end while a text that shows it waited. */
  readonly begun?: number;
  readonly tried?: ValueHash;
  readonly blocked?: Code;
  /** As with notes. */
  readonly anew?: Restored;
}

/** Traces by lane: the field's name, or `a>b` when the two sides' fields have different names. */
export type FieldTraces = Readonly<Partial<Record<SystemField, FieldTrace>> & Record<string, FieldTrace>>;

/**
 * How two issues that were not made by the sync begin: whose different values travel, `newest`, `hold` (ask a person), or `baseline`
 * (what each shows now is the base, and nothing travels until it changes).
 */
export type Start = 'baseline' | 'newest' | 'hold' | Side;

/** What the engine knows of a twin between two settles. */
export interface TwinMemory {
  readonly twin: TwinId;
  readonly connection: ConnectionId;
  readonly originSide: Side;
  readonly a?: IssueId;
  readonly b?: IssueId;
  readonly fields: FieldTraces;
  readonly comments: readonly CommentTrace[];
  /** Absent: none. */
  readonly worklogs?: readonly WorklogTrace[];
  readonly files?: readonly FileTrace[];
  /** The side whose site has told that its issue was deleted; the first one. */
  readonly deletedOn?: Side;
  /** Set when two existing issues were connected; absent for an issue that we make. */
  readonly start?: Start;
}

/** The least that an issue must show: its own last change, and the last one of any of its comments. Epoch milliseconds, the site's. */
export interface Floor {
  readonly updatedAt?: number;
  readonly saidAt?: number;
  readonly made?: Made;
}

/** What we have made at an issue, by its ids: a reading that lags does not show it. */
export interface Made {
  readonly comments?: readonly CommentId[];
  readonly worklogs?: readonly WorklogId[];
  readonly attachments?: readonly AttachmentId[];
}

/** What a site has told of, or was asked to do, and what nobody has read there yet; believed until then. */
export interface Awaited {
  readonly until: number;
  readonly a?: Floor;
  readonly b?: Floor;
}

/** The right to work on one twin, for a limited time. Instants are epoch milliseconds. */
export interface Lease {
  readonly token: string;
  readonly until: number;
}
