import { otherSide, type Side } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';
import type { StepResult, SyncInput } from '../model/plan.ts';
import { fieldNames, type FieldName } from '../model/replica.ts';
import type { FieldTrace, FieldTraces } from '../model/twin.ts';
import type { Creation } from './create.ts';
import { hashOf, hashOfPart } from './echo.ts';
import type { FieldDecision } from './fields.ts';
import { labelMemory, type LabelFlow } from './labels.ts';
import type { Outcome } from './outcome.ts';
import { attemptOf, offerOf } from './offer.ts';
import { hashes, sentTo, withSide } from './stance.ts';
import { hashNow, sends, type Issues } from './view.ts';

/** The next trace of a field, given how its write ended. */
export function settleField(
  trace: FieldTrace | undefined,
  decision: FieldDecision,
  outcome: Outcome,
): FieldTrace | undefined {
  const { now, base } = decision;
  switch (decision.kind) {
    case 'leave':
      return trace;
    case 'rest':
      return trace === undefined ? undefined : hashes(base.a, base.b);
    case 'agree':
      return hashes(now.a, now.b);
    case 'blocked': {
      const seen =
        decision.code === 'conflict-held' || trace !== undefined ? base : withSide({}, decision.to, now[decision.to]);
      const tried = decision.isTried && trace?.tried !== undefined ? { tried: trace.tried } : {};
      return { ...hashes(seen.a, seen.b), ...tried, blocked: decision.code };
    }
    case 'write': {
      const { to, hash, attempt } = decision;
      if (outcome.kind === 'done') return withSide(withSide({}, otherSide(to), now[otherSide(to)]), to, hash);
      if (outcome.kind === 'unknown') return unknownWrite(decision);
      const seen = withSide(base, to, base[to] ?? now[to]);
      return { ...seen, tried: attempt, blocked: outcome.code };
    }
  }
}

/** The next trace of the labels: each direction by itself, because one may be blocked while the other goes on. */
export function settleLabels(
  input: SyncInput,
  issues: Issues,
  flows: readonly LabelFlow[],
  outcomeFor: (flow: LabelFlow) => Outcome,
): FieldTrace | undefined {
  const trace = input.memory.fields.labels;
  if (flows.length === 0) return trace;
  const ends = flows.map((flow) => ({ flow, outcome: outcomeFor(flow) }));
  const a = labelSide(input, issues, 'a', ends);
  const b = labelSide(input, issues, 'b', ends);
  const refused = ends.find(({ flow, outcome }) => outcome.kind === 'refused' && isAsked(flow));
  const blocked = ends.find(({ flow }) => flow.code !== undefined);
  return {
    aParts: a.parts,
    bParts: b.parts,
    aAdded: a.added,
    bAdded: b.added,
    ...(blocked?.flow.isTried === true ? { tried: blocked.flow.attempt } : {}),
    ...(blocked?.flow.code === undefined ? {} : { blocked: blocked.flow.code }),
    ...(refused?.outcome.kind === 'refused' ? { tried: refused.flow.attempt, blocked: refused.outcome.code } : {}),
  };
}

/**
 * The traces after an issue was to be made. A field that was not set at birth has still to travel; of one whose birth is in
 * doubt it is remembered what would have been written, so that a person's change to it is told from our own value.
 */
export function settleCreation(input: SyncInput, creation: Creation, result: StepResult | undefined): FieldTraces {
  let traces: FieldTraces = input.memory.fields;
  for (const field of fieldNames) {
    const trace = birthTrace(input, creation, field, result);
    if (trace !== undefined) traces = { ...traces, [field]: trace };
  }
  return traces;
}

function birthTrace(
  input: SyncInput,
  creation: Creation,
  field: FieldName,
  result: StepResult | undefined,
): FieldTrace | undefined {
  const { from, to, source } = creation;
  const value = creation.fields?.[field];
  const refusal = result?.refusedFields?.[field];
  const tried = creation.attempts[field];
  if (refusal !== undefined && tried !== undefined) return { pending: from, tried, blocked: refusal };
  if (value === undefined || result?.ok !== true || result.found === true) {
    if (field === 'labels' && value !== undefined) return labelsAtBirth(creation, []);
    if (field === 'labels' || !sends(input, from, field) || creation.fields === undefined) return undefined;
    return birthPending(
      input,
      creation,
      field,
      result?.ok !== true && value !== undefined ? hashOf(field, value) : undefined,
    );
  }
  if (field !== 'labels') return withSide(withSide({}, from, hashNow(source, field)), to, hashOf(field, value));
  return labelsAtBirth(creation, labelParts(creation));
}

