import { otherSide, type Side } from '../model/connection.ts';
import type { FieldName } from '../model/field.ts';
import type { ValueHash } from '../model/ids.ts';
import type { SyncInput, Way } from '../model/plan.ts';
import type { FieldValue, Replica } from '../model/replica.ts';
import type { FieldTrace } from '../model/twin.ts';
import type { Code } from '../verdict.ts';
import { answerOf } from './answer.ts';
import { hashOf } from './echo.ts';
import { flipsAfter, isFlipping, type Flips } from './flips.ts';
import { lanesOf, policyOf, sendsLane, shownHash, type Lane } from './lanes.ts';
import { awaitsOf, lacksOf, newsOf, type Awaits } from './mediaAcross.ts';
import { bothValues, crossedValues, mergedValues } from './mergeField.ts';
import { attemptOf, leftOf, obstacle, offerOf, valueObstacle, type Offer } from './offer.ts';
import { changedSides, hashes, standing, withSide, type Hashes } from './stance.ts';
import { bothSides, hashNow, issueOf, type Issues } from './view.ts';
import { missingFields, pathTo } from './ways.ts';

/** One value to write on one side. */
export interface Write {
  readonly to: Side;
  readonly field: FieldName;
  readonly value: FieldValue;
  readonly hash: ValueHash;
  readonly attempt: ValueHash;
  /** Of a status: the transition to make now, what its screen gets, and whether the way ends there. */
  readonly move?: { readonly id: string; readonly to: string; readonly isLast: boolean; readonly fields: Replica };
}

/** What is decided for one lane that is no set. `base` is what the next trace builds on when nothing is written. */
export type FieldDecision = {
  readonly lane: Lane;
  readonly now: Hashes;
  readonly base: Hashes;
  readonly flips: Flips;
} & (
  | { readonly kind: 'leave' }
  | { readonly kind: 'rest' }
  /** The text shows files that are on their way: it travels when they are there. */
  | { readonly kind: 'await'; readonly awaits: readonly Awaits[] }
  | { readonly kind: 'agree'; readonly lacks: readonly string[] }
  | {
      readonly kind: 'write';
      readonly write: Write;
      readonly isFirst: boolean;
      /** True when it was said how the two meet: what the other side shows then is nothing that has to be told from our own. */
      readonly isChosen: boolean;
      readonly lacks: readonly string[];
    }
  /** Both sides get what was made of both: at most one write for each, none where it is there already. */
  | {
      readonly kind: 'merge';
      readonly writes: readonly Write[];
      readonly after: Hashes;
      readonly lacks: readonly string[];
    }
  | { readonly kind: 'blocked'; readonly to: Side; readonly code: Code; readonly isTried: boolean }
);

/** Decides every lane of two existing issues that is no set. */
export function decideFields(input: SyncInput, issues: Issues): readonly FieldDecision[] {
  return lanesOf(input.rules)
    .filter(({ isSet }) => !isSet)
    .map((lane) => decideField(input, issues, lane));
}

/**
 * Decides one lane: `leave` it alone (no rule names it), let it `rest` (nothing to carry), `await` files, `agree` (what both show
 * becomes the base), `write` to one side, `merge` into both, or say why it is `blocked`.
 */
