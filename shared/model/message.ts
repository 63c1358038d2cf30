import type { ConnectionId, IssueId, TwinId, WishId } from './ids.ts';
import type { RunHow } from './drift.ts';
import type { JobKind } from './job.ts';
import type { MailingMessage, NewsMessage, Notice, OptIn } from './notice.ts';
import type { ReportAsk, TicketErasure } from './report.ts';
import type { TenantRef } from './tenant.ts';
import type { Floor } from './twin.ts';

/** Messages carry ids, kinds and times only; never content, names or secrets. Instants are epoch milliseconds. */
export type Message =
  | IssueChange
  | SyncJob
  | TenantChange
  | PurgeJob
  | BackupJob
  | Notice
  | OptIn
  | MailingMessage
  | NewsMessage
  | ReportAsk
  | TicketErasure;

/** `issue-changes`: something happened to an issue of a tenant. A hint: the issue is read afresh. */
export interface IssueChange extends TenantRef {
  readonly kind: 'issue-change';
  readonly issue: IssueId;
  readonly what: 'created' | 'updated' | 'deleted' | 'comment';
  /** When the site says it happened. */
  readonly eventAt: number;
  readonly receivedAt: number;
  /** What reading the issue must show at least, when the site tells. */
  readonly told?: Floor;
  /** The site says that a write of ours has caused it. */
  readonly echoOf?: WriteTrace;
}

/** What our writes carry along and a site's announcement brings back: for which twin, and in which turn of work on it. */
export interface WriteTrace {
  readonly twin: TwinId;
  /** The token of the lease under which it was written. */
  readonly turn: string;
}

/** `sync-jobs`: work that must not delay people's edits. */
export type SyncJob =
  | {
      readonly kind: 'sync-twin';
      readonly connection: ConnectionId;
      readonly twin: TwinId;
      readonly askedAt: number;
      /** A person asks although nothing changed: what sites refused is tried again. */
      readonly isAfresh?: true;
    }
  /** The next slice of bulk work. */
  | {
      readonly kind: 'run-job';
      readonly connection: ConnectionId;
      readonly job: JobKind;
      readonly run: string;
      readonly askedAt: number;
    }
  /** Ends a pair; `isForced`: without carrying out what is still under way. */
  | {
      readonly kind: 'unlink-twin';
      readonly connection: ConnectionId;
      readonly twin: TwinId;
      readonly askedAt: number;
      readonly isForced?: true;
    }
  | ({
      readonly kind: 'bring-under-sync';
      readonly connection: ConnectionId;
      readonly issue: IssueId;
      readonly askedAt: number;
      /** A job asks, and no person waits: people's work goes first. */
      readonly isBulk?: true;
    } & TenantRef)
  /** What an issue without a twin waited for is tried again. */
  | {
      readonly kind: 'try-wish';
      readonly connection: ConnectionId;
      readonly wish: WishId;
      readonly askedAt: number;
    }
  | {
      readonly kind: 'reconcile';
      readonly connection: ConnectionId;
      readonly since: number;
      /** With `how` the name of the run: the same ask goes on with the same run. */
      readonly askedAt: number;
      /** Absent: `asked`. */
      readonly how?: RunHow;
    }
  | { readonly kind: 'wake'; readonly askedAt: number };

/** `tenant-lifecycle`: a tenant came, left or came back. */
export interface TenantChange extends TenantRef {
  readonly kind: 'tenant-change';
  readonly what: 'installed' | 'returned' | 'marked';
  readonly at: number;
  /** With `returned`: since when changes have to be caught up. */
  readonly since?: number;
}

/** `purge-jobs`: the sweep's tick, and the probe and the purge of one tenant generation. */
export type PurgeJob =
  | {
      readonly kind: 'sweep';
      readonly askedAt: number;
      /** Where the sweep before this one had to stop; absent at a tick. */
      readonly after?: string;
    }
  | ({ readonly kind: 'purge-tenant'; readonly askedAt: number } & TenantRef)
  /** Looks through everything of a tenant for account ids, or goes on with it. */
  | ({ readonly kind: 'walk-people'; readonly askedAt: number } & TenantRef)
  /** Reports the account ids that are due. */
  | { readonly kind: 'report-people'; readonly askedAt: number }
  /** Asks the tenant's site about our installation; `isHint`: something speaks for an answer that is not known yet. */
  | ({ readonly kind: 'probe-tenant'; readonly askedAt: number; readonly isHint?: true } & TenantRef);

/** `backup-jobs`: the tick, and the rest of a backup that was begun. */
export interface BackupJob {
  readonly kind: 'backup';
  readonly askedAt: number;
}

/** Which topic takes which messages. */
export interface Topics {
  readonly 'issue-changes': IssueChange;
  readonly 'sync-jobs': SyncJob;
  readonly 'tenant-lifecycle': TenantChange;
  readonly 'purge-jobs': PurgeJob;
  readonly 'backup-jobs': BackupJob;
  readonly notices: Notice | OptIn | MailingMessage | NewsMessage | ReportAsk | TicketErasure;
}

export type Topic = keyof Topics;
