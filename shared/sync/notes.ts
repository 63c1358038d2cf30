import { otherSide, type Side } from '../model/connection.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { AccountId, ValueHash } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import type { Marker, Visibility } from '../model/replica.ts';
import type { RuleDocument } from '../model/rules.ts';
import type { NoteTrace } from '../model/twin.ts';
import type { Code } from '../verdict.ts';
import { aimOf, audienceFor, canBecome, hashOfAudience, type Aim, type Audience } from './audience.ts';
import { digest } from './echo.ts';
import { newerOf, refusalOf } from './fields.ts';
import { awaitsOf, lacksOf, newsOf, type Awaits } from './mediaAcross.ts';
import { alone, byAge, pairsOf, type Pair, type Shelf, type Thing } from './pairs.ts';
import { arrivingText, isEmptyBody, mediaObstacle, textObstacle } from './richText.ts';
import { changedSides, hashes, standing, type Hashes } from './stance.ts';

/** What comments and worklogs have in common: somebody wrote it, may change it, and may keep it from others. */
export interface Note extends Thing, Audience {
  readonly updatedAt: number;
  readonly author: AccountId | null;
  readonly editor?: AccountId;
  readonly body: AdfDoc | null;
}

/** What makes one kind of note different from the other. */
export interface NoteKind<T extends Note> {
  readonly shelfOf: (input: SyncInput) => Shelf<T, NoteTrace<T['id']>>;
  readonly mayLeave: (rules: RuleDocument) => boolean;
  /** The hash of what it says, whoever may read it; `body` is what it says or would say. */
  readonly hashOf: (note: T, body: AdfDoc | null) => ValueHash;
  /** Said of a note that has no text; absent where it needs none. */
  readonly emptyCode?: Code;
  readonly restrictedCode: Code;
  readonly copyDeletedCode: Code;
  /** True when new ones appear there in the order in which people wrote them. */
  readonly isOrdered: boolean;
  /** Begins the idempotency hash of an attempt, so that the same ids of two kinds are two attempts. */
  readonly verbs: Readonly<Record<'add' | 'edit' | 'delete', string>>;
}

/** A note as it would be written. `hash` is over all of it, its audience included. */
export interface Arriving<T extends Note> {
  /** The note that it is made from. */
  readonly from: T;
  readonly body: AdfDoc | null;
  readonly visibility: Visibility | null;
  readonly hash: ValueHash;
}

/**
 * What is decided for one note. `trace` is what is remembered when nothing is done or the end of the act is unknown
 * (`undefined`: nothing); `after` is what is remembered when the act has succeeded.
 */
export type NoteDecision<T extends Note> = { readonly trace: NoteTrace<T['id']> | undefined } & (
  | { readonly kind: 'rest' }
  /** It shows files that are on their way, or is a new one behind one that does; `next`: a new one, from the other side of `on`. */
  | { readonly kind: 'await'; readonly on: Side; readonly awaits: readonly Awaits[]; readonly next?: T }
  | {
      readonly kind: 'add';
      readonly on: Side;
      readonly arriving: Arriving<T>;
      readonly marker: Marker;
      readonly after: NoteTrace<T['id']>;
      readonly attempt: ValueHash;
    }
  | {
      readonly kind: 'edit';
      readonly on: Side;
      readonly id: T['id'];
      readonly arriving: Arriving<T>;
      readonly after: NoteTrace<T['id']>;
      readonly attempt: ValueHash;
      /** True when the copy is still open to more people than its original and has to be closed with the next round. */
      readonly hasToClose?: boolean;
    }
  | {
      readonly kind: 'delete';
      readonly on: Side;
      readonly id: T['id'];
      readonly after: NoteTrace<T['id']> | undefined;
      readonly attempt: ValueHash;
      /** Said beside the deletion, when it is no deletion on the origin's side that caused it. */
      readonly code?: Code;
      /** True when the copy goes to be made anew. */
      readonly isReplaced?: boolean;
    }
  | { readonly kind: 'blocked'; readonly on: Side; readonly id: T['id']; readonly code: Code }
);

/** Decides every note of one kind. Only notes with a trace or a marker of this twin are ever edited or deleted. */
export function decideNotes<T extends Note>(input: SyncInput, kind: NoteKind<T>): readonly NoteDecision<T>[] {
  const deciding: Deciding<T> = { input, kind };
  const decided = pairsOf(kind.shelfOf(input)).flatMap((pair) => [
    decidePair(deciding, pair),
    ...duplicates(deciding, pair),
  ]);
  return kind.isOrdered ? inTurn(decided) : decided;
}

