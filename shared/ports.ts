/**
 * What the house asks of the world: interfaces only. Every adapter folder implements some of them, `memory/` all that
 * a flow needs, and one contract suite per port holds the versions together.
 */
import type { AdfDoc } from './model/adf.ts';
import type { PoolView, Priority, SpendAsk } from './model/budget.ts';
import type {
  AccountId,
  AttachmentId,
  CommentId,
  DoorId,
  IdentityHash,
  IssueId,
  IssueKey,
  KeyName,
  Owner,
  ProjectKey,
  ReportId,
  Sealed,
  SetId,
  TenantId,
  TwinId,
  WorklogId,
} from './model/ids.ts';
import type { Letter, MailAddress } from './model/mail.ts';
import type { Message, Topic, Topics } from './model/message.ts';
import type { Abilities, EstimateAdjustment, Work } from './model/plan.ts';
import type { FieldName } from './model/field.ts';
import type {
  Audience,
  JiraAttachment,
  JiraComment,
  JiraIssue,
  JiraWorklog,
  Marker,
  Replica,
  Visibility,
} from './model/replica.ts';
import type { ScriptAsk, ScriptCheck, ScriptEnding } from './model/script.ts';
import type { PairAsk, PairLook } from './model/preview.ts';
import type { ProjectRules } from './model/projectRules.ts';
import type { AccountReport, ReportAnswer } from './model/people.ts';
import type { AddonFacts, DoorName, Principal, SiteFacts, TenantRef } from './model/tenant.ts';
import type { Category, Place, RecordOf, Shelf } from './retention/catalogue.ts';
import type { Code, Verdict } from './verdict.ts';

// ── Time and chance ─────────────────────────────────────────────────────────────────────────────────────────────

/** The one clock. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; short waits only, long ones are `wakeAt` states. */
  sleep(ms: number): Promise<void>;
}

/** Chance. */
export interface Ids {
  /** A new id of ours without its prefix: lower-case, sortable by time, unguessable. */
  next(): string;
  bytes(length: number): Uint8Array;
}

// ── Storage ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Opaque; changes with every write that changes the record. A write of what is there already may leave it as it was. */
export type Version = string & { readonly version: never };

/** A record as it was read. */
export interface Stored<C extends Category> {
  readonly category: C;
  readonly place: Place<C>;
  readonly row: RecordOf<C>;
  readonly version: Version;
}

/** A record without its content: where it is, and which version was seen. */
export type Seen<C extends Category> = Omit<Stored<C>, 'row'>;

/** A record that a walk met, named by the catalogue or not. No owners: it does not say. */
export interface Walked {
  readonly path: string;
  readonly owners: readonly string[];
}

/** One write of a batch; it counts only if the record still has the version it was seen with. */
export type BatchWrite =
  | { readonly [C in Category]: Seen<C> & { readonly kind: 'replace'; readonly row: RecordOf<C> } }[Category]
  | (Placed & { readonly kind: 'remove'; readonly version: Version });

/** A record by its address, of whatever category: the store refuses ids that the category does not have. */
export interface Placed {
  readonly category: Category;
  readonly place: Readonly<Record<string, string>>;
}

/** Where a page of a listing starts and how long it may be. `after` is the `next` of the page before. */
export interface PageAsk {
  readonly after?: string;
  readonly limit: number;
}

/** A page of a search; `order`: oldest change first unless told otherwise. */
export interface SearchAsk extends PageAsk {
  readonly order?: 'updated' | 'created';
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly next?: string;
}

/** Reads first, then writes; all or nothing. May run again, so it must do nothing but use its argument. */
export interface Transaction {
  read<C extends Category>(category: C, place: Place<C>): Promise<Stored<C> | undefined>;
  /** @throws Fault `store-exists` at commit */
  create<C extends Category>(category: C, place: Place<C>, row: RecordOf<C>): void;
  /** Writes whatever is there. */
  put<C extends Category>(category: C, place: Place<C>, row: RecordOf<C>): void;
  remove<C extends Category>(category: C, place: Place<C>): void;
}

/**
 * The main store, the vault's and the ledger's records alike: the catalogue says which database a category is in.
 * Every call throws Fault `store-refused` for a place or field that the catalogue does not name,
 * `row-too-large` above the limit of one record or of one commit, `store-record-odd` for a stored record that is not what the
 * catalogue says, and `store-unavailable` when the store does not answer in time; the write may then still land.
 */
