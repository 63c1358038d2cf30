import { mediaIn, type MediaFile } from '../adf/media.ts';
import { otherSide, type Side } from '../model/connection.ts';
import type { AttachmentId } from '../model/ids.ts';
import type { Across, MediaAsk, SyncInput } from '../model/plan.ts';
import type { FieldValue, JiraAttachment } from '../model/replica.ts';
import type { FileTrace } from '../model/twin.ts';
import { decideAttachments, type FileDecision } from './attachments.ts';
import { isDoc } from './echo.ts';
import { namesIn } from './outgoing.ts';
import { bothSides, issueOf } from './view.ts';

/**
 * How often a text waits for a file whose way over ends without an answer: with the waits after trouble this is two minutes. Then it
 * goes with words in the file's place, and again when the file is there.
 */
export const MAX_WAITS = 3;
/** Ids of files that a text is remembered to lack; more pictures than people put into one text. */
const MAX_LACKS = 100;

/** What becomes of the files of one side where its texts arrive, by the ids under which documents of that side show them. */
interface Fates {
  readonly there: ReadonlyMap<string, MediaFile>;
  /** On their way; with the copy whose own id has still to be asked for, when it is that. */
  readonly awaited: ReadonlyMap<string, AttachmentId | undefined>;
  /** Files of the issue that have no counterpart. */
  readonly stays: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  readonly shared: ReadonlySet<string>;
  /** Files with a counterpart, or on their way, whose id has still to be asked for, the newest first. */
  readonly unasked: readonly AttachmentId[];
}

/** A text waits for files of its side that have these ids. */
export interface Awaits {
  readonly from: Side;
  readonly ids: readonly string[];
}

/** The files that a text shows and that the other side will have, or may turn out to have; empty when it need not wait. */
export function awaitsOf(input: SyncInput, from: Side, value: FieldValue | undefined): readonly Awaits[] {
  const shown = filesOf(value);
  if (shown.length === 0) return [];
  const fates = fatesOf(input, from);
  const ids = shown.filter((id) => fates.awaited.has(id) || (fates.unasked.length > 0 && !isKnown(fates, id)));
  return ids.length === 0 ? [] : [{ from, ids }];
}

/** The ids of the files that either text shows and the other text does not: they are words there, and may come later. */
export function lacksOf(
  input: SyncInput,
  docs: Readonly<Partial<Record<Side, FieldValue | undefined>>>,
): readonly string[] {
  const ids = bothSides.flatMap((side) => {
    const shown = filesOf(docs[side]);
    if (shown.length === 0) return [];
    const { there, gone } = fatesOf(input, side);
    const beside = new Set(filesOf(docs[otherSide(side)]));
    return shown.filter((id) => !gone.has(id) && !beside.has(there.get(id)?.id ?? ''));
  });
  return ids.slice(0, MAX_LACKS);
}

/**
 * Whether a file that a text lacked on the other side is there by now: `there`, or `awaited` when it is on its way. `undefined`:
 * nothing is new.
 */
export function newsOf(
  input: SyncInput,
  from: Side,
  lacks: readonly string[] | undefined,
  value: FieldValue | undefined,
): 'there' | 'awaited' | undefined {
  if (lacks === undefined) return undefined;
  const shown = filesOf(value).filter((id) => lacks.includes(id));
  if (shown.length === 0) return undefined;
  const fates = fatesOf(input, from);
  if (shown.some((id) => fates.there.has(id))) return 'there';
  return shown.some((id) => fates.awaited.has(id) || (fates.unasked.length > 0 && !isKnown(fates, id)))
    ? 'awaited'
    : undefined;
}

/** True when some text of either issue shows a file. */
export function showsFiles(input: SyncInput): boolean {
  return bothSides.some((side) => {
    const shown = issueOf(input[side])?.fields ?? {};
    const fields = namesIn(shown).map((field) => shown[field]);
    const { comments, worklogs = [] } = input[side];
    const bodies = [...comments, ...worklogs].map(({ body }) => body);
    return [...fields, ...bodies].some((text) => filesOf(text).length > 0);
  });
}