/** A new note does not overtake an older one that waits for its files. */
function inTurn<T extends Note>(decided: readonly NoteDecision<T>[]): readonly NoteDecision<T>[] {
  const waiting = decided.filter((one) => one.kind === 'await');
  if (waiting.every(({ next }) => next === undefined)) return decided;
  return decided.map((one): NoteDecision<T> => {
    if (one.kind !== 'add') return one;
    const { on, trace, arriving } = one;
    const isBehind = waiting.some(
      (before) => before.on === on && before.next !== undefined && byAge(before.next, arriving.from) < 0,
    );
    return isBehind ? { kind: 'await', on, awaits: [], next: arriving.from, trace } : one;
  });
}

interface Deciding<T extends Note> {
  readonly input: SyncInput;
  readonly kind: NoteKind<T>;
}
type PairOf<T extends Note> = Pair<T, NoteTrace<T['id']>>;
type Trace<T extends Note> = NoteTrace<T['id']>;

function decidePair<T extends Note>(deciding: Deciding<T>, pair: PairOf<T>): NoteDecision<T> {
  const { input, kind } = deciding;
  const { known, source, copy } = pair;
  const { origin: from } = pair.trace;
  const mayLeave = kind.mayLeave(input.rules[from]);
  if (source === undefined) {
    if (copy === undefined) return { kind: 'rest', trace: undefined };
    // Of an issue that is not known yet nothing can be told as deleted.
    if (input[from].issue === 'absent') return { kind: 'rest', trace: known };
    if (known?.anew === from) return { kind: 'rest', trace: lostBy(kind, from, copy) };
    return mayLeave ? deletion(deciding, pair, copy, undefined) : { kind: 'rest', trace: known };
  }
  const aim = aimFrom(deciding, from, source);
  if (copy === undefined)
    return mayLeave
      ? decideAdd(deciding, pair, source, aim)
      : { kind: 'rest', trace: withoutCopy(deciding, pair, aim) };
  if (!('code' in aim)) return decideEdit(deciding, pair, source, copy, aim.visibility);
  if (!mayLeave) return { kind: 'rest', trace: known };
  return withdrawal(deciding, pair, source, copy, aim.code);
}

function aimFrom<T extends Note>({ input, kind }: Deciding<T>, from: Side, note: T): Aim {
  return aimOf(note, input.rules[from], input[otherSide(from)].abilities, kind.restrictedCode);
}

function decideAdd<T extends Note>(deciding: Deciding<T>, pair: PairOf<T>, source: T, aim: Aim): NoteDecision<T> {
  const { input, kind } = deciding;
  const from = pair.trace.origin;
  const to = otherSide(from);
  const trace = withoutCopy(deciding, pair, aim);
  const stop = (code: Code): NoteDecision<T> => ({ kind: 'blocked', on: from, id: source.id, code, trace });
  if ('code' in aim) return stop(aim.code);
  if (trace?.blocked === kind.copyDeletedCode) return { kind: 'rest', trace };
  if (kind.emptyCode !== undefined && isEmptyBody(source.body)) return stop(kind.emptyCode);
  const awaits = awaitsOf(input, from, source.body);
  if (awaits.length > 0) return { kind: 'await', on: to, awaits, next: source, trace };
  const arriving = arrivingOn(deciding, to, source, aim.visibility);
  const code = obstacleTo(source, arriving.body);
  if (code !== undefined) return stop(code);
  const attempt = digest([kind.verbs.add, to, source.id, arriving.hash]);
  if (trace?.tried === attempt) return stop(refusalOf(trace));
  const marker: Marker = { twin: input.memory.twin, origin: from, source: source.id };
  const seen = sided(from, fullHash(kind, source), arriving.hash);
  const hashed = withFor(withHashes(alone<T['id']>(from, source.id), seen), {
    [from]: hashOfAudience(source),
    [to]: hashOfAudience(audienceFor(aim.visibility)),
  });
  const after = withLacks(hashed, lacksOf(input, { [from]: source.body, [to]: arriving.body }));
  return { kind: 'add', on: to, arriving, marker, after, attempt, trace };
}

/** The original went with a restore and nobody deleted it: the copy stays, alone and as if it had been the original. */
function lostBy<T extends Note>(kind: NoteKind<T>, from: Side, copy: T): Trace<T> {
  return { ...alone<T['id']>(otherSide(from), copy.id), blocked: kind.copyDeletedCode };
}

