/** Checks of a document beside the partner's: what only shows when both directions meet. */
import { otherSide, type Side } from '../model/connection.ts';
import type { FieldRule, Policy, RuleDocument, Transform } from '../model/rules.ts';
import { problem } from './problems.ts';
import type { RuleProblem } from './problems.ts';

/** Checks `own`, the document of `side`, beside the partner's. Only places of the own document are named. */
export function checkPair(side: Side, own: RuleDocument, partner: RuleDocument): readonly RuleProblem[] {
  return own.fields.flatMap((row, index) => [
    ...collisions(row, partner, index),
    ...(isReturned(row, partner) ? twoWay(row, index) : oneWay(side, row, index)),
  ]);
}

const endOf = ({ field, target = field }: FieldRule): string => target;

/** True when the partner's document sends the row's target back into the row's field. */
function isReturned(row: FieldRule, partner: RuleDocument): boolean {
  return partner.fields.some((back) => back.field === endOf(row) && endOf(back) === row.field);
}

/** One field cannot follow two others: the partner's rows may meet this one's two fields only together. */
function collisions(row: FieldRule, partner: RuleDocument, index: number): RuleProblem[] {
  const isMet = partner.fields.some((back) => (back.field === endOf(row)) !== (endOf(back) === row.field));
  return isMet ? [problem(`fields.${index}`, 'lane-collides')] : [];
}

function twoWay({ transform }: FieldRule, index: number): RuleProblem[] {
  const effect = transform === undefined ? 'keeps' : effectOf(transform);
  if (effect === 'keeps') return [];
  return [problem(`fields.${index}.transform`, effect === 'grows' ? 'two-way-grows' : 'two-way-loses')];
}

/** What a transform does to a value that goes to and fro: only our own elements of a set are ever taken away. */
function effectOf({ kind }: Transform): 'grows' | 'loses' | 'keeps' {
  switch (kind) {
    case 'prefix':
    case 'suffix':
      return 'grows';
    case 'upper':
    case 'lower':
    case 'trim':
    case 'truncate':
    case 'plain-text':
      return 'loses';
    case 'only':
    case 'without':
      return 'keeps';
  }
}

function oneWay(side: Side, { policy }: FieldRule, index: number): RuleProblem[] {
  const stuck: readonly Policy[] = ['hold', otherSide(side)];
  return stuck.includes(policy) ? [problem(`fields.${index}.policy`, 'one-way-conflict')] : [];
}
