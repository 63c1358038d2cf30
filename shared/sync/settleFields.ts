import { otherSide } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';
import type { StepResult, SyncInput } from '../model/plan.ts';
import type { FieldTrace, FieldTraces } from '../model/twin.ts';
import type { Creation } from './create.ts';
import { answerIn } from './answer.ts';
import { hashOf } from './echo.ts';
import type { FieldDecision, Write } from './fields.ts';
import { lanesOf, sendsLane, shownHash, type Lane } from './lanes.ts';
import type { Outcome } from './outcome.ts';
import { lacksOf } from './mediaAcross.ts';
import { attemptOf, leftOf, offerOf } from './offer.ts';
import { setAtBirth } from './settleSets.ts';
import { hashes, sentTo, withSide } from './stance.ts';

/** The next trace of a lane that is no set, given how its writes ended. */
export function settleField(
  trace: FieldTrace | undefined,
  decision: FieldDecision,
  outcomeFor: (write: Write) => Outcome,
): FieldTrace | undefined {
  const { now, base } = decision;
  switch (decision.kind) {
    case 'leave':
    case 'await':
      return trace;
    case 'rest':
      return trace === undefined
        ? undefined
        : { ...hashes(base.a, base.b), ...decision.flips, ...answerIn(trace, now), ...lacking(trace.lacks) };
    case 'agree':
      return { ...hashes(now.a, now.b), ...decision.flips, ...lacking(decision.lacks) };
    case 'blocked':
      return settleBlocked(trace, decision);
    case 'merge':
      return settleMerge(trace, decision, outcomeFor);
    case 'write':
      return { ...settleWrite(trace, decision, outcomeFor(decision.write)), ...decision.flips };
  }
}

function lacking(lacks: readonly string[] | undefined): Pick<FieldTrace, 'lacks'> {
  return lacks === undefined || lacks.length === 0 ? {} : { lacks };
}

type Of<Kind extends FieldDecision['kind']> = FieldDecision & { readonly kind: Kind };

function settleBlocked(trace: FieldTrace | undefined, decision: Of<'blocked'>): FieldTrace {
  const { now, base, code, to } = decision;
  const seen = code === 'conflict-held' || trace !== undefined ? base : withSide({}, to, now[to]);
  const tried = decision.isTried && trace?.tried !== undefined ? { tried: trace.tried } : {};
  const before = code === 'field-flipping' ? flipsIn(trace) : decision.flips;
  const kept = { ...answerIn(trace, now), ...lacking(trace?.lacks) };
  return { ...hashes(seen.a, seen.b), ...tried, ...before, ...kept, blocked: code };
}

/** While a field is quarantined its count stays: the plan counts the next flip on top of it and stops again. */
function flipsIn(trace: FieldTrace | undefined): Pick<FieldTrace, 'flips' | 'lastFrom'> {
  return {
    ...(trace?.flips === undefined ? {} : { flips: trace.flips }),
    ...(trace?.lastFrom === undefined ? {} : { lastFrom: trace.lastFrom }),
  };
}

function settleWrite(
  trace: FieldTrace | undefined,
  { now, base, write, isFirst, isChosen, lacks }: Of<'write'>,
  outcome: Outcome,
): FieldTrace {
  const { to, attempt, move } = write;
  const from = otherSide(to);
  // On the way through a workflow: what stands there is ours and no change; the source's value has still to arrive.
  const arrived = move !== undefined && !move.isLast ? hashOf('status', move.to) : write.hash;
  if (outcome.kind === 'unknown') {
    const sent = sentTo(to, arrived);
    // Met again, it is what was written: with what it lacked.
    const kept = { ...answerIn(trace, now), ...lacking(lacks) };
    // The chosen value has still to travel; only what is changed there from now on is a change.
    if (isChosen) return { ...withSide({}, to, now[to]), ...sent, ...kept };
    return isFirst ? { pending: from, ...sent, ...kept } : { ...hashes(base.a, base.b), ...sent, ...kept };
  }
  if (outcome.kind === 'refused') {
    const seen = withSide(base, to, base[to] ?? now[to]);
    const kept = { ...answerIn(trace, now), ...lacking(trace?.lacks) };
    return { ...hashes(seen.a, seen.b), tried: attempt, blocked: outcome.code, ...kept };
  }
  if (move !== undefined && !move.isLast) return withSide(withSide({}, from, base[from]), to, arrived);
  return { ...withSide(withSide({}, from, now[from]), to, arrived), ...lacking(lacks) };
}

