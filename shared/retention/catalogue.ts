/**
 * Every kind of data that Twinline stores: what, whose, why, for how long, and how it goes. The store takes its paths
 * and its fields from here and refuses the rest; the purge, the verification, the README's table and (later) the public
 * statement are made from it. New stored data starts with a row here.
 */
import type {
  CaseId,
  AccountId,
  ConnectionId,
  Owner,
  TenantId,
  TwinId,
  IssueId,
  AttachmentId,
  CommentId,
  WorklogId,
  ValueHash,
  KeyName,
  ReceiptId,
  OperatorId,
} from '../model/ids.ts';
import { waitReasons } from '../model/budget.ts';
import { jobEnds, jobKinds, jobStates } from '../model/job.ts';
import { reportStates } from '../model/report.ts';
import { noticeKinds, noticeStates } from '../model/notice.ts';
import { caseKinds, registers } from '../model/case.ts';
import { holdBases, holdRoles, holdStates } from '../model/hold.ts';
import { authorities, grantStates, purposes, trailActs } from '../model/staff.ts';
import { troubleParts } from '../model/trouble.ts';
import type { Code } from '../verdict.ts';
import { driftWhys, runHows, runStages } from '../model/drift.ts';
import {
  account,
  choice,
  count,
  flag,
  instant,
  laneTable,
  maybe,
  rows,
  sealedField,
  shape,
  table,
  text,
  texts,
} from './fields.ts';
import type { Fields, RowOf } from './fields.ts';

/** The statement's class of data. `system` is ours alone and of no customer. */
export type Statement =
  | 'account'
  | 'operation'
  | 'customer-uploaded'
  | 'session'
  | 'support'
  | 'identity'
  | 'evidence'
  | 'system';

/** `identity`: names of people; no backup, no version reads, gone within a day. */
export type Database = '(default)' | 'vault' | 'ledger' | 'identity';

/**
 * When a record must be gone. `mark`: days after the deletion mark. `own`: days after it was written (or, of a job,
 * finished); its field `until` holds the instant. `never`: kept.
 */
export type Retention =
  | { readonly starts: 'mark'; readonly days: number; readonly why: string }
  | { readonly starts: 'own'; readonly days: number; readonly until: string; readonly why: string }
  | { readonly starts: 'never'; readonly why: string };

/** One category of the catalogue. */
export interface Row {
  readonly statement: Statement;
  readonly database: Database;
  /** Path template: collection names and `{id}` parts in turn. */
  readonly path: string;
  /** Whose it is. Records of a `tenant` or a `connection` carry `owners`. */
  readonly owner: 'tenant' | 'connection' | 'system' | 'nobody';
  readonly purpose: string;
  readonly fields: Fields;
  readonly retention: Retention;
  readonly inExport: boolean;
  readonly inSupportBundle: boolean;
  /** `delete`: with the purge of any owner. `keep`: holds nothing of a tenant. */
  readonly purge: 'delete' | 'keep';
}

/** Days after the mark by which live data are gone. @see DESIGN.md §5, promise E-38 (hard limit 180) */
export const LIVE_DAYS = 120;
/** Days after the mark by which issue copies are gone. @see DESIGN.md §5, promise E-22 */
export const COPY_DAYS = 30;
/** Days for which it can be looked up what a reconcile has found. @see the issue: drift report */
export const REPORT_DAYS = 30;
/** Days after its beginning for which the register knows of a backup: as long as live data may take, so that no receipt comes too late. */
export const REGISTER_DAYS = 120;
/** Days for which an issue waits to come under sync while its site cannot be asked. (Ours: as long as a queue could keep its message.) */
export const WISH_DAYS = 30;
/** Days after which a fetched bundle has to be deleted. @see PROMISES.md E-30 */
export const SUPPORT_COPY_DAYS = 30;
/** Hours for which an invitation can be accepted. @see THREATS.md T07 */
export const INVITATION_HOURS = 72;
/** Minutes in which a deletion that was asked for can be confirmed. (Ours: long enough to find the site's name, short enough to be meant.) */
export const CONFIRM_MINUTES = 15;

/** Days for which it can be looked up what staff did: 13 months. @see DESIGN.md §4 (audit trail) */
export const TRAIL_DAYS = 396;

/** Days for which a part of a customer's data may be held, each time that two persons say so. @see PROMISES.md X-23 */
export const HOLD_DAYS = 90;

/** Days for which registers are kept: three years, in which claims can be made. (Ours.) */
export const CASE_DAYS = 1_096;

const untilPurge = { starts: 'mark', days: LIVE_DAYS, why: 'needed while the tenant may come back' } as const;
const owners = texts<Owner>();
/** How many things of a job ended how. */
const jobCounts = {
  made: count(),
  connected: count(),
  done: count(),
  already: count(),
  outside: count(),
  refused: count(),
};
/** What an issue must show at least, see Floor of the model. */
const floor = shape({
  updatedAt: maybe(instant('customer')),
  saidAt: maybe(instant('customer')),
  made: maybe(
    shape({
      comments: maybe(texts<CommentId>()),
      worklogs: maybe(texts<WorklogId>()),
      attachments: maybe(texts<AttachmentId>()),
    }),
  ),
});

const tenantRef = { tenant: text<TenantId>(), generation: count() };

/** Which comment or worklog matches which. */
const noteTrace = <Id extends CommentId | WorklogId>() => ({
  origin: choice('a', 'b'),
  a: maybe(text<Id>('customer')),
  b: maybe(text<Id>('customer')),
  aHash: maybe(text<ValueHash>('customer')),
  bHash: maybe(text<ValueHash>('customer')),
  /** Hashes of the names of the role or group that may read it. */
  aFor: maybe(text<ValueHash>('customer')),
  bFor: maybe(text<ValueHash>('customer')),
  aSent: maybe(text<ValueHash>('customer')),
  bSent: maybe(text<ValueHash>('customer')),
  tried: maybe(text<ValueHash>('customer')),
  blocked: maybe(text<Code>()),
  anew: maybe(choice('a', 'b', 'store')),
  lacks: maybe(texts('customer')),
});