export interface Store {
  read<C extends Category>(category: C, place: Place<C>): Promise<Stored<C> | undefined>;
  /** @throws Fault `store-exists` */
  create<C extends Category>(category: C, place: Place<C>, row: RecordOf<C>): Promise<Version>;
  /** Replaces the whole record if it still has this version. @throws Fault `store-changed` (also when it is gone) */
  replace<C extends Category>(category: C, place: Place<C>, row: RecordOf<C>, version: Version): Promise<Version>;
  /** Idempotent. */
  remove<C extends Category>(category: C, place: Place<C>): Promise<void>;
  /** Removes many; all or none of those of one database. Idempotent. At most 500 places. */
  removeAll(records: readonly Placed[]): Promise<void>;
  /**
   * Many writes of the main database at once, all or none, without a lock; answers the version of what was replaced. At most 500.
   * @throws Fault `store-changed` when a record is gone or has another version
   */
  batch(writes: readonly BatchWrite[]): Promise<Version>;
  /**
   * All or nothing over records of the main database; the vault and the ledger have single records only. Runs `work` again
   * when a record that it read has changed meanwhile. What `work` throws comes out, and nothing is written.
   * @throws Fault `store-changed` when others were faster each time
   */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** The records of one collection, by id. */
  list<C extends Category>(category: C, shelf: Shelf<C>, page: PageAsk): Promise<Page<Stored<C>>>;
  /** Every record of a category, wherever it is, that carries this owner. By path. */
  owned<C extends Category>(category: C, owner: Owner, page: PageAsk): Promise<Page<Stored<C>>>;
  /** The same without their content, which is not read. */
  ownedSeen<C extends Category>(category: C, owner: Owner, page: PageAsk): Promise<Page<Seen<C>>>;
  /** How many records of a category carry this owner. */
  ownedCount(category: Category, owner: Owner): Promise<number>;
  /** Records of a category, wherever they are, whose number field is at most `until`; the lowest first. */
  due<C extends Category>(
    category: C,
    field: NumberField<C>,
    until: number,
    limit: number,
  ): Promise<readonly Stored<C>[]>;
  /** Every record of a category. By path. */
  scan<C extends Category>(category: C, page: PageAsk): Promise<Page<Stored<C>>>;
  /**
   * Paths of all records below (and at) a record of the main database, records without a parent record included, named by
   * the catalogue or not; in order. The empty path stands for all of it.
   */
  beneath(path: string, limit: number): Promise<readonly string[]>;
  /** The same in pages, each record with whom it says that it belongs to; without the rest of its content. */
  walk(path: string, page: PageAsk): Promise<Page<Walked>>;
  /** Removes records of the main database by their paths, named by the catalogue or not. Idempotent. At most 500. */
  removeAt(paths: readonly string[]): Promise<void>;
}

/** The number fields of a category. */
export type NumberField<C extends Category> = {
  [N in keyof RecordOf<C>]-?: NonNullable<RecordOf<C>[N]> extends number ? N : never;
}[keyof RecordOf<C>] &
  string;

/** Wraps and unwraps data keys: Cloud KMS in production, a key file on a computer. */
export interface Vault {
  /** `context` is bound as additional data. */
  wrap(key: Uint8Array, context: string): Promise<string>;
  /** @throws Fault `key-unavailable`, `seal-broken` */
  unwrap(wrapped: string, context: string): Promise<Uint8Array>;
}

/** Seals and opens values under data keys by name. */
export interface Keys {
  /** Makes the key if there is none. Idempotent. */
  make(name: KeyName, owners: readonly Owner[]): Promise<void>;
  /** `context` names the place (category and field); a value moved elsewhere does not open. @throws Fault `key-gone` */
  seal(name: KeyName, context: string, value: unknown): Promise<Sealed>;
  /**
   * Processes remember opened keys for a few minutes. `fresh` asks the vault's records again: a proof of destruction
   * must not rest on what this process remembers.
   * @throws Fault `key-gone` when the key was destroyed, `seal-broken`
   */
  open(name: KeyName, context: string, value: Sealed, how?: { readonly fresh: boolean }): Promise<unknown>;
  /** Destroys the wrapped key. Idempotent. What was sealed under it never opens again, once other processes forgot it. */
  destroy(name: KeyName): Promise<void>;
}

