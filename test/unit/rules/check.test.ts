import { describe, expect, test } from 'vitest';
import { checkRules, readRules } from '../../../shared/rules/check.ts';
import type { PostedRules } from '../../../shared/rules/check.ts';
import { checkPair } from '../../../shared/rules/checkPair.ts';
import { defaultRules } from '../../../shared/rules/defaults.ts';
import { isPublishable, problemRows } from '../../../shared/rules/problems.ts';
import type { RuleProblem } from '../../../shared/rules/problems.ts';
import { scopeChecks, scopeJql } from '../../../shared/rules/scope.ts';
import { customField } from '../../../shared/model/field.ts';
import { projectKey } from '../../../shared/model/ids.ts';
import type { FieldRule, RuleDocument } from '../../../shared/model/rules.ts';
import { postedRules } from '../../../shared/wire/rules.ts';
import { parseRuleDocument } from '../../../shared/wire/stored.ts';

const whole: PostedRules = postedRules.parse(defaultRules());
const longName = 'n'.repeat(61);
const manyRows = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`from ${index}`, 'to']));
const severity = customField('option', 'Severity');
const team = customField('labels', 'Team');

const told = (problems: readonly RuleProblem[]): readonly string[] =>
  problems.map(({ path, code }) => `${path} ${code}`);
const documentWith = (change: Partial<RuleDocument>): RuleDocument => ({ ...defaultRules(), ...change });
const rowOf = (row: Partial<FieldRule>): FieldRule => ({ field: 'summary', policy: 'newest', ...row });

describe('the default rules', () => {
  test('name what every issue has, once', () => {
    const names = defaultRules().fields.map(({ field }) => field);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('summary');
    expect(names).not.toContain('links');
  });

  test('pass their own checks and the schema of stored rules', () => {
    const { version: _version, ...posted } = whole as PostedRules & { readonly version: number };
    expect(readRules(posted, 1)).toEqual({ ok: true, document: defaultRules() });
    expect(told(checkRules(defaultRules()))).toEqual(['fields.6.field personal-data', 'fields.7.field personal-data']);
    expect(isPublishable(checkRules(defaultRules()))).toBe(true);
    expect(parseRuleDocument(defaultRules())).toEqual(defaultRules());
  });
});

describe('reading a posted document', () => {
  const row = { field: 'summary', policy: 'newest' };
  test.each<[title: string, change: Partial<PostedRules>, found: readonly string[]]>([
    ['an unknown field', { fields: [row, { field: 'colour', policy: 'a' }] }, ['fields.1.field field-unknown']],
    ['an unknown target', { fields: [{ ...row, target: 'colour' }] }, ['fields.0.target field-unknown']],
    ['a name of every object', { fields: [{ field: '__proto__', policy: 'a' }] }, ['fields.0.field field-unknown']],
    ['a kind that is none', { fields: [{ field: 'custom:colour:X', policy: 'a' }] }, ['fields.0.field field-unknown']],
    ['a doubled row', { fields: [row, { ...row, policy: 'hold' }] }, ['fields.1.field field-doubled']],
    ['an unknown policy', { fields: [{ field: 'summary', policy: 'C' }] }, ['fields.0.policy policy-unknown']],
    ['a table of no field', { values: { colour: { red: 'blue' } } }, ['values field-unknown']],
    [
      'everything at once',
      { fields: [{ field: 'x', policy: 'y' }] },
      ['fields.0.field field-unknown', 'fields.0.policy policy-unknown'],
    ],
  ])('U8 finds %s', (_title, change, found) => {
    const read = readRules({ ...whole, ...change }, 2);
    expect(read.ok ? [] : told(read.problems)).toEqual(found);
  });

  test('takes what the body’s schema lets through, tables left out', () => {
    const posted = postedRules.parse({ fields: [row], comments: true, fallbackIssueType: 'Task' });
    expect(readRules(posted, 3)).toMatchObject({ ok: true, document: { version: 3 } });
  });
});

