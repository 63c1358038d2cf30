import { otherSide, type Side } from '../model/connection.ts';
import type { FieldName } from '../model/field.ts';
import type { ValueHash } from '../model/ids.ts';
import type { Abilities, Blocked, SyncInput } from '../model/plan.ts';
import type { JiraIssue, Replica } from '../model/replica.ts';
import { hashOf, isNothing } from './echo.ts';
import { refusalOf } from './fields.ts';
import { lanesOf, sendsLane, type Lane } from './lanes.ts';
import { awaitsOf, type Awaits } from './mediaAcross.ts';
import { attemptOf, hasType, offerOf, valueObstacle, type Offer } from './offer.ts';
import { outgoing, withField } from './outgoing.ts';
import { leavingSet, passages, type Arrival } from './sets.ts';
import { issueOf } from './view.ts';

/** How a missing issue is made. `deferred`: what the source shares and the new issue does not get at once. */
export interface Creation {
  readonly from: Side;
  readonly to: Side;
  readonly source: JiraIssue;
  /** Absent when the issue cannot be made now; `blocked` says why. */
  readonly fields?: Replica;
  /** The elements of each set that the new issue gets, by lane. */
  readonly sets: Readonly<Record<string, readonly Arrival[]>>;
  /** By lane. */
  readonly attempts: Readonly<Record<string, ValueHash>>;
  /** Names of lanes. */
  readonly deferred: readonly string[];
  /** Files that deferred texts show. */
  readonly awaits: readonly Awaits[];
  readonly blocked: readonly Blocked[];
}

/**
 * Decides the issue that is missing beside the origin's. It always has a summary and a type; everything else that the site
 * cannot hold is left out, said, and comes again with the next round. A status is never set at birth: it needs a transition.
 * A sub-task is made as one when its parent travels and is there; it waits for a parent that is not.
 * `undefined` when nothing is to be made: both issues exist, or the one that exists is not the origin.
 */
export function decideCreation(input: SyncInput): Creation | undefined {
  const from = input.memory.originSide;
  const to = otherSide(from);
  const source = issueOf(input[from]);
  if (source === undefined || input[to].issue !== 'absent') return undefined;
  const lanes = lanesOf(input.rules).filter((lane) => sendsLane(input.rules, from, lane, 'create'));
  const made = lanes.reduce((draft: Draft, lane) => withBirth(draft, input, from, lane), emptyDraft);
  const { fields, ...rest } = made;
  const creation = { from, to, source, ...rest };
  const refuse = (field: FieldName, code: Blocked['code']): Creation => ({
    ...creation,
    blocked: made.blocked.some((one) => one.field === field)
      ? made.blocked
      : [...made.blocked, { side: to, field, code }],
  });
  if (fields.summary === undefined) return refuse('summary', 'field-refused');
  const isSubtask = source.isSubtask && lanes.some((lane) => lane[to] === 'parent');
  if (isSubtask && fields.parent === undefined) return refuse('parent', 'parent-not-synced');
  const left = input.scripted?.[from] ?? outgoing(source, input.rules[from]);
  const type = typeFor(left.issueType, input, isSubtask);
  if (type === undefined) return refuse('issueType', 'value-unknown');
  return { ...creation, fields: { ...fields, issueType: type } };
}

type Draft = Pick<Creation, 'attempts' | 'deferred' | 'awaits' | 'blocked' | 'sets'> & { readonly fields: Replica };

const emptyDraft: Draft = { fields: {}, sets: {}, attempts: {}, deferred: [], awaits: [], blocked: [] };

function withBirth(draft: Draft, input: SyncInput, from: Side, lane: Lane): Draft {
  if (lane.isSet) return withSet(draft, input, from, lane);
  const offer = offerOf(input, from, lane);
  if (offer === undefined || offer.field === 'issueType') return draft;
  const awaits = awaitsOf(input, from, offer.left);
  if (awaits.length > 0) {
    return { ...draft, deferred: [...draft.deferred, lane.key], awaits: [...draft.awaits, ...awaits] };
  }
  const { abilities } = input[offer.to];
  const trace = input.memory.fields[lane.key];
  const attempt = attemptOf(input, offer);
  const isTried = trace?.tried === attempt;
  const code = isTried
    ? refusalOf(trace)
    : offer.field === 'status'
      ? undefined
      : valueObstacle(offer, abilities, undefined);
  if (code !== undefined) return withBlocked(draft, lane, { side: offer.to, field: offer.field, code });
  if (!isWritten(offer, abilities)) return { ...draft, deferred: [...draft.deferred, lane.key] };
  return {
    ...draft,
    fields: withField(draft.fields, offer.field, offer.value),
    attempts: { ...draft.attempts, [lane.key]: attempt },
  };
}

function withBlocked(draft: Draft, lane: Lane, blocked: Blocked): Draft {
  return { ...draft, blocked: [...draft.blocked, blocked], deferred: [...draft.deferred, lane.key] };
}

/** The elements that can arrive are set at birth; the others are said, and come when they can. Links need both issues. */
function withSet(draft: Draft, input: SyncInput, from: Side, lane: Lane): Draft {
  const to = otherSide(from);
  const field = lane[to];
  const source = issueOf(input[from]);
  const value = source === undefined ? undefined : leavingSet(input, source, from, lane);
  if (!Array.isArray(value) || value.length === 0) return draft;
  if (!input[to].abilities.creatable.includes(field)) return { ...draft, deferred: [...draft.deferred, lane.key] };
  const passing = passages(input, from, lane, value);
  const stuck = passing.find(({ code }) => code !== undefined);
  const can = passing.flatMap(({ source, element, code }) =>
    element === undefined || code !== undefined ? [] : [{ source, element }],
  );
  const said = stuck?.code === undefined ? draft : withBlocked(draft, lane, { side: to, field, code: stuck.code });
  if (can.length === 0) return said;
  const elements = [...new Set(can.map(({ element }) => element))].sort();
  const attempt = attemptOf(input, { to, field, hash: hashOf(field, elements) });
  const trace = input.memory.fields[lane.key];
  if (trace?.tried === attempt) return withBlocked(said, lane, { side: to, field, code: refusalOf(trace) });
  return {
    ...said,
    fields: withField(said.fields, field, elements),
    sets: { ...said.sets, [lane.key]: can },
    attempts: { ...said.attempts, [lane.key]: attempt },
  };
}

/** Empty values are not written at birth: the next round sees whether the project filled them by itself. */
function isWritten({ field, value }: Offer, abilities: Abilities): boolean {
  return field === 'summary' || (field !== 'status' && !isNothing(field, value) && abilities.creatable.includes(field));
}

function typeFor(mapped: string | undefined, input: SyncInput, isSubtask: boolean): string | undefined {
  const from = input.memory.originSide;
  const { abilities } = input[otherSide(from)];
  const wanted = [...(mapped === undefined ? [] : [mapped]), input.rules[from].fallbackIssueType];
  const known = wanted.find((name) => hasType(abilities, name, isSubtask));
  return known ?? abilities.issueTypes.find((type) => type.isSubtask === isSubtask)?.name;
}