/** The memory of a note without copy; when there was one and a person deleted it, that is remembered. */
function withoutCopy<T extends Note>(
  { input, kind }: Deciding<T>,
  { known, source }: PairOf<T>,
  aim: Aim,
): Trace<T> | undefined {
  if (known === undefined) return undefined;
  const { origin } = known;
  if (known[otherSide(origin)] === undefined || source === undefined) return known;
  const mustGo = 'code' in aim && kind.mayLeave(input.rules[origin]);
  return { ...alone<T['id']>(origin, source.id), blocked: mustGo ? aim.code : kind.copyDeletedCode };
}

/**
 * Both are there and the original may be read by somebody there: `visibility` is by whom. `mayCopyLead`: what an open copy of an original
 * for some says goes to the original before the copy is closed.
 */
function decideEdit<T extends Note>(
  deciding: Deciding<T>,
  pair: PairOf<T>,
  source: T,
  copy: T,
  visibility: Visibility | null,
  mayCopyLead = true,
): NoteDecision<T> {
  const { input, kind } = deciding;
  const { origin } = pair.trace;
  const both: Record<Side, T> = origin === 'a' ? { a: source, b: copy } : { a: copy, b: source };
  const now = hashes(fullHash(kind, both.a), fullHash(kind, both.b));
  const nowFor = { a: hashOfAudience(both.a), b: hashOfAudience(both.b) };
  const base = baseOf(pair, both, now);
  const ids: Trace<T> = { origin, a: both.a.id, b: both.b.id };
  const { known } = pair;
  const unseen = known?.anew === undefined ? {} : { anew: known.anew };
  const seen = withFor(withHashes({ ...ids, ...unseen }, base), { a: known?.aFor, b: known?.bFor });
  const trace = withLacks(seen, known?.lacks ?? []);
  const rest = (): NoteDecision<T> => ({
    kind: 'rest',
    trace: withLacks(withFor(withHashes(ids, now), nowFor), lacksOf(input, { a: both.a.body, b: both.b.body })),
  });
  const edited = changedSides(base, now);
  const news = {
    a: newsOf(input, 'a', known?.lacks, both.a.body),
    b: newsOf(input, 'b', known?.lacks, both.b.body),
  };
  const changed = edited.a || edited.b ? edited : { a: news.a === 'there', b: news.b === 'there' };
  // A copy that is met for the first time and is open is of a moment before its original was restricted: nobody has opened it.
  const isMet = pair.known?.[otherSide(origin)] === undefined;
  // An original for some whose copy is open, because it does not know of it yet or because somebody there has opened it: also when the
  // copy's text goes first.
  const knownFor = forOn(pair.known, origin);
  const isTooOpen = visibility !== null && !copy.isRestricted;
  if (!isTooOpen && !changed.a && !changed.b) {
    const awaits = (['a', 'b'] as const)
      .filter((side) => news[side] === 'awaited')
      .flatMap((side) => awaitsOf(input, side, both[side].body));
    return awaits.length === 0 ? { kind: 'rest', trace } : { kind: 'await', on: otherSide(origin), awaits, trace };
  }
  const isCopyFirst = mayCopyLead && isTooOpen && !isMet && changed[otherSide(origin)];
  const from = isTooOpen && !isCopyFirst ? origin : writerOf(changed, both, origin);
  const to = otherSide(from);
  const stop = (code: Code, tried?: ValueHash): NoteDecision<T> => {
    const memory: Trace<T> = { ...trace, blocked: code, ...(tried === undefined ? {} : { tried }) };
    return { kind: 'blocked', on: from, id: both[from].id, code, trace: memory };
  };
  if (now.a === now.b) return rest();
  if (!kind.mayLeave(input.rules[from])) return { kind: 'rest', trace };
  const readers =
    from === origin ? copyReaders(pair, source, copy, visibility) : originalReaders(deciding, pair, source, copy);
  if (readers === 'foreign') return stop(kind.restrictedCode);
  if ('code' in readers) return stop(readers.code);
  const writer = both[from];
  if (kind.emptyCode !== undefined && isEmptyBody(writer.body)) return stop(kind.emptyCode);
  // Who may not read it any more must not read on while a file is on its way.
  const late = news[to] === 'awaited' ? awaitsOf(input, to, both[to].body) : [];
  const awaits = isTooOpen ? [] : [...awaitsOf(input, from, writer.body), ...late];
  if (awaits.length > 0) return { kind: 'await', on: to, awaits, trace };
  const arriving = arrivingOn(deciding, to, writer, readers.visibility, {
    ...{ body: both[to].body, lacks: known?.lacks },
  });
  // A copy that was opened and nothing else has nothing to say: it is closed.
  if (arriving.hash === now[to])
    return isCopyFirst ? decideEdit(deciding, pair, source, copy, visibility, false) : rest();
  const code = mediaObstacle(input, to, both[to].body, arriving.body) ?? obstacleTo(writer, arriving.body);
  if (code !== undefined) return stop(code);
  const attempt = digest([kind.verbs.edit, to, both[to].id, arriving.hash]);
  const isNarrowed =
    to !== origin && readers.visibility !== null && nowFor[to] !== hashOfAudience(audienceFor(readers.visibility));
  if (pair.known?.tried === attempt) {
    const said = refusalOf(pair.known);
    return isNarrowed ? withdrawal(deciding, pair, source, copy, said) : stop(said, attempt);
  }
  if (!canBecome(both[to], readers.visibility)) return replacement(deciding, pair, source, copy);
  const hasToClose = isTooOpen && from !== origin;
  const hashed = withFor(withHashes(ids, sided(from, now[from] ?? attempt, arriving.hash)), {
    [from]: nowFor[from],
    // As long as the copy is open, the restriction of the original counts as news.
    [to]: hasToClose ? knownFor : hashOfAudience(audienceFor(readers.visibility)),
  });
  const after = withLacks(hashed, lacksOf(input, { [from]: writer.body, [to]: arriving.body }));
  return {
    kind: 'edit',
    on: to,
    id: both[to].id,
    arriving,
    after,
    attempt,
    trace,
    ...(hasToClose ? { hasToClose } : {}),
  };
}

