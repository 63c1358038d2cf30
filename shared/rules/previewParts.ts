/** What a plan would do with comments, worklogs, files and links, counted: made of what the engine itself decided. No content. */
import { otherSide, type Side } from '../model/connection.ts';
import type { Plan, SyncInput } from '../model/plan.ts';
import { decide, type Decisions } from '../sync/decide.ts';
import type { FileDecision } from '../sync/attachments.ts';
import { lanesOf, sendsLane } from '../sync/lanes.ts';
import type { Note, NoteDecision } from '../sync/notes.ts';
import { isOfElements } from '../sync/steps.ts';
import { leavingSet, passages } from '../sync/sets.ts';
import { bothSides, issueOf } from '../sync/view.ts';
import type { Code } from '../verdict.ts';

export const partNames = ['comment', 'worklog', 'attachment', 'link'] as const;
export type PartName = (typeof partNames)[number];

/**
 * How a thing would end. `later`: as soon as the new issue is there. `unsure`: a file of that name and size is there; whether it is the
 * same shows when both are read. `dropped`: the rules, or a person who deleted the copy, keep it back.
 */
export const partEnds = [
  ...(['create', 'change', 'delete', 'later', 'unsure'] as const),
  ...(['unchanged', 'dropped', 'blocked'] as const),
] as const;
export type PartEnd = (typeof partEnds)[number];

/** How many things of one kind would end how on one side; ends that nothing has are left out. */
export interface PartPreview {
  readonly to: Side;
  readonly part: PartName;
  readonly counts: Readonly<Partial<Record<PartEnd, number>>>;
  /** Why things are blocked, or taken away beside a deletion on the other side. */
  readonly codes: readonly Code[];
}

/** Counts what the plan of this input would do beside field values, by kind and side. Pure. */
export function partsOf(input: SyncInput, plan: Plan): readonly PartPreview[] {
  const decisions = decide(input);
  if (decisions.gone.length > 0) return [];
  const isBirth = decisions.creation !== undefined;
  const ends = [
    ...noteEnds(input, plan, 'comment', decisions.comments),
    ...noteEnds(input, plan, 'worklog', decisions.worklogs),
    ...fileEnds(input, plan, decisions.files),
    ...(isBirth ? bornLinks(input) : linkEnds(input, decisions)),
  ];
  return bothSides.flatMap((to) => partNames.flatMap((part) => counted(to, part, ends)));
}

/** How one thing ends. */
interface End {
  readonly to: Side;
  readonly part: PartName;
  readonly end: PartEnd;
  readonly code?: Code;
}

function counted(to: Side, part: PartName, all: readonly End[]): PartPreview[] {
  const ends = all.filter((one) => one.to === to && one.part === part);
  if (ends.length === 0) return [];
  const counts: Partial<Record<PartEnd, number>> = {};
  for (const { end } of ends) counts[end] = (counts[end] ?? 0) + 1;
  return [{ to, part, counts, codes: [...new Set(ends.flatMap(({ code }) => code ?? []))] }];
}

/** Everything of one kind that people wrote, each once: what is decided about it, what refuses it, or that it stays. */
function noteEnds<T extends Note>(
  input: SyncInput,
  plan: Plan,
  part: 'comment' | 'worklog',
  decisions: readonly NoteDecision<T>[],
): readonly End[] {
  const seen = new Set<string>();
  const told = decisions.flatMap((decision): End[] => {
    const { from, id } = originalOf(decision);
    if (id !== undefined) seen.add(`${from} ${id}`);
    const copy = decision.trace?.[otherSide(from)];
    const refused = refusalOf(plan, part, from, id) ?? refusalOf(plan, part, otherSide(from), copy);
    return noteEnd(decision, from).map((end) => ({ part, ...end, ...(refused === undefined ? {} : refused) }));
  });
  const kept = originals(input, part).filter(({ from, id }) => !seen.has(`${from} ${id}`));
  return [
    ...told,
    ...kept.map(({ from, id }): End => {
      const refused = refusalOf(plan, part, from, id) ?? { end: 'dropped' as const };
      return { to: otherSide(from), part, ...refused };
    }),
  ];
}

