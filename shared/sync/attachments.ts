import { otherSide, type Side } from '../model/connection.ts';
import type { AttachmentId, ValueHash } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import type { JiraAttachment } from '../model/replica.ts';
import type { AttachmentRule } from '../model/rules.ts';
import type { FileTrace } from '../model/twin.ts';
import type { Code } from '../verdict.ts';
import { digest } from './echo.ts';
import { refusalOf } from './fields.ts';
import { alone, byAge } from './pairs.ts';
import { isShown, privateFiles } from './privateFiles.ts';
import { bothSides } from './view.ts';
import { wereRead } from './worklogs.ts';

/** What an issue holds at most. @see ATLASSIAN.md §6.2 */
const MAX_FILES = 2_000;

/**
 * What is decided for one file. `trace` is what is remembered when nothing is done or the end of the act is unknown; `after` is what
 * is remembered when the act has succeeded.
 */
export type FileDecision = { readonly trace: FileTrace | undefined } & (
  | { readonly kind: 'rest' }
  | {
      readonly kind: 'add';
      readonly on: Side;
      readonly source: JiraAttachment;
      /** Files there that may be the same one: an upload whose end was not recorded, or a person's own. */
      readonly candidates: readonly JiraAttachment[];
      /** It may not travel: when no candidate is its copy, nothing is uploaded. */
      readonly onlyFind?: boolean;
      readonly attempt: ValueHash;
    }
  | {
      readonly kind: 'delete';
      readonly on: Side;
      readonly id: AttachmentId;
      readonly after: FileTrace | undefined;
      readonly attempt: ValueHash;
      readonly code?: Code;
    }
  | { readonly kind: 'blocked'; readonly on: Side; readonly id: AttachmentId; readonly code: Code }
);

/** Decides every file of both issues; nothing where they were not read. Only files that we uploaded are ever deleted. */
export function decideAttachments(input: SyncInput): readonly FileDecision[] {
  const known = remembered.get(input);
  if (known !== undefined) return known;
  const decided = decideAll(input);
  remembered.set(input, decided);
  return decided;
}

/** Texts that show files ask for the decisions about them; an input never changes, so they do not either. */
const remembered = new WeakMap<SyncInput, readonly FileDecision[]>();

function decideAll(input: SyncInput): readonly FileDecision[] {
  if (!wereRead(input, ({ attachments }) => attachments)) return [];
  const traces = input.memory.files ?? [];
  const deciding: Deciding = { input, named: namedIn(traces), claimed: new Set() };
  const unsent = traces.flatMap((trace) => {
    const file = sourceOf(input, trace);
    return file === undefined || trace[otherSide(trace.origin)] !== undefined
      ? []
      : [{ side: trace.origin, file, trace }];
  });
  const decided = traces
    .filter((trace) => !unsent.some((one) => one.trace === trace))
    .map((trace) => decideTraced(deciding, trace));
  const met = bothSides
    .flatMap((side) => filesOn(input, side).map((file) => ({ side, file, trace: undefined })))
    .filter(({ side, file }) => !deciding.named[side].has(file.id));
  // The oldest first, known or not: so they were sent, and an upload that was not recorded was the oldest one's.
  const fresh = [...met, ...unsent]
    .sort((one, other) => byAge(one.file, other.file))
    .map((one) => decideFresh(deciding, one.side, one.file, one.trace));
  return [...decided, ...fresh];
}

interface Deciding {
  readonly input: SyncInput;
  /** Files that some trace names. */
  readonly named: Readonly<Record<Side, ReadonlySet<AttachmentId>>>;
  /** Files that are already looked at as the copy of another one; grows while decisions are made, in a fixed order. */
  readonly claimed: Set<AttachmentId>;
}

function namedIn(traces: readonly FileTrace[]): Deciding['named'] {
  const on = (side: Side): ReadonlySet<AttachmentId> => new Set(traces.flatMap((trace) => trace[side] ?? []));
  return { a: on('a'), b: on('b') };
}