/**
 * A merge whose end is not known leaves the memory as it was: both sides are merged again, and what has arrived is the same edit on
 * both sides then.
 */
function settleMerge(
  trace: FieldTrace | undefined,
  { writes, after, base, now, lacks }: Of<'merge'>,
  outcomeFor: (write: Write) => Outcome,
): FieldTrace | undefined {
  const ends = writes.map((write) => ({ write, outcome: outcomeFor(write) }));
  const refused = ends.find(({ outcome }) => outcome.kind === 'refused');
  if (refused?.outcome.kind === 'refused') {
    const { to, attempt } = refused.write;
    const kept = { ...answerIn(trace, now), ...lacking(trace?.lacks) };
    return { ...withSide(base, to, base[to] ?? now[to]), tried: attempt, blocked: refused.outcome.code, ...kept };
  }
  const isDone = ends.every(({ outcome }) => outcome.kind === 'done');
  return isDone ? { ...hashes(after.a, after.b), ...lacking(lacks) } : trace;
}

/**
 * The traces after an issue was to be made. A field that was not set at birth has still to travel; of one whose birth is in
 * doubt it is remembered what would have been written, so that a person's change to it is told from our own value.
 */
export function settleCreation(input: SyncInput, creation: Creation, result: StepResult | undefined): FieldTraces {
  let traces: FieldTraces = input.memory.fields;
  for (const lane of lanesOf(input.rules)) {
    const trace = lane.isSet ? setAtBirth(creation, lane, result) : birthTrace(input, creation, lane, result);
    if (trace !== undefined) traces = { ...traces, [lane.key]: trace };
  }
  return traces;
}

function birthTrace(
  input: SyncInput,
  creation: Creation,
  lane: Lane,
  result: StepResult | undefined,
): FieldTrace | undefined {
  const { from, to, source } = creation;
  const value = creation.fields?.[lane[to]];
  const refusal = result?.refusedFields?.[lane[to]];
  const tried = creation.attempts[lane.key];
  if (refusal !== undefined && tried !== undefined) return { pending: from, tried, blocked: refusal };
  if (value !== undefined && result?.ok === true && result.found !== true) {
    const left = leftOf(input, from, lane);
    const lacks = lacksOf(input, from === 'a' ? { a: left, b: value } : { a: value, b: left });
    const both = withSide(withSide({}, from, shownHash(input, source, from, lane)), to, hashOf(lane[to], value));
    return { ...both, ...lacking(lacks) };
  }
  if (
    creation.fields === undefined ||
    (!sendsLane(input.rules, from, lane, 'create') && !sendsLane(input.rules, from, lane))
  )
    return undefined;
  if (!sendsLane(input.rules, from, lane, 'create')) return bornAsIs(input, creation, lane);
  return birthPending(
    input,
    creation,
    lane,
    result?.ok !== true && value !== undefined ? hashOf(lane[to], value) : undefined,
  );
}

/** A field that travels only into issues that are there: what the source shows at birth stays on its side. */
function bornAsIs(input: SyncInput, { from, source }: Creation, lane: Lane): FieldTrace | undefined {
  const before = input.memory.fields[lane.key];
  return before ?? withSide({}, from, shownHash(input, source, from, lane));
}

/** The memory of a field that is not settled at birth: what was refused or sent before stays known. */
function birthPending(input: SyncInput, { from, to }: Creation, lane: Lane, sent: ValueHash | undefined): FieldTrace {
  const before = input.memory.fields[lane.key];
  const offer = offerOf(input, from, lane);
  const isTried = offer !== undefined && before?.tried === attemptOf(input, offer);
  const kept: FieldTrace = isTried ? { ...before } : hashesSent(before);
  return { ...kept, pending: from, ...(sent === undefined ? {} : sentTo(to, sent)) };
}

function hashesSent(trace: FieldTrace | undefined): FieldTrace {
  return {
    ...(trace?.aSent === undefined ? {} : { aSent: trace.aSent }),
    ...(trace?.bSent === undefined ? {} : { bSent: trace.bSent }),
  };
}
