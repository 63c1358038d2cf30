import { otherSide, type Side } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import type { FieldTrace } from '../model/twin.ts';
import type { Code } from '../verdict.ts';
import { hashOf, hashOfPart } from './echo.ts';
import { attemptOf } from './offer.ts';
import { refusalOf } from './fields.ts';
import { bothSides, sends, type Issues } from './view.ts';

/** What one direction of the labels asks for. Empty lists: nothing. `code` says why it is not done. */
export interface LabelFlow {
  readonly from: Side;
  readonly to: Side;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  /** The whole set as it shall be there: sorted, without repeats. */
  readonly value: readonly string[];
  readonly hash: ValueHash;
  readonly attempt: ValueHash;
  readonly code?: Code;
  readonly isTried: boolean;
}

/** The memory of the labels on one side. */
export interface LabelMemory {
  readonly parts: ReadonlySet<ValueHash>;
  readonly added: ReadonlySet<ValueHash>;
}

/**
 * Decides the labels element by element, one flow for each side that sends them and shows them.
 * A label that is new on one side is added to the other. A label that is gone from one side is removed from the other only
 * when the sync had put it there; one that a person put there stays. Labels compare exactly.
 */
export function decideLabels(input: SyncInput, issues: Issues): readonly LabelFlow[] {
  return bothSides.flatMap((from) => {
    if (!sends(input, from, 'labels') || issues[from].fields.labels === undefined) return [];
    return [flowOf(input, issues, from)];
  });
}

/** What the trace remembers of one side's labels. */
export function labelMemory(trace: FieldTrace | undefined, side: Side): LabelMemory {
  return {
    parts: new Set(side === 'a' ? trace?.aParts : trace?.bParts),
    added: new Set(side === 'a' ? trace?.aAdded : trace?.bAdded),
  };
}

function flowOf(input: SyncInput, issues: Issues, from: Side): LabelFlow {
  const to = otherSide(from);
  const trace = input.memory.fields.labels;
  const mine = new Set(issues[from].fields.labels);
  const theirs = new Set(issues[to].fields.labels);
  const { parts } = labelMemory(trace, from);
  const { added } = labelMemory(trace, to);
  const gone = new Set([...parts].filter((part) => ![...mine].some((label) => hashOfPart(label) === part)));
  const add = [...mine].filter((label) => !parts.has(hashOfPart(label)) && !theirs.has(label)).sort();
  const remove = [...theirs].filter((label) => gone.has(hashOfPart(label)) && added.has(hashOfPart(label))).sort();
  const value = [...[...theirs].filter((label) => !remove.includes(label)), ...add].sort();
  const hash = hashOf('labels', value);
  const attempt = attemptOf(input, 'labels', { to, hash });
  const code = add.length + remove.length === 0 ? undefined : labelObstacle(input, issues, to, trace, attempt);
  const flow = { from, to, add, remove, value, hash, attempt, isTried: trace?.tried === attempt };
  return code === undefined ? flow : { ...flow, code };
}

/** A set that the site does not show is not written: writing it whole would remove what we cannot see. */
function labelObstacle(
  input: SyncInput,
  issues: Issues,
  to: Side,
  trace: FieldTrace | undefined,
  attempt: ValueHash,
): Code | undefined {
  const isOpen = input[to].abilities.editable.includes('labels') && issues[to].fields.labels !== undefined;
  if (!isOpen) return 'field-not-on-screen';
  return trace?.tried === attempt ? refusalOf(trace) : undefined;
}
