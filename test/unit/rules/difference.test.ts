import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FieldName } from '../../../shared/model/field.ts';
import type { RuleDocument } from '../../../shared/model/rules.ts';
import { defaultRules } from '../../../shared/rules/defaults.ts';
import { differenceOf, isSameRules } from '../../../shared/rules/difference.ts';
import type { Difference } from '../../../shared/rules/difference.ts';

const documents = fc.record(
  {
    version: fc.nat(),
    fields: fc.uniqueArray(
      fc.record(
        {
          field: fc.constantFrom<FieldName>('summary', 'status', 'labels', 'custom:text:A.b'),
          policy: fc.constantFrom('newest', 'a', 'b', 'hold'),
          when: fc.constantFrom('create', 'update', 'both'),
          default: fc.string(),
        },
        { requiredKeys: ['field', 'policy'] },
      ),
      { selector: ({ field }) => field },
    ),
    comments: fc.boolean(),
    values: fc.dictionary(
      fc.constantFrom('status', 'priority'),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
    ),
    visibility: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
    attachments: fc.record({ maxBytes: fc.nat(), types: fc.array(fc.string()) }, { requiredKeys: [] }),
    fallbackIssueType: fc.string(),
    script: fc.string(),
  },
  { requiredKeys: ['version', 'fields', 'comments', 'values', 'fallbackIssueType'] },
) as fc.Arbitrary<RuleDocument>;

test('U6 a document does not differ from itself, nor from one with its rows turned around', () => {
  fc.assert(
    fc.property(documents, (one) => {
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
    fc.property(documents, documents, (one, other) => {
      expect(texts(differenceOf(one, other), false)).toEqual(texts(differenceOf(other, one), true));
    }),
  );
});

test('U6 applying the rows to the one gives the other', () => {
  fc.assert(
    fc.property(documents, documents, (one, other) => {
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
      expect(new Map([...leaves].sort())).toEqual(new Map([...wanted].sort()));
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