/** What the two sides have not agreed on is in the plan and in no decision. */
function refusalOf(
  plan: Plan,
  part: PartName,
  from: Side,
  id: string | undefined,
): Pick<End, 'end' | 'code'> | undefined {
  const isRefused = plan.blocked.some((one) => {
    const named = part === 'comment' ? one.comment : part === 'worklog' ? one.worklog : one.attachment;
    return one.code === 'contract-refused' && one.side === from && named === id && id !== undefined;
  });
  return isRefused ? { end: 'blocked', code: 'contract-refused' } : undefined;
}

/** The side and the id of the thing that people made, of which a decision tells. */
function originalOf<T extends Note>(
  decision: NoteDecision<T>,
): { readonly from: Side; readonly id?: string | undefined } {
  if (decision.kind === 'add') return { from: otherSide(decision.on), id: decision.arriving.from.id };
  const { trace } = decision;
  if (trace !== undefined) return { from: trace.origin, id: trace[trace.origin] };
  if (decision.kind === 'await') return { from: otherSide(decision.on), id: decision.next?.id };
  if (decision.kind === 'blocked') return { from: decision.on, id: decision.id };
  return { from: decision.kind === 'delete' ? otherSide(decision.on) : 'a' };
}

function noteEnd<T extends Note>(decision: NoteDecision<T>, from: Side): readonly Omit<End, 'part'>[] {
  switch (decision.kind) {
    case 'add':
      return [{ to: decision.on, end: 'create' }];
    case 'edit':
      return [{ to: decision.on, end: 'change' }];
    case 'await':
      return [{ to: decision.on, end: decision.next === undefined ? 'change' : 'create' }];
    case 'delete': {
      const end = decision.isReplaced === true ? 'change' : 'delete';
      return [{ to: decision.on, end, ...(decision.code === undefined ? {} : { code: decision.code }) }];
    }
    case 'blocked':
      return [{ to: otherSide(decision.on), end: 'blocked', code: decision.code }];
    case 'rest': {
      const { trace } = decision;
      if (trace === undefined) return [];
      return [{ to: otherSide(from), end: trace[otherSide(from)] === undefined ? 'dropped' : 'unchanged' }];
    }
  }
}

/** What people wrote on each side: everything but our copies. */
function originals(
  input: SyncInput,
  part: 'comment' | 'worklog',
): readonly { readonly from: Side; readonly id: string }[] {
  return bothSides.flatMap((from) => {
    const { comments, markers, worklogs = [], worklogMarkers } = input[from];
    const traces = part === 'comment' ? input.memory.comments : (input.memory.worklogs ?? []);
    const copies = new Set<string>(traces.flatMap((trace) => (trace.origin === from ? [] : (trace[from] ?? []))));
    const marked = new Set<string>(part === 'comment' ? markers.keys() : worklogMarkers?.keys());
    const things: readonly { readonly id: string }[] = part === 'comment' ? comments : worklogs;
    return things.flatMap(({ id }) => (copies.has(id) || marked.has(id) ? [] : [{ from, id }]));
  });
}

