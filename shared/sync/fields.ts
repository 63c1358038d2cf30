import { otherSide, type Side } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import type { FieldName } from '../model/replica.ts';
import type { Code } from '../verdict.ts';
import type { FieldValue } from './echo.ts';
import { attemptOf, obstacle, offerOf } from './offer.ts';
import { changedSides, hashes, standing, type Hashes } from './stance.ts';
import { bothSides, hashNow, policyOf, sends, type Issues } from './view.ts';

/** Every field kind that is one value; labels are a set and have their own file. */
export type ScalarName = Exclude<FieldName, 'labels'>;

/** What is decided for one field of a twin. `base` is what the next trace builds on when nothing is written. */
export type FieldDecision = { readonly field: ScalarName; readonly now: Hashes; readonly base: Hashes } & (
  | { readonly kind: 'leave' }
  | { readonly kind: 'rest' }
  | { readonly kind: 'agree' }
  | {
      readonly kind: 'write';
      readonly to: Side;
      readonly value: FieldValue;
      readonly hash: ValueHash;
      readonly attempt: ValueHash;
      readonly isFirst: boolean;
    }
  | { readonly kind: 'blocked'; readonly to: Side; readonly code: Code; readonly isTried: boolean }
);

/**
 * Decides one field of two existing issues: `leave` it alone (no rule names it), let it `rest` (nothing to carry), `agree` (what
 * both show becomes the base), `write` to one side, or say why it is `blocked`.
 */
export function decideField(input: SyncInput, issues: Issues, field: ScalarName): FieldDecision {
  const now = hashes(hashNow(issues.a, field), hashNow(issues.b, field));
  const trace = input.memory.fields[field];
  const isTouched = trace?.pending !== undefined && issues[otherSide(trace.pending)].changedAt[field] !== undefined;
  const base = trace === undefined ? {} : standing({ ...trace, isTouched }, now);
  const known = { field, now, base };
  if (!bothSides.some((side) => sends(input, side, field))) return { ...known, kind: 'leave' };
  const changed = changedSides(base, now);
  if (!changed.a && !changed.b) return { ...known, kind: 'rest' };
  if (isAgreed(input, field, now)) return { ...known, kind: 'agree' };
  const from = trace === undefined ? firstOf(input, field, now) : senderOf(input, issues, field, changed);
  if (from === 'hold')
    return { ...known, kind: 'blocked', to: otherSide(input.memory.originSide), code: 'conflict-held', isTried: false };
  const offer = offerOf(input, from, field);
  if (offer === undefined) return { ...known, kind: trace === undefined ? 'agree' : 'rest' };
  const code = obstacle(input, field, offer);
  if (code !== undefined) return { ...known, kind: 'blocked', to: offer.to, code, isTried: false };
  const attempt = attemptOf(input, field, offer);
  if (trace?.tried === attempt)
    return { ...known, kind: 'blocked', to: offer.to, code: refusalOf(trace), isTried: true };
  return { ...known, kind: 'write', ...offer, attempt, isFirst: trace === undefined };
}

/** The code under which a refused attempt was remembered. */
export function refusalOf(trace: { readonly blocked?: Code }): Code {
  return trace.blocked ?? 'field-refused';
}

/** True when what either side would send is what the other shows already. */
function isAgreed(input: SyncInput, field: ScalarName, now: Hashes): boolean {
  return bothSides.some((side) => {
    const there = now[otherSide(side)];
    return there !== undefined && offerOf(input, side, field)?.hash === there;
  });
}

/** Two values that meet for the first time: the origin's travels, unless a person shall decide; a value alone travels anyway. */
function firstOf(input: SyncInput, field: ScalarName, now: Hashes): Side | 'hold' {
  const origin = input.memory.originSide;
  if (now[origin] === undefined) return otherSide(origin);
  const isAlone = now[otherSide(origin)] === undefined;
  return !isAlone && sends(input, origin, field) && policyOf(input, field) === 'hold' ? 'hold' : origin;
}

function senderOf(
  input: SyncInput,
  issues: Issues,
  field: ScalarName,
  changed: Readonly<Record<Side, boolean>>,
): Side | 'hold' {
  if (changed.a !== changed.b) return changed.a ? 'a' : 'b';
  const policy = policyOf(input, field);
  if (policy !== 'newest') return policy;
  return newerOf(issues.a.changedAt[field], issues.b.changedAt[field], input.memory.originSide);
}

/**
 * The side with the later moment, in epoch milliseconds. A side whose moment is not known has not changed since it was made, so
 * the known one is later; the origin side when both are unknown or equal.
 */
export function newerOf(a: number | undefined, b: number | undefined, origin: Side): Side {
  if (a === b) return origin;
  if (a === undefined || b === undefined) return a === undefined ? 'b' : 'a';
  return a > b ? 'a' : 'b';
}
