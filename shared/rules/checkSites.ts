/** Checks of a document against what both sites say of their projects. */
import { isSystemField, kindOf, type FieldName } from '../model/field.ts';
import type { ProjectRules } from '../model/projectRules.ts';
import type { FieldRule, NameTable, RuleDocument } from '../model/rules.ts';
import { problem } from './problems.ts';
import type { RuleProblem } from './problems.ts';

/** What the sender's and the receiver's project are like. */
export interface BothProjects {
  readonly own: ProjectRules;
  readonly there: ProjectRules;
}

/** Checks a document against both projects. Names in the problems are those of the own project, and of Jira's own fields. */
export function checkSites(document: RuleDocument, projects: BothProjects): readonly RuleProblem[] {
  const { fields, fallbackIssueType } = document;
  const isFallbackThere = projects.there.types.some(({ name }) => name === fallbackIssueType);
  return [
    ...fields.flatMap((row, index) => rowProblems(row, index, projects)),
    ...fields.flatMap((row) => valueProblems(document, row, projects)),
    ...(isFallbackThere ? [] : [problem('fallbackIssueType', 'type-fallback-unknown')]),
    ...requiredProblems(document, projects),
    ...statusProblems(document, projects),
    ...linkProblems(document, projects),
  ];
}

const endOf = ({ field, target = field }: FieldRule): FieldName => target;

/** Fields that are no value of a create screen: transitions, links and types set them. */
const offScreen: ReadonlySet<FieldName> = new Set<FieldName>([
  'status',
  'resolution',
  'issueType',
  'links',
  'remoteLinks',
]);

function rowProblems(row: FieldRule, index: number, { own, there }: BothProjects): RuleProblem[] {
  const target = endOf(row);
  const path = `fields.${index}`;
  const has = (project: ProjectRules, field: FieldName): boolean =>
    isSystemField(field) || project.custom.includes(field);
  if (!has(there, target)) return [problem(`${path}.target`, 'target-missing')];
  const isOnScreen = there.types.some(({ creatable }) => creatable.includes(target));
  const isBorn = row.when !== 'update' && !offScreen.has(target);
  return [
    ...(has(own, row.field) ? [] : [problem(`${path}.field`, 'field-missing')]),
    ...(isBorn && !isOnScreen ? [problem(`${path}.target`, 'target-not-on-screen')] : []),
  ];
}

/** The names that a project knows for a field; `undefined` for a field without a list, or whose list is not known. */
function namesFor(project: ProjectRules, field: FieldName): readonly string[] | undefined {
  if (field === 'status') return [...new Set(project.types.flatMap(({ statuses }) => statuses))];
  if (field === 'issueType') return project.types.map(({ name }) => name);
  const kind = kindOf(field);
  return kind === 'option' || kind === 'options' ? project.options[field] : undefined;
}

function valueProblems({ values }: RuleDocument, row: FieldRule, { own, there }: BothProjects): RuleProblem[] {
  const [here, known] = [namesFor(own, row.field), namesFor(there, endOf(row))];
  if (here === undefined || known === undefined) return [];
  const table: NameTable = values[row.field] ?? {};
  const path = `values.${row.field}`;
  const entries = Object.entries(table);
  const lost = here.filter((name) => !Object.hasOwn(table, name) && !known.includes(name));
  return [
    ...entries.flatMap(([from, to], index) => [
      ...(here.includes(from) ? [] : [problem(`${path}.${index}.from`, 'value-source-unknown')]),
      ...(known.includes(to) ? [] : [problem(`${path}.${index}.to`, 'value-target-unknown')]),
    ]),
    // A type that is not known there becomes the fallback, and a transform may make a known name of an unknown one.
    ...(lost.length > 0 && row.field !== 'issueType' && row.transform === undefined
      ? [problem(path, 'value-unmapped', lost)]
      : []),
  ];
}

/** The types that issues from here would have there. */
function arrivingTypes({ values, fallbackIssueType }: RuleDocument, { own, there }: BothProjects) {
  const table: NameTable = values.issueType ?? {};
  const wanted = new Set([fallbackIssueType, ...own.types.map(({ name }) => table[name] ?? name)]);
  return there.types.filter(({ name, isSubtask }) => !isSubtask && wanted.has(name));
}

function requiredProblems(document: RuleDocument, projects: BothProjects): RuleProblem[] {
  const given = new Set<FieldName>(document.fields.filter(({ when }) => when !== 'update').map(endOf));
  // Jira fills the reporter in by itself, and a type is always chosen.
  for (const field of ['issueType', 'reporter'] as const) given.add(field);
  const asked = arrivingTypes(document, projects).flatMap(({ required }) => required);
  const missing = [...new Set(asked)].filter((field) => !given.has(field));
  return missing.length === 0 ? [] : [problem('fields', 'required-missing', missing.map(saidOf))];
}

/** A custom field of the partner's is said by its kind only. */
function saidOf(field: FieldName): string {
  return isSystemField(field) ? field : `custom:${kindOf(field)}`;
}

function statusProblems(document: RuleDocument, { own, there }: BothProjects): RuleProblem[] {
  const at = document.fields.findIndex((row) => endOf(row) === 'status');
  const row = document.fields[at];
  if (row === undefined) return [];
  const table: NameTable = document.values[row.field] ?? {};
  const all = namesFor(there, 'status') ?? [];
  const here = namesFor(own, row.field) ?? [];
  return here.flatMap((from) => {
    const to = Object.hasOwn(table, from) ? (table[from] ?? from) : from;
    const entry = Object.keys(table).indexOf(from);
    const path = entry < 0 ? `fields.${at}` : `values.${row.field}.${entry}.to`;
    if (!all.includes(to)) return [];
    const ways = there.moves.filter((move) => move.to === to && move.from !== to);
    // Only who has seen what all other statuses offer can say that no way leads there.
    const isKnown = all.every((status) => status === to || there.looked.includes(status));
    if (ways.length === 0) return isKnown && all.length > 1 ? [problem(path, 'status-unreachable', [from])] : [];
    const isOpen = ways.some(({ required }) => required.every((field) => isGiven(document, to, field)));
    return isOpen ? [] : [problem(path, 'transition-field-missing', [from])];
  });
}

function isGiven({ fields, transitionFields }: RuleDocument, status: string, field: FieldName): boolean {
  const given =
    transitionFields !== undefined && Object.hasOwn(transitionFields, status) ? transitionFields[status] : {};
  return (given?.[field] ?? null) !== null || fields.some((row) => endOf(row) === field);
}

function linkProblems({ fields, values }: RuleDocument, { own, there }: BothProjects): RuleProblem[] {
  if (!fields.some(({ field }) => field === 'links')) return [];
  const table: NameTable = values.linkType ?? {};
  const lost = own.linkTypes.filter((name) => !Object.hasOwn(table, name) && !there.linkTypes.includes(name));
  return [
    ...Object.values(table).flatMap((to, index) =>
      there.linkTypes.includes(to) ? [] : [problem(`values.linkType.${index}.to`, 'value-target-unknown')],
    ),
    ...(lost.length === 0 ? [] : [problem('values.linkType', 'link-type-unmapped', lost)]),
  ];
}