export const catalogue = {
  tenant: {
    statement: 'account',
    database: '(default)',
    path: 'tenants/{tenant}',
    owner: 'tenant',
    purpose: 'licence checks, contract administration and talking to the customer’s site',
    fields: {
      owners,
      generation: count(),
      state: choice('active', 'marked', 'purging', 'purged'),
      enabled: flag(),
      licensed: flag(),
      door: choice('connect', 'forge'),
      addonKey: text('platform'),
      productType: text('platform'),
      clientKey: text('platform', 'indirect'),
      baseUrl: text('platform', 'indirect'),
      serviceEntitlementNumber: maybe(text('platform', 'indirect')),
      oauthClientId: maybe(text('platform', 'indirect')),
      cloudId: maybe(text('platform', 'indirect')),
      sharedSecret: maybe(sealedField('platform', 'secret')),
      previousSecret: maybe(sealedField('platform', 'secret')),
      previousSecretUntil: maybe(instant()),
      /** When the site last brought a new secret: an uninstall that was signed before that is over. */
      secretAt: maybe(instant()),
      installedAt: instant(),
      markedAt: maybe(instant()),
      evidence: maybe(choice('uninstalled', 'licence-ended', 'probes-failed', 'requested', 'lost')),
      dueAt: maybe(instant()),
      /** The ledger's entry that this record shows: the ledger leads, and a record never goes back behind its entry. */
      ledgerNumber: maybe(count()),
      /** Since when nothing syncs, for whatever reason: changes since then are caught up when the last reason is gone. */
      restsSince: maybe(instant()),
      /** A change of the tenant's life that was written and perhaps not yet published, and since when to catch up. */
      untold: maybe(choice('installed', 'returned', 'marked')),
      untoldSince: maybe(instant()),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  door: {
    statement: 'account',
    database: '(default)',
    path: 'doors/{door}',
    owner: 'tenant',
    purpose: 'finds the tenant of a verified token',
    fields: { owners, ...tenantRef },
    retention: untilPurge,
    inExport: false,
    inSupportBundle: false,
    purge: 'delete',
  },
  contact: {
    statement: 'account',
    database: '(default)',
    path: 'tenants/{tenant}/contacts/{generation}',
    owner: 'tenant',
    purpose: 'the mail address to which notices about the contract and the deletion of data go',
    fields: {
      owners,
      address: sealedField('admin', 'direct'),
      source: choice('atlassian', 'admin'),
      since: instant(),
      /** The admin who set it. */
      by: maybe(account()),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  licence: {
    statement: 'operation',
    database: '(default)',
    path: 'tenants/{tenant}/licences/{generation}',
    owner: 'tenant',
    purpose:
      'the licence as the site last told it, and since when it tells that it ended, or tells nothing; no history',
    fields: {
      owners,
      /** Absent: the site has said nothing of a licence. */
      active: maybe(flag()),
      evaluation: maybe(flag()),
      supportEntitlementNumber: maybe(text('platform', 'indirect')),
      /** When the site last answered, and when it is asked next. */
      answeredAt: maybe(instant()),
      nextAt: instant(),
      /** The ledger's entry under which the following was seen: after another one it is no evidence. */
      entry: count(),
      /** Answers in a row that told an inactive licence, and the first of them. */
      lapsed: count(),
      lapsedSince: maybe(instant()),
      /** Probes in a row that found nobody, and the first of them. */
      failed: count(),
      failingSince: maybe(instant()),
      lease: maybe(shape({ token: text(), until: instant() })),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  deletion: {
    statement: 'account',
    database: '(default)',
    path: 'tenants/{tenant}/deletions/{generation}',
    owner: 'tenant',
    purpose: 'a request to delete early: who asked, confirmed or took it back, and when; the ticket of an operator’s',
    fields: {
      owners,
      state: choice('asked', 'confirmed', 'withdrawn'),
      askedAt: instant(),
      confirmedAt: maybe(instant()),
      withdrawnAt: maybe(instant()),
      /** The admin who did the last of these; absent: an operator. */
      by: maybe(account()),
      /** Hash of the code that confirms, and how long it is good. */
      code: maybe(text('ours', 'secret')),
      codeUntil: maybe(instant()),
      /** Of an operator's: where the request is documented, and how it was checked that whoever asked may ask. */
      ticket: maybe(text('ours')),
      authority: maybe(choice(...authorities)),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  consent: {
    statement: 'account',
    database: '(default)',
    path: 'tenants/{tenant}/consents/{consent}',
    owner: 'tenant',
    purpose: 'who of a customer wants news by mail: since when, and how that is known',
    fields: {
      owners,
      address: sealedField('admin', 'direct'),
      source: choice('double-opt-in', 'in-person'),
      askedAt: instant(),
      /** When the owner of the address confirmed it, or an operator recorded it; absent: nobody did yet. */
      liveSince: maybe(instant()),
      /** When a wish that nobody confirms is gone. */
      expiresAt: maybe(instant()),
      /** The admin who entered the address. */
      by: maybe(account()),
      /** Who recorded what was said in person. */
      operator: maybe(text('ours', 'indirect')),
      /** The last mailing that went there. */
      lastMailing: maybe(text()),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  notice: {
    statement: 'account',
    database: '(default)',
    path: 'tenants/{tenant}/notices/{notice}',
    owner: 'tenant',
    purpose:
      'which notices were sent to the contact and when, so that each goes once; says plainly when one was not sent',
    fields: {
      owners,
      what: choice(...noticeKinds),
      state: choice(...noticeStates),
      at: instant(),
      /** Times that somebody set out to send it. */
      tries: count(),
      /** When it is tried again, as long as it waits. */
      wakeAt: maybe(instant()),
      /** The due day that it told. */
      dueAt: maybe(instant()),
      /** Through which connection the partner came or went. */
      connection: maybe(text<ConnectionId>()),
      /** Which party of the register changes. */
      party: maybe(text()),
      /** Which incident of the register it tells of. */
      case: maybe(text<CaseId>()),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  report: {
    statement: 'support',
    database: '(default)',
    path: 'tenants/{tenant}/reports/{report}',
    owner: 'tenant',
    purpose: 'a problem that an admin reports to support: the words, in whose name, and how its ticket stands',
    fields: {
      owners,
      state: choice(...reportStates),
      /** The admin who was shown it, and agreed. */
      by: account(),
      /** As the person's own site tells it. */
      address: sealedField('platform', 'direct'),
      message: sealedField('admin', 'freeText'),
      /** Over all that was shown. */
      hash: text(),
      shownAt: instant(),
      agreedAt: maybe(instant()),
      tries: count(),
      /** When it is tried, or looked at, next. */
      wakeAt: maybe(instant()),
      /** Its key at the desk. */
      ticket: maybe(text()),
      closedAt: maybe(instant()),
      removeAt: maybe(instant()),
    },
    retention: {
      starts: 'own',
      days: 30,
      until: 'removeAt',
      why: 'counted from the day on which the ticket is closed',
    },
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  bundle: {
    statement: 'support',
    database: '(default)',
    path: 'tenants/{tenant}/reports/{report}/bundles/{bundle}',
    owner: 'tenant',
    purpose: 'what support may look at for a report, exactly as it was shown to the person; stays in the region',
    fields: { owners, content: sealedField('ours', 'freeText'), removeAt: maybe(instant()) },
    retention: { starts: 'own', days: 30, until: 'removeAt', why: 'goes with its report' },
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  supportCopy: {
    statement: 'system',
    database: '(default)',
    path: 'supportCopies/{copy}',
    owner: 'system',
    purpose:
      'the register of bundles that support persons have fetched: who, for which ticket, and by when the copy is gone',
    fields: {
      report: text(),
      ticket: text(),
      by: text<OperatorId>(),
      linkedAt: instant(),
      /** How long the link is good. */
      until: instant(),
      takenAt: maybe(instant()),
      /** When it was said that the copy is deleted. */
      endedAt: maybe(instant()),
      /** When the erasure of what it holds was asked for: it has to go within days from then. */
      calledBackAt: maybe(instant()),
      /** When somebody is woken, unless it is deleted by then. */
      alarmAt: maybe(instant()),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: SUPPORT_COPY_DAYS, until: 'removeAt', why: 'the last day of the copy itself' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  ticket: {
    statement: 'system',
    database: '(default)',
    path: 'tickets/{report}',
    owner: 'system',
    purpose: 'a ticket that the desk has to erase, and when it did; outlives the customer’s own records',
    fields: {
      key: text(),
      state: choice('erasing', 'erased'),
      tries: count(),
      wakeAt: maybe(instant()),
      erasedAt: maybe(instant()),
      removeAt: maybe(instant()),
    },
    retention: {
      starts: 'own',
      days: 30,
      until: 'removeAt',
      why: 'shows that the ticket is gone until the receipt was fetched',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  half: {
    statement: 'customer-uploaded',
    database: '(default)',
    path: 'tenants/{tenant}/halves/{half}',
    owner: 'tenant',
    purpose: 'a side’s own part of a connection: name, project, scope',
    fields: {
      owners,
      connection: text<ConnectionId>(),
      side: choice('a', 'b'),
      state: choice('pending', 'active', 'paused', 'ended', 'partner-left'),
      settings: sealedField('admin', 'freeText'),
      /** The version that rules. */
      rulesVersion: count(),
      /** The last number that a version got; absent: the active one's. */
      rulesLast: maybe(count()),
      /** The version that waits for the partner's yes. */
      rulesWaiting: maybe(count()),
      createdAt: instant(),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  rules: {
    statement: 'customer-uploaded',
    database: '(default)',
    path: 'tenants/{tenant}/halves/{half}/rules/{version}',
    owner: 'tenant',
    purpose: 'what a side lets leave, in versions: drafts, the active one and older ones, who made them and when',
    fields: {
      owners,
      version: count(),
      document: sealedField('admin', 'freeText'),
      createdAt: instant(),
      /** Absent: published, as the first version of a half is. */
      stage: maybe(choice('draft', 'checked', 'waiting', 'published', 'withdrawn')),
      /** Changes with every edit; absent: never edited. */
      revision: maybe(count()),
      /** The version that was active when this one was begun. */
      basedOn: maybe(count()),
      /** The older version whose content this one has. */
      restoredFrom: maybe(count()),
      /** Its way so far. Of the partner's steps no person is named. */
      steps: maybe(
        rows({
          step: choice(
            ...(['drafted', 'edited', 'checked', 'failed', 'published'] as const),
            ...(['asked', 'agreed', 'declined', 'recalled', 'withdrawn'] as const),
          ),
          at: instant(),
          by: maybe(account()),
        }),
      ),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  answer: {
    statement: 'customer-uploaded',
    database: '(default)',
    path: 'tenants/{tenant}/halves/{half}/answers/{answer}',
    owner: 'tenant',
    purpose: 'who agreed to what the partner asked for, or declined it, and when',
    fields: {
      owners,
      /** The partner's version that it was about, as the person saw it. */
      version: count(),
      revision: count(),
      answer: choice('agreed', 'declined'),
      at: instant(),
      by: account(),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  intervention: {
    statement: 'evidence',
    database: '(default)',
    path: 'tenants/{tenant}/halves/{half}/interventions/{intervention}',
    owner: 'tenant',
    purpose: 'who answered a conflict, let a change be, asked for another try, or paused a pair, and when',
    fields: {
      owners,
      twin: text<TwinId>(),
      /** The lane; absent: the whole pair. */
      field: maybe(text('admin')),
      act: choice('a', 'b', 'both', 'edit', 'ignore', 'retry', 'pause', 'resume'),
      at: instant(),
      by: account(),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: 396, until: 'removeAt', why: 'answers questions about the year before' },
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  invitation: {
    statement: 'customer-uploaded',
    database: '(default)',
    path: 'invitations/{code}',
    owner: 'tenant',
    purpose: 'an open invitation, under the hash of its code',
    fields: { owners, connection: text<ConnectionId>(), ...tenantRef, expiresAt: instant() },
    retention: { starts: 'own', days: INVITATION_HOURS / 24, until: 'expiresAt', why: 'single use, expires' },
    inExport: false,
    inSupportBundle: false,
    purge: 'delete',
  },
  connection: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}',
    owner: 'connection',
    purpose: 'the agreed link between two sides',
    fields: {
      owners,
      a: shape(tenantRef),
      b: shape(tenantRef),
      state: choice('pending', 'active', 'paused', 'ended', 'partner-left'),
      activatedAt: instant(),
      /** When the last pause began: a resume looks again at what changed since. */
      pausedAt: maybe(instant()),
      /** What each side may send, as agreed. */
      aContract: maybe(sealedField('admin', 'freeText')),
      bContract: maybe(sealedField('admin', 'freeText')),
      /** Changes up to here are known to have been looked at by the reconcile job. */
      watermarkAt: instant(),
      /** When the next reconcile of what changed is due, and the next one of everything. */
      reconcileAt: maybe(instant()),
      fullAt: maybe(instant()),
      /** Other rules count since then, and no run has begun that brings them to every pair. */
      rulesDueAt: maybe(instant()),
      /** How often; absent: the product's own periods. */
      lightEveryMs: maybe(count()),
      fullEveryMs: maybe(count()),
      /** Since when a side's project is known to be archived. */
      archived: maybe(shape({ a: maybe(instant()), b: maybe(instant()) })),
      /** A site, or our own store, was restored from a backup: nothing syncs until an admin has said which side counts. */
      restored: maybe(
        shape({ side: choice('a', 'b', 'store'), at: instant(), keep: maybe(choice('a', 'b', 'newest', 'hold')) }),
      ),
      /** Our own store was restored then: before an issue is made, one that carries its mark is looked for. */
      storeRestoredAt: maybe(instant()),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  link: {
    statement: 'operation',
    database: '(default)',
    path: 'tenants/{tenant}/issues/{issue}/links/{connection}',
    owner: 'connection',
    purpose: 'leads from an issue to its twins',
    fields: { owners, twin: text<TwinId>(), connection: text<ConnectionId>(), issue: text<IssueId>('customer') },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  apart: {
    statement: 'operation',
    database: '(default)',
    path: 'tenants/{tenant}/issues/{issue}/apart/{connection}',
    owner: 'connection',
    purpose: 'says that people took an issue out of the sync, so that no trigger brings it in again',
    fields: { owners, connection: text<ConnectionId>(), at: instant() },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  wish: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/wishes/{wish}',
    owner: 'connection',
    purpose: 'an issue that may come under sync and whose site could not be asked yet: its id, and when to ask again',
    fields: {
      owners,
      connection: text<ConnectionId>(),
      /** Whose issue it is; in a connection inside one site, the first side. */
      side: choice('a', 'b'),
      issue: text<IssueId>('customer'),
      /** Told as made, and told as changed. */
      isNew: flag(),
      isChanged: flag(),
      /** Asked for by its id, and by whom. */
      asked: maybe(choice('person', 'job')),
      /** Of the first change for which somebody waits. */
      eventAt: maybe(instant()),
      wakeAt: instant(),
      attempts: count(),
      error: shape({ code: text<Code>(), at: instant(), since: instant() }),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: WISH_DAYS, until: 'removeAt', why: 'a site that is away may come back' },
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  job: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/jobs/{job}',
    owner: 'connection',
    purpose:
      'bulk work on the pairs of a connection: what was asked for, how far it is, which issues it was refused for',
    fields: {
      owners,
      connection: text<ConnectionId>(),
      kind: choice(...jobKinds),
      /** Tells this run from the one before. */
      run: text(),
      /** The side that asked. */
      side: choice('a', 'b'),
      isDryRun: flag(),
      onlyErrors: maybe(flag()),
      isForced: maybe(flag()),
      isAgain: maybe(flag()),
      /** The query, the field to match by, and how pairs begin. */
      ask: maybe(sealedField('admin', 'freeText')),
      state: choice(...jobStates),
      /** Where a pause began. */
      before: maybe(choice('counting', 'running')),
      /** Records of a list that was handed in. */
      parts: maybe(count()),
      /** Where the next page begins; absent at the start. */
      cursor: maybe(text()),
      /** The last page was read. */
      isRead: maybe(flag()),
      /** What is being done, stored before it is. */
      chunk: maybe(
        rows({
          issue: maybe(text<IssueId>('customer')),
          twin: maybe(text<TwinId>()),
          part: maybe(count()),
          line: maybe(count()),
          a: maybe(text<IssueId>('customer')),
          b: maybe(text<IssueId>('customer')),
          originSide: maybe(choice('a', 'b')),
        }),
      ),
      counts: shape(jobCounts),
      /** What the count before the work has said. */
      planned: maybe(shape(jobCounts)),
      total: maybe(count()),
      failures: rows({
        issue: maybe(text<IssueId>('customer')),
        twin: maybe(text<TwinId>()),
        line: maybe(count()),
        code: text<Code>(),
      }),
      /** All failures, those beyond the list too. */
      failed: count(),
      /** A site wants to be left alone until then. */
      waits: maybe(shape({ code: text<Code>(), until: instant() })),
      lease: maybe(shape({ token: text(), until: instant() })),
      /** When the tick has to wake it. */
      wakeAt: maybe(instant()),
      etaAt: maybe(instant()),
      startedAt: instant(),
      endedAt: maybe(instant()),
      removeAt: maybe(instant()),
    },
    retention: { starts: 'own', days: 30, until: 'removeAt', why: 'shows how bulk work ended while people still ask' },
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  jobPart: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/jobs/{job}/parts/{part}',
    owner: 'connection',
    purpose: 'a part of a list of pairs that was handed in: keys or ids of issues, and how each line ended',
    fields: {
      owners,
      rows: rows({
        line: count(),
        a: text('customer'),
        b: text('customer'),
        twin: maybe(text<TwinId>()),
        end: maybe(choice(...jobEnds)),
        code: maybe(text<Code>()),
      }),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: 60, until: 'removeAt', why: 'goes with its job at the latest' },
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  twin: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/twins/{twin}',
    owner: 'connection',
    purpose: 'keeps a pair of issues in step: ids, hashes, lease',
    fields: {
      owners,
      connection: text<ConnectionId>(),
      twin: text<TwinId>(),
      originSide: choice('a', 'b'),
      a: maybe(text<IssueId>('customer')),
      b: maybe(text<IssueId>('customer')),
      /** Set before the other issue is created and cleared when its id is recorded. */
      creatingAt: maybe(instant()),
      lease: maybe(shape({ token: text(), until: instant() })),
      dirty: flag(),
      /** What the holder of the lease has written was announced meanwhile. */
      isEchoed: maybe(flag()),
      /** The last turn of work whose writes were read back: what announces them brings nothing new. */
      wroteBy: maybe(text()),
      /** When the tick has to wake this twin: a parked one at its time, a leased one when its lease has run out. */
      wakeAt: maybe(instant()),
      attempts: count(),
      error: maybe(shape({ code: text<Code>(), at: instant(), since: maybe(instant()) })),
      /** What could not be carried over when it was last settled, each cause once. */
      troubles: maybe(
        rows({
          code: text<Code>(),
          side: maybe(choice('a', 'b')),
          field: maybe(text('admin')),
          part: maybe(choice(...troubleParts)),
          count: count(),
          since: instant(),
          at: instant(),
        }),
      ),
      /** When the tick has to look whether a cause outside the two issues is gone. */
      lookAt: maybe(instant()),
      /** A person says that the causes are gone: refused attempts are made again. */
      retryAt: maybe(instant()),
      /** A person has paused this twin. */
      pausedAt: maybe(instant()),
      /** Of the change that is being carried over, for the lag. */
      eventAt: maybe(instant()),
      settledAt: maybe(instant()),
      /** When both issues were read for the last settle: what was told before is contained in it. */
      readAt: maybe(instant()),
      fields: laneTable({
        a: maybe(text<ValueHash>('customer')),
        b: maybe(text<ValueHash>('customer')),
        aParts: maybe(texts<ValueHash>('customer')),
        bParts: maybe(texts<ValueHash>('customer')),
        aAdded: maybe(texts<ValueHash>('customer')),
        bAdded: maybe(texts<ValueHash>('customer')),
        pending: maybe(choice('a', 'b')),
        aSent: maybe(text<ValueHash>('customer')),
        bSent: maybe(text<ValueHash>('customer')),
        tried: maybe(text<ValueHash>('customer')),
        blocked: maybe(text<Code>()),
        /** A person's answer to a field that waits, and the values that it was about. */
        resolved: maybe(
          shape({
            pick: choice('a', 'b', 'both', 'ignore'),
            a: maybe(text<ValueHash>('customer')),
            b: maybe(text<ValueHash>('customer')),
          }),
        ),
        flips: maybe(count()),
        lastFrom: maybe(choice('a', 'b')),
        lacks: maybe(texts('customer')),
      }),
      /** Which decision was the last about each lane. */
      decided: maybe(laneTable({ in: text() })),
      /** How two issues that were connected begin; absent when we made the other one. */
      start: maybe(choice('baseline', 'newest', 'hold', 'a', 'b')),
      /** When a look last found both sides equal under the rules. */
      verifiedAt: maybe(instant()),
      /** The versions of both sides' rules under which it was last settled. */
      ruledBy: maybe(shape({ a: count(), b: count() })),
      /** The sites' own stamps of the issues as they were last settled: what shows them still has not changed. */
      aUpdatedAt: maybe(instant('customer')),
      bUpdatedAt: maybe(instant('customer')),
      /** The last change of any comment, as it was last settled. */
      aSaidAt: maybe(instant('customer')),
      bSaidAt: maybe(instant('customer')),
      /** What the sites have told of, or we have written, and no reading has shown yet. */
      awaits: maybe(
        shape({
          until: instant(),
          a: maybe(floor),
          b: maybe(floor),
        }),
      ),
      /** The reconcile run that has asked for the work, until it is done. */
      run: maybe(text()),
      /** The side whose site has told that its issue was deleted, the first one; not readable is no evidence. */
      deletedOn: maybe(choice('a', 'b')),
      /** When the pair came under sync. */
      since: maybe(instant()),
      /** When the issue from which it began was first seen inside its side's scope; what was never inside cannot leave. */
      insideAt: maybe(instant()),
      /** Somebody has asked that the pair ends: since when, and whether it waits for what is under way. */
      ending: maybe(shape({ at: instant(), isForced: flag() })),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  trace: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/twins/{twin}/traces/{shard}',
    owner: 'connection',
    purpose: 'which comment matches which: ids and hashes',
    fields: {
      owners,
      rows: rows(noteTrace<CommentId>()),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  worklogTrace: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/twins/{twin}/worklogTraces/{shard}',
    owner: 'connection',
    purpose: 'which worklog matches which: ids and hashes',
    fields: {
      owners,
      rows: rows(noteTrace<WorklogId>()),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  fileTrace: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/twins/{twin}/fileTraces/{shard}',
    owner: 'connection',
    purpose: 'which attachment matches which: ids and a hash; never a name or a byte of it',
    fields: {
      owners,
      rows: rows({
        origin: choice('a', 'b'),
        a: maybe(text<AttachmentId>('customer')),
        b: maybe(text<AttachmentId>('customer')),
        aMedia: maybe(text('customer')),
        bMedia: maybe(text('customer')),
        content: maybe(text<ValueHash>('customer')),
        isForeign: maybe(flag()),
        begun: maybe(count()),
        tried: maybe(text<ValueHash>('customer')),
        blocked: maybe(text<Code>()),
        anew: maybe(choice('a', 'b', 'store')),
      }),
    },
    retention: untilPurge,
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  copy: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/twins/{twin}/copies/{age}',
    owner: 'connection',
    purpose: 'the latest and the previous version of a pair, reduced to what the rules share',
    fields: {
      owners,
      a: maybe(sealedField('customer', 'freeText')),
      b: maybe(sealedField('customer', 'freeText')),
      readAt: instant(),
    },
    retention: { starts: 'mark', days: COPY_DAYS, why: 'content is read again when a customer returns later' },
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  decision: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/twins/{twin}/decisions/{decision}',
    owner: 'connection',
    purpose: 'why a field was changed: the last decision about each field, to be shown and decided again',
    fields: {
      owners,
      at: instant(),
      /** Of the change that asked for it. */
      eventAt: maybe(instant()),
      rulesA: count(),
      rulesB: count(),
      rows: rows({
        lane: text('admin'),
        why: choice('birth', 'meeting', 'one-side', 'merge', 'answer', 'policy', 'elements'),
        to: choice('a', 'b'),
        baseA: maybe(text<ValueHash>('customer')),
        baseB: maybe(text<ValueHash>('customer')),
        nowA: maybe(text<ValueHash>('customer')),
        nowB: maybe(text<ValueHash>('customer')),
      }),
      /** What was decided from, and the steps that came out. */
      content: sealedField('customer', 'freeText'),
    },
    retention: { starts: 'mark', days: COPY_DAYS, why: 'it holds content, as copies do' },
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  run: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/runs/{run}',
    owner: 'connection',
    purpose: 'one look at what a connection may have missed: how far it came, what it found, what it cost',
    fields: {
      owners,
      connection: text<ConnectionId>(),
      run: text(),
      how: choice(...runHows),
      /** Changes since this instant. */
      since: instant(),
      startedAt: instant(),
      endedAt: maybe(instant()),
      stage: choice(...runStages),
      /** Where the stage goes on. */
      after: maybe(text()),
      /** When the tick brings it back, should its message be lost. */
      wakeAt: maybe(instant()),
      /** Issues and twins that were looked at, and issues that came under sync. */
      issues: count(),
      twins: count(),
      fresh: count(),
      /** Twins to look at, as far as they were counted before, and when that will be done. */
      total: maybe(count()),
      etaAt: maybe(instant()),
      /** What it cost of each site's points. */
      aPoints: count(),
      bPoints: count(),
      /** Why it stopped, when a site has stopped it. */
      code: maybe(text<Code>()),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: REPORT_DAYS, until: 'removeAt', why: 'people ask what was repaired, and when' },
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  drift: {
    statement: 'operation',
    database: '(default)',
    path: 'connections/{connection}/runs/{run}/drifts/{twin}',
    owner: 'connection',
    purpose: 'what a run found out of step in one pair and why: names of fields, ids and codes',
    fields: {
      owners,
      twin: text<TwinId>(),
      a: maybe(text<IssueId>('customer')),
      b: maybe(text<IssueId>('customer')),
      foundAt: instant(),
      /** When both sides were in step again. */
      repairedAt: maybe(instant()),
      things: rows({
        side: choice('a', 'b'),
        what: text(),
        part: maybe(text('customer')),
        why: choice(...driftWhys),
        code: maybe(text<Code>()),
      }),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: REPORT_DAYS, until: 'removeAt', why: 'people ask what was repaired, and when' },
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  lag: {
    statement: 'session',
    database: '(default)',
    path: 'connections/{connection}/lags/{day}',
    owner: 'connection',
    purpose: 'how long changes took to arrive: counts by kind and duration, one record for each day',
    fields: {
      owners,
      day: text(),
      kinds: table({ count: count(), maxMs: count(), buckets: rows({ at: count(), count: count() }) }),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: REPORT_DAYS, until: 'removeAt', why: 'shows how the service ran lately' },
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  usage: {
    statement: 'session',
    database: '(default)',
    path: 'tenants/{tenant}/usages/{day}',
    owner: 'tenant',
    purpose: 'how often what was used on a day: counts by name, of no person',
    fields: {
      owners,
      day: text(),
      counts: table({ count: count() }),
      /** When it was added to its month. */
      foldedAt: maybe(instant()),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: 30, until: 'removeAt', why: 'shows how the service was used lately' },
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  usageMonth: {
    statement: 'session',
    database: '(default)',
    path: 'tenants/{tenant}/usageMonths/{month}',
    owner: 'tenant',
    purpose: 'how often what was used in a month: sums of its days',
    fields: { owners, month: text(), counts: table({ count: count() }), removeAt: instant() },
    retention: { starts: 'own', days: 396, until: 'removeAt', why: 'a year can be compared with the one before' },
    inExport: true,
    inSupportBundle: true,
    purge: 'delete',
  },
  request: {
    statement: 'evidence',
    database: '(default)',
    path: 'tenants/{tenant}/requests/{request}',
    owner: 'tenant',
    purpose: 'what a person has asked for about its own data, who took it in, and when it was acknowledged and done',
    fields: {
      owners,
      kind: choice('access', 'rectify', 'erase', 'other'),
      /** Whose data; of an erasure until it is done. No mark of an account: an erasure has to know whom it is about. */
      account: maybe(text<AccountId>('platform', 'indirect')),
      by: account(),
      askedAt: instant(),
      acknowledgeBy: instant(),
      acknowledgedAt: maybe(instant()),
      dueAt: instant(),
      doneAt: maybe(instant()),
      /** When somebody is woken, should it still be open. */
      alarmAt: maybe(instant()),
      /** Walks that have met the person since. */
      walks: maybe(count()),
      isLeft: maybe(flag()),
      removeAt: maybe(instant()),
    },
    retention: { starts: 'own', days: 396, until: 'removeAt', why: 'shows for a year how requests were answered' },
    inExport: true,
    inSupportBundle: false,
    purge: 'delete',
  },
  account: {
    statement: 'operation',
    database: '(default)',
    path: 'tenants/{tenant}/accounts/{account}',
    owner: 'tenant',
    purpose: 'which account ids are stored, so that Atlassian is asked each week whether they still exist',
    fields: {
      owners,
      /** When what is stored of it was read, the oldest. */
      oldestAt: instant(),
      /** The beginning of the last census that has met it. */
      seenAt: instant(),
      reportAt: instant(),
      reportedAt: maybe(instant()),
      /** When Atlassian told that it was closed; it is erased, and this record goes when nothing of it is met any more. */
      closedAt: maybe(instant()),
    },
    retention: untilPurge,
    inExport: false,
    inSupportBundle: false,
    purge: 'delete',
  },
  census: {
    statement: 'operation',
    database: '(default)',
    path: 'tenants/{tenant}/censuses/{generation}',
    owner: 'tenant',
    purpose: 'how far it was looked through which account ids are stored, and when it is looked through next',
    fields: {
      owners,
      startedAt: instant(),
      /** Where it goes on; absent between two. */
      cursor: maybe(shape({ category: text(), after: maybe(text()) })),
      nextAt: instant(),
    },
    retention: untilPurge,
    inExport: false,
    inSupportBundle: false,
    purge: 'delete',
  },
  reporting: {
    statement: 'system',
    database: '(default)',
    path: 'reportings/{door}',
    owner: 'system',
    purpose: 'how often account ids are reported, who reports now, and until when Atlassian wants to be left alone',
    fields: {
      cycleMs: count(),
      pausedUntil: maybe(instant()),
      lease: maybe(shape({ token: text(), until: instant() })),
    },
    retention: { starts: 'never', why: 'one record of instants' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  purge: {
    statement: 'system',
    database: '(default)',
    path: 'purges/{owner}',
    owner: 'system',
    purpose: 'the progress of one purge: stage, counts, what to verify',
    fields: {
      ...tenantRef,
      stage: choice('fenced', 'counting', 'deleting', 'verifying-a', 'verifying-b', 'shredding', 'issuing', 'done'),
      trigger: choice('uninstalled', 'licence-ended', 'probes-failed', 'requested', 'lost'),
      /** Keyed pseudonym of the tenant's identity: its address in the ledger. */
      subject: text(),
      receipt: text<ReceiptId>(),
      markedAt: instant(),
      dueAt: instant(),
      startedAt: instant(),
      /** When the next step may be taken; absent when there is none. */
      notBeforeAt: maybe(instant()),
      deletedAt: maybe(instant()),
      verifiedAt: maybe(instant()),
      destroyedAt: maybe(instant()),
      removeAt: maybe(instant()),
      /** What the second verification and the destruction of keys need to know; emptied with `done`. Ids of ours only. */
      roots: texts(),
      partners: texts<TenantId>(),
      keys: texts<KeyName>(),
      /** The trees that the second verification has still to walk, when one message was not enough. */
      walk: maybe(rows({ root: text(), after: maybe(text()) })),
      /** One sealed value, so that the destruction of the keys can be proven; gone with `done`. */
      sample: maybe(shape({ key: text<KeyName>(), context: text(), sealed: sealedField('customer', 'freeText') })),
      sampleOpened: flag(),
      /** Reports whose tickets the desk has to erase. */
      tickets: maybe(texts()),
      /** How the last notice to the contact ended, which goes before anything is deleted. */
      farewell: maybe(choice('sent', 'no-contact', 'mail-off', 'refused')),
      /** The receipt before it is signed, canonical JSON: a second try issues the very same. */
      draft: maybe(text()),
      counts: table({ before: count(), deleted: count(), foundA: count(), foundB: count() }),
      /** How many holds kept a part of the data, and when the last of them ends. */
      holds: maybe(shape({ count: count(), until: instant() })),
    },
    retention: {
      starts: 'own',
      days: 30,
      until: 'removeAt',
      why: 'shows how a purge ended until the receipt was fetched',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  suppression: {
    statement: 'system',
    database: '(default)',
    path: 'suppressions/{address}',
    owner: 'system',
    purpose:
      'addresses that get no news, each under a keyed hash: without it, nobody’s unsubscribing could be honoured',
    fields: { at: instant() },
    retention: { starts: 'never', why: 'an unsubscribing is honoured for good; it holds no address' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  mailing: {
    statement: 'system',
    database: '(default)',
    path: 'mailings/{mailing}',
    owner: 'system',
    purpose: 'the text of news that an operator has written; holds nothing of a customer',
    fields: {
      subject: text(),
      paragraphs: texts(),
      writtenAt: instant(),
      /** When a second person said yes; absent: it goes nowhere. */
      sentAt: maybe(instant()),
    },
    retention: { starts: 'never', why: 'a text of ours, about our own product' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  storeEpoch: {
    statement: 'system',
    database: '(default)',
    path: 'stores/{store}',
    owner: 'system',
    purpose: 'tells this store from an older copy of it: the epoch that the ledger knows, too',
    fields: {
      epoch: count(),
      at: instant(),
      /** When the next epoch shall begin, written before the ledger hears of it. */
      next: maybe(instant()),
      /** This store was found to be an older copy, and all connections are being stopped. */
      marking: maybe(instant()),
    },
    retention: { starts: 'never', why: 'one record of instants, replaced each minute' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  budget: {
    statement: 'system',
    database: '(default)',
    path: 'budgets/{hour}',
    owner: 'system',
    purpose:
      'shares out the calls to Jira of one hour: which tenant has made how many, which process may make how many more',
    fields: {
      limit: count(),
      remaining: count(),
      saidAt: instant(),
      pausedUntil: maybe(instant()),
      slices: table({
        tenant: text<TenantId>(),
        priority: choice('people', 'bulk'),
        points: count(),
        spent: count(),
        until: instant(),
      }),
      tenants: table({
        spent: count(),
        bulk: count(),
        pace: count(),
        paceAt: instant(),
        waitingAt: maybe(instant()),
        waitsUntil: maybe(instant()),
        waitsFor: maybe(choice(...waitReasons)),
      }),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: 2, until: 'removeAt', why: 'shows who waited for whom, while people still ask' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  receipt: {
    statement: 'evidence',
    database: 'ledger',
    path: 'receipts/{receipt}',
    owner: 'nobody',
    purpose: 'signed proof of erasure; holds no personal data',
    fields: {
      signed: text(),
      issuedAt: instant(),
      /** Of a receipt for the live stores: when to look next whether backups are gone, too; absent when that is proven. */
      awaitsAt: maybe(instant()),
    },
    retention: { starts: 'never', why: 'the customer checks it, without login, whenever it wants' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  key: {
    statement: 'account',
    database: 'vault',
    path: 'keys/{key}',
    owner: 'connection',
    purpose: 'the wrapped data key of a tenant generation or a connection; destroyed at the purge, never in a backup',
    fields: { owners, wrapped: text('ours', 'secret'), createdAt: instant() },
    retention: untilPurge,
    inExport: false,
    inSupportBundle: false,
    purge: 'delete',
  },
  person: {
    statement: 'identity',
    database: 'identity',
    path: 'tenants/{tenant}/people/{account}',
    owner: 'tenant',
    purpose: 'shows a person by name where the console says who did something',
    fields: {
      owners,
      name: sealedField('platform', 'direct'),
      readAt: instant(),
      expiresAt: instant(),
    },
    retention: { starts: 'own', days: 1, until: 'expiresAt', why: 'Jira is asked again when it is needed again' },
    inExport: false,
    inSupportBundle: false,
    purge: 'delete',
  },
  pulse: {
    statement: 'system',
    database: 'ledger',
    path: 'pulses/{pulse}',
    owner: 'nobody',
    purpose: 'when the hourly sweep last came to its end, and how far its slow search for forgotten lives is',
    fields: {
      /** When the last whole sweep ended. */
      sweptAt: maybe(instant()),
      /** Since when somebody watches over it. */
      watchedSince: maybe(instant()),
      /** The last entry of the ledger that the search has looked at; absent between two searches. */
      cursor: maybe(text()),
      /** When the last search came to its end. */
      soughtAt: maybe(instant()),
    },
    retention: { starts: 'never', why: 'one record of ours, written anew each hour' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  epoch: {
    statement: 'evidence',
    database: 'ledger',
    path: 'epochs/{epoch}',
    owner: 'nobody',
    purpose: 'the newest epochs of the main store: an older copy of it does not know them',
    fields: { epoch: count(), at: instant() },
    retention: { starts: 'never', why: 'numbers and instants; the last three are kept' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  backupSet: {
    statement: 'evidence',
    database: 'ledger',
    path: 'backups/{set}',
    owner: 'nobody',
    purpose:
      'the register of backups: where a set is, how far it came, by when it is gone, and that it is; with its wrapped key',
    fields: {
      /** Which place it is at. */
      at: text(),
      beganAt: instant(),
      expiresAt: instant(),
      epoch: count(),
      /** The key of the set, wrapped for backups; goes with the set. */
      wrapped: maybe(text('ours', 'secret')),
      /** Where the next part begins; absent when everything was read. */
      cursor: maybe(shape({ category: text(), after: maybe(text()) })),
      parts: count(),
      records: count(),
      bytes: count(),
      /** Records whose life was over when they were read. */
      left: count(),
      /** When everything was read, and where the trail of staff ended then. */
      readAt: maybe(instant()),
      trail: maybe(shape({ number: count(), hash: text() })),
      /** When it was whole, the file that says so, and the hash of what it says. */
      endedAt: maybe(instant()),
      manifest: maybe(text()),
      manifestHash: maybe(text()),
      /** When it was seen to be gone. */
      goneAt: maybe(instant()),
      /** Of a set that is gone: nothing is forgotten while it is there. */
      removeAt: maybe(instant()),
    },
    retention: {
      starts: 'own',
      days: REGISTER_DAYS,
      until: 'removeAt',
      why: 'shows which backups there were, and that they are gone',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  backupPart: {
    statement: 'evidence',
    database: 'ledger',
    path: 'backups/{set}/backupParts/{part}',
    owner: 'nobody',
    purpose: 'one file of a backup: its size, its hash and how many records are in it; until the backup is gone',
    fields: {
      category: text(),
      file: text(),
      records: count(),
      bytes: count(),
      left: count(),
      sha256: text(),
      /** Where the part after it begins; absent after the last. */
      next: maybe(shape({ category: text(), after: maybe(text()) })),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: REGISTER_DAYS, until: 'removeAt', why: 'goes with its backup at the latest' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  backupLife: {
    statement: 'evidence',
    database: 'ledger',
    path: 'backups/{set}/backupLives/{life}',
    owner: 'nobody',
    purpose: 'whose data a backup holds, under a hash that only the holder of a receipt can make',
    fields: { removeAt: instant() },
    retention: {
      starts: 'own',
      days: REGISTER_DAYS,
      until: 'removeAt',
      why: 'proves that the last backup with a life is gone',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  grant: {
    statement: 'evidence',
    database: 'ledger',
    path: 'grants/{grant}',
    owner: 'nobody',
    purpose: 'who of the staff may look at which data of one customer, why, until when, and who agreed',
    fields: {
      ...tenantRef,
      state: choice(...grantStates),
      purpose: choice(...purposes),
      ticket: text(),
      categories: texts(),
      askedBy: text<OperatorId>(),
      askedAt: instant(),
      agreedBy: maybe(text<OperatorId>()),
      agreedAt: maybe(instant()),
      /** When it ends: before the second person agrees, the request; then the access. */
      until: instant(),
      reads: count(),
      removeAt: instant(),
    },
    retention: {
      starts: 'own',
      days: TRAIL_DAYS,
      until: 'removeAt',
      why: 'shows who could read what, as the trail does',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  hold: {
    statement: 'evidence',
    database: 'ledger',
    path: 'holds/{hold}',
    owner: 'nobody',
    purpose:
      'which part of a customer’s data is kept from its purge, on what legal basis, who answers for it, and until when',
    fields: {
      ...tenantRef,
      state: choice(...holdStates),
      basis: choice(...holdBases),
      /** Who answers for it. */
      role: choice(...holdRoles),
      ticket: text(),
      categories: texts(),
      /** Paths of single records; none: every record of the categories. */
      only: texts(),
      askedBy: text<OperatorId>(),
      askedAt: instant(),
      agreedBy: maybe(text<OperatorId>()),
      agreedAt: maybe(instant()),
      /** Who asks for another term; gone when a second person has agreed. */
      renewBy: maybe(text<OperatorId>()),
      renewals: count(),
      /** The last instant of the request or of the hold; absent when it has ended. */
      endsAt: maybe(instant()),
      endedAt: maybe(instant()),
      /** Where the copying goes on, and when it was last done. */
      cursor: maybe(shape({ category: text(), after: maybe(text()) })),
      copyBegan: maybe(instant()),
      copiedAt: maybe(instant()),
      removeAt: instant(),
    },
    retention: { starts: 'own', days: TRAIL_DAYS, until: 'removeAt', why: 'shows what was held, as the trail does' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  heldRecord: {
    statement: 'evidence',
    database: 'ledger',
    path: 'holds/{hold}/heldRecords/{record}',
    owner: 'nobody',
    purpose: 'a record that a hold keeps, sealed under a key of the hold alone; gone with its end',
    fields: {
      category: text(),
      content: sealedField('customer', 'freeText'),
      copiedAt: instant(),
      removeAt: instant(),
    },
    retention: {
      starts: 'own',
      days: HOLD_DAYS,
      until: 'removeAt',
      why: 'a duty that the law names; renewed by two persons',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  caseStep: {
    statement: 'evidence',
    database: 'ledger',
    path: 'cases/{case}/caseSteps/{step}',
    owner: 'nobody',
    purpose:
      'registers of disclosures to authorities, of incidents and of changes of owner: each step once, in a chain',
    fields: {
      register: choice(...registers),
      kind: choice(...caseKinds),
      at: instant(),
      by: text<OperatorId>(),
      ticket: text(),
      basis: maybe(text()),
      /** The authority, or the new controller. */
      party: maybe(text()),
      lives: texts<Owner>(),
      categories: texts(),
      fromAt: maybe(instant()),
      untilAt: maybe(instant()),
      /** Hash of the step before. */
      previous: text(),
      removeAt: instant(),
    },
    retention: {
      starts: 'own',
      days: CASE_DAYS,
      until: 'removeAt',
      why: 'shows what was disclosed and what went wrong, as long as somebody may ask',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  trail: {
    statement: 'evidence',
    database: 'ledger',
    path: 'trail/{number}',
    owner: 'nobody',
    purpose:
      'what staff did with customers’ data: a chain of ids, times and codes in which nothing can be changed unseen',
    fields: {
      at: instant(),
      act: choice(...trailActs),
      by: text<OperatorId>(),
      /** The grant, the hold or the case that it is about. */
      about: text(),
      /** Lives of tenants whose data were touched. */
      lives: texts<Owner>(),
      categories: texts(),
      purpose: maybe(text()),
      ticket: maybe(text()),
      code: maybe(text<Code>()),
      records: maybe(count()),
      /** Of a step in a register: its hash. */
      step: maybe(text()),
      /** Hash and time of the entry before this one. */
      previous: text(),
      previousAt: instant(),
      removeAt: instant(),
    },
    retention: {
      starts: 'own',
      days: TRAIL_DAYS,
      until: 'removeAt',
      why: 'shows to customers and authorities who read what',
    },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  trailEnd: {
    statement: 'evidence',
    database: 'ledger',
    path: 'trailEnds/{end}',
    owner: 'nobody',
    purpose: 'about where the newest entry of the trail is, so that it is found without reading all of them',
    fields: { number: count() },
    retention: { starts: 'never', why: 'one number' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
  ledger: {
    statement: 'evidence',
    database: 'ledger',
    path: 'identities/{identity}/entries/{number}',
    owner: 'nobody',
    purpose: 'append-only truth about tenants’ lives, under a keyed hash of their identity',
    fields: {
      ...tenantRef,
      kind: choice('installed', 'marked', 'returned', 'purging', 'purged', 'restored'),
      at: instant(),
      evidence: maybe(choice('uninstalled', 'licence-ended', 'probes-failed', 'requested', 'lost')),
      dueAt: maybe(instant()),
      receiptHash: maybe(text()),
      /** Hash of the entry before this one: the chain. */
      previous: text(),
    },
    retention: { starts: 'never', why: 'outlives every backup, so that nothing purged can come back' },
    inExport: false,
    inSupportBundle: false,
    purge: 'keep',
  },
} as const satisfies Record<string, Row>;

export type Catalogue = typeof catalogue;
export type Category = keyof Catalogue;
/** The categories whose records carry `owners`: everything of a customer. */
export type OwnedCategory = {
  [C in Category]: Catalogue[C]['owner'] extends 'tenant' | 'connection' ? C : never;
}[Category];

type Params<P extends string> = P extends `${string}{${infer N}}${infer Rest}`
  ? readonly [N, ...Params<Rest>]
  : readonly [];
type AllButLast<T extends readonly string[]> = T extends readonly [...infer Head extends string[], string]
  ? Head[number]
  : never;

/** The ids that address one record of a category. */
export type Place<C extends Category> = { readonly [N in Params<Catalogue[C]['path']>[number]]: string };
/** A record of a category as it is stored. */
export type RecordOf<C extends Category> = RowOf<Catalogue[C]['fields']>;
/** The ids of the collection that a record is in: all but its own. */
export type Shelf<C extends Category> = { readonly [N in AllButLast<Params<Catalogue[C]['path']>>]: string };

/** All categories, in the order of the catalogue. */
export const categories = Object.keys(catalogue) as readonly Category[];

/** A category's row, seen without its own literal types. */
export function rowOf(category: Category): Row {
  return catalogue[category];
}
