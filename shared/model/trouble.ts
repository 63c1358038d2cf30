/** What keeps parts of a twin from being carried over: which, since when, and when it is looked at again. */
import type { Code } from '../verdict.ts';
import type { Side } from './connection.ts';

/** What a trouble is about when it is no field. */
export const troubleParts = ['comment', 'worklog', 'attachment', 'issue'] as const;
export type TroublePart = (typeof troubleParts)[number];

/** One cause of one twin. Instants are epoch milliseconds. */
export interface Trouble {
  readonly code: Code;
  /** Where it cannot be written, or what cannot leave; absent when both sides are concerned. */
  readonly side?: Side;
  /** The lane of the field; see `shared/sync/lanes.ts`. */
  readonly field?: string;
  readonly part?: TroublePart;
  /** Comments, worklogs or files with this cause. */
  readonly count: number;
  /** Since when without a break, and when it was last seen. */
  readonly since: number;
  readonly at: number;
}

/**
 * Codes whose cause lies outside the two issues, so that no change of theirs tells when it is gone. Values that a site refused are
 * not among them: the same refusal would come.
 */
const healing: ReadonlySet<Code> = new Set<Code>([
  'parent-not-synced',
  'link-target-not-synced',
  'value-unknown',
  'user-not-assignable',
  'field-not-on-screen',
  'status-unreachable',
  'transition-field-missing',
  'visibility-unknown',
  'attachments-off',
  'contract-refused',
]);
/** Sites' trouble, for which the twin waits as a whole. */
const parking: ReadonlySet<Code> = new Set<Code>([
  'jira-unauthorised',
  'jira-forbidden',
  'jira-not-found',
  'jira-refused',
  'project-archived',
]);

/** True when Twinline looks again without being asked. */
export function healsItself(code: Code): boolean {
  return healing.has(code) || parking.has(code);
}

/** The first look again, and the longest wait between two. (Ours: a person who adds an option expects minutes.) */
const FIRST_LOOK_MS = 300_000;
const LAST_LOOK_MS = 6 * 3_600_000;

/**
 * When a twin with these troubles is looked at again: as long after now as the youngest of them has lasted, so that waits double;
 * `undefined` when none heals by itself.
 */
export function nextLookAt(troubles: readonly Trouble[], now: number): number | undefined {
  const ages = troubles.filter(({ code }) => healing.has(code)).map(({ since }) => now - since);
  if (ages.length === 0) return undefined;
  return now + Math.min(LAST_LOOK_MS, Math.max(FIRST_LOOK_MS, Math.min(...ages)));
}

/** What tells one cause from another. */
export type Cause = Pick<Trouble, 'code' | 'side' | 'field' | 'part'>;

/** True when the trouble is of this cause. */
export function isOfCause(trouble: Cause, cause: Cause): boolean {
  const { code, side, field, part } = trouble;
  return code === cause.code && side === cause.side && field === cause.field && part === cause.part;
}
