/** What a rule document lets leave beyond another one: what the partner has to agree to before it rules. */
import { otherSide, type Side } from '../model/connection.ts';
import type { Contract } from '../model/contract.ts';
import { isFieldName, isSetField, kindOf, type FieldKind, type FieldName } from '../model/field.ts';
import type { AttachmentRule, FieldRule, Policy, RuleDocument, Transform, When } from '../model/rules.ts';

/** What each widening means to the side that receives, in one plain sentence. */
export const wideningTexts = {
  'field-leaves': 'A field is sent that was not sent before, or into another field of yours.',
  'field-more-often': 'The field is written at more occasions than before.',
  'field-less-filtered': 'Less is taken away from the field before it is sent.',
  'field-overwrites': 'When both sides change the field, yours is overwritten where it was not before.',
  'screen-field': 'A field is filled on the screen of one of your transitions.',
  'comments-leave': 'Comments are sent.',
  'restricted-leaves': 'Comments or worklogs of one more restricted audience are sent, or arrive for another audience.',
  'worklogs-leave': 'Worklogs are sent.',
  'files-leave': 'Files are sent that were not sent before.',
  deletes: 'Your issue is deleted when the other one is.',
  'script-changes': 'The script is another one; what it makes of the fields cannot be compared.',
} as const;

export type WideningCode = keyof typeof wideningTexts;

/** One thing that a document lets leave, or writes, beyond another. Names of fields and their kinds; no values. */
export interface Widening {
  readonly code: WideningCode;
  readonly says: string;
  /** The field that is sent. */
  readonly field?: FieldName;
  /** The receiving side's field. */
  readonly target?: FieldName;
  readonly kind?: FieldKind;
}

/**
 * Everything that `after` lets leave or writes on the other side beyond `before`, both documents of `side`. Empty: it narrows, or
 * changes only what is said inside what leaves already (names, defaults, texts that are added), and may rule at once.
 */
export function widening(side: Side, before: RuleDocument, after: RuleDocument): readonly Widening[] {
  return [
    ...after.fields.flatMap((row) => fieldWidening(side, before, row)),
    ...screenFields(after)
      .filter((field) => !screenFields(before).includes(field) && !targets(before).includes(field))
      .map((target) => widened('screen-field', { target, kind: kindOf(target) })),
    ...(after.comments && !before.comments ? [widened('comments-leave')] : []),
    ...(wideAudience(before, after) ? [widened('restricted-leaves')] : []),
    ...(after.worklogs === true && before.worklogs !== true ? [widened('worklogs-leave')] : []),
    ...(moreFiles(before.attachments, after.attachments) ? [widened('files-leave')] : []),
    ...(after.deletion === 'delete' && before.deletion !== 'delete' ? [widened('deletes')] : []),
    ...(after.script === before.script ? [] : [widened('script-changes')]),
  ];
}

function widened(code: WideningCode, of: Omit<Widening, 'code' | 'says'> = {}): Widening {
  return { code, says: wideningTexts[code], ...of };
}

const endOf = ({ field, target = field }: FieldRule): FieldName => target;

function targets({ fields }: RuleDocument): readonly FieldName[] {
  return fields.map(endOf);
}

function fieldWidening(side: Side, before: RuleDocument, row: FieldRule): readonly Widening[] {
  const of = { field: row.field, target: endOf(row), kind: kindOf(row.field) };
  const was = before.fields.find((old) => old.field === row.field && endOf(old) === endOf(row));
  if (was === undefined) return [widened('field-leaves', of)];
  return [
    ...(covers(was.when, row.when) ? [] : [widened('field-more-often', of)]),
    ...(takesLess(was.transform, row.transform) ? [widened('field-less-filtered', of)] : []),
    ...(force(side, row.policy) > force(side, was.policy) ? [widened('field-overwrites', of)] : []),
  ];
}

function covers(was: When = 'both', is: When = 'both'): boolean {
  return was === 'both' || was === is;
}

/** How far a policy goes against the receiving side: never, when it is newer, always. */
function force(side: Side, policy: Policy): number {
  if (policy === 'hold' || policy === otherSide(side)) return 0;
  return policy === 'newest' ? 1 : 2;
}