/** Whose text travels: the side that changed, of two the later one. */
function writerOf(
  changed: Readonly<Record<Side, boolean>>,
  { a, b }: Readonly<Record<Side, Note>>,
  origin: Side,
): Side {
  if (changed.a !== changed.b) return changed.a ? 'a' : 'b';
  return newerOf(a.updatedAt, b.updatedAt, origin);
}

/**
 * Who may read the copy after an edit of the original: whom the rules say. Where a person there has restricted the copy in another
 * way, it is that person's now (`foreign`), unless the original's own readers have changed since.
 */
function copyReaders<T extends Note>(
  { trace, known }: PairOf<T>,
  source: T,
  copy: T,
  visibility: Visibility | null,
): { readonly visibility: Visibility | null } | 'foreign' {
  const wanted = hashOfAudience(audienceFor(visibility));
  const seen = forOn(known, otherSide(trace.origin));
  const isOurs = [undefined, wanted, seen].includes(hashOfAudience(copy));
  if (!isOurs) return 'foreign';
  const isSame = hashOfAudience(source) === forOn(known, trace.origin);
  if (isSame && known !== undefined && copy.isRestricted) return { visibility: copy.visibility ?? null };
  return { visibility };
}

/**
 * Who may read the original after an edit of its copy: those who may now, unless the copy was restricted since. A copy that is opened
 * to more readers does not open its original: that is for people of the original's own side.
 */
function originalReaders<T extends Note>(deciding: Deciding<T>, { trace, known }: PairOf<T>, source: T, copy: T): Aim {
  const on = otherSide(trace.origin);
  const aim = aimFrom(deciding, on, copy);
  if ('code' in aim) return aim;
  const isSame = hashOfAudience(copy) === forOn(known, on);
  const kept: Aim =
    source.isRestricted && source.visibility === undefined
      ? { code: deciding.kind.restrictedCode }
      : { visibility: source.visibility ?? null };
  if (isSame || aim.visibility === null || !canBecome(source, aim.visibility)) return kept;
  return aim;
}

/** A text that the other side may not read any more goes there; the original is remembered with the reason. */
function withdrawal<T extends Note>(
  deciding: Deciding<T>,
  pair: PairOf<T>,
  source: T,
  copy: T,
  code: Code,
): NoteDecision<T> {
  const after: Trace<T> = { ...alone<T['id']>(pair.trace.origin, source.id), blocked: code };
  return deletion(deciding, pair, copy, after, code);
}

/** A copy whose readers cannot be changed in place goes, and the next plan makes it anew. */
function replacement<T extends Note>(deciding: Deciding<T>, pair: PairOf<T>, source: T, copy: T): NoteDecision<T> {
  const decision = deletion(deciding, pair, copy, alone<T['id']>(pair.trace.origin, source.id));
  return decision.kind === 'delete' ? { ...decision, isReplaced: true } : decision;
}

/**
 * A copy that was found again has an unknown age: the original's text is what counts. Where the site says who wrote the two last, it is
 * known better, also when our own store is an older one: what we wrote last is no change, and what somebody else did is one.
 */
