import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuleDocument } from '../../../shared/model/rules.ts';
import { defaultRules } from '../../../shared/rules/defaults.ts';
import { differenceOf, isSameRules } from '../../../shared/rules/difference.ts';
import type { Difference } from '../../../shared/rules/difference.ts';
import { ruleDocuments } from '../../kit/ruleDocuments.ts';

test('U6 a document does not differ from itself, nor from one with its rows turned around', () => {
  fc.assert(
    fc.property(ruleDocuments, (one) => {
      const turned = {
        ...one,
        version: one.version + 1,
        fields: one.fields.toReversed(),
        values: Object.fromEntries(Object.entries(one.values).toReversed()),
      };
      expect(differenceOf(one, turned)).toEqual([]);
      expect(isSameRules(one, turned)).toBe(true);
    }),
  );
});

test('U6 the rows of one direction are those of the other, turned around', () => {
  const texts = (rows: readonly Difference[], turn: boolean): readonly string[] =>
    rows
      .map(({ path, before, after }) => JSON.stringify([path, ...(turn ? [after, before] : [before, after])]))
      .toSorted();
  fc.assert(
    fc.property(ruleDocuments, ruleDocuments, (one, other) => {
      expect(texts(differenceOf(one, other), false)).toEqual(texts(differenceOf(other, one), true));
    }),
  );
});

test('U6 applying the rows to the one gives the other', () => {
  fc.assert(
    fc.property(ruleDocuments, ruleDocuments, (one, other) => {
      const leaves = new Map(differenceOf(emptied(one), one).map(({ path, after }) => [JSON.stringify(path), after]));
      for (const { path, change, after } of differenceOf(one, other)) {
        if (change === 'removed') leaves.delete(JSON.stringify(path));
        else leaves.set(JSON.stringify(path), after);
      }
      const wanted = new Map(differenceOf(emptied(one), other).map(({ path, after }) => [JSON.stringify(path), after]));
      for (const same of ['comments', 'fallbackIssueType']) {
        leaves.delete(JSON.stringify([same]));
        wanted.delete(JSON.stringify([same]));
      }
      const sorted = (of: typeof leaves) => [...of].toSorted(([left], [right]) => (left < right ? -1 : 1));
      expect(sorted(leaves)).toEqual(sorted(wanted));
    }),
  );
});

const emptied = ({ comments, fallbackIssueType }: RuleDocument): RuleDocument => ({
  version: 0,
  fields: [],
  values: {},
  comments,
  fallbackIssueType,
});

test('U6 names each place by its words', () => {
  const before = defaultRules();
  const after: RuleDocument = {
    ...before,
    version: 2,
    fields: [
      ...before.fields.filter(({ field }) => field !== 'reporter' && field !== 'summary'),
      { field: 'summary', policy: 'a' },
      { field: 'dueDate', policy: 'hold' },
    ],
    values: { status: { Done: 'Closed' } },
  };
  expect(differenceOf(before, after)).toEqual([
    { path: ['fields', 'summary', 'policy'], change: 'changed', before: 'newest', after: 'a' },
    { path: ['fields', 'dueDate', 'policy'], change: 'added', after: 'hold' },
    { path: ['values', 'status', 'Done'], change: 'added', after: 'Closed' },
    { path: ['fields', 'reporter', 'policy'], change: 'removed', before: 'newest' },
  ]);
});
