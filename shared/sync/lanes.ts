import { otherSide, type Side } from '../model/connection.ts';
import { LANE_SIGN, byFieldOrder, isSetField, kindOf, type FieldKind, type FieldName } from '../model/field.ts';
import type { ValueHash } from '../model/ids.ts';
import type { SyncInput } from '../model/plan.ts';
import type { JiraIssue } from '../model/replica.ts';
import type { FieldRule, Policy, RuleDocument, When } from '../model/rules.ts';
import { digest, hashOf } from './echo.ts';
import { bothSides, hashNow } from './view.ts';

/**
 * A field of side A and the field of side B with which it is kept in step. Most lanes join fields of one name; a rule with a target
 * joins two.
 */
export interface Lane {
  /** The name of its trace: the field's, or `a>b` when the two differ. */
  readonly key: string;
  readonly a: FieldName;
  readonly b: FieldName;
  readonly kind: FieldKind;
  readonly isSet: boolean;
}

type Rules = Readonly<Record<Side, RuleDocument>>;

/**
 * Every lane that a row of either side names, in the order in which plans name fields. Of two lanes that end in the same field the
 * first one counts: one field cannot follow two others.
 */
export function lanesOf(rules: Rules): readonly Lane[] {
  const known = remembered.get(rules);
  if (known !== undefined) return known;
  const lanes = freshLanes(rules);
  remembered.set(rules, lanes);
  return lanes;
}

/** One decision asks for the lanes of its rules hundreds of times; rules never change, so the answer does not either. */
const remembered = new WeakMap<Rules, readonly Lane[]>();

function freshLanes(rules: Rules): readonly Lane[] {
  const found = bothSides
    .flatMap((side) => rules[side].fields.map((row) => laneOf(side, row)))
    .sort((one, other) => byFieldOrder(one.a, other.a) || byFieldOrder(one.b, other.b));
  const lanes: Lane[] = [];
  for (const lane of found) if (!lanes.some(({ a, b }) => a === lane.a || b === lane.b)) lanes.push(lane);
  return lanes;
}

/** The row by which a side sends the lane; `undefined` when it does not. */
export function rowOf(rules: Rules, side: Side, lane: Pick<Lane, 'a' | 'b'>): FieldRule | undefined {
  const [own, other] = side === 'a' ? [lane.a, lane.b] : [lane.b, lane.a];
  return rules[side].fields.find(({ field, target = field }) => field === own && target === other);
}

/** True when the side's rules let the field leave, into an issue that is made (`create`) or into one that is there (`update`). */
export function sendsLane(rules: Rules, side: Side, lane: Lane, when: Exclude<When, 'both'> = 'update'): boolean {
  const row = rowOf(rules, side, lane);
  return row !== undefined && (row.when === undefined || row.when === 'both' || row.when === when);
}

/** How a double change of the lane ends: side A's row decides, side B's when A does not send it. */
export function policyOf(rules: Rules, lane: Lane): Policy {
  return rowOf(rules, 'a', lane)?.policy ?? rowOf(rules, 'b', lane)?.policy ?? 'hold';
}

/**
 * The hash of what a side shows of a lane. With a script it is also of what the script makes of it, so that a change of anything that
 * the script reads travels. `undefined` when the side shows nothing.
 */
export function shownHash(
  input: Pick<SyncInput, 'scripted'>,
  issue: JiraIssue,
  side: Side,
  lane: Lane,
): ValueHash | undefined {
  const own = hashNow(issue, lane[side]);
  const made = input.scripted?.[side];
  if (own === undefined || made === undefined) return own;
  const field = lane[otherSide(side)];
  const value = made[field];
  return digest(['scripted', own, value === undefined ? '' : hashOf(field, value)]);
}

function laneOf(side: Side, { field, target = field }: FieldRule): Lane {
  const [a, b] = side === 'a' ? [field, target] : [target, field];
  return { key: a === b ? a : `${a}${LANE_SIGN}${b}`, a, b, kind: kindOf(a), isSet: isSetField(a) };
}
