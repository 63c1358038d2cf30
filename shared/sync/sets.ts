import { otherSide, type Side } from '../model/connection.ts';
import type { FieldName } from '../model/field.ts';
import type { ValueHash } from '../model/ids.ts';
import { linkOf } from '../model/links.ts';
import type { SyncInput } from '../model/plan.ts';
import type { JiraIssue } from '../model/replica.ts';
import type { FieldTrace } from '../model/twin.ts';
import type { Code } from '../verdict.ts';
import { answerOf } from './answer.ts';
import { hashOf, hashOfPart } from './echo.ts';
import { elementCode, arrivingElement, isReversible } from './elements.ts';
import { refusalOf } from './fields.ts';
import { lanesOf, rowOf, sendsLane, type Lane } from './lanes.ts';
import { attemptOf } from './offer.ts';
import { leaving } from './outgoing.ts';
import { bothSides, hashNow, type Issues } from './view.ts';

/** An element that is new on one side: what it is there and what it becomes on the other. */
export interface Arrival {
  readonly source: string;
  readonly element: string;
}

/** What one direction of a set asks for. Empty lists: nothing. `code` says why it is not done. */
export interface SetFlow {
  readonly lane: Lane;
  readonly from: Side;
  readonly to: Side;
  /** The field that it arrives in. */
  readonly field: FieldName;
  readonly add: readonly Arrival[];
  readonly remove: readonly string[];
  /** Elements that cannot arrive, each with its reason; the others go on. */
  readonly left: readonly { readonly source: string; readonly code: Code }[];
  /** Links that are new here and that the pair at their other end brings along. */
  readonly others: readonly string[];
  /** The whole set as it shall be there: sorted, without repeats. */
  readonly value: readonly string[];
  readonly hash: ValueHash;
  readonly attempt: ValueHash;
  readonly code?: Code;
  readonly isTried: boolean;
}

/** The memory of a set on one side. */
export interface SetMemory {
  readonly parts: ReadonlySet<ValueHash>;
  readonly added: ReadonlySet<ValueHash>;
}

/**
 * Decides the sets element by element, one flow for each side that sends them and shows them.
 * An element that is new on one side is added to the other. One that is gone from one side is removed from the other only
 * when the sync had put it there; one that a person put there stays. Elements compare exactly.
 */
export function decideSets(input: SyncInput, issues: Issues): readonly SetFlow[] {
  return lanesOf(input.rules)
    .filter(({ isSet }) => isSet)
    .flatMap((lane) =>
      bothSides.flatMap((from) => {
        if (!sendsLane(input.rules, from, lane) || leavingSet(input, issues[from], from, lane) === undefined) return [];
        return [flowOf(input, issues, lane, from)];
      }),
    );
}