function filesOn(input: SyncInput, side: Side): readonly JiraAttachment[] {
  return input[side].attachments ?? [];
}

function sourceOf(input: SyncInput, trace: FileTrace): JiraAttachment | undefined {
  return find(filesOn(input, trace.origin), trace[trace.origin]);
}

function decideTraced(deciding: Deciding, trace: FileTrace): FileDecision {
  const { input } = deciding;
  const { origin } = trace;
  const to = otherSide(origin);
  const source = sourceOf(input, trace);
  const copy = find(filesOn(input, to), trace[to]);
  if (source === undefined && copy === undefined) return { kind: 'rest', trace: remainsOf(input, trace) };
  if (source === undefined && copy !== undefined && trace.anew === origin)
    return { kind: 'rest', trace: { ...alone<AttachmentId>(to, copy.id), blocked: 'attachment-copy-deleted' } };
  if (source === undefined) return copy === undefined ? { kind: 'rest', trace } : withoutSource(deciding, trace, copy);
  if (copy === undefined) {
    const { content } = trace;
    const kept = { ...mediaIds(trace), ...(content === undefined ? {} : { content }) };
    const alike: FileTrace = { ...alone<AttachmentId>(origin, source.id), ...kept, blocked: 'attachment-copy-deleted' };
    return { kind: 'rest', trace: alike };
  }
  const isPrivate = privateFiles(input, origin).has(source.id);
  if (!isPrivate || trace.isForeign === true || input.rules[origin].attachments === undefined) {
    const { anew: _met, ...met } = trace;
    return { kind: 'rest', trace: met };
  }
  const after: FileTrace = { ...alone<AttachmentId>(origin, source.id), blocked: 'attachment-restricted' };
  return deletion(to, copy.id, trace, after, 'attachment-restricted');
}

/** The original is gone: our copy goes, a person's own stays and does not travel back. */
function withoutSource({ input }: Deciding, trace: FileTrace, copy: JiraAttachment): FileDecision {
  const mayLeave = input.rules[trace.origin].attachments !== undefined;
  if (!mayLeave || trace.isForeign === true) return { kind: 'rest', trace };
  return deletion(otherSide(trace.origin), copy.id, trace, remainsOf(input, trace));
}

/** Of a file that was deleted only the ids stay under which texts show it, as long as one does. */
function remainsOf(input: SyncInput, trace: FileTrace): FileTrace | undefined {
  const isSeen = bothSides.some((side) => isShown(input, side, side === 'a' ? trace.aMedia : trace.bMedia));
  return isSeen ? { origin: trace.origin, ...mediaIds(trace) } : undefined;
}

function mediaIds({ aMedia, bMedia }: FileTrace): Pick<FileTrace, 'aMedia' | 'bMedia'> {
  return { ...(aMedia === undefined ? {} : { aMedia }), ...(bMedia === undefined ? {} : { bMedia }) };
}

function deletion(
  on: Side,
  id: AttachmentId,
  trace: FileTrace,
  after: FileTrace | undefined,
  code?: Code,
): FileDecision {
  const attempt = digest(['delete-attachment', on, id]);
  if (trace.tried === attempt) return { kind: 'blocked', on, id, code: refusalOf(trace), trace };
  return { kind: 'delete', on, id, after, attempt, trace, ...(code === undefined ? {} : { code }) };
}

