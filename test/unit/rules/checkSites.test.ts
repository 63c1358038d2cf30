import { describe, expect, test } from 'vitest';
import type { ProjectRules } from '../../../shared/model/projectRules.ts';
import type { FieldRule, RuleDocument } from '../../../shared/model/rules.ts';
import { checkSites } from '../../../shared/rules/checkSites.ts';
import { defaultRules } from '../../../shared/rules/defaults.ts';
import type { RuleProblem } from '../../../shared/rules/problems.ts';
import { projectRulesWith } from '../../kit/adminJira.ts';

const rowOf = (row: Partial<FieldRule>): FieldRule => ({ field: 'summary', policy: 'newest', ...row });
const documentWith = (change: Partial<RuleDocument>): RuleDocument => ({
  ...defaultRules(),
  fields: [rowOf({})],
  ...change,
});
const typeWith = (change: Partial<ProjectRules['types'][number]>): ProjectRules['types'] => [
  { ...projectRulesWith().types[0]!, name: 'Task', ...change },
];
const statuses = (...names: string[]): Partial<ProjectRules> => ({ types: typeWith({ statuses: names }) });
const status = rowOf({ field: 'status' });
const find = (
  document: Partial<RuleDocument>,
  own: Partial<ProjectRules> = {},
  there: Partial<ProjectRules> = {},
): readonly RuleProblem[] => {
  const all = { own: projectRulesWith(own), there: projectRulesWith(there) };
  return checkSites(documentWith({ ...document, fields: [rowOf({}), ...(document.fields ?? [])] }), all);
};
const told = (problems: readonly RuleProblem[]): readonly string[] =>
  problems.map(({ path, code, names = [] }) => [path, code, ...names].join(' '));

type Case = readonly [
  title: string,
  document: Partial<RuleDocument>,
  own: Partial<ProjectRules>,
  there: Partial<ProjectRules>,
  found: readonly string[],
];

const known: readonly Case[] = [
  ['nothing wrong', { fields: [status, rowOf({ field: 'priority' })] }, {}, {}, []],
  [
    'a field that is not here',
    { fields: [rowOf({ field: 'custom:text:A', target: 'custom:text:Ziel' })] },
    {},
    {},
    ['fields.1.field field-missing'],
  ],
  [
    'a field that is not there',
    { fields: [rowOf({ field: 'custom:text:Ziel', target: 'custom:text:B' })] },
    {},
    {},
    ['fields.1.target target-missing'],
  ],
  [
    'a field on no create screen',
    { fields: [rowOf({ field: 'dueDate' })] },
    {},
    { types: typeWith({ creatable: ['summary'] }) },
    ['fields.1.target target-not-on-screen'],
  ],
  [
    'one that is only updated',
    { fields: [rowOf({ field: 'dueDate', when: 'update' })] },
    {},
    { types: typeWith({ creatable: ['summary'] }) },
    [],
  ],
  [
    'names that are lost',
    { fields: [rowOf({ field: 'priority' })] },
    { options: { priority: ['High', 'Urgent', 'Meh'] } },
    {},
    ['values.priority value-unmapped Urgent Meh'],
  ],
  [
    'names that a table saves',
    { fields: [rowOf({ field: 'priority' })], values: { priority: { Urgent: 'High' } } },
    { options: { priority: ['High', 'Urgent'] } },
    {},
    [],
  ],
  [
    'a table that begins nowhere and one that ends nowhere',
    { fields: [rowOf({ field: 'priority' })], values: { priority: { Gone: 'High', High: 'Gone' } } },
    {},
    {},
    ['values.priority.0.from value-source-unknown', 'values.priority.1.to value-target-unknown'],
  ],
  [
    'statuses that are lost',
    { fields: [status] },
    statuses('To Do', 'Review'),
    {},
    ['values.status value-unmapped Review'],
  ],
  [
    'types, which have a fallback',
    { fields: [rowOf({ field: 'issueType' })] },
    { types: typeWith({ name: 'Spike' }) },
    {},
    [],
  ],
  ['a fallback that is none', { fallbackIssueType: 'Story' }, {}, {}, ['fallbackIssueType type-fallback-unknown']],
  [
    'link types that are lost',
    { fields: [rowOf({ field: 'links' })] },
    { linkTypes: ['Blocks', 'Cloners'] },
    {},
    ['values.linkType link-type-unmapped Cloners'],
  ],
  [
    'a link type to nowhere',
    { fields: [rowOf({ field: 'links' })], values: { linkType: { Blocks: 'X' } } },
    {},
    {},
    ['values.linkType.0.to value-target-unknown'],
  ],
];

