import type { Code } from '../verdict.ts';
import type { AccountId, TenantId } from './ids.ts';
import type { JiraComment, JiraIssue } from './replica.ts';

/** The two functions that a rule script may define. @see shared/script/SPEC.md */
export const scriptEntries = ['outgoing', 'incoming'] as const;

export type ScriptEntry = (typeof scriptEntries)[number];

/**
 * One run of a rule script. Its arguments are JSON values: `issue` a {@link ScriptIssue}, `replica` and `previous` the fields that
 * travel, with `comments` when they do. `replica` is the one that the script changes.
 * `outgoing(issue, replica)` gets the issue as its site shows it and what the rules let leave;
 * `incoming(replica, issue, previous)` what arrived, the issue here, and what arrived before (`null` at first).
 */
export interface ScriptAsk {
  /** Whose script it is: no tenant holds more than one worker at a time. */
  readonly tenant: TenantId;
  readonly source: string;
  readonly entry: ScriptEntry;
  readonly replica: unknown;
  readonly issue: unknown;
  /** For `incoming` only. */
  readonly previous?: unknown;
}

/**
 * The issue as a script sees it: what `JiraIssue` holds, its comments, and the display names of the people whom it names, as far as
 * the site shows them (they are read for the run and kept nowhere). `examples/rule.d.ts` tells the authors of scripts the same.
 */
export interface ScriptIssue extends Pick<JiraIssue, 'id' | 'key' | 'projectKey' | 'isSubtask' | 'fields'> {
  readonly comments?: readonly JiraComment[];
  readonly people?: Readonly<Record<AccountId, string>>;
}

/** A place in a script: both count from 1, columns in characters. */
export interface ScriptPlace {
  readonly line: number;
  readonly column: number;
}

/** Why a script failed, in words of ours: what it threw may hold the customer's data and never leaves the sandbox. */
export const scriptReasons = [
  'syntax',
  'reads-nothing',
  'not-a-function',
  'name-unknown',
  'read-only',
  'helper-refused',
  'too-deep',
  'thrown',
  'engine',
] as const;

export type ScriptReason = (typeof scriptReasons)[number];

/** What a run used. */
export interface ScriptUsage {
  /** Processor time of the run in milliseconds, rounded up. */
  readonly cpuMs: number;
}

/** How a run that gave no value ended. */
export type ScriptRefusal = Extract<Code, `script-${string}`> &
  (
    | 'script-syntax'
    | 'script-error'
    | 'script-timeout'
    | 'script-memory'
    | 'script-output-odd'
    | 'script-output-large'
    | 'script-input-large'
    | 'script-too-large'
    | 'script-busy'
  );

/**
 * How a run ended. `done` holds a JSON value that nobody has checked but for its form: the caller's schema decides what it
 * means. A script without the entry point changes nothing: its value is the replica as it was.
 */
export type ScriptEnding =
  | { readonly code: 'done'; readonly value: unknown; readonly usage: ScriptUsage }
  | { readonly code: 'script-skipped'; readonly usage: ScriptUsage }
  | {
      readonly code: ScriptRefusal;
      readonly at?: ScriptPlace;
      readonly reason?: ScriptReason;
      readonly usage: ScriptUsage;
    };

/** Something in a script's text that cannot work. `name` is a word of the script itself: for its author, not for logs. */
export interface ScriptProblem extends ScriptPlace {
  readonly code: Extract<
    Code,
    | 'script-syntax'
    | 'script-too-large'
    | 'script-name-unknown'
    | 'script-field-unknown'
    | 'script-entry-missing'
    | 'script-entry-unknown'
    | 'script-entry-odd'
  >;
  readonly name?: string;
}

/** What a static check found; a text that cannot even be checked within the bounds ends with a code. */
export type ScriptCheck =
  | { readonly code: 'done'; readonly problems: readonly ScriptProblem[] }
  | { readonly code: 'script-timeout' | 'script-memory' | 'script-busy' };