export function decideField(input: SyncInput, issues: Issues, lane: Lane): FieldDecision {
  const raw = hashes(hashNow(issues.a, lane.a), hashNow(issues.b, lane.b));
  const now = hashes(shownHash(input, issues.a, 'a', lane), shownHash(input, issues.b, 'b', lane));
  const trace = input.memory.fields[lane.key];
  const base = trace === undefined ? {} : baseOf(input, issues, lane, trace, now);
  const known = { lane, now, base, flips: flipsOf(trace) };
  if (!bothSides.some((side) => sendsLane(input.rules, side, lane))) return { ...known, kind: 'leave' };
  const edited = changedSides(base, now);
  const news = newsOfLane(input, lane, trace);
  const changed = { a: edited.a || news.a === 'there', b: edited.b || news.b === 'there' };
  if (!changed.a && !changed.b)
    return news.awaits.length > 0 ? { ...known, kind: 'await', awaits: news.awaits } : { ...known, kind: 'rest' };
  const answer = answerOf(trace, raw);
  const agreed = (): FieldDecision => ({
    ...known,
    kind: 'agree',
    lacks: lacksOf(input, { a: issues.a.fields[lane.a], b: issues.b.fields[lane.b] }),
  });
  if (answer === 'ignore') return agreed();
  const isFirst = trace === undefined || isStillMeeting(input, trace);
  const isBaseline = isFirst && input.memory.start === 'baseline';
  // What the other text lacked decides whether an edit takes a picture out of it.
  const awaits = isBaseline ? [] : [...awaitsOfLane(input, lane, changed), ...news.awaits];
  if (awaits.length > 0) return { ...known, kind: 'await', awaits };
  if (isBaseline || isAgreed(input, lane, raw, news)) return agreed();
  if (!isFirst && changed.a && changed.b) {
    const merged = edited.a || edited.b ? mergedValues(input, lane) : crossedValues(input, lane);
    if (merged !== undefined) return mergeInto(input, lane, known, merged, raw);
  }
  const from = answer ?? (isFirst ? firstOf(input, issues, lane, now) : senderOf(input, issues, lane, changed));
  if (from === 'hold') return blockedBy(known, otherSide(input.memory.originSide), 'conflict-held');
  if (from === 'both') return mergeBoth(input, lane, known, raw);
  if (!sendsLane(input.rules, from, lane)) return { ...known, kind: 'rest' };
  const offer = offerOf(input, from, lane);
  if (offer === undefined) return { ...known, kind: 'rest' };
  return decideWrite(input, issues, { ...known, from, offer, trace, isFirst });
}

/** What of the files that a text lacked is new, for each side's text, and what the sites have to be asked to tell. */
function newsOfLane(input: SyncInput, lane: Lane, trace: FieldTrace | undefined) {
  const of = (side: Side) =>
    trace?.lacks !== undefined && sendsLane(input.rules, side, lane)
      ? newsOf(input, side, trace.lacks, leftOf(input, side, lane))
      : undefined;
  const news = { a: of('a'), b: of('b') };
  const awaits = bothSides
    .filter((side) => news[side] === 'awaited')
    .flatMap((side) => awaitsOf(input, side, leftOf(input, side, lane)));
  return { ...news, awaits };
}

/** The files that the texts which would travel have still to wait for. */
function awaitsOfLane(input: SyncInput, lane: Lane, changed: Readonly<Record<Side, boolean>>): readonly Awaits[] {
  if (lane.kind !== 'richText') return [];
  return bothSides
    .filter((side) => changed[side] && sendsLane(input.rules, side, lane))
    .flatMap((side) => awaitsOf(input, side, leftOf(input, side, lane)));
}

type Known = Pick<FieldDecision, 'lane' | 'now' | 'base' | 'flips'>;

function blockedBy(known: Known, to: Side, code: Code, isTried = false): FieldDecision {
  return { ...known, kind: 'blocked', to, code, isTried };
}

interface Sending extends Known {
  readonly from: Side;
  readonly offer: Offer;
  readonly trace: FieldTrace | undefined;
  readonly isFirst: boolean;
}

function decideWrite(input: SyncInput, issues: Issues, sending: Sending): FieldDecision {
  const { from, offer, trace, isFirst, ...known } = sending;
  const flips = flipsAfter(known.flips, from, issues[from].changedByApp?.includes(known.lane[from]) === true);
  if (isFlipping(flips)) return blockedBy({ ...known, flips }, offer.to, 'field-flipping');
  const code = obstacle(input, offer);
  if (code !== undefined) return blockedBy(known, offer.to, code);
  const write = writeOf(input, from, offer);
  if ('code' in write) return blockedBy(known, offer.to, write.code);
  if (trace?.tried === write.attempt) return blockedBy(known, offer.to, refusalOf(trace), true);
  const lacks = lacksOf(input, from === 'a' ? { a: offer.left, b: offer.value } : { a: offer.value, b: offer.left });
  const isChosen = isFirst && input.memory.start !== undefined;
  return { ...known, flips, kind: 'write', write, isFirst, isChosen, lacks };
}