/** What a side shows of a set; `undefined` when it shows nothing of it. */
export function setOn(issues: Issues, side: Side, lane: Lane): readonly string[] | undefined {
  const value = issues[side].fields[lane[side]];
  if (value === undefined) return undefined;
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** The elements that a side has to give: what it shows, or what its script makes of it; `undefined` when it gives none at all. */
export function leavingSet(input: SyncInput, issue: JiraIssue, side: Side, lane: Lane): readonly string[] | undefined {
  const made = input.scripted?.[side];
  const value = made === undefined ? issue.fields[lane[side]] : made[lane[otherSide(side)]];
  if (value === undefined) return undefined;
  return Array.isArray(value) ? (value as readonly string[]) : [];
}

/** What the trace remembers of one side's elements. */
export function setMemory(trace: FieldTrace | undefined, side: Side): SetMemory {
  return {
    parts: new Set(side === 'a' ? trace?.aParts : trace?.bParts),
    added: new Set(side === 'a' ? trace?.aAdded : trace?.bAdded),
  };
}

/**
 * The elements on a side that the sync has put there. One that people have put there again since, as the changelog tells, is theirs:
 * they took it away and brought it back between two looks.
 */
export function oursOn(issues: Issues, trace: FieldTrace | undefined, side: Side, lane: Lane): ReadonlySet<ValueHash> {
  const { added } = setMemory(trace, side);
  const theirs = new Set(issues[side].putByPeople?.[lane[side]]?.map(hashOfPart));
  return theirs.size === 0 ? added : new Set([...added].filter((part) => !theirs.has(part)));
}

/** True when the flow has something to write and may. */
export function isAsked({ add, remove, code }: SetFlow): boolean {
  return code === undefined && add.length + remove.length > 0;
}

/** An element on its way: what it becomes on the other side, when that can be said, and why it cannot arrive, when it cannot. */
export interface Passage {
  readonly source: string;
  readonly element?: string;
  readonly code?: Code;
}

/** How the elements of a set pass to the other side; what a transform leaves out is none of the other side's and not told. */
export function passages(input: SyncInput, from: Side, lane: Lane, elements: readonly string[]): readonly Passage[] {
  const row = rowOf(input.rules, from, lane);
  if (row === undefined) return [];
  return elements.flatMap((source): Passage[] => {
    // What a script gives is in the words of the other side already.
    const isScripted = input.scripted?.[from] !== undefined;
    const left = isScripted ? [source] : leaving(row, [source], input.rules[from]);
    const [name] = Array.isArray(left) ? (left as readonly string[]) : [];
    if (name === undefined) return [];
    const element = arrivingElement(input, from, lane, name);
    if (element === undefined) return [{ source, code: 'link-target-not-synced' }];
    const code = elementCode(input, from, lane, element);
    return [code === undefined ? { source, element } : { source, element, code }];
  });
}

/** The elements that can arrive. */
export function arrivals(input: SyncInput, from: Side, lane: Lane, elements: readonly string[]): readonly Arrival[] {
  return passages(input, from, lane, elements).flatMap(({ source, element, code }) =>
    element === undefined || code !== undefined ? [] : [{ source, element }],
  );
}

function flowOf(input: SyncInput, issues: Issues, lane: Lane, from: Side): SetFlow {
  const to = otherSide(from);
  const trace = input.memory.fields[lane.key];
  const mine = leavingSet(input, issues[from], from, lane) ?? [];
  const theirs = new Set(setOn(issues, to, lane));
  const { parts } = setMemory(trace, from);
  const added = oursOn(issues, trace, to, lane);
  const isIgnored = answerOf(trace, { a: hashNow(issues.a, lane.a), b: hashNow(issues.b, lane.b) }) === 'ignore';
  const known = isIgnored ? new Set(mine.map(hashOfPart)) : firstParts(input, trace, from, mine);
  const passing = passages(input, from, lane, mine);
  const unseen = passing.filter(({ source }) => !known.has(hashOfPart(source)));
  const fresh = unseen.filter((one) => !isOfOtherPair(issues, lane, from, one));
  const others = unseen.flatMap((one) =>
    isOfOtherPair(issues, lane, from, one) && !theirs.has(one.element ?? '') ? [one.source] : [],
  );
  const add = fresh
    .flatMap(({ source, element, code }) => (element === undefined || code !== undefined ? [] : [{ source, element }]))
    .filter(({ element }, at, all) => !theirs.has(element) && all.findIndex((one) => one.element === element) === at);
  const left = fresh.flatMap(({ source, code }) => (code === undefined ? [] : [{ source, code }]));
  const kept = new Set(passing.map(({ element }) => element));
  const hasLost = !isIgnored && [...parts].some((part) => !mine.some((element) => hashOfPart(element) === part));
  const remove = hasLost
    ? [...theirs]
        .filter(
          (element) => added.has(hashOfPart(element)) && !kept.has(element) && isReversible(input, from, lane, element),
        )
        .sort()
    : [];
  const value = [
    ...[...theirs].filter((element) => !remove.includes(element)),
    ...add.map(({ element }) => element),
  ].sort();
  const field = lane[to];
  const hash = hashOf(field, value);
  const attempt = attemptOf(input, { to, field, hash });
  const code = add.length + remove.length === 0 ? undefined : setObstacle(input, issues, lane, to, trace, attempt);
  const flow = {
    lane,
    from,
    to,
    field,
    add,
    remove,
    left,
    others,
    value,
    hash,
    attempt,
    isTried: trace?.tried === attempt,
  };
  return code === undefined ? flow : { ...flow, code };
}

/**
 * A link shows at both of its issues, and each has a pair that remembers for itself: what one pair has made would be a person's new
 * link to the other. So it belongs to one of them as soon as both have one: to that whose issue on side a has the lower id, which both
 * know. (Its direction would do for most types; one that reads the same from both ends has none.)
 */
function isOfOtherPair(issues: Issues, { kind }: Lane, from: Side, { source, element }: Passage): boolean {
  if (kind !== 'links' || element === undefined) return false;
  const other = linkOf(from === 'a' ? source : element)?.issue;
  return other !== undefined && BigInt(other) < BigInt(issues.a.id);
}

/** At the first meeting of connected issues a baseline takes what is there as settled. */
function firstParts(
  input: SyncInput,
  trace: FieldTrace | undefined,
  from: Side,
  mine: readonly string[],
): ReadonlySet<ValueHash> {
  if (trace === undefined && input.memory.start === 'baseline') return new Set(mine.map(hashOfPart));
  return setMemory(trace, from).parts;
}

/** A set that the site does not show is not written: writing it whole would remove what we cannot see. */
function setObstacle(
  input: SyncInput,
  issues: Issues,
  lane: Lane,
  to: Side,
  trace: FieldTrace | undefined,
  attempt: ValueHash,
): Code | undefined {
  const isOpen = input[to].abilities.editable.includes(lane[to]) && setOn(issues, to, lane) !== undefined;
  if (!isOpen) return 'field-not-on-screen';
  return trace?.tried === attempt ? refusalOf(trace) : undefined;
}
