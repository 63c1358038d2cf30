/**
 * Static checks of a rule document alone: everything that can be said without the partner and without asking a site. A problem names
 * its place and its code, never the value.
 */
import { isFieldName, kindOf } from '../model/field.ts';
import type { FieldKind, FieldName } from '../model/field.ts';
import type { FieldValue } from '../model/replica.ts';
import type { FieldRule, Policy, RuleDocument, TableName, Transform } from '../model/rules.ts';
import { problem } from './problems.ts';
import type { RuleProblem } from './problems.ts';

/** A row as it is posted: the right shape, with names that nobody has checked yet. */
export type PostedRow = Omit<FieldRule, 'field' | 'target' | 'policy'> & {
  readonly field: string;
  readonly target?: string;
  readonly policy: string;
};

/** A rule document as it is posted. */
export type PostedRules = Omit<RuleDocument, 'version' | 'fields' | 'values'> & {
  readonly fields: readonly PostedRow[];
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/** A document whose names all mean something, or what is wrong with it. A readable one may still have other problems. */
export type ReadRules =
  | { readonly ok: true; readonly document: RuleDocument }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

const policies = ['newest', 'a', 'b', 'hold'] as const satisfies readonly Policy[];

/** Far above what a project has; keeps a document inside one stored record. */
const MAX_TABLE_ROWS = 200;
/** Jira's limit for the names of types, priorities and statuses. */
const MAX_NAME_LENGTH = 60;
/** Jira's limit for the names of options, components and versions. */
const MAX_OPTION_LENGTH = 255;

/**
 * Reads a posted document: every field, policy and table must be one that there is, each once. All problems are told at once.
 * What it gives can be stored as a draft.
 */
export function readRules({ fields, values, ...rest }: PostedRules, version: number): ReadRules {
  const problems = [
    ...fields.flatMap((row, index) => rowProblems(fields, row, index)),
    ...Object.keys(values).flatMap((table) =>
      table === 'linkType' || isFieldName(table) ? [] : [problem('values', 'field-unknown')],
    ),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, document: { ...rest, version, fields: fields.flatMap(wholeRow), values: tablesOf(values) } };
}

function rowProblems(rows: readonly PostedRow[], { field, target, policy }: PostedRow, index: number): RuleProblem[] {
  const path = `fields.${index}`;
  const isDoubled = isFieldName(field) && rows.findIndex((row) => row.field === field) < index;
  return [
    ...(isFieldName(field) ? [] : [problem(`${path}.field`, 'field-unknown')]),
    ...(isDoubled ? [problem(`${path}.field`, 'field-doubled')] : []),
    ...(target === undefined || isFieldName(target) ? [] : [problem(`${path}.target`, 'field-unknown')]),
    ...(policyOf(policy) === undefined ? [problem(`${path}.policy`, 'policy-unknown')] : []),
  ];
}

function policyOf(name: string): Policy | undefined {
  return policies.find((known) => known === name);
}

function wholeRow({ field, target, policy: named, ...rest }: PostedRow): FieldRule[] {
  const policy = policyOf(named);
  if (!isFieldName(field) || policy === undefined) return [];
  return [{ field, ...(target !== undefined && isFieldName(target) ? { target } : {}), policy, ...rest }];
}

function tablesOf(values: PostedRules['values']): RuleDocument['values'] {
  const tables: Partial<Record<TableName, Readonly<Record<string, string>>>> = {};
  for (const [name, rows] of Object.entries(values)) if (isTable(name)) tables[name] = rows;
  return tables;
}

function isTable(name: string): name is TableName {
  return name === 'linkType' || isFieldName(name);
}

/** Checks a document. All problems are told at once, in the order of the document. */
export function checkRules(document: RuleDocument): readonly RuleProblem[] {
  const { fields, comments, worklogs, attachments } = document;
  const isSilent = fields.length === 0 && !comments && worklogs !== true && attachments === undefined;
  return [
    ...(isSilent ? [problem('fields', 'nothing-shared')] : []),
    ...fields.flatMap((row, index) => fieldProblems(fields, row, index)),
    ...tableNames(document).flatMap((table) => tableProblems(table, document)),
    ...nameProblems('fallbackIssueType', document.fallbackIssueType, MAX_NAME_LENGTH),
    ...visibilityProblems(document.visibility ?? {}),
    ...(attachments?.types ?? []).flatMap((type, index) =>
      MEDIA_TYPE.test(type) ? [] : [problem(`attachments.types.${index}`, 'filter-odd')],
    ),
    ...(document.script !== undefined && PEOPLE_IN_SCRIPT.test(document.script)
      ? [problem('script', 'personal-script')]
      : []),
  ];
}

const MEDIA_TYPE = /^[\w.+-]+\/(\*|[\w.+-]+)$/;
/** Words under which a script meets people. A script that hides them well is still only a warning less. */
const PEOPLE_IN_SCRIPT = /\b(assignee|reporter|author|creator|watchers|accountId|users?|mentions?)\b/i;

/** The tables of a document. */
export function tableNames(document: RuleDocument): readonly TableName[] {
  return Object.keys(document.values).filter(isTable);
}

function fieldProblems(rows: readonly FieldRule[], row: FieldRule, index: number): RuleProblem[] {
  const { field, target = field, transform } = row;
  const path = `fields.${index}`;
  const kind = kindOf(field);
  const isDoubled = rows.findIndex((other) => (other.target ?? other.field) === target) < index;
  return [
    ...(isDoubled ? [problem(`${path}.target`, 'target-doubled')] : []),
    ...(kindOf(target) === kind ? [] : [problem(`${path}.target`, 'kind-mismatch')]),
    ...(transform === undefined || fits(transform, field) ? [] : [problem(`${path}.transform`, 'transform-unfit')]),
    ...(row.default === undefined || isValueOf(row.default, kind) ? [] : [problem(`${path}.default`, 'default-unfit')]),
    ...(kind === 'user' || kind === 'users' ? [problem(`${path}.field`, 'personal-data')] : []),
  ];
}

/** True when the transform makes sense: it can change a value of the field, and leaves one of its kind. */
function fits({ kind }: Transform, field: FieldName): boolean {
  const of = kindOf(field);
  switch (kind) {
    case 'plain-text':
      return of === 'richText';
    case 'only':
    case 'without':
      return of === 'options' || of === 'users' || of === 'labels';
    case 'prefix':
    case 'suffix':
    case 'upper':
    case 'lower':
    case 'trim':
    case 'truncate':
      return ['text', 'url', 'option', 'options', 'labels', 'type', 'status', 'sprint'].includes(of);
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** True when a value has the form that the kind asks for. */
function isValueOf(value: Exclude<FieldValue, null>, kind: FieldKind): boolean {
  switch (kind) {
    case 'richText':
      return typeof value === 'object' && 'type' in value;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'duration':
      return typeof value === 'number' && Number.isInteger(value) && value >= 0;
    case 'date':
      return typeof value === 'string' && DATE.test(value);
    case 'dateTime':
      return typeof value === 'string' && DATE_TIME.test(value);
    case 'cascade':
      return Array.isArray(value) && value.length >= 1 && value.length <= 2;
    case 'options':
    case 'users':
    case 'labels':
    case 'links':
    case 'remoteLinks':
      return Array.isArray(value);
    case 'text':
    case 'url':
    case 'option':
    case 'type':
    case 'status':
    case 'sprint':
    case 'user':
    case 'issue':
      return typeof value === 'string' && value !== '';
  }
}

/** The kinds whose values are names of a list, so that a table may translate them. */
const namedKinds: ReadonlySet<FieldKind> = new Set<FieldKind>([
  'option',
  'options',
  'type',
  'status',
  'sprint',
  'cascade',
]);

function tableProblems(table: TableName, { values, fields }: RuleDocument): RuleProblem[] {
  const path = `values.${table}`;
  const entries = Object.entries(values[table] ?? {});
  if (entries.length > MAX_TABLE_ROWS) return [problem(path, 'table-too-large')];
  const owner = table === 'linkType' ? 'links' : table;
  const isUnused = entries.length > 0 && !fields.some(({ field }) => field === owner);
  const isUnfit = table !== 'linkType' && !namedKinds.has(kindOf(table));
  const limit =
    ['type', 'status'].includes(kindOf(owner)) || owner === 'priority' ? MAX_NAME_LENGTH : MAX_OPTION_LENGTH;
  return [
    ...(isUnused ? [problem(path, 'table-unused')] : []),
    ...(isUnfit ? [problem(path, 'table-unfit')] : []),
    // Positions, not the names: a name of the customer's does not belong into an error.
    ...entries.flatMap(([from, to], index) => [
      ...nameProblems(`${path}.${index}.from`, from, limit),
      ...nameProblems(`${path}.${index}.to`, to, limit),
    ]),
  ];
}

function nameProblems(path: string, name: string, limit: number): RuleProblem[] {
  if (name.trim() === '') return [problem(path, 'name-empty')];
  return name.length > limit ? [problem(path, 'name-too-long')] : [];
}

const AUDIENCE = /^(internal|(role|group):.+)$/;

function visibilityProblems(visibility: NonNullable<RuleDocument['visibility']>): RuleProblem[] {
  return Object.entries(visibility).flatMap(([from, to], index) => {
    const path = `visibility.${index}`;
    return [
      ...(AUDIENCE.test(from) ? [] : [problem(`${path}.from`, 'visibility-odd')]),
      ...(to === 'public' || AUDIENCE.test(to) ? [] : [problem(`${path}.to`, 'visibility-odd')]),
      ...(to === 'public' ? [problem(`${path}.to`, 'visibility-public')] : []),
    ];
  });
}