/** The files that texts of a side show, as the other side shows them. */
export function filesThere(input: SyncInput, from: Side): ReadonlyMap<string, MediaFile> {
  return fatesOf(input, from).there;
}

/** Ids under which documents of a side show files that are not there any more. */
export function filesGone(input: SyncInput, side: Side): ReadonlySet<string> {
  return fatesOf(input, side).gone;
}

/** Ids of files of a side that texts of both sides can show or could: whoever takes one out of a text means it. */
export function filesShared(input: SyncInput, side: Side): ReadonlySet<string> {
  return fatesOf(input, side).shared;
}

/** What the sites have to be asked for, so that the texts that wait can be decided. */
export function asksOf(input: SyncInput, awaits: readonly Awaits[]): readonly MediaAsk[] {
  return awaits.flatMap(({ from, ids }): MediaAsk[] => {
    const fates = fatesOf(input, from);
    const seeking = ids.filter((id) => !isKnown(fates, id));
    const copies = ids.flatMap((id) => fates.awaited.get(id) ?? []);
    return [
      ...(seeking.length === 0 ? [] : [{ side: from, files: fates.unasked, seeking }]),
      ...(copies.length === 0 ? [] : [{ side: otherSide(from), files: copies }]),
    ];
  });
}

/** What is known of the files that some texts of a side show, in values that JSON can hold. */
export function acrossFor(input: SyncInput, from: Side, values: readonly (FieldValue | undefined)[]): Across {
  const shown = new Set(values.flatMap(filesOf));
  if (shown.size === 0) return NOTHING;
  const { there, awaited, gone, shared, unasked } = fatesOf(input, from);
  const among = (ids: Iterable<string>): string[] => [...ids].filter((id) => shown.has(id));
  return {
    there: [...there].flatMap(([id, file]) => (shown.has(id) ? [[id, file.id] as const] : [])),
    awaited: among(unasked.length > 0 ? shown : awaited.keys()).filter((id) => !there.has(id)),
    gone: among(gone),
    shared: among(shared),
  };
}

const NOTHING: Across = { there: [], awaited: [], gone: [], shared: [] };

function filesOf(value: FieldValue | undefined): readonly string[] {
  return value !== undefined && value !== null && isDoc(value) ? mediaIn(value) : [];
}

function isKnown({ there, awaited, stays, gone }: Fates, id: string): boolean {
  return there.has(id) || awaited.has(id) || stays.has(id) || gone.has(id);
}

type PerSide = Partial<Record<Side, Fates>>;
/** One decision asks for the fates of its files many times; an input never changes, so they do not either. */
const remembered = new WeakMap<SyncInput, PerSide>();

function fatesOf(input: SyncInput, from: Side): Fates {
  const known = remembered.get(input)?.[from];
  if (known !== undefined) return known;
  const across = input.across?.[from];
  const fates = across === undefined ? freshFates(input, from) : toldFates(across);
  remembered.set(input, { ...remembered.get(input), [from]: fates });
  return fates;
}

function toldFates({ there, awaited, gone, shared }: Across): Fates {
  return {
    there: new Map(there.map(([id, media]) => [id, shownAs(media)])),
    awaited: new Map(awaited.map((id) => [id, undefined])),
    stays: new Set(),
    gone: new Set(gone),
    shared: new Set(shared),
    unasked: [],
  };
}

/** Jira's own documents name no collection: it finds the file by its id. */
function shownAs(id: string): MediaFile {
  return { id, collection: '' };
}

