import { describe, expect, test } from 'vitest';
import { checkRules } from '../../../shared/rules/check.ts';
import type { PostedRules } from '../../../shared/rules/check.ts';
import { defaultRules } from '../../../shared/rules/defaults.ts';
import { scopeChecks, scopeJql } from '../../../shared/rules/scope.ts';
import { projectKey } from '../../../shared/model/ids.ts';
import { rulesBody } from '../../../shared/wire/console.ts';
import { parseRuleDocument } from '../../../shared/wire/stored.ts';

const whole: PostedRules = defaultRules();
const longName = 'n'.repeat(61);
const manyRows = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`from ${index}`, 'to']));

describe('the default rules', () => {
  test('name what every issue has, once', () => {
    const names = defaultRules().fields.map(({ field }) => field);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('summary');
    expect(names).not.toContain('links');
  });

  test('pass their own checks and the schema of stored rules', () => {
    expect(checkRules(whole, 1)).toEqual({ ok: true, document: defaultRules() });
    expect(parseRuleDocument(defaultRules())).toEqual(defaultRules());
  });
});

describe('the checks of a rule document', () => {
  const row = { field: 'summary', policy: 'newest' };
  test.each<[title: string, change: Partial<PostedRules>, found: readonly string[]]>([
    ['an unknown field', { fields: [row, { field: 'colour', policy: 'a' }] }, ['fields.1.field field-unknown']],
    ['a name of every object', { fields: [{ field: '__proto__', policy: 'a' }] }, ['fields.0.field field-unknown']],
    ['a doubled row', { fields: [row, { ...row, policy: 'hold' }] }, ['fields.1.field field-doubled']],
    ['an unknown policy', { fields: [{ field: 'summary', policy: 'C' }] }, ['fields.0.policy policy-unknown']],
    ['a document that shares nothing', { fields: [], comments: false }, ['fields nothing-shared']],
    [
      'a table of a field that is not shared',
      { fields: [row], values: { ...whole.values, status: { Done: 'Closed' } } },
      ['values.status table-unused'],
    ],
    ['a table that is too large', { values: { ...whole.values, status: manyRows } }, ['values.status table-too-large']],
    [
      'an empty and a long name in a table',
      { values: { ...whole.values, priority: { '': 'High', Low: longName } } },
      ['values.priority.0.from name-empty', 'values.priority.1.to name-too-long'],
    ],
    ['an empty fallback', { fallbackIssueType: ' ' }, ['fallbackIssueType name-empty']],
    [
      'everything at once',
      { fields: [{ field: 'x', policy: 'y' }], fallbackIssueType: longName },
      ['fields.0.field field-unknown', 'fields.0.policy policy-unknown', 'fallbackIssueType name-too-long'],
    ],
  ])('find %s', (_title, change, found) => {
    const checked = checkRules({ ...whole, ...change }, 2);
    expect(checked.ok ? [] : checked.problems.map(({ path, code }) => `${path} ${code}`)).toEqual(found);
  });

  test('let comments alone travel', () => {
    expect(checkRules({ ...whole, fields: [], comments: true }, 2).ok).toBe(true);
  });

  test('never repeat a value of the customer’s in a problem', () => {
    const checked = checkRules({ ...whole, values: { ...whole.values, status: { Geheim: longName } } }, 2);
    expect(JSON.stringify(checked)).not.toMatch(/Geheim|nnnn/);
  });

  test('take what the body’s schema lets through, tables left out', () => {
    const posted = rulesBody.parse({ fields: [row], comments: true, fallbackIssueType: 'Task' });
    expect(checkRules(posted, 3)).toMatchObject({ ok: true, document: { version: 3 } });
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