/** One entry of the ledger, as it is read. */
export interface LedgerEntry extends TenantRef {
  readonly number: number;
  readonly kind: RecordOf<'ledger'>['kind'];
  readonly at: number;
  readonly evidence?: NonNullable<RecordOf<'ledger'>['evidence']>;
  readonly dueAt?: number;
  readonly receiptHash?: string;
}

/** Append-only truth about tenants' lives. Shares no transaction with the main store: write it first. */
export interface Ledger {
  /**
   * The address of an identity (door and client key) in the ledger: a keyed hash. Several hash keys may be live; an
   * identity stays at the address where its entries are, a new one gets the newest key's.
   */
  identityOf(door: DoorName, identity: string): Promise<IdentityHash>;
  /** All entries of an identity, oldest first. */
  read(identity: IdentityHash): Promise<readonly LedgerEntry[]>;
  /** Appends after `last` (0 for the first). @throws Fault `store-exists` when somebody was faster */
  append(identity: IdentityHash, last: number, entry: Omit<LedgerEntry, 'number'>): Promise<LedgerEntry>;
}

/** Signs receipts with Ed25519: Cloud KMS in production, a key file on a computer. */
export interface Signer {
  readonly keyId: string;
  /** base64 over the bytes of `text` in UTF-8 */
  sign(text: string): Promise<string>;
  /** SPKI PEM */
  publicKey(): Promise<string>;
}

// ── Backups ─────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A place for backups, outside the project that it saves: flat, files named `<set>.<file>`. What may be done there is cut into three
 * credentials, and no process holds two: whoever breaks in at one cannot read what was saved, nor destroy it, nor both.
 * Every call throws Fault `outside-unavailable`, and `outside-answer-odd` for an answer that was not agreed.
 */
export interface BackupAppend {
  /**
   * Writes one new file as a whole. After a fault a part of it may be there: a second try takes another name.
   * @throws Fault `store-exists` when there is a file of this name, whoever wrote it
   */
  append(set: SetId, file: string, bytes: Uint8Array): Promise<void>;
}

/** Removes what is past its day; reads and writes nothing. */
export interface BackupPrune {
  /** Every set of which a file is there. */
  sets(): Promise<readonly SetId[]>;
  /** Removes every file of a set. Idempotent. */
  remove(set: SetId): Promise<void>;
}

/** Reads only; for people who restore. */
export interface BackupRestore {
  sets(): Promise<readonly SetId[]>;
  /** @throws Fault `not-found` */
  read(set: SetId, file: string): Promise<Uint8Array>;
}

/** Where backups go, and what this process may do there. */
export interface Backups {
  /** The place's name in the register: a changed place is another one. */
  readonly at: string;
  /** Wraps the keys of sets; another key than the one for data. */
  readonly vault: Vault;
  readonly append?: BackupAppend;
  readonly prune?: BackupPrune;
  readonly restore?: BackupRestore;
}

// ── Messages ────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Bus {
  /** Resolves when the publish is confirmed. @throws Fault `publish-failed` */
  publish<T extends Topic>(topic: T, message: Topics[T]): Promise<void>;
}

/** What the dispatcher hands to an event handler. */
export type AnyMessage = Message;

// ── Doors and Jira ──────────────────────────────────────────────────────────────────────────────────────────────

/** An incoming request, as far as a token speaks of it. `target` is the raw path and query as they were sent. */
export interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly authorization: string | undefined;
}

/** How a tenant comes in: token → principal, and how its Jira is called. */
export interface Door {
  readonly name: DoorName;
  /** A server-to-server call of a site: computed query hash, never a context token. @throws Fault `token-…` */
  verifySite(request: SignedRequest): Promise<Principal>;
  /** A call of a person's browser: context or computed query hash. @throws Fault `token-…` */
  verifyPerson(request: SignedRequest): Promise<Principal>;
  /** The `Authorization` header for one call of a site's REST API. */
  authorise(
    tenant: TenantRef,
    method: string,
    target: string,
  ): Promise<{ readonly baseUrl: string; readonly authorization: string }>;
}

