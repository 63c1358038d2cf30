/**
 * What a rule script finds around it: for editors, which show these texts, and for people. A script is plain JavaScript in strict
 * mode. It may define `outgoing`, `incoming` or both, and functions of its own.
 *
 * There is no clock, chance, network, timer, module, `eval`, promise or console. The same issue always gives the same result.
 * A run may use 400 ms of processor time and 32 MiB of memory.
 */

/** What leaves this side: change `replica`, or return another one. Return `null` or call `skip()` to send nothing. */
type Outgoing = (issue: Issue, replica: Replica) => Replica | null | void;

/**
 * What this side takes over: `replica` arrived and may be changed, `issue` is the issue here, `previous` is what arrived the last
 * time (`null` at first). Return `null` or call `skip()` to take nothing over.
 */
type Incoming = (replica: Replica, issue: Issue, previous: Previous | null) => Replica | null | void;

/** The fields that travel. An absent field stays as it is, `null` empties it. Names are as this side shows them. */
interface Replica {
  summary?: string;
  description?: Doc | null;
  environment?: Doc | null;
  issueType?: string;
  parent?: string | null;
  priority?: string | null;
  labels?: string[];
  components?: string[];
  fixVersions?: string[];
  affectsVersions?: string[];
  status?: string;
  resolution?: string | null;
  /** People are account ids; see `nameOf`. */
  assignee?: string | null;
  reporter?: string | null;
  /** `2026-11-25` */
  dueDate?: string | null;
  /** Seconds. */
  originalEstimate?: number | null;
  remainingEstimate?: number | null;
  sprint?: string | null;
  links?: string[];
  remoteLinks?: string[];
  comments?: RuleComment[];
  /** Custom fields by kind and name, for example `replica['custom:option:Severity']`. */
  [custom: `custom:${string}:${string}`]: any;
}

type Previous = Readonly<Replica>;

/** The issue on this side, to read only. */
interface Issue {
  readonly id: string;
  readonly key: string;
  readonly projectKey: string;
  readonly isSubtask: boolean;
  readonly fields: Readonly<Replica>;
  readonly comments?: readonly Readonly<RuleComment>[];
  /** Display names by account id, of the people whom the issue names and the site shows. */
  readonly people?: Readonly<Record<string, string>>;
}

interface RuleComment {
  readonly id: string;
  readonly author: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** True when a role, a group or the service desk keeps it from some readers. */
  readonly isRestricted: boolean;
  body: Doc | null;
}

/** Rich text in Jira's document format. */
interface Doc {
  type: 'doc';
  version: 1;
  content: DocNode[];
}

interface DocNode {
  type: string;
  text?: string;
  attrs?: Record<string, unknown>;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
  content?: DocNode[];
}

// ── Texts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The plain text of a document, one line per block; of a text, the text itself; of nothing, `''`. */
declare function text(value: Doc | string | null | undefined): string;
/** A document with one paragraph per line; empty lines are left out. */
declare function adf(value: string): Doc;
/** The document with more at its end. */
declare function append(value: Doc | null | undefined, more: Doc | string): Doc;
/** The document with more before it. */
declare function prepend(value: Doc | null | undefined, more: Doc | string): Doc;
/** The text, or the document with every piece of text in it, changed by `change`. A piece that becomes `''` goes. */
declare function mapText<T extends Doc | string | null | undefined>(value: T, change: (piece: string) => string): T;
/** Puts `put` (`[e-mail]`) in place of e-mail addresses, and takes away links to them. */
declare function hideMails<T extends Doc | string | null | undefined>(value: T, put?: string): T;
/** The text, cut to at most `length` characters with `ending` (`…`) at its end. */
declare function truncate(value: string, length: number, ending?: string): string;
/** True for nothing, `''`, an empty list and a document without any text. */
declare function isEmpty(value: unknown): boolean;
/** The parts that are not empty, with the separator between them. Documents become their plain text. */
declare function combine(separator: string, ...parts: (Doc | string | number | null | undefined)[]): string;

// ── Lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Adds to a list field of the replica and keeps it sorted and without repeats; makes the list when there is none. */
declare function addTo(replica: Replica, field: string, ...values: string[]): Replica;
/** Takes out of a list field of the replica. */
declare function removeFrom(replica: Replica, field: string, ...values: string[]): Replica;
/** Keeps the values of a list field of the replica for which `test` gives `true`. */
declare function keepIn(replica: Replica, field: string, test: (value: any) => boolean): Replica;
declare function addLabels(replica: Replica, ...labels: string[]): Replica;
declare function removeLabels(replica: Replica, ...labels: string[]): Replica;
declare function keepLabels(replica: Replica, test: (label: string) => boolean): Replica;
/** Keeps the comments for which `test` gives `true`; the others do not travel. */
declare function keepComments(replica: Replica, test: (comment: RuleComment) => boolean): Replica;
/** Puts what `change` returns in the place of each comment. */
declare function mapComments(replica: Replica, change: (comment: RuleComment) => RuleComment): Replica;

// ── Values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The entry of a table for this name; without an entry the fallback, and without a fallback the name itself. */
declare function mapValue<T>(table: Readonly<Record<string, T>>, name: string | null | undefined, fallback: T): T;
declare function mapValue(table: Readonly<Record<string, string>>, name: string): string;
/** True when two values hold the same, whatever the order of their members. */
declare function same(one: unknown, other: unknown): boolean;
/** True when the field holds something else than the last time. Absent and `null` are the same. */
declare function fieldChanged(previous: Previous | null | undefined, replica: Replica, name: string): boolean;
/** The names of all fields that hold something else than the last time, sorted. */
declare function changedFields(previous: Previous | null | undefined, replica: Replica): string[];
/** Takes every field but these out of the replica. */
declare function only(replica: Replica, ...fields: string[]): Replica;
/** Takes these fields out of the replica. */
declare function without(replica: Replica, ...fields: string[]): Replica;
/** The display name of a person whom the issue names, or the fallback (`''`). */
declare function nameOf(issue: Issue, account: string | null | undefined, fallback?: string): string;
/** `addDays('2026-02-27', 3)` is `'2026-03-02'`. */
declare function addDays(date: string, days: number): string;
/** Whole days from one date to another. */
declare function daysBetween(from: string, to: string): number;
/** Ends the script: nothing is sent, or nothing is taken over. */
declare function skip(): never;
