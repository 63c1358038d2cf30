import { describe, expect, test } from 'vitest';
import type { HalfSettings, Triggers } from '../../../shared/model/connection.ts';
import { projectKey } from '../../../shared/model/ids.ts';
import { insideJql, scopeQuestion } from '../../../shared/rules/leaving.ts';
import { issueWith } from '../../kit/syncBuilders.ts';

const settings = (scope: string, triggers?: Triggers): HalfSettings => ({
  ...{ name: 'n', projectKey: projectKey('ONE'), scope },
  ...(triggers === undefined ? {} : { triggers }),
});
const onUpdate = (jql: string): Triggers => ({ isActive: true, onCreate: true, onUpdate: jql });

describe('U23 inside is what a trigger would let in', () => {
  test.each([
    ['all of the project', settings(''), undefined],
    ['the scope', settings('a = 1'), 'project = "ONE" AND ((a = 1))'],
    [
      'the scope or the trigger on changes',
      settings('a = 1', onUpdate('b = 2')),
      'project = "ONE" AND ((a = 1) OR (b = 2))',
    ],
    ['all, when every change lets in', settings('a = 1', onUpdate(' ')), undefined],
    [
      'the scope also while the triggers are off: they let in, they do not end',
      settings('a = 1', { isActive: false, onCreate: false }),
      'project = "ONE" AND ((a = 1))',
    ],
  ])('%s', (_title, given, want) => {
    expect(insideJql(given)).toBe(want);
  });
});

describe('U24 the site is asked only where the answer can end something', () => {
  const issue = { ...issueWith(), projectKey: projectKey('ONE'), updatedAt: 5 };
  const base = { settings: settings('a = 1'), rules: { leaving: 'end' }, issue, stamp: 4 } as const;
  test.each([
    ['a change under rules that end pairs', base, true],
    ['a pair that was never settled', { ...base, stamp: undefined }, true],
    ['an issue as it was settled', { ...base, stamp: 5 }, false],
    ['rules that keep', { ...base, rules: { leaving: 'keep' } }, false],
    ['rules that say nothing', { ...base, rules: {} }, false],
    ['all of the project', { ...base, settings: settings('') }, false],
    ['an issue of another project', { ...base, issue: { ...issue, projectKey: projectKey('TWO') } }, false],
  ] as const)('%s', (_title, facts, isAsked) => {
    expect(scopeQuestion(facts) !== undefined).toBe(isAsked);
  });
});
