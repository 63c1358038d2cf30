import type { Side } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';
import type { StepResult, SyncInput } from '../model/plan.ts';
import type { FieldTrace } from '../model/twin.ts';
import type { Creation } from './create.ts';
import { hashOfPart } from './echo.ts';
import type { Lane } from './lanes.ts';
import type { Outcome } from './outcome.ts';
import { isAsked, leavingSet, oursOn, setMemory, setOn, type SetFlow } from './sets.ts';
import type { Issues } from './view.ts';

/** How the act on one element of a flow ended. */
export type ElementOutcome = (flow: SetFlow, element: string) => Outcome;

interface FlowEnd {
  readonly flow: SetFlow;
  readonly outcomeOf: (element: string) => Outcome;
}

/** The next trace of a set: each direction by itself, because one may be blocked while the other goes on. */
export function settleSet(
  input: SyncInput,
  issues: Issues,
  lane: Lane,
  flows: readonly SetFlow[],
  outcomeFor: ElementOutcome,
): FieldTrace | undefined {
  const trace = input.memory.fields[lane.key];
  if (flows.length === 0) return trace;
  const ends = flows.map((flow) => ({ flow, outcomeOf: (element: string) => outcomeFor(flow, element) }));
  const a = setSide(input, issues, lane, 'a', ends);
  const b = setSide(input, issues, lane, 'b', ends);
  const refused = ends.flatMap(refusalIn)[0];
  const stopped = flows.find(({ code }) => code !== undefined);
  const left = flows.flatMap((flow) => flow.left)[0];
  const blocked = refused?.code ?? stopped?.code ?? left?.code;
  const tried = refused?.attempt ?? (stopped?.isTried === true ? stopped.attempt : undefined);
  return {
    aParts: a.parts,
    bParts: b.parts,
    aAdded: a.added,
    bAdded: b.added,
    ...(tried === undefined ? {} : { tried }),
    ...(blocked === undefined ? {} : { blocked }),
  };
}

function refusalIn({ flow, outcomeOf }: FlowEnd) {
  if (!isAsked(flow)) return [];
  return touched(flow).flatMap((element) => {
    const outcome = outcomeOf(element);
    return outcome.kind === 'refused' ? [{ code: outcome.code, attempt: flow.attempt }] : [];
  });
}

function touched({ add, remove }: SetFlow): readonly string[] {
  return [...add.map(({ element }) => element), ...remove];
}

/**
 * One side's elements after the act: what its own flow has settled counts as seen, and what arrived from the other side is ours.
 * An arrival whose end is unknown counts as seen, so that it does not travel back, and as ours: met there next time it most
 * likely is, and what is not met is forgotten. (A person may have added the very same element in that moment: it then goes with
 * the original, instead of every element of a broken-off write staying for ever.)
 */
function setSide(
  input: SyncInput,
  issues: Issues,
  lane: Lane,
  side: Side,
  ends: readonly FlowEnd[],
): { readonly parts: readonly ValueHash[]; readonly added: readonly ValueHash[] } {
  const memory = setMemory(input.memory.fields[lane.key], side);
  const out = ends.find(({ flow }) => flow.from === side);
  const into = ends.find(({ flow }) => flow.to === side);
  const present = (setOn(issues, side, lane) ?? []).map(hashOfPart);
  const given = (leavingSet(input, issues[side], side, lane) ?? []).map(hashOfPart);
  const parts = new Set(out === undefined ? memory.parts : seenParts(out, given, memory.parts));
  const ours = oursOn(issues, input.memory.fields[lane.key], side, lane);
  const added = new Set([...ours].filter((part) => present.includes(part)));
  if (into !== undefined && isAsked(into.flow)) settleArrivals(parts, added, into);
  return { parts: [...parts].sort(), added: [...added].sort() };
}

/** What its own flow has settled: all that is there, but for what could not arrive yet. */
function seenParts(
  { flow, outcomeOf }: FlowEnd,
  present: readonly ValueHash[],
  before: ReadonlySet<ValueHash>,
): readonly ValueHash[] {
  if (flow.code !== undefined) return [...before];
  const isDone = !isAsked(flow) || touched(flow).every((element) => outcomeOf(element).kind === 'done');
  const open = new Set([
    ...flow.left.map(({ source }) => hashOfPart(source)),
    ...flow.add
      .filter(({ element }) => isAsked(flow) && outcomeOf(element).kind !== 'done')
      .map(({ source }) => hashOfPart(source)),
  ]);
  if (isDone) return present.filter((part) => !open.has(part));
  // What is gone here and not yet gone there stays remembered, or its removal would be forgotten.
  return [...new Set([...before, ...present])].filter((part) => !open.has(part));
}

function settleArrivals(parts: Set<ValueHash>, added: Set<ValueHash>, { flow, outcomeOf }: FlowEnd): void {
  for (const { element } of flow.add) {
    if (outcomeOf(element).kind === 'refused') continue;
    parts.add(hashOfPart(element));
    added.add(hashOfPart(element));
  }
  for (const element of flow.remove) {
    if (outcomeOf(element).kind !== 'done') continue;
    parts.delete(hashOfPart(element));
    added.delete(hashOfPart(element));
  }
}

/** Elements that the new issue has from us. Those of a birth in doubt are not settled on the source's side, so that what did not arrive is added. */
export function setAtBirth(creation: Creation, lane: Lane, result: StepResult | undefined): FieldTrace | undefined {
  const { from, to, sets } = creation;
  const born = sets[lane.key];
  if (born === undefined) return undefined;
  const refusal = result?.refusedFields?.[lane[to]];
  const tried = creation.attempts[lane.key];
  if (refusal !== undefined && tried !== undefined) return { pending: from, tried, blocked: refusal };
  const isDone = result?.ok === true && result.found !== true;
  const seen = isDone ? born.map(({ source }) => hashOfPart(source)).sort() : [];
  const ours = born.map(({ element }) => hashOfPart(element)).sort();
  return from === 'a'
    ? { aParts: seen, bParts: ours, aAdded: [], bAdded: ours }
    : { aParts: ours, bParts: seen, aAdded: ours, bAdded: [] };
}