/** The Connect door also proves who installs and who leaves. */
export interface ConnectDoor extends Door {
  /**
   * A signed `installed` or `uninstalled`: Atlassian's own key, our address as the audience, and a body that speaks of the
   * token's issuer.
   * @throws Fault `token-…`, `host-refused`, `tenant-mismatch`, `body-invalid`, `outside-unavailable` when no key server answers
   */
  verifyInstall(request: SignedRequest, body: unknown): Promise<SiteFacts>;
}

/** What a site says of one of its projects; names and the ids that its REST API wants. */
export interface ProjectFacts {
  readonly projectId: string;
  readonly issueTypes: readonly { readonly id: string; readonly name: string; readonly isSubtask: boolean }[];
  readonly priorities: readonly { readonly id: string; readonly name: string }[];
}

/** An issue and the project that it is in. */
export interface IssuePlace {
  readonly issue: IssueId;
  readonly project: ProjectKey;
}

/** One link or remote link to make or to remove; `element` as `model/links.ts` writes it. */
export interface LinkChange {
  readonly field: 'links' | 'remoteLinks';
  readonly act: 'add' | 'remove';
  readonly element: string;
}

/** An issue and when it last changed, as the site says. */
export interface ChangedIssue {
  readonly issue: IssueId;
  readonly updatedAt: number;
}

/** An issue with what hangs on it, as the app sees it. Lists are oldest first. */
export interface WholeIssue {
  readonly issue: JiraIssue;
  readonly comments: readonly JiraComment[];
  /** The comments were read by a call of their own: as many as the issue speaks of, or another number. */
  readonly listed?: 'alike' | 'unlike';
  readonly worklogs?: readonly JiraWorklog[];
  /** Our markers on the worklogs. */
  readonly worklogMarkers?: ReadonlyMap<WorklogId, Marker>;
  readonly attachments?: readonly JiraAttachment[];
}