function fileEnds(input: SyncInput, plan: Plan, decisions: readonly FileDecision[]): readonly End[] {
  const part = 'attachment';
  const seen = new Set<string>();
  const told = decisions.flatMap((decision): End[] => {
    const { trace } = decision;
    const from = decision.kind === 'add' ? otherSide(decision.on) : (trace?.origin ?? 'a');
    const id =
      decision.kind === 'add'
        ? decision.source.id
        : decision.kind === 'blocked' && trace === undefined
          ? decision.id
          : trace?.[from];
    const side = decision.kind === 'blocked' && trace === undefined ? decision.on : from;
    if (id !== undefined) seen.add(`${side} ${id}`);
    if (decision.kind === 'add') for (const one of decision.candidates) seen.add(`${decision.on} ${one.id}`);
    return fileEnd(decision, side).map((end) => ({ part, ...end, ...refusalOf(plan, part, side, id) }));
  });
  const copies = new Set((input.memory.files ?? []).flatMap((trace) => named(trace.origin, trace)));
  const kept = bothSides.flatMap((from) =>
    (input[from].attachments ?? [])
      .filter(
        ({ id, author }) => !seen.has(`${from} ${id}`) && !copies.has(`${from} ${id}`) && !isOwn(input, from, author),
      )
      .map(
        ({ id }): End => ({ to: otherSide(from), part, ...(refusalOf(plan, part, from, id) ?? { end: 'dropped' }) }),
      ),
  );
  return [...told, ...kept];
}

function named(origin: Side, trace: Readonly<Partial<Record<Side, string>>>): readonly string[] {
  const id = trace[otherSide(origin)];
  return id === undefined ? [] : [`${otherSide(origin)} ${id}`];
}

/** What the app attached is the copy of something. */
function isOwn(input: SyncInput, side: Side, author: string | null): boolean {
  return author !== null && author === input[side].abilities.self;
}

function fileEnd(decision: FileDecision, from: Side): readonly Omit<End, 'part'>[] {
  switch (decision.kind) {
    case 'add':
      if (decision.onlyFind === true) return [{ to: decision.on, end: 'blocked', code: 'attachment-restricted' }];
      return [{ to: decision.on, end: decision.candidates.length > 0 ? 'unsure' : 'create' }];
    case 'delete':
      return [{ to: decision.on, end: 'delete', ...(decision.code === undefined ? {} : { code: decision.code }) }];
    case 'blocked':
      return [{ to: otherSide(decision.on), end: 'blocked', code: decision.code }];
    case 'rest': {
      const { trace } = decision;
      if (trace?.[from] === undefined) return [];
      return [{ to: otherSide(from), end: trace[otherSide(from)] === undefined ? 'dropped' : 'unchanged' }];
    }
  }
}

/** Links and remote links, each for itself. */
function linkEnds(input: SyncInput, { sets }: Decisions): readonly End[] {
  return sets.filter(isOfElements).flatMap((flow) => {
    const { lane, from, to, add, remove, left, others, code } = flow;
    const source = issueOf(input[from]);
    const all = source === undefined ? [] : (leavingSet(input, source, from, lane) ?? []);
    const isStopped = code !== undefined;
    const of = (end: PartEnd, count: number, why?: Code): End[] =>
      Array.from({ length: count }, () => ({
        to,
        part: 'link' as const,
        end,
        ...(why === undefined ? {} : { code: why }),
      }));
    return [
      ...of(isStopped ? 'blocked' : 'create', add.length, code),
      ...of(isStopped ? 'blocked' : 'delete', remove.length, code),
      ...left.map((one): End => ({ to, part: 'link', end: 'blocked', code: one.code })),
      // The pair at the other end brings it along.
      ...of('later', others.length),
      ...of('unchanged', Math.max(0, all.length - add.length - left.length - others.length)),
    ];
  });
}

/** The links of a new issue need both issues. */
function bornLinks(input: SyncInput): readonly End[] {
  return bothSides.flatMap((from) => {
    const source = issueOf(input[from]);
    const to = otherSide(from);
    if (source === undefined || input[to].issue !== 'absent') return [];
    return lanesOf(input.rules)
      .filter((lane) => (lane.kind === 'links' || lane.kind === 'remoteLinks') && sendsLane(input.rules, from, lane))
      .flatMap((lane) => passages(input, from, lane, leavingSet(input, source, from, lane) ?? []))
      .map(
        ({ code }): End => ({
          to,
          part: 'link',
          ...(code === undefined ? { end: 'later' } : { end: 'blocked', code }),
        }),
      );
  });
}