/** True when a transform that takes something away is gone or takes less. */
function takesLess(was: Transform | undefined, is: Transform | undefined): boolean {
  if (was === undefined) return false;
  switch (was.kind) {
    case 'prefix':
    case 'suffix':
    case 'upper':
    case 'lower':
    case 'trim':
      return false;
    case 'plain-text':
      return is?.kind !== 'plain-text';
    case 'truncate':
      return is?.kind !== 'truncate' || is.length > was.length;
    case 'only':
      return is?.kind !== 'only' || is.values.some((value) => !was.values.includes(value));
    case 'without':
      return is?.kind !== 'without' || was.values.some((value) => !is.values.includes(value));
  }
}

/** The fields that transitions of the other side get beside those that are sent. */
function screenFields({ transitionFields = {} }: RuleDocument): readonly FieldName[] {
  return [...new Set(Object.values(transitionFields).flatMap((given) => Object.keys(given).filter(isFieldName)))];
}

function wideAudience({ visibility: was = {} }: RuleDocument, { visibility: is = {} }: RuleDocument): boolean {
  return Object.entries(is).some(([from, to]) => !Object.hasOwn(was, from) || was[from] !== to);
}

function moreFiles(was: AttachmentRule | undefined, is: AttachmentRule | undefined): boolean {
  if (is === undefined) return false;
  if (was === undefined) return true;
  const isLarger = was.maxBytes !== undefined && (is.maxBytes === undefined || is.maxBytes > was.maxBytes);
  const hasMore = (old: readonly string[] | undefined, fresh: readonly string[] | undefined): boolean =>
    old !== undefined && (fresh === undefined || fresh.some((one) => !old.includes(one)));
  return isLarger || hasMore(was.types, is.types) || hasMore(was.names, is.names);
}

/** The contract that a document amounts to. */
export function contractOf(document: RuleDocument): Contract {
  const { version, comments, visibility = {}, worklogs = false, attachments, deletion } = document;
  const fields: Partial<Record<FieldName, When>> = {};
  for (const field of screenFields(document)) fields[field] = 'update';
  for (const row of document.fields) fields[endOf(row)] = row.when ?? 'both';
  return {
    version,
    fields,
    comments,
    restricted: Object.keys(visibility).length > 0,
    worklogs,
    attachments: attachments !== undefined,
    deletion: deletion === 'delete',
  };
}

/**
 * The document without what its contract does not let in: comments, worklogs, files, deletions, and fields that are sets. Fields of
 * one value stay, because the engine refuses them by name (`contract-refused`); what is left out it tells by the same name when it has
 * the whole document beside this one. The same document when all of it is agreed.
 */
export function withinContract(document: RuleDocument, contract: Contract | undefined): RuleDocument {
  if (contract === undefined) return document;
  const { comments, restricted, worklogs, attachments, deletion } = contract;
  const { visibility, attachments: files, ...rest } = document;
  const within: RuleDocument = {
    ...rest,
    fields: document.fields.flatMap((row) => rowWithin(row, contract)),
    comments: document.comments && comments,
    ...(visibility === undefined || !restricted ? {} : { visibility }),
    ...(document.worklogs === undefined ? {} : { worklogs: document.worklogs && worklogs }),
    ...(files === undefined || !attachments ? {} : { attachments: files }),
    ...(document.deletion === undefined ? {} : { deletion: deletion ? document.deletion : 'keep' }),
  };
  return isWhole(document, within) ? document : within;
}

function isWhole(document: RuleDocument, within: RuleDocument): boolean {
  const isEveryRow = document.fields.every((row, at) => row === within.fields[at]);
  const parts = ['comments', 'visibility', 'worklogs', 'attachments', 'deletion'] as const;
  return isEveryRow && parts.every((part) => document[part] === within[part]);
}

function rowWithin(row: FieldRule, { fields }: Contract): FieldRule[] {
  if (!isSetField(row.field)) return [row];
  const when = fields[endOf(row)];
  if (when === undefined) return [];
  if (covers(when, row.when)) return [row];
  return row.when === undefined || row.when === 'both' ? [{ ...row, when }] : [];
}
