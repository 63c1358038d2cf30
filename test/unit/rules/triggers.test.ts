import { describe, expect, test } from 'vitest';
import type { HalfSettings, Triggers } from '../../../shared/model/connection.ts';
import { projectKey } from '../../../shared/model/ids.ts';
import { freshJql, wantOf } from '../../../shared/rules/triggers.ts';

const settings = (scope: string, triggers?: Triggers): HalfSettings => ({
  name: 'n',
  projectKey: projectKey('ONE'),
  scope,
  ...(triggers === undefined ? {} : { triggers }),
});
const usual = { isActive: true, onCreate: true };

describe('what the triggers want', () => {
  test.each([
    ['all new ones by default', settings(''), { isNew: true, isChanged: false }, 'all'],
    ['no old one by default', settings(''), { isNew: false, isChanged: true }, 'none'],
    ['a new one whose first message was lost', settings(''), { isNew: true, isChanged: true }, 'all'],
    ['of new ones the scope', settings('a = 1'), { isNew: true, isChanged: false }, 'project = "ONE" AND ((a = 1))'],
    [
      'nothing when they are off',
      settings('', { ...usual, isActive: false }),
      { isNew: true, isChanged: true },
      'none',
    ],
    [
      'no new one without the trigger',
      settings('', { ...usual, onCreate: false }),
      { isNew: true, isChanged: false },
      'none',
    ],
    [
      'a changed one',
      settings('', { ...usual, onUpdate: 'b = 2' }),
      { isNew: false, isChanged: true },
      'project = "ONE" AND ((b = 2))',
    ],
    ['any changed one', settings('a = 1', { ...usual, onUpdate: '' }), { isNew: false, isChanged: true }, 'all'],
    [
      'either',
      settings('a = 1', { ...usual, onUpdate: 'b = 2' }),
      { isNew: true, isChanged: true },
      'project = "ONE" AND ((a = 1) OR (b = 2))',
    ],
    [
      'not on create what is for changes',
      settings('a = 1', { isActive: true, onCreate: false, onUpdate: 'b = 2' }),
      { isNew: true, isChanged: false },
      'none',
    ],
  ])('%s', (_title, given, moment, want) => {
    const wish = wantOf(given, moment);
    expect(typeof wish === 'string' ? wish : wish.jql).toBe(want);
  });

  test.each([
    ['new ones', settings('a = 1'), 'created >= 5 AND project = "ONE" AND ((a = 1))'],
    ['nothing when off', settings('', { ...usual, isActive: false }), undefined],
    ['changed ones', settings('', { isActive: true, onCreate: false, onUpdate: '' }), 'project = "ONE"'],
    [
      'both',
      settings('', { ...usual, onUpdate: 'b = 2' }),
      '(created >= 5 AND project = "ONE") OR (project = "ONE" AND ((b = 2)))',
    ],
  ])('a reconcile asks for %s', (_title, given, want) => {
    expect(freshJql(given, 5)).toBe(want);
  });
});