function freshFates(input: SyncInput, from: Side): Fates {
  const to = otherSide(from);
  const traces = input.memory.files ?? [];
  const decided = decideAttachments(input);
  const coming = comingFrom(decided, from);
  // A copy that this plan takes away is not there for the texts that come after.
  const going = new Set(decided.flatMap((one) => (one.kind === 'delete' && one.on === to ? [one.id] : [])));
  const there = new Map<string, MediaFile>();
  const awaited = new Map<string, AttachmentId | undefined>();
  const stays = new Set<string>();
  const unasked: AttachmentId[] = [];
  for (const { id, media, trace } of [...filesHere(input, from)].reverse()) {
    const copy = trace === undefined ? undefined : copyOf(input, trace, to);
    if (media !== undefined && copy !== undefined && going.has(copy.id)) stays.add(media);
    else if (media === undefined) {
      if (copy !== undefined || coming.has(id)) unasked.push(id);
    } else if (copy?.media === undefined) {
      if (copy !== undefined) awaited.set(media, copy.id);
      else if (coming.get(id) === true) awaited.set(media, undefined);
      else stays.add(media);
    } else if (copy.media === null) stays.add(media);
    else there.set(media, shownAs(copy.media));
  }
  const shared = traces.flatMap((trace) => ((mediaOf(trace, to) ?? '') === '' ? [] : (mediaOf(trace, from) ?? [])));
  return {
    ...{ there, awaited, stays, unasked },
    gone: goneOn(input, from),
    shared: new Set([...there.keys(), ...shared.filter((id) => id !== '')]),
  };
}

interface Here {
  readonly id: AttachmentId;
  /** `null`: the site does not tell. */
  readonly media: string | null | undefined;
  readonly trace: FileTrace | undefined;
}

/** The files of a side, oldest first; where they were not read, those that are remembered. A file whose id is not told is left out. */
function filesHere(input: SyncInput, side: Side): readonly (Here & { readonly media: string | undefined })[] {
  const traces = new Map((input.memory.files ?? []).flatMap((trace) => named(trace, side)));
  const read = input[side].attachments;
  const all: readonly Here[] =
    read === undefined
      ? [...traces].map(([id, trace]) => ({ id, media: mediaOf(trace, side), trace }))
      : read.map((file) => ({ id: file.id, media: told(file, traces.get(file.id), side), trace: traces.get(file.id) }));
  return all.flatMap((one) => (one.media === null || one.media === '' ? [] : [{ ...one, media: one.media }]));
}

function named(trace: FileTrace, side: Side): readonly (readonly [AttachmentId, FileTrace])[] {
  const id = trace[side];
  return id === undefined ? [] : [[id, trace]];
}

function told(file: JiraAttachment, trace: FileTrace | undefined, side: Side): string | null | undefined {
  return file.media === undefined && trace !== undefined ? mediaOf(trace, side) : file.media;
}

/** The other issue's copy of a file, when it is there as far as is known. */
function copyOf(
  input: SyncInput,
  trace: FileTrace,
  to: Side,
): { readonly id: AttachmentId; readonly media: string | null | undefined } | undefined {
  const id = trace[to];
  if (id === undefined) return undefined;
  const read = input[to].attachments;
  const file = read?.find((one) => one.id === id);
  if (read !== undefined && file === undefined) return undefined;
  const media = file === undefined ? mediaOf(trace, to) : told(file, trace, to);
  return { id, media: media === '' ? null : media };
}

/** The files of a side that this plan carries over or may find there, and whether a text shall still wait for them. */
function comingFrom(decided: readonly FileDecision[], from: Side): ReadonlyMap<AttachmentId, boolean> {
  const coming = new Map<AttachmentId, boolean>();
  for (const decision of decided) {
    if (decision.kind !== 'add' || decision.onlyFind === true) continue;
    const isWorthWaiting = (decision.trace?.begun ?? 0) < MAX_WAITS;
    const ids = decision.on === from ? decision.candidates.map(({ id }) => id) : [decision.source.id];
    for (const id of ids) coming.set(id, isWorthWaiting);
  }
  return coming;
}

function goneOn(input: SyncInput, side: Side): ReadonlySet<string> {
  const read = input[side].attachments;
  const isThere = (id: AttachmentId | undefined): boolean =>
    id !== undefined && (read === undefined || read.some((file) => file.id === id));
  return new Set(
    (input.memory.files ?? []).flatMap((trace) => (isThere(trace[side]) ? [] : (mediaOf(trace, side) ?? []))),
  );
}

/** The id under which documents of a side show a file; empty when the site was asked and does not tell. */
export function mediaOf(trace: FileTrace, side: Side): string | undefined {
  return side === 'a' ? trace.aMedia : trace.bMedia;
}