function decideFresh(
  { input, named, claimed }: Deciding,
  from: Side,
  source: JiraAttachment,
  trace: FileTrace | undefined,
): FileDecision {
  const to = otherSide(from);
  const rule = input.rules[from].attachments;
  const rest: FileDecision = { kind: 'rest', trace };
  const stop = (code: Code): FileDecision => ({ kind: 'blocked', on: from, id: source.id, code, trace });
  if (rule === undefined || !isWanted(source, rule) || claimed.has(source.id)) return rest;
  // What the app attached is the copy of something already: of another twin's file, or of one whose upload was not recorded.
  if (trace === undefined && source.author !== null && source.author === input[from].abilities.self) return rest;
  if (trace?.blocked === 'attachment-copy-deleted') return rest;
  const there = filesOn(input, to);
  if (privateFiles(input, from).has(source.id))
    return lostCopy({ input, named, claimed }, to, source, trace) ?? stop('attachment-restricted');
  const code = obstacleOn(input, to, source, there.length);
  if (code !== undefined) return stop(code);
  const attempt = digest(['add-attachment', to, source.id]);
  if (trace?.tried === attempt) return stop(refusalOf(trace));
  const alike = alikeOn({ named, claimed: new Set() }, to, source, there);
  const candidates = alike.filter(({ id }) => !claimed.has(id));
  // All that look like it are being looked at for an older file: whether one is this file's is known with the next plan.
  if (alike.length > 0 && candidates.length === 0) return rest;
  for (const { id } of candidates) claimed.add(id);
  return { kind: 'add', on: to, source, candidates, attempt, trace };
}

/** A file that may not travel may have gone over while it was open, by a worker that died before it wrote that down. */
function lostCopy(
  deciding: Deciding,
  to: Side,
  source: JiraAttachment,
  trace: FileTrace | undefined,
): FileDecision | undefined {
  const { self } = deciding.input[to].abilities;
  const there = filesOn(deciding.input, to);
  const ours = alikeOn(deciding, to, source, there).filter(({ author }) => author !== null && author === self);
  const attempt = digest(['find-attachment', to, source.id, ...ours.map(({ id }) => id)]);
  if (ours.length === 0 || trace?.tried === attempt) return undefined;
  for (const { id } of ours) deciding.claimed.add(id);
  return { kind: 'add', on: to, source, candidates: ours, onlyFind: true, attempt, trace };
}

/** Files that nothing is known of and that may be the same as this one, the oldest first. */
function alikeOn(
  { named, claimed }: Pick<Deciding, 'named' | 'claimed'>,
  to: Side,
  source: JiraAttachment,
  there: readonly JiraAttachment[],
): readonly JiraAttachment[] {
  return there
    .filter(({ id, name, bytes }) => name === source.name && bytes === source.bytes && !named[to].has(id))
    .filter(({ id }) => !claimed.has(id))
    .sort(byAge);
}

function obstacleOn(input: SyncInput, to: Side, { bytes }: JiraAttachment, count: number): Code | undefined {
  const { upload } = input[to].abilities;
  if (upload?.isEnabled === false) return 'attachments-off';
  if (upload !== undefined && bytes > upload.maxBytes) return 'attachment-too-large';
  return count >= MAX_FILES ? 'attachment-limit' : undefined;
}

/** True when the rule lets the file through; one that it does not name is not spoken of. */
export function isWanted({ name, type, bytes }: JiraAttachment, { maxBytes, types, names }: AttachmentRule): boolean {
  if (maxBytes !== undefined && bytes > maxBytes) return false;
  // Media types have parameters and no fixed case: `text/plain; charset=UTF-8`.
  const bare = (type.split(';')[0] ?? '').trim();
  if (types !== undefined && !types.some((pattern) => fits(bare, pattern))) return false;
  return names === undefined || names.some((pattern) => fits(name, pattern));
}

/** A text against a pattern with `*` (any characters) and `?` (one), whatever the case. Linear in both: no backtracking beyond one `*`. */
export function fits(text: string, pattern: string): boolean {
  const [have, want] = [Array.from(text.toLowerCase()), Array.from(pattern.toLowerCase())];
  let [at, next, star, mark] = [0, 0, -1, 0];
  while (at < have.length) {
    if (want[next] === '*') [star, mark, next] = [next, at, next + 1];
    else if (next < want.length && (want[next] === '?' || want[next] === have[at])) [at, next] = [at + 1, next + 1];
    else if (star === -1) return false;
    else [mark, at, next] = [mark + 1, mark + 1, star + 1];
  }
  return want.slice(next).every((character) => character === '*');
}

function find(files: readonly JiraAttachment[], id: AttachmentId | undefined): JiraAttachment | undefined {
  return id === undefined ? undefined : files.find((file) => file.id === id);
}
