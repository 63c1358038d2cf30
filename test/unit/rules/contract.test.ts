import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contractParts, refusedByContract } from '../../../shared/model/contract.ts';
import type { FieldName } from '../../../shared/model/field.ts';
import type { FieldRule, RuleDocument } from '../../../shared/model/rules.ts';
import { contractOf, widening } from '../../../shared/rules/contract.ts';
import { defaultRules } from '../../../shared/rules/defaults.ts';
import { ruleDocuments } from '../../kit/ruleDocuments.ts';

const base: RuleDocument = { ...defaultRules(), comments: false };
const row = (change: Partial<FieldRule> = {}): FieldRule => ({ field: 'labels', policy: 'newest', ...change });
const withRow = (change: Partial<FieldRule>): RuleDocument => ({ ...base, fields: [row(change)] });
const without = (...values: string[]) => ({ transform: { kind: 'without' as const, values } });
const only = (...values: string[]) => ({ transform: { kind: 'only' as const, values } });
const cut = (length: number) => ({ transform: { kind: 'truncate' as const, length } });

const cases: readonly (readonly [
  title: string,
  before: Partial<RuleDocument>,
  after: Partial<RuleDocument>,
  codes: readonly string[],
])[] = [
  ['a field more', { fields: [] }, { fields: [row()] }, ['field-leaves']],
  ['a field less', { fields: [row()] }, { fields: [] }, []],
  ['another target', withRow({}), withRow({ target: 'custom:labels:Team' }), ['field-leaves']],
  ['updates beside creation', withRow({ when: 'create' }), withRow({}), ['field-more-often']],
  ['creation only', withRow({}), withRow({ when: 'create' }), []],
  ['updates instead of creation', withRow({ when: 'create' }), withRow({ when: 'update' }), ['field-more-often']],
  ['a filter gone', withRow(without('secret')), withRow({}), ['field-less-filtered']],
  ['a filter weaker', withRow(without('secret', 'x')), withRow(without('x')), ['field-less-filtered']],
  ['a filter stronger', withRow(without('x')), withRow(without('secret', 'x')), []],
  ['a list longer', withRow(only('x')), withRow(only('x', 'y')), ['field-less-filtered']],
  ['a list shorter', withRow(only('x', 'y')), withRow(only('x')), []],
  ['a cut longer', withRow(cut(3)), withRow(cut(4)), ['field-less-filtered']],
  [
    'a cut that becomes upper case',
    withRow(cut(3)),
    withRow({ transform: { kind: 'upper' } }),
    ['field-less-filtered'],
  ],
  ['a prefix gone', withRow({ transform: { kind: 'prefix', text: 'x' } }), withRow({}), []],
  ['newest instead of hold', withRow({ policy: 'hold' }), withRow({ policy: 'newest' }), ['field-overwrites']],
  ['own side instead of newest', withRow({}), withRow({ policy: 'a' }), ['field-overwrites']],
  ['the other side instead of own', withRow({ policy: 'a' }), withRow({ policy: 'b' }), []],
  ['comments', {}, { comments: true }, ['comments-leave']],
  ['worklogs', {}, { worklogs: true }, ['worklogs-leave']],
  [
    'one more audience',
    { visibility: { internal: 'internal' } },
    { visibility: { internal: 'internal', 'role:X': 'role:X' } },
    ['restricted-leaves'],
  ],
  [
    'a wider audience there',
    { visibility: { internal: 'internal' } },
    { visibility: { internal: 'public' } },
    ['restricted-leaves'],
  ],
  ['one audience less', { visibility: { internal: 'internal' } }, {}, []],
  ['files', {}, { attachments: { maxBytes: 1 } }, ['files-leave']],
  ['larger files', { attachments: { maxBytes: 1 } }, { attachments: {} }, ['files-leave']],
  ['fewer kinds of files', { attachments: {} }, { attachments: { types: ['image/*'] } }, []],
  [
    'more kinds of files',
    { attachments: { types: ['image/*'] } },
    { attachments: { types: ['image/*', 'text/plain'] } },
    ['files-leave'],
  ],
  ['deletions', { deletion: 'keep' }, { deletion: 'delete' }, ['deletes']],
  ['another script', { script: 'a' }, { script: 'b' }, ['script-changes']],
  ['a field of a screen', {}, { transitionFields: { Done: { resolution: 'Fixed' } } }, ['screen-field']],
  ['names, people, defaults', withRow({}), { ...withRow({ default: ['x'] }), values: { labels: { a: 'b' } } }, []],
];

