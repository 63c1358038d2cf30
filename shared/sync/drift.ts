import { otherSide } from '../model/connection.ts';
import type { Side } from '../model/connection.ts';
import type { DriftThing, DriftWhy } from '../model/drift.ts';
import { isFieldName } from '../model/field.ts';
import type { Blocked, Plan, Settled, Step, SyncInput } from '../model/plan.ts';
import type { Code } from '../verdict.ts';
import { lanesOf } from './lanes.ts';
import { namesIn } from './outgoing.ts';
import { issueOf } from './view.ts';

/** What a look that no event has asked for has found, and what is known of the twin beside it. */
export interface DriftFacts {
  readonly input: SyncInput;
  readonly plan: Plan;
  /** What could not be done, as it is known now. */
  readonly blocked: readonly Blocked[];
  readonly now: number;
  readonly settledAt?: number;
  /** When the younger of the two sides' rules began to count. */
  readonly rulesAt: number;
  /** The twin was waiting after trouble with a site. */
  readonly wasParked: boolean;
  /** A create was begun before, and its end is not known. */
  readonly wasCreating: boolean;
}

/** An announcement may take as long as this. @see ATLASSIAN.md §6: webhooks are sent within seconds, with a target of 30 */
const LATE_MS = 60_000;
/** What the site does not tell us of when it changes. */
const UNANNOUNCED: ReadonlySet<string> = new Set(['links', 'remoteLinks', 'attachment', 'worklog']);
/** The rules or a person want it so: no drift, and in step all the same. */
const BY_WILL: ReadonlySet<Code> = new Set<Code>([
  ...(['comment-restricted', 'comment-empty', 'comment-foreign', 'comment-copy-deleted'] as const),
  ...(['worklog-restricted', 'worklog-copy-deleted', 'attachment-restricted', 'attachment-copy-deleted'] as const),
]);
const PERMISSION: ReadonlySet<Code> = new Set<Code>([
  ...(['issue-gone', 'jira-forbidden', 'jira-not-found', 'jira-unauthorised'] as const),
]);

/** Everything that was not in step: each thing that the plan repairs, and each that it cannot. Empty for a pair that is equal. */
export function driftOf(facts: DriftFacts): readonly DriftThing[] {
  const steps = facts.plan.steps.flatMap((step) => thingsOf(step));
  const open = facts.blocked.filter(({ code }) => !BY_WILL.has(code)).map(openThing);
  const isOpen = (thing: Thing): boolean => open.some((one) => isSameThing(one, thing));
  return [...steps.filter((thing) => !isOpen(thing)), ...open].map((thing) => ({ ...thing, why: whyOf(facts, thing) }));
}

/**
 * True when a look has found both sides equal under the rules: both issues were seen, nothing was to do, or all that was done was then
 * read back, and nothing is blocked but by the rules' or a person's own will.
 */
export function isVerified({ a, b }: SyncInput, plan: Plan, settled: Settled, wasReadBack = false): boolean {
  if (typeof a.issue !== 'object' || typeof b.issue !== 'object') return false;
  const isFree = settled.blocked.every(({ code }) => BY_WILL.has(code));
  return (plan.steps.length === 0 || wasReadBack) && !plan.again && settled.isComplete && isFree;
}

/** The same things, with what is known now in the place of what was known before; the first reason stays. */
export function mergeDrift(before: readonly DriftThing[], now: readonly DriftThing[]): readonly DriftThing[] {
  const kept = before.filter((thing) => !now.some((one) => isSameThing(one, thing)));
  const again = now.map((thing) => ({
    ...thing,
    why: before.find((one) => isSameThing(one, thing))?.why ?? thing.why,
  }));
  return [...kept, ...again];
}

type Thing = Omit<DriftThing, 'why'>;

function isSameThing(one: Thing, other: Thing): boolean {
  return one.side === other.side && one.what === other.what && one.part === other.part;
}

/** What a step brings to a side that lacks it. */
function thingsOf(step: Step): readonly Thing[] {
  const { side } = step;
  switch (step.kind) {
    case 'create-issue':
    case 'delete-issue':
      return [{ side, what: 'issue' }];
    case 'edit-issue':
      return namesIn(step.fields).map((what) => ({ side, what }));
    case 'transition':
      return [{ side, what: 'status' }];
    case 'link':
      return [{ side, what: step.field }];
    case 'add-comment':
      return [{ side, what: 'comment', ...partOf(step.marker.source) }];
    case 'edit-comment':
    case 'delete-comment':
      return [{ side, what: 'comment', part: step.comment }];
    case 'add-worklog':
      return [{ side, what: 'worklog', ...partOf(step.marker.source) }];
    case 'edit-worklog':
    case 'delete-worklog':
      return [{ side, what: 'worklog', part: step.worklog }];
    case 'add-attachment':
      return [{ side, what: 'attachment', part: step.source.id }];
    case 'delete-attachment':
      return [{ side, what: 'attachment', part: step.attachment }];
  }
}

function partOf(part: string | undefined): { readonly part?: string } {
  return part === undefined ? {} : { part };
}

function openThing({ side, field, comment, worklog, attachment, code }: Blocked): Thing {
  if (field !== undefined) return { side, what: field, code };
  // What a comment, worklog or file could not do is told of its own side; the other one lacks it.
  const to = otherSide(side);
  if (comment !== undefined) return { side: to, what: 'comment', part: comment, code };
  if (worklog !== undefined) return { side: to, what: 'worklog', part: worklog, code };
  return attachment === undefined
    ? { side, what: 'issue', code }
    : { side: to, what: 'attachment', part: attachment, code };
}

function whyOf(facts: DriftFacts, thing: Thing): DriftWhy {
  const { code } = thing;
  if (code === 'conflict-held') return 'conflict';
  if (code !== undefined) return PERMISSION.has(code) ? 'permission' : 'blocked';
  if (thing.what === 'issue' && facts.wasCreating) return 'create-lost';
  if (facts.wasParked) return 'parked';
  if (facts.settledAt !== undefined && facts.rulesAt > facts.settledAt) return 'rules-changed';
  if (UNANNOUNCED.has(thing.what)) return 'no-webhook';
  const changedAt = changeOf(facts.input, thing);
  return changedAt !== undefined && facts.now - changedAt < LATE_MS ? 'webhook-late' : 'webhook-lost';
}

/** When the other side's people made the change that was missing here, as far as that can be told. */
function changeOf(input: SyncInput, { side, what, part }: Thing): number | undefined {
  const from: Side = otherSide(side);
  const source = issueOf(input[from]);
  if (what === 'issue') return source?.createdAt;
  if (what === 'comment') return input[from].comments.find(({ id }) => id === part)?.updatedAt;
  if (!isFieldName(what)) return undefined;
  const lane = lanesOf(input.rules).find((one) => one[side] === what);
  return lane === undefined ? undefined : source?.changedAt[lane[from]];
}
