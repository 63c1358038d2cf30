/** What the local page and its server say to each other. Types only: both ends import them. */

export interface PersonView {
  readonly accountId: string;
  readonly displayName: string;
  readonly active: boolean;
}

export interface SiteView {
  readonly name: string;
  readonly baseUrl: string;
  readonly address: string;
  readonly isInstalled: boolean;
  readonly isLicensed: boolean;
  readonly project: string;
  readonly people: readonly PersonView[];
  readonly issueTypes: readonly string[];
  readonly priorities: readonly string[];
}

export interface FaultSwitches {
  /** Share of webhooks, 0 to 1. */
  readonly lose: number;
  readonly double: number;
  readonly reorder: boolean;
  readonly delayMs: number;
}

/** Everything that the bar at the top shows. */
export interface StateView {
  readonly backend: 'emulators' | 'memory';
  readonly why: string;
  readonly now: number;
  readonly offsetMs: number;
  readonly sites: readonly SiteView[];
  readonly faults: FaultSwitches;
  readonly violations: number;
  readonly addresses: readonly { readonly name: string; readonly url: string }[];
}

export interface IssueRow {
  readonly id: string;
  readonly key: string;
  readonly summary: string;
  readonly type: string;
  readonly status: string;
  readonly priority: string;
  readonly comments: number;
  readonly updated: number;
  /** Key of the issue on the other site, when there is a twin. */
  readonly twin?: string;
}

export interface CommentView {
  readonly id: string;
  readonly author: string;
  readonly created: number;
  readonly body: unknown;
  readonly wiki: string;
}

export interface IssueView extends IssueRow {
  readonly description: unknown;
  readonly wiki: string;
  readonly labels: readonly string[];
  readonly assignee: string | null;
  readonly reporter: string | null;
  readonly transitions: readonly { readonly id: string; readonly name: string; readonly to: string }[];
  readonly commentList: readonly CommentView[];
  readonly parts: PartsView;
}

/** What hangs on an issue. */
export interface PartsView {
  readonly worklogs: readonly {
    readonly id: string;
    readonly author: string;
    readonly timeSpent: string;
    readonly body: unknown;
  }[];
  readonly files: readonly { readonly id: string; readonly name: string; readonly bytes: number }[];
  /** "This issue {words} {other}". */
  readonly links: readonly { readonly id: string; readonly words: string; readonly other: string }[];
}

/** What a person may change in one go. */
export interface IssueEdit {
  readonly summary?: string;
  readonly wiki?: string;
  readonly type?: string;
  readonly priority?: string;
  readonly labels?: readonly string[];
  readonly assignee?: string | null;
}

/** One line of the timeline: ids, codes and milliseconds, never content. */
export interface TimelineEvent {
  readonly number: number;
  readonly at: number;
  readonly source: 'jira' | 'function' | 'queue' | 'stack';
  readonly what: string;
  readonly where: string;
  readonly ms?: number;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  readonly tone: 'plain' | 'good' | 'warn' | 'bad';
}

export interface StoredView {
  readonly category: string;
  readonly statement: string;
  readonly purpose: string;
  readonly database: string;
  readonly gone: string;
  readonly count: number;
  readonly byOwner: readonly { readonly owner: string; readonly count: number }[];
}

export interface ReceiptView {
  readonly id: string;
  readonly covers: 'stores' | 'backups';
  readonly generation: number;
  readonly deletedAt: number;
  readonly verifiedAt: number;
  /** Records, or backups that held them. */
  readonly documents: number;
  readonly isValid: boolean;
}

/** A ticket at the desk of this computer. */
export interface TicketView {
  readonly key: string;
  readonly onBehalfOf: string;
  readonly createdAt: number;
  readonly closedAt?: number;
  readonly summary: string;
  readonly text: string;
}

/** A refusal, as the server answers it. */
export interface Refusal {
  readonly code: string;
  readonly says: string;
}