const moves = (from: string, to: string, ...required: ProjectRules['moves'][number]['required']) => ({
  from,
  to,
  required,
});
const flow = statuses('To Do', 'Doing', 'Done');
const ways: readonly Case[] = [
  [
    'no way at all',
    { fields: [status] },
    flow,
    { ...flow, moves: [moves('To Do', 'Doing'), moves('Doing', 'To Do')], looked: ['To Do', 'Doing', 'Done'] },
    ['fields.1 status-unreachable Done'],
  ],
  [
    'a status from which nobody has looked',
    { fields: [status] },
    flow,
    { ...flow, moves: [moves('To Do', 'Doing')], looked: ['To Do'] },
    [],
  ],
  [
    'the place in the table',
    { fields: [status], values: { status: { Closed: 'Done' } } },
    statuses('Closed'),
    { ...flow, moves: [], looked: ['To Do', 'Doing'] },
    ['values.status.0.to status-unreachable Closed'],
  ],
  [
    'a field that the way asks for',
    { fields: [status] },
    statuses('Done'),
    { ...flow, moves: [moves('Doing', 'Done', 'resolution')], looked: ['Doing'] },
    ['fields.1 transition-field-missing Done'],
  ],
  [
    'one that the rules give',
    { fields: [status], transitionFields: { Done: { resolution: 'Fixed' } } },
    statuses('Done'),
    { ...flow, moves: [moves('Doing', 'Done', 'resolution')] },
    [],
  ],
  [
    'one that a row gives',
    { fields: [status, rowOf({ field: 'resolution' })] },
    statuses('Done'),
    { ...flow, moves: [moves('Doing', 'Done', 'resolution')] },
    [],
  ],
  [
    'one that another way does not ask for',
    { fields: [status] },
    statuses('Done'),
    { ...flow, moves: [moves('Doing', 'Done', 'resolution'), moves('To Do', 'Done')] },
    [],
  ],
];

const required = (...fields: ProjectRules['types'][number]['required']): Partial<ProjectRules> => ({
  types: typeWith({ required: ['summary', 'reporter', ...fields] }),
});
const born: readonly Case[] = [
  [
    'a field that no row gives',
    {},
    {},
    required('dueDate', 'custom:text:Geheim'),
    ['fields required-missing dueDate custom:text'],
  ],
  ['a row that gives it', { fields: [rowOf({ field: 'dueDate' })] }, {}, required('dueDate'), []],
  [
    'a row that only updates',
    { fields: [rowOf({ field: 'dueDate', when: 'update' })] },
    {},
    required('dueDate'),
    ['fields required-missing dueDate'],
  ],
  [
    'a type that never arrives',
    {},
    {},
    { types: [...projectRulesWith().types, ...typeWith({ name: 'Risk', required: ['dueDate'] })] },
    [],
  ],
];

describe('the checks against both sites', () => {
  test.each(known)('U19 judge %s', (_title, document, own, there, found) => {
    expect(told(find(document, own, there))).toEqual(found);
  });

  test.each(born)('U20 judge %s', (_title, document, own, there, found) => {
    expect(told(find(document, own, there))).toEqual(found);
  });

  test.each(ways)('U21 judge %s', (_title, document, own, there, found) => {
    expect(told(find(document, own, there))).toEqual(found);
  });
});
