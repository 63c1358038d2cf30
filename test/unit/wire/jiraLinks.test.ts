import { expect, test } from 'vitest';
import { parseIssueLinks } from '../../../shared/wire/jiraLinks.ts';

const bodyOf = (type: object, end: 'inwardIssue' | 'outwardIssue') => ({
  fields: { issuelinks: [{ id: '1', type, [end]: { id: '20' } }] },
});

test.each([
  ['outwardIssue', { name: 'Blocks', inward: 'is blocked by', outward: 'blocks' }, 'outward:20:Blocks'],
  ['inwardIssue', { name: 'Blocks', inward: 'is blocked by', outward: 'blocks' }, 'inward:20:Blocks'],
  ['outwardIssue', { name: 'Relates', inward: 'relates to', outward: 'relates to' }, 'outward:20:Relates'],
  ['inwardIssue', { name: 'Relates', inward: 'relates to', outward: 'relates to' }, 'outward:20:Relates'],
] as const)(
  'a link with an %s of %j is %s: one that reads the same from both ends has no direction',
  (end, type, element) => {
    expect(parseIssueLinks(bodyOf(type, end))).toEqual([{ id: '1', element }]);
  },
);