function baseOf<T extends Note>(pair: PairOf<T>, both: Readonly<Record<Side, T>>, now: Hashes): Hashes {
  const { trace, known = {} as Trace<T> } = pair;
  const base = standing({ a: known.aHash, b: known.bHash, aSent: known.aSent, bSent: known.bSent }, now);
  const on = otherSide(trace.origin);
  const { author: us, editor } = both[on];
  const isUnsettled = base.a === undefined && base.b === undefined && known.anew === undefined;
  const isMet = (known[on] === undefined && base[on] !== now[on]) || isUnsettled;
  if ((isMet || known.anew === 'store') && us !== null && editor !== undefined) {
    const ofOurs = (side: Side): ValueHash | undefined => (both[side].editor === us ? now[side] : undefined);
    const ours = hashes(ofOurs('a'), ofOurs('b'));
    return ours.a !== undefined && ours.b !== undefined ? {} : ours;
  }
  // Begun anew, both count as changed, and the later edit travels.
  if (base.a !== undefined || base.b !== undefined || known.anew !== undefined) return base;
  return trace.origin === 'a' ? hashes(undefined, now.b) : hashes(now.a, undefined);
}

/** Second copies of the same text are ours and go; one that a person has changed stays and is nobody's copy. */
function duplicates<T extends Note>(deciding: Deciding<T>, pair: PairOf<T>): readonly NoteDecision<T>[] {
  const { input, kind } = deciding;
  const { trace, copy, extras } = pair;
  if (copy === undefined || !kind.mayLeave(input.rules[trace.origin])) return [];
  return extras
    .filter((extra) => fullHash(kind, extra) === fullHash(kind, copy))
    .map((extra) => deletion(deciding, { trace: { origin: trace.origin } }, extra, undefined));
}

function deletion<T extends Note>(
  { kind }: Deciding<T>,
  { trace: { origin }, known: trace }: Pick<PairOf<T>, 'trace' | 'known'>,
  { id }: T,
  after: Trace<T> | undefined,
  code?: Code,
): NoteDecision<T> {
  const on = otherSide(origin);
  const attempt = digest([kind.verbs.delete, on, id]);
  if (trace?.tried === attempt) return { kind: 'blocked', on, id, code: refusalOf(trace), trace };
  return { kind: 'delete', on, id, after, attempt, trace, ...(code === undefined ? {} : { code }) };
}

function arrivingOn<T extends Note>(
  { input, kind }: Deciding<T>,
  to: Side,
  from: T,
  visibility: Visibility | null,
  { body: own, lacks }: { readonly body: AdfDoc | null; readonly lacks?: readonly string[] | undefined } = {
    body: null,
  },
): Arriving<T> {
  const body = from.body === null ? null : arrivingText(input, otherSide(to), from.body, own, lacks);
  return { from, body, visibility, hash: hashFor(kind.hashOf(from, body), audienceFor(visibility)) };
}

function obstacleTo(source: Note, arriving: AdfDoc | null): Code | undefined {
  return source.body === null || arriving === null ? undefined : textObstacle(source.body, arriving);
}

function fullHash<T extends Note>(kind: NoteKind<T>, note: T): ValueHash {
  return hashFor(kind.hashOf(note, note.body), note);
}

/** What everybody may read hashes as what it says; a restriction is part of the value. */
function hashFor(content: ValueHash, audience: Audience): ValueHash {
  const restriction = hashOfAudience(audience);
  return restriction === undefined ? content : digest([restriction, content]);
}

function sided(from: Side, mine: ValueHash, theirs: ValueHash): Hashes {
  return from === 'a' ? hashes(mine, theirs) : hashes(theirs, mine);
}

function withHashes<Id extends string>(trace: NoteTrace<Id>, { a, b }: Hashes): NoteTrace<Id> {
  return { ...trace, ...(a === undefined ? {} : { aHash: a }), ...(b === undefined ? {} : { bHash: b }) };
}

function withLacks<Id extends string>(trace: NoteTrace<Id>, lacks: readonly string[]): NoteTrace<Id> {
  return lacks.length === 0 ? trace : { ...trace, lacks };
}

function withFor<Id extends string>(
  trace: NoteTrace<Id>,
  { a, b }: { readonly a?: ValueHash | undefined; readonly b?: ValueHash | undefined },
): NoteTrace<Id> {
  return { ...trace, ...(a === undefined ? {} : { aFor: a }), ...(b === undefined ? {} : { bFor: b }) };
}

function forOn(trace: NoteTrace<string> | undefined, side: Side): ValueHash | undefined {
  return side === 'a' ? trace?.aFor : trace?.bFor;
}
