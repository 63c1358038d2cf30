import { mergeDocs } from '../adf/merge.ts';
import type { Side } from '../model/connection.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { SyncInput } from '../model/plan.ts';
import type { FieldValue } from '../model/replica.ts';
import { hashOf, isDoc } from './echo.ts';
import { lanesOf, rowOf, sendsLane, type Lane } from './lanes.ts';
import { leaving } from './outgoing.ts';
import { arrivingText } from './richText.ts';
import { changedSides, hashes } from './stance.ts';
import { bothSides, hashNow, issueOf, issuesOf } from './view.ts';

type Both = Readonly<Record<Side, FieldValue>>;

/**
 * What both sides' changes of a text amount to, for each side in its own terms. `undefined` when they cannot be merged: another kind
 * of field (a line of text is one value), a side that does not send it, a transform or a script on the way, an unknown base, or edits of the same place.
 */
export function mergedValues(input: SyncInput, lane: Lane): Both | undefined {
  if (lane.kind !== 'richText' || !isMergeable(input, lane)) return undefined;
  const base = baseOf(input, lane);
  const a = issueOf(input.a)?.fields[lane.a];
  if (base === undefined || a === undefined) return undefined;
  const b = crossing(input, 'b', lane, issueOf(input.b)?.fields[lane.b], base);
  const merged = b === undefined ? undefined : mergedOf(base, a, b);
  return merged === undefined ? undefined : inBothTerms(input, lane, merged);
}

/** Both texts, A's above B's, for each side in its own terms; `undefined` when the lane holds no text or a side does not send it. */
export function bothValues(input: SyncInput, lane: Lane): Both | undefined {
  if (!isMergeable(input, lane)) return undefined;
  const a = issueOf(input.a)?.fields[lane.a];
  if (a === undefined) return undefined;
  const b = crossing(input, 'b', lane, issueOf(input.b)?.fields[lane.b], a);
  const joined = b === undefined ? undefined : joinedOf(a, b);
  return joined === undefined ? undefined : inBothTerms(input, lane, joined);
}

/** Both texts as they are, each with what the other's shows by now: files that have arrived since. */
export function crossedValues(input: SyncInput, lane: Lane): Both | undefined {
  const [a, b] = [issueOf(input.a)?.fields[lane.a], issueOf(input.b)?.fields[lane.b]];
  if (!isMergeable(input, lane) || a === undefined || b === undefined) return undefined;
  const [atA, atB] = [crossing(input, 'b', lane, b, a), crossing(input, 'a', lane, a, b)];
  return atA === undefined || atB === undefined ? undefined : { a: atA, b: atB };
}

/** True when both sides changed a text since the last settle, so that what was there then is wanted for a merge. */
export function needsBase(input: SyncInput): boolean {
  const issues = issuesOf(input);
  if (issues === undefined) return false;
  return lanesOf(input.rules).some((lane) => {
    const trace = input.memory.fields[lane.key];
    if (trace === undefined || trace.pending !== undefined) return false;
    if (lane.kind !== 'richText' || !isMergeable(input, lane)) return false;
    const changed = changedSides(trace, hashes(hashNow(issues.a, lane.a), hashNow(issues.b, lane.b)));
    // A file that has arrived since makes a text travel again, as a change does.
    const isLate = trace.lacks !== undefined;
    return (changed.a || isLate) && (changed.b || isLate) && (changed.a || changed.b);
  });
}

function isMergeable(input: SyncInput, lane: Lane): boolean {
  if (input.scripted !== undefined || (lane.kind !== 'richText' && lane.kind !== 'text')) return false;
  return bothSides.every(
    (side) => sendsLane(input.rules, side, lane) && rowOf(input.rules, side, lane)?.transform === undefined,
  );
}

/** What A showed at the last settle. A copy that is not what the trace tells of is of another moment and no base. */
function baseOf(input: SyncInput, lane: Lane): FieldValue | undefined {
  const base = input.base?.a?.[lane.a];
  const hash = base === undefined ? undefined : hashOf(lane.a, base);
  return hash !== undefined && hash === input.memory.fields[lane.key]?.a ? base : undefined;
}

function mergedOf(base: FieldValue, a: FieldValue, b: FieldValue): FieldValue | undefined {
  const docs = [base, a, b].map(asDoc);
  if (docs.includes(undefined)) return undefined;
  const [baseDoc, aDoc, bDoc] = docs as (AdfDoc | null)[];
  const merged = mergeDocs(baseDoc ?? null, aDoc ?? null, bDoc ?? null);
  return merged.ok ? merged.doc : undefined;
}

function joinedOf(a: FieldValue, b: FieldValue): FieldValue | undefined {
  if (a === null || b === null) return a ?? b;
  if (isDoc(a) && isDoc(b)) {
    return { type: 'doc', version: 1, content: [...a.content, { type: 'rule' }, ...b.content] };
  }
  return typeof a === 'string' && typeof b === 'string' ? `${a} | ${b}` : undefined;
}

/** A's terms are the terms of the merge; B gets it as A would send it, with its own pictures where they stand. */
function inBothTerms(input: SyncInput, lane: Lane, merged: FieldValue): Both | undefined {
  const b = crossing(input, 'a', lane, merged, issueOf(input.b)?.fields[lane.b] ?? null);
  return b === undefined ? undefined : { a: merged, b };
}

/** A value of one side as it would arrive on the other, which shows `own`, or showed it when both last agreed. */
function crossing(
  input: SyncInput,
  from: Side,
  lane: Lane,
  value: FieldValue | undefined,
  own: FieldValue,
): FieldValue | undefined {
  const row = rowOf(input.rules, from, lane);
  if (row === undefined || value === undefined) return undefined;
  const left = leaving(row, value, input.rules[from]);
  if (left === null || !isDoc(left)) return left;
  const { lacks } = input.memory.fields[lane.key] ?? {};
  return arrivingText(input, from, left, own !== null && isDoc(own) ? own : null, lacks);
}

function asDoc(value: FieldValue): AdfDoc | null | undefined {
  return value === null || isDoc(value) ? value : undefined;
}