describe('the checks of a document alone', () => {
  test.each<[title: string, change: Partial<RuleDocument>, found: readonly string[]]>([
    ['a document that shares nothing', { fields: [], comments: false }, ['fields nothing-shared']],
    [
      'two rows into one field',
      { fields: [rowOf({ field: severity, target: 'priority' }), rowOf({ field: 'priority' })] },
      ['fields.1.target target-doubled'],
    ],
    ['another kind', { fields: [rowOf({ target: 'priority' })] }, ['fields.0.target kind-mismatch']],
    [
      'a transform of another kind',
      {
        fields: [
          rowOf({ transform: { kind: 'plain-text' } }),
          rowOf({ field: 'dueDate', transform: { kind: 'upper' } }),
        ],
      },
      ['fields.0.transform transform-unfit', 'fields.1.transform transform-unfit'],
    ],
    [
      'a default of another kind',
      { fields: [rowOf({ field: 'dueDate', default: 'tomorrow' }), rowOf({ field: team, default: 'x' })] },
      ['fields.0.default default-unfit', 'fields.1.default default-unfit'],
    ],
    [
      'a table of a field that is not shared',
      { fields: [rowOf({})], values: { status: { Done: 'Closed' } } },
      ['values.status table-unused'],
    ],
    [
      'a table of a field without names',
      { fields: [rowOf({})], values: { summary: { One: 'Two' } } },
      ['values.summary table-unfit'],
    ],
    ['a table that is too large', { values: { status: manyRows } }, ['values.status table-too-large']],
    [
      'an empty and a long name in a table',
      { values: { priority: { '': 'High', Low: longName } } },
      ['values.priority.0.from name-empty', 'values.priority.1.to name-too-long'],
    ],
    ['an empty fallback', { fallbackIssueType: ' ' }, ['fallbackIssueType name-empty']],
    [
      'odd audiences',
      { visibility: { 'role:Developers': 'role:Staff', everybody: 'internal', internal: 'us' } },
      ['visibility.1.from visibility-odd', 'visibility.2.to visibility-odd'],
    ],
    ['an odd media type', { attachments: { types: ['image/*', 'png'] } }, ['attachments.types.1 filter-odd']],
  ])('U8 find %s', (_title, change, found) => {
    const problems = checkRules(
      documentWith({ fields: [rowOf({}), rowOf({ field: 'status' }), rowOf({ field: 'priority' })], ...change }),
    );
    expect(told(problems)).toEqual(found);
    expect(isPublishable(problems)).toBe(false);
  });

  test('U8 let comments alone travel, and a file rule without filters', () => {
    expect(checkRules(documentWith({ fields: [], comments: true }))).toEqual([]);
    expect(checkRules(documentWith({ fields: [], comments: false, attachments: {} }))).toEqual([]);
  });

  const personal: readonly (readonly [title: string, change: Partial<RuleDocument>, found: readonly string[]])[] = [
    [
      'fields of people',
      { fields: [rowOf({ field: customField('users', 'Reviewers') })] },
      ['fields.0.field personal-data'],
    ],
    [
      'a script that reads people',
      { fields: [rowOf({})], script: 'replica.x = issue.assignee' },
      ['script personal-script'],
    ],
    ['a script that does not', { fields: [rowOf({})], script: 'replica.x = issue.summary' }, []],
    [
      'restricted comments that become public',
      { fields: [rowOf({})], visibility: { internal: 'public' } },
      ['visibility.0.to visibility-public'],
    ],
  ];
  test.each(personal)('U9 say %s', (_title, change, found) => {
    const problems = checkRules(documentWith(change));
    expect(told(problems)).toEqual(found);
    expect(isPublishable(problems)).toBe(true);
  });

  test('U7 never repeat a value of the customer’s in a sentence', () => {
    const problems = checkRules(documentWith({ values: { status: { Geheim: longName } } }));
    expect(problems).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toMatch(/Geheim|nnnn/);
  });

  test('U7 an error stops the publishing and a warning does not', () => {
    for (const [code, { severity: weight }] of Object.entries(problemRows)) {
      const one = { path: 'x', code, severity: weight, says: '' } as RuleProblem;
      expect(isPublishable([one])).toBe(weight === 'warning');
    }
  });
});

describe('the checks beside the partner’s document', () => {
  const pair = (own: readonly FieldRule[], theirs: readonly FieldRule[]): readonly string[] =>
    told(checkPair('a', documentWith({ fields: own }), documentWith({ fields: theirs })));

  test.each<[title: string, own: FieldRule, theirs: readonly FieldRule[], found: readonly string[]]>([
    ['a plain two-way field', rowOf({}), [rowOf({})], []],
    [
      'a two-way pair of two names',
      rowOf({ field: severity, target: 'priority' }),
      [rowOf({ field: 'priority', target: severity })],
      [],
    ],
    [
      'a target that another lane holds',
      rowOf({ field: severity, target: 'priority' }),
      [rowOf({ field: 'priority' })],
      ['fields.0 lane-collides'],
    ],
    [
      'a source that another lane fills',
      rowOf({ field: severity }),
      [rowOf({ field: 'priority', target: severity })],
      ['fields.0 lane-collides'],
    ],
    [
      'a prefix there and back',
      rowOf({ transform: { kind: 'prefix', text: '[A] ' } }),
      [rowOf({})],
      ['fields.0.transform two-way-grows'],
    ],
    ['a prefix one way', rowOf({ transform: { kind: 'prefix', text: '[A] ' } }), [], []],
    [
      'a cut there and back',
      rowOf({ transform: { kind: 'truncate', length: 9 } }),
      [rowOf({})],
      ['fields.0.transform two-way-loses'],
    ],
    [
      'a filter of labels there and back',
      rowOf({ field: 'labels', transform: { kind: 'without', values: ['x'] } }),
      [rowOf({ field: 'labels' })],
      [],
    ],
    ['a one-way field that the other side wins', rowOf({ policy: 'b' }), [], ['fields.0.policy one-way-conflict']],
    ['a one-way field that a person decides', rowOf({ policy: 'hold' }), [], ['fields.0.policy one-way-conflict']],
    ['a one-way field that this side wins', rowOf({ policy: 'a' }), [], []],
  ])('U10 judge %s', (_title, own, theirs, found) => {
    expect(pair([own], theirs)).toEqual(found);
  });
});

describe('a scope', () => {
  const key = projectKey('ALPHA');

  test('narrows its own project', () => {
    expect(scopeJql(key, '')).toBe('project = "ALPHA"');
    expect(scopeJql(key, 'labels = x')).toBe('project = "ALPHA" AND (labels = x)');
  });

  test('is checked alone and joined, so that no parenthesis leads out of the project', () => {
    expect(scopeChecks(key, '  ')).toEqual([]);
    expect(scopeChecks(key, 'a = 1) OR (b = 2')).toEqual([
      'a = 1) OR (b = 2',
      'project = "ALPHA" AND (a = 1) OR (b = 2)',
    ]);
  });
});