/** The write of an offer; a status goes one transition at a time, with what the transition's screen asks for. */
function writeOf(input: SyncInput, from: Side, offer: Offer): Write | { readonly code: Code } {
  const { to, field, value, hash } = offer;
  const write: Write = { to, field, value, hash, attempt: attemptOf(input, offer) };
  if (field !== 'status') return write;
  const move = pathTo(input[to].abilities, issueOf(input[to])?.fields.status, typeof value === 'string' ? value : '');
  if (move === undefined) return { code: 'status-unreachable' };
  const fields = screenFields(input, from, move.way);
  if (missingFields(move.way, new Set(Object.keys(fields) as FieldName[])).length > 0) {
    return { code: 'transition-field-missing' };
  }
  return { ...write, move: { id: move.way.id, to: move.way.to, isLast: move.isLast, fields } };
}

/**
 * What a transition's screen gets: what the rules say for this status, and for a field that it asks for, or that nothing else sets,
 * what the source offers and the other side can hold. The other fields of the screen have a way of their own: given here, they
 * would go over what people changed there, and a value that the site refuses would stop the status.
 */
function screenFields(input: SyncInput, from: Side, { to: status, fields: names = [], required = [] }: Way): Replica {
  const to = otherSide(from);
  const given: Readonly<Partial<Record<FieldName, FieldValue>>> = input.rules[from].transitionFields?.[status] ?? {};
  const lanes = lanesOf(input.rules);
  let fields: Record<string, FieldValue> = {};
  for (const name of names) {
    const isAsked = name === 'resolution' || required.includes(name);
    const lane = isAsked ? lanes.find((one) => one[to] === name && !one.isSet) : undefined;
    const offer = lane === undefined ? undefined : offerOf(input, from, lane);
    const value = given[name] ?? (offer === undefined || isRefused(input, offer) ? undefined : offer.value);
    if (value !== undefined && value !== null) fields = { ...fields, [name]: value };
  }
  return fields;
}

/** True when connected issues met with different values and a person has still to say which counts. */
function isStillMeeting(input: SyncInput, trace: FieldTrace): boolean {
  const isOpen = trace.a === undefined && trace.b === undefined && trace.blocked === 'conflict-held';
  return isOpen && input.memory.start !== undefined;
}

function isRefused(input: SyncInput, offer: Offer): boolean {
  return valueObstacle(offer, input[offer.to].abilities, issueOf(input[offer.to])) !== undefined;
}

/** The code under which a refused attempt was remembered. */
export function refusalOf(trace: { readonly blocked?: Code }): Code {
  return trace.blocked ?? 'field-refused';
}

function flipsOf(trace: FieldTrace | undefined): Flips {
  return {
    ...(trace?.flips === undefined ? {} : { flips: trace.flips }),
    ...(trace?.lastFrom === undefined ? {} : { lastFrom: trace.lastFrom }),
  };
}

/**
 * True when what either side would send is what the other shows already. Where files have arrived that a text lacked, words that stand
 * for them over there say nothing: that text itself has to be there.
 */
function isAgreed(input: SyncInput, lane: Lane, now: Hashes, news: Readonly<Partial<Record<Side, unknown>>>): boolean {
  const isThere = (side: Side): boolean => {
    const there = now[otherSide(side)];
    return there !== undefined && sendsLane(input.rules, side, lane) && offerOf(input, side, lane)?.hash === there;
  };
  const late = bothSides.filter((side) => news[side] === 'there');
  return late.length > 0 ? late.every(isThere) : bothSides.some(isThere);
}

/** A person wants both texts: one below the other. */
function mergeBoth(input: SyncInput, lane: Lane, known: Known, raw: Hashes): FieldDecision {
  const joined = bothValues(input, lane);
  if (joined === undefined) return blockedBy(known, otherSide(input.memory.originSide), 'conflict-held');
  return mergeInto(input, lane, known, joined, raw);
}

function mergeInto(
  input: SyncInput,
  lane: Lane,
  known: Known,
  values: Readonly<Record<Side, FieldValue>>,
  now: Hashes,
): FieldDecision {
  const writes: Write[] = [];
  const hash = { a: hashOf(lane.a, values.a), b: hashOf(lane.b, values.b) };
  for (const to of bothSides) {
    if (hash[to] === now[to]) continue;
    const field = lane[to];
    const offer: Offer = { to, field, source: values[to], left: values[to], value: values[to], hash: hash[to] };
    const attempt = attemptOf(input, offer);
    const code = obstacle(input, offer);
    if (code !== undefined) return blockedBy(known, to, code);
    if (input.memory.fields[lane.key]?.tried === attempt) {
      return blockedBy(known, to, refusalOf(input.memory.fields[lane.key] ?? {}), true);
    }
    writes.push({ to, field, value: values[to], hash: hash[to], attempt });
  }
  return { ...known, flips: {}, kind: 'merge', writes, after: hash, lacks: lacksOf(input, values) };
}

