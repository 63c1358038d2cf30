/**
 * Static checks of a posted rule document: everything that can be said without asking a site. A problem names its place
 * and its code, never the value.
 */
import { isFieldName } from '../model/field.ts';
import type { FieldName } from '../model/field.ts';
import type { FieldRule, Policy, RuleDocument } from '../model/rules.ts';

/** A rule document as it is posted: the right shape, with names that nobody has checked yet. */
export interface PostedRules {
  readonly fields: readonly { readonly field: string; readonly policy: string }[];
  readonly comments: boolean;
  readonly values: Readonly<Partial<Record<ValueTable, Readonly<Record<string, string>>>>>;
  readonly fallbackIssueType: string;
}

/** The fields whose values a rule document may rename. */
export type ValueTable = 'issueType' | 'priority' | 'status';

/** What each problem means, in one plain sentence. */
export const problemTexts = {
  'nothing-shared': 'The document lets nothing leave; end or pause the connection instead.',
  'field-unknown': 'This field is not one that can be synced.',
  'field-doubled': 'The field has a row already.',
  'policy-unknown': 'The policy is none of newest, a, b and hold.',
  'table-too-large': 'The value table has more rows than the limit.',
  'table-unused': 'The value table belongs to a field that this document does not share.',
  'name-empty': 'The name is empty.',
  'name-too-long': 'The name is longer than Jira allows.',
} as const;

/** The closed list of problems. */
export type ProblemCode = keyof typeof problemTexts;

/** One thing that is wrong with a document. `path` leads to it, for example `fields.3.policy`. */
export interface RuleProblem {
  readonly path: string;
  readonly code: ProblemCode;
  readonly says: string;
}

/** A document without problems, or what is wrong with it. */
export type CheckedRules =
  | { readonly ok: true; readonly document: RuleDocument }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

const policies = ['newest', 'a', 'b', 'hold'] as const satisfies readonly Policy[];
const tables = ['issueType', 'priority', 'status'] as const satisfies readonly ValueTable[];

/** Far above what a project has; keeps a document inside one stored record. */
const MAX_TABLE_ROWS = 200;
/** Jira's limit for the names of types, priorities and statuses. */
const MAX_NAME_LENGTH = 60;

/** Checks a posted document and gives it the version under which it is stored. All problems are told at once. */
export function checkRules(posted: PostedRules, version: number): CheckedRules {
  const rows = posted.fields.map((row) => ({ field: fieldOf(row.field), policy: policyOf(row.policy) }));
  const problems = [
    ...fieldProblems(rows),
    ...(posted.fields.length === 0 && !posted.comments ? [problem('fields', 'nothing-shared')] : []),
    ...tables.flatMap((table) => tableProblems(table, posted.values[table] ?? {}, rows)),
    ...nameProblems('fallbackIssueType', posted.fallbackIssueType),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, document: { ...posted, version, fields: rows.flatMap(wholeRow) } };
}

interface ReadRow {
  readonly field: FieldName | undefined;
  readonly policy: Policy | undefined;
}

function fieldOf(name: string): FieldName | undefined {
  return isFieldName(name) ? name : undefined;
}

function policyOf(name: string): Policy | undefined {
  return policies.find((known) => known === name);
}

function wholeRow({ field, policy }: ReadRow): FieldRule[] {
  return field === undefined || policy === undefined ? [] : [{ field, policy }];
}

function fieldProblems(rows: readonly ReadRow[]): RuleProblem[] {
  return rows.flatMap(({ field, policy }, index) => {
    const isDoubled = field !== undefined && rows.findIndex((row) => row.field === field) < index;
    return [
      ...(field === undefined ? [problem(`fields.${index}.field`, 'field-unknown')] : []),
      ...(isDoubled ? [problem(`fields.${index}.field`, 'field-doubled')] : []),
      ...(policy === undefined ? [problem(`fields.${index}.policy`, 'policy-unknown')] : []),
    ];
  });
}

function tableProblems(
  table: ValueTable,
  values: Readonly<Record<string, string>>,
  rows: readonly ReadRow[],
): RuleProblem[] {
  const path = `values.${table}`;
  const entries = Object.entries(values);
  if (entries.length > MAX_TABLE_ROWS) return [problem(path, 'table-too-large')];
  const isUnused = entries.length > 0 && !rows.some(({ field }) => field === table);
  return [
    ...(isUnused ? [problem(path, 'table-unused')] : []),
    // Positions, not the names: a name of the customer's does not belong into an error.
    ...entries.flatMap(([from, to], index) => [
      ...nameProblems(`${path}.${index}.from`, from),
      ...nameProblems(`${path}.${index}.to`, to),
    ]),
  ];
}

function nameProblems(path: string, name: string): RuleProblem[] {
  if (name.trim() === '') return [problem(path, 'name-empty')];
  return name.length > MAX_NAME_LENGTH ? [problem(path, 'name-too-long')] : [];
}

function problem(path: string, code: ProblemCode): RuleProblem {
  return { path, code, says: problemTexts[code] };
}
