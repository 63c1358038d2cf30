import { otherSide, type Side } from '../model/connection.ts';
import type { Plan, Step, SyncInput } from '../model/plan.ts';
import { decide } from './decide.ts';
import type { FieldDecision } from './fields.ts';
import { lanesOf, policyOf } from './lanes.ts';
import { planSync } from './plan.ts';
import { isAsked } from './sets.ts';
import { changedSides, type Hashes } from './stance.ts';

/**
 * Why a field was written: it came with a new issue, two issues met, one side alone had changed, both had and the edits fit
 * together, both had and a person or the policy decided, or elements of a set came or went.
 */
export type Why = 'birth' | 'meeting' | 'one-side' | 'merge' | 'answer' | 'policy' | 'elements';

/** What was decided for one lane and from what. Hashes only. */
export interface Told {
  readonly lane: string;
  readonly why: Why;
  /** The side that was written; of a merge the first one. */
  readonly to: Side;
  /** What was agreed before, and what each side showed. */
  readonly base: Hashes;
  readonly now: Hashes;
}

/** Every field that a plan over this input writes, with the reason. The order is that of the lanes. */
export function explained(input: SyncInput): readonly Told[] {
  const { creation, fields, sets } = decide(input);
  if (creation?.fields !== undefined) {
    const { to, from } = creation;
    const born = creation.fields;
    return lanesOf(input.rules)
      .filter((lane) => born[lane[to]] !== undefined)
      .map((lane) => ({ lane: lane.key, why: 'birth' as const, to: otherSide(from), base: {}, now: {} }));
  }
  const flows = sets
    .filter(isAsked)
    .map(({ lane, to }): Told => ({ lane: lane.key, why: 'elements', to, base: {}, now: {} }));
  return [...fields.flatMap((decision) => toldOf(input, decision)), ...flows];
}

function toldOf(input: SyncInput, decision: FieldDecision): Told[] {
  const { lane, base, now } = decision;
  if (decision.kind === 'merge') {
    const [first] = decision.writes;
    const why = isAnswered(input, decision) ? 'answer' : 'merge';
    return first === undefined ? [] : [{ lane: lane.key, why, to: first.to, base, now }];
  }
  if (decision.kind !== 'write') return [];
  return [{ lane: lane.key, why: whyOf(input, decision), to: decision.write.to, base, now }];
}

function whyOf(input: SyncInput, decision: FieldDecision & { readonly kind: 'write' }): Why {
  if (isAnswered(input, decision)) return 'answer';
  if (decision.isFirst) return 'meeting';
  const changed = changedSides(decision.base, decision.now);
  return changed.a && changed.b ? 'policy' : 'one-side';
}

function isAnswered(input: SyncInput, { lane, now }: FieldDecision): boolean {
  const resolved = input.memory.fields[lane.key]?.resolved;
  return resolved !== undefined && resolved.a === now.a && resolved.b === now.b;
}

/** The policy that a lane has under the rules of an input; `undefined` for a lane that no rule names. */
export function policyIn(input: SyncInput, key: string): string | undefined {
  const lane = lanesOf(input.rules).find((one) => one.key === key);
  return lane === undefined ? undefined : policyOf(input.rules, lane);
}

const fieldKinds: ReadonlySet<Step['kind']> = new Set<Step['kind']>([
  'create-issue',
  'edit-issue',
  'transition',
  'link',
]);

/** The steps of a plan that write fields, as one canonical text: the same decision has the same bytes. */
export function fieldPlan({ steps }: Pick<Plan, 'steps'>): string {
  return JSON.stringify(
    steps.filter(({ kind }) => fieldKinds.has(kind)),
    inKeyOrder,
  );
}

/** Decides an input again; the same bytes as before, unless the engine has changed. */
export function replayed(input: SyncInput): string {
  return fieldPlan(planSync(input));
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