/** Labels that the new issue has from us. `seen` of the origin's are settled; of a birth in doubt none is, so that what did not arrive is added. */
function labelsAtBirth(creation: Creation, seen: readonly ValueHash[]): FieldTrace {
  const ours = labelParts(creation);
  return creation.from === 'a'
    ? { aParts: seen, bParts: ours, aAdded: [], bAdded: ours }
    : { aParts: ours, bParts: seen, aAdded: ours, bAdded: [] };
}

function labelParts({ source }: Creation): readonly ValueHash[] {
  return (source.fields.labels ?? []).map(hashOfPart).sort();
}

/** The memory of a field that is not settled at birth: what was refused or sent before stays known. */
function birthPending(
  input: SyncInput,
  { from, to }: Creation,
  field: FieldName,
  sent: ValueHash | undefined,
): FieldTrace {
  const before = input.memory.fields[field];
  const offer = offerOf(input, from, field);
  const isTried = offer !== undefined && before?.tried === attemptOf(input, field, offer);
  const kept: FieldTrace = isTried ? { ...before } : hashesSent(before);
  return { ...kept, pending: from, ...(sent === undefined ? {} : sentTo(to, sent)) };
}

function hashesSent(trace: FieldTrace | undefined): FieldTrace {
  return {
    ...(trace?.aSent === undefined ? {} : { aSent: trace.aSent }),
    ...(trace?.bSent === undefined ? {} : { bSent: trace.bSent }),
  };
}

/** Nobody knows whether it arrived: both possibilities are kept, and reading again tells which it was. */
function unknownWrite(decision: FieldDecision & { readonly kind: 'write' }): FieldTrace {
  const { base, to, hash, isFirst } = decision;
  const sent = sentTo(to, hash);
  return isFirst ? { pending: otherSide(to), ...sent } : { ...hashes(base.a, base.b), ...sent };
}

interface FlowEnd {
  readonly flow: LabelFlow;
  readonly outcome: Outcome;
}

function isAsked({ add, remove, code }: LabelFlow): boolean {
  return code === undefined && add.length + remove.length > 0;
}

/**
 * One side's labels after the act: what its own flow has settled counts as seen, and what arrived from the other side is ours.
 * An arrival whose end is unknown counts as seen, so that it does not travel back, and as ours: met there next time it most
 * likely is, and what is not met is forgotten. (A person may have added the very same label in that moment: it then goes with
 * the original, instead of every label of a broken-off write staying for ever.)
 */
function labelSide(
  input: SyncInput,
  issues: Issues,
  side: Side,
  ends: readonly FlowEnd[],
): { readonly parts: readonly ValueHash[]; readonly added: readonly ValueHash[] } {
  const memory = labelMemory(input.memory.fields.labels, side);
  const out = ends.find(({ flow }) => flow.from === side);
  const into = ends.find(({ flow }) => flow.to === side);
  const present = (issues[side].fields.labels ?? []).map(hashOfPart);
  const isSettled =
    out !== undefined && out.flow.code === undefined && (!isAsked(out.flow) || out.outcome.kind === 'done');
  const parts = new Set(isSettled ? present : memory.parts);
  const added = new Set([...memory.added].filter((part) => present.includes(part)));
  if (into !== undefined && isAsked(into.flow)) settleArrivals(parts, added, into);
  return { parts: [...parts].sort(), added: [...added].sort() };
}

function settleArrivals(parts: Set<ValueHash>, added: Set<ValueHash>, { flow, outcome }: FlowEnd): void {
  if (outcome.kind === 'refused') return;
  for (const part of flow.add.map(hashOfPart)) {
    parts.add(part);
    added.add(part);
  }
  if (outcome.kind !== 'done') return;
  for (const part of flow.remove.map(hashOfPart)) {
    parts.delete(part);
    added.delete(part);
  }
}