describe('what a document lets leave beyond another one', () => {
  test.each(cases)('U11 with %s', (_title, before, after, codes) => {
    expect(widening('a', { ...base, ...before }, { ...base, ...after }).map(({ code }) => code)).toEqual(codes);
  });

  test('U11 own side and other side are the sender’s', () => {
    const [before, after] = [withRow({ policy: 'b' }), withRow({ policy: 'a' })];
    expect(widening('b', before, after)).toEqual([]);
    expect(widening('b', after, before).map(({ code }) => code)).toEqual(['field-overwrites']);
  });

  test('U11 is nothing for the document itself, and nothing when something is taken away', () => {
    fc.assert(
      fc.property(ruleDocuments, fc.nat(), (document, at) => {
        expect(widening('a', document, { ...document, version: document.version + 1 })).toEqual([]);
        const fields = document.fields.filter((_, index) => index !== at % Math.max(1, document.fields.length));
        const { visibility: _visibility, attachments: _attachments, transitionFields: _screens, ...rest } = document;
        expect(widening('b', document, { ...rest, fields, comments: false, worklogs: false })).toEqual([]);
      }),
    );
  });

  test('U11 names whatever a contract has beyond the other’s', () => {
    fc.assert(
      fc.property(ruleDocuments, ruleDocuments, (before, after) => {
        const [old, fresh] = [contractOf(before), contractOf(after)];
        const named = widening('a', before, after);
        for (const [target, when] of Object.entries(fresh.fields) as [FieldName, string][]) {
          const was = old.fields[target];
          if (was !== 'both' && was !== when) expect(named.some((one) => one.target === target)).toBe(true);
        }
        for (const part of contractParts) if (fresh[part] && !old[part]) expect(named).not.toEqual([]);
      }),
    );
  });
});

describe('a contract', () => {
  const agreed = { a: contractOf({ ...withRow({ when: 'create' }), deletion: 'delete' }) };

  test('U13 lets in what the document names, at the occasions that it names', () => {
    expect(refusedByContract(agreed, 'a', 'labels', 'create')).toBeUndefined();
    expect(refusedByContract(agreed, 'a', 'labels', 'update')).toBe('contract-refused');
    expect(refusedByContract(agreed, 'a', 'summary', 'create')).toBe('contract-refused');
    expect(refusedByContract(agreed, 'a', 'issueType', 'create')).toBeUndefined();
    expect(refusedByContract(agreed, 'a', 'issueType')).toBe('contract-refused');
    expect(refusedByContract(agreed, 'a', 'deletion')).toBeUndefined();
    expect(refusedByContract(agreed, 'a', 'comments')).toBe('contract-refused');
  });

  test('U13 that there is not leaves it to the sender’s rules', () => {
    expect(refusedByContract(agreed, 'b', 'summary')).toBeUndefined();
    expect(refusedByContract(undefined, 'a', 'summary')).toBeUndefined();
  });

  test('U13 of any document lets in every field of that document and none beside', () => {
    fc.assert(
      fc.property(ruleDocuments, (document) => {
        const contract = { b: contractOf(document) };
        for (const { field, target = field, when = 'both' } of document.fields) {
          const isLast = document.fields.findLast((one) => (one.target ?? one.field) === target)?.field === field;
          if (isLast && when !== 'create') expect(refusedByContract(contract, 'b', target, 'update')).toBeUndefined();
        }
        expect(refusedByContract(contract, 'b', 'environment', 'create')).toBe('contract-refused');
      }),
    );
  });
});