/** A site's Jira. Every call throws Fault `jira-…`, with `retryAfterMs` among the facts of `jira-rate-limited`. */
export interface JiraSite {
  /** These fields of an issue. `gone` for 404: deleted, moved out of sight, or no permission. */
  readIssue(issue: IssueId | IssueKey, fields: readonly FieldName[]): Promise<JiraIssue | 'gone'>;
  /** How many people watch an issue and voted for it; never who. `gone` as with `readIssue`. */
  readAudience(issue: IssueId): Promise<Audience | 'gone'>;
  /**
   * The same with what hangs on the issue, in as few calls as the site's answer allows; what was not asked for is empty or absent.
   * `jira-not-found`: the issue is there, but a list of it cannot be read.
   */
  readWhole(
    issue: IssueId,
    fields: readonly FieldName[],
    parts: { readonly comments: boolean; readonly worklogs: boolean; readonly attachments: boolean },
  ): Promise<WholeIssue | 'gone'>;
  /**
   * The same for many issues, up to a hundred in a call. Only what came without any doubt: an issue that is missing, or of whose lists or
   * changelog a part may be, is not in the answer. None is when the fields hold what costs a call of its own (links to elsewhere).
   */
  readMany(
    issues: readonly IssueId[],
    fields: readonly FieldName[],
    parts: { readonly comments: boolean; readonly worklogs: boolean; readonly attachments: boolean },
  ): Promise<ReadonlyMap<IssueId, WholeIssue>>;
  /** All comments, oldest first. */
  readComments(issue: IssueId): Promise<readonly JiraComment[]>;
  /** Our markers on these comments. */
  readMarkers(comments: readonly CommentId[]): Promise<ReadonlyMap<CommentId, Marker>>;
  /** Issues of the project that carry this twin's marker. Reads the search index, which lags. */
  findMarked(project: ProjectKey, twin: TwinId): Promise<readonly IssueId[]>;
  /** What may be written: screens, types, priorities, transitions, usable people. Without an issue: for a new one of this type. */
  readAbilities(ask: {
    readonly project: ProjectKey;
    readonly issue?: IssueId;
    readonly issueType?: string;
    readonly isSubtask?: boolean;
    readonly people: readonly AccountId[];
    /** What a plan may write there. */
    readonly fields: readonly FieldName[];
    /** Where the issue stands: with it, moves of its workflow beside those offered now are told, as far as issues have shown them. */
    readonly standing?: { readonly issueType: string; readonly status: string };
    /**
     * What the plan writes there; all of it when absent. For notes the screen is not asked, and the transitions of an issue that keeps
     * its status only when no issue has shown yet what is offered where it stands.
     */
    readonly touches?: 'notes' | 'fields' | 'status';
  }): Promise<Abilities>;
  createIssue(
    project: ProjectKey,
    fields: Replica,
    marker: Marker,
  ): Promise<WriteResult & { readonly issue?: IssueId }>;
  /** `seen` is what the issue showed when this was decided: lists change by their difference from it, never as a whole. */
  editIssue(place: IssuePlace, fields: Replica, seen?: Replica): Promise<WriteResult>;
  /** Moves an issue; `fields` go with the transition's screen. */
  transition(issue: IssueId, transition: string, fields: Replica): Promise<WriteResult>;
  /** Makes or removes one link; what is so already counts as done. */
  changeLink(issue: IssueId, change: LinkChange): Promise<WriteResult>;
  /** Deletes an issue. Gone already counts as done; one with sub-tasks is refused. */
  deleteIssue(issue: IssueId): Promise<WriteResult>;
  /** Takes our marker out of an issue; none there counts as done. */
  removeMarker(issue: IssueId): Promise<WriteResult>;
  /** Without `visibility`, for everybody who sees the issue. `visibility-unknown`: refused rather than open to all. */
  addComment(
    issue: IssueId,
    body: AdfDoc,
    marker: Marker,
    visibility?: Visibility,
  ): Promise<WriteResult & { readonly comment?: CommentId }>;
  /** Without `visibility`, whoever may read it now still may. */
  editComment(issue: IssueId, comment: CommentId, body: AdfDoc, visibility?: Visibility): Promise<WriteResult>;
  /** Gone already counts as done. */
  deleteComment(issue: IssueId, comment: CommentId): Promise<WriteResult>;
  /** All worklogs, oldest first, and our markers on them. */
  readWorklogs(
    issue: IssueId,
  ): Promise<{ readonly worklogs: readonly JiraWorklog[]; readonly markers: ReadonlyMap<WorklogId, Marker> }>;
  addWorklog(
    issue: IssueId,
    work: Work,
    adjust: EstimateAdjustment,
    marker: Marker,
  ): Promise<WriteResult & { readonly worklog?: WorklogId }>;
  editWorklog(issue: IssueId, worklog: WorklogId, work: Work, adjust: EstimateAdjustment): Promise<WriteResult>;
  /** Gone already counts as done. */
  deleteWorklog(issue: IssueId, worklog: WorklogId, adjust: EstimateAdjustment): Promise<WriteResult>;
  /** One page of the site's worklogs that changed or went since an instant, the last minute left out. For the reconcile job. */
  worklogChanges(what: 'updated' | 'deleted', sinceAt: number): Promise<WorklogChanges>;
  /** The issues of these worklogs; those that the app may not see are left out. */
  placesOfWorklogs(worklogs: readonly WorklogId[]): Promise<ReadonlyMap<WorklogId, IssueId>>;
  /** All files, oldest first, without their media ids. */
  readAttachments(issue: IssueId): Promise<readonly JiraAttachment[]>;
  /** The id under which documents of the site show a file; `undefined` when the site does not tell. */
  readMedia(attachment: AttachmentId): Promise<string | undefined>;
  /** A file's bytes, to be read once and to the end, or left. */
  openAttachment(attachment: AttachmentId): Promise<AsyncIterable<Uint8Array>>;
  /** `bytes`: how many the site says that it has. */
  addAttachment(
    issue: IssueId,
    file: FileToUpload,
  ): Promise<WriteResult & { readonly attachment?: AttachmentId; readonly bytes?: number }>;
  /** Gone already counts as done. */
  deleteAttachment(issue: IssueId, attachment: AttachmentId): Promise<WriteResult>;
  /** What the site says of itself and of a project beside its screens. Believed for a minute. */
  readHost(project: ProjectKey): Promise<HostFacts>;
  /** Which of these issues match the JQL, by Jira's own answer. @throws Fault `jira-refused` for JQL that Jira refuses */
  match(jql: string, issues: readonly IssueId[]): Promise<readonly IssueId[]>;
  /** Ids of the issues that match, oldest change first. `next` is Jira's page token. */
  search(jql: string, page: SearchAsk): Promise<Page<IssueId>>;
  /** The same with the instant of each issue's last change. */
  searchChanged(jql: string, page: PageAsk): Promise<Page<ChangedIssue>>;
  /** The keys that these issues have now; those that the app may not see are left out. */
  readKeys(issues: readonly IssueId[]): Promise<ReadonlyMap<IssueId, IssueKey>>;
  /** Does the person hold this global or project permission? */
  mayPerson(account: AccountId, permission: 'ADMINISTER' | 'BROWSE_PROJECTS', project?: ProjectKey): Promise<boolean>;
  /**
   * Reports stored account ids to Atlassian, at most 90. @throws Fault `jira-rate-limited` with `retryAfterMs`, `jira-refused` for a report
   * that holds something wrong
   */
  reportAccounts(accounts: readonly AccountReport[]): Promise<ReportAnswer>;
  /** The names of these people as the site shows them; those whom it does not know are left out. At most 50. */
  readNames(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, string>>;
  projectExists(project: ProjectKey): Promise<boolean>;
  /** Whether the project, or the issue alone, is archived: shown, found by no search, and changed by nobody. */
  archivedPart(project: ProjectKey, issue?: IssueId): Promise<'project' | 'issue' | undefined>;
  /** What rules about the project can be wrong about. Some thirty calls. */
  readProject(project: ProjectKey): Promise<ProjectRules>;
  /** The mail address of a person, where the person lets the site tell it. */
  readMail(account: AccountId): Promise<MailAddress | undefined>;
  /** What the site says of our installation there. */
  readAddon(addonKey: string): Promise<AddonFacts>;
  /** Whether Jira's own parser takes all these queries. */
  isJql(queries: readonly string[]): Promise<boolean>;
}

/** A file on its way; `chunks` gives exactly as many bytes as announced, or throws. */
export interface FileToUpload {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What a site says of itself. */
export type HostFacts = Required<Pick<Abilities, 'self' | 'hasInternal' | 'upload'>>;

/** Worklogs of a whole site that changed or went. */
export interface WorklogChanges {
  readonly ids: readonly WorklogId[];
  /** Where the next question starts; epoch milliseconds. */
  readonly until: number;
  readonly isLast: boolean;
}

/** How a write ended: taken, taken without some fields, or refused with a code. Trouble on the way is thrown. */
export type WriteResult =
  | { readonly ok: true; readonly refusedFields?: Readonly<Partial<Record<FieldName, Code>>> }
  | { readonly ok: false; readonly code: Code; readonly refusedFields?: Readonly<Partial<Record<FieldName, Code>>> };

export interface Jira {
  /**
   * The Jira of a tenant. `trace` comes back as a header in the webhooks that our writes cause. `priority`: whether people wait for
   * this work (the default) or a job does it, which leaves them a reserve of every limit. `meter` hears the points of each call.
   * `mayWrite` is asked at the last moment before each write; what it throws stops it.
   */
  at(
    tenant: TenantRef,
    trace: string,
    priority?: Priority,
    meter?: (points: number) => void,
    mayWrite?: () => Promise<void>,
  ): JiraSite;
}

/** Jira's hourly points: one pool for all tenants, or a tenant's own. */
export interface Budget {
  /**
   * Reserves points before a call.
   * @throws Fault `jira-rate-limited` with `retryAfterMs` when the tenant has to wait for them; `store-changed`, `store-unavailable`
   */
  spend(ask: SpendAsk): Promise<void>;
  /** A call cost so many points more than was reserved; its answer told. */
  correct(ask: SpendAsk, points: number): void;
  /** What an answer of Jira said of the pool that the tenant is in. `isOwn`: that it is the tenant's own. */
  hear(
    tenant: TenantId,
    word: { readonly at: number; readonly limit: number; readonly remaining: number; readonly isOwn?: true },
  ): void;
  /** An answer said without a number that the pool is nearly used up: bulk stops. */
  hearNear(tenant: TenantId, at: number): Promise<void>;
  /** Jira has refused a call for its quota: everything in that scope stops until then, in all processes. Idempotent. */
  pause(tenant: TenantId, scope: 'app' | 'tenant', until: number): Promise<void>;
  /** Where the pool of a tenant stands. `scope`: whether all tenants share it or the tenant has it for itself. */
  view(tenant: TenantId): Promise<PoolView & { readonly scope: 'app' | 'tenant' }>;
}

/** Pairs of issues as the sync sees them, for functions that answer people. Reads only. */
export interface Pairs {
  /** Both issues read afresh and what the sync would do now. @throws Fault `jira-…` */
  look(ask: PairAsk): Promise<PairLook>;
}

// ── Scripts ─────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Runs rule scripts in a sandbox: no clock, chance, network, timer or module; the same ask has the same value, byte for byte.
 * A script's own failure is an ending, never thrown.
 */
export interface Script {
  /** @throws Fault `outside-unavailable` when no worker starts */
  run(ask: ScriptAsk): Promise<ScriptEnding>;
  /** What cannot work in a script's text, with places. Runs nothing of it. @throws Fault `outside-unavailable` */
  check(tenant: TenantId, source: string): Promise<ScriptCheck>;
}

// ── Mail ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** How the handing over of a letter ended. Trouble with the server itself is thrown. */
export type MailEnding = Extract<Code, 'mail-sent' | 'mail-refused' | 'mail-later' | 'mail-off'>;

/** Letters to one person each. */
export interface Mail {
  /** False when no server is configured: then every letter ends with `mail-off`. */
  readonly isOn: boolean;
  /**
   * Hands a letter to the mail server. `mail-refused`: this letter or its address, for good. `mail-later`: the server wants it
   * another time. After a fault the letter may have been taken: sent again, it has the same `messageId`.
   * @throws Fault `address-refused`, `letter-refused`, `marketing-off`, `host-not-registered`, `mail-unavailable`
   */
  send(letter: Letter): Promise<MailEnding>;
}

// ── Support ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** A ticket that is asked for. */
export interface TicketAsk {
  /** Tells it from every other: a second ask with the same marker is answered with the first one's ticket. */
  readonly marker: ReportId;
  /** False: it may have been asked for before. */
  readonly isFirst: boolean;
  readonly onBehalfOf: MailAddress;
  /** Holds the marker. */
  readonly summary: string;
  readonly text: string;
}

/** A ticket that is there now, by its key at the desk. */
export interface OpenedTicket {
  readonly ticket: string;
}

/** How a ticket stands. */
export type DeskTicket = { readonly state: 'open' | 'gone' } | { readonly state: 'closed'; readonly closedAt: number };

/** The service desk where people of ours answer customers. Every call throws Fault `desk-unavailable`. */
export interface Desk {
  /** False when no desk is configured: then nothing may be asked of it. */
  readonly isOn: boolean;
  /** Opens a ticket in the customer's name; answers its key. `desk-refused`: for good. */
  open(ask: TicketAsk): Promise<OpenedTicket | 'desk-refused'>;
  look(ticket: string): Promise<DeskTicket>;
  /** Erases a ticket with all that hangs on it. Idempotent. `desk-refused`: it is still there. */
  erase(ticket: string): Promise<'gone' | 'desk-refused'>;
}

// ── Watching ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a log line may hold: ids, codes, counts, milliseconds. Values are checked against a pattern; content cannot pass. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  /** One line per piece of work. */
  work(name: string, verdict: Verdict, facts: Facts): void;
  /** One thing that happened inside a piece of work; shown on the local page's timeline. */
  note(name: string, facts: Facts): void;
  fault(name: string, code: Code, facts: Facts, cause?: unknown): void;
}

/** Everything a function gets. Built once per process in `functions/compose.ts`. */
export interface Ports {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: Store;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly signer: Signer;
  readonly bus: Bus;
  readonly doors: { readonly connect: ConnectDoor };
  readonly jira: Jira;
  readonly budget: Budget;
  readonly script: Script;
  readonly mail: Mail;
  readonly desk: Desk;
  /** Absent in a house without backups, as tests have. */
  readonly backups?: Backups;
  readonly log: Log;
}

/** The record that leads from a door's identifier to its tenant, as doors use it. */
export interface DoorRecord {
  readonly door: DoorId;
  readonly tenant: TenantId;
  readonly generation: number;
}