/**
 * Two values that meet for the first time: issues that were connected follow the start that was chosen; a field that the rules did
 * not name before follows its policy, like a double change. A value alone travels anyway, and what the issue that we made shows
 * since its birth is nobody's: it never goes over the origin's.
 */
function firstOf(input: SyncInput, issues: Issues, lane: Lane, now: Hashes): Side | 'hold' {
  const { originSide: origin, start } = input.memory;
  if (now[origin] === undefined) return otherSide(origin);
  if (now[otherSide(origin)] === undefined) return origin;
  if (start === 'a' || start === 'b' || start === 'hold') return start;
  const policy = start === undefined ? policyOf(input.rules, lane) : 'newest';
  const there = otherSide(origin);
  if (start === undefined && issues[there].changedAt[lane[there]] === undefined)
    return policy === 'hold' && sendsLane(input.rules, origin, lane) ? 'hold' : origin;
  return policy === 'newest' ? newerOf(issues.a.changedAt[lane.a], issues.b.changedAt[lane.b], origin) : policy;
}

/** What the present is held against: the trace, read in the light of what the changelogs tell. */
function baseOf(input: SyncInput, issues: Issues, lane: Lane, trace: FieldTrace, now: Hashes): Hashes {
  const before = arrivedBefore(input, issues, lane, trace, now);
  if (before !== undefined) return before;
  const isTouched =
    trace.pending !== undefined &&
    issues[otherSide(trace.pending)].changedAt[lane[otherSide(trace.pending)]] !== undefined;
  const byPeople = bothSides.filter((side) => {
    const { changedAt, changedByApp } = issues[side];
    return changedAt[lane[side]] !== undefined && changedByApp?.includes(lane[side]) !== true;
  });
  return standing({ ...trace, isTouched, byPeople }, now);
}

/**
 * The hashes to compare with when our own write, whose end was not known, did arrive and somebody changed the field there after it:
 * the changelog tells of an app's change that is not older than the value we had sent. `undefined` when nothing tells so.
 */
function arrivedBefore(
  input: SyncInput,
  issues: Issues,
  lane: Lane,
  trace: FieldTrace,
  now: Hashes,
): Hashes | undefined {
  for (const to of bothSides) {
    const [from, sent] = [otherSide(to), to === 'a' ? trace.aSent : trace.bSent];
    const { appChangedAt = {}, changedAt } = issues[to];
    const arrivedAt = appChangedAt[lane[to]];
    if (sent === undefined || now[to] === sent || arrivedAt === undefined) continue;
    const isOlder = arrivedAt < (issues[from].changedAt[lane[from]] ?? 0);
    const isLast = changedAt[lane[to]] === arrivedAt && issues[to].changedByApp?.includes(lane[to]) === true;
    // The app's change may be of a life that is forgotten: what stood there when the two met stands there still.
    if (input.memory.start !== undefined && trace[from] === undefined && trace[to] === now[to]) continue;
    if (isOlder || isLast || offerOf(input, from, lane)?.hash !== sent) continue;
    return withSide(withSide({}, from, now[from]), to, sent);
  }
  return undefined;
}

function senderOf(
  input: SyncInput,
  issues: Issues,
  lane: Lane,
  changed: Readonly<Record<Side, boolean>>,
): Side | 'hold' {
  if (changed.a !== changed.b) return changed.a ? 'a' : 'b';
  const policy = policyOf(input.rules, lane);
  if (policy !== 'newest') return policy;
  return newerOf(issues.a.changedAt[lane.a], issues.b.changedAt[lane.b], input.memory.originSide);
}

/**
 * The side with the later moment, in epoch milliseconds. A side whose moment is not known has not changed since it was made, so
 * the known one is later; the origin side when both are unknown or equal.
 */
export function newerOf(a: number | undefined, b: number | undefined, origin: Side): Side {
  if (a === b) return origin;
  if (a === undefined || b === undefined) return a === undefined ? 'b' : 'a';
  return a > b ? 'a' : 'b';
}
