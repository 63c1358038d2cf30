/** What goes into a bundle, and what never does. */
import { expect, test } from 'vitest';
import { BUNDLE_RECORDS, bundleCategories, bundleOf, bundleParts } from '../../../shared/evidence/bundle.ts';
import type { BundleRecord } from '../../../shared/evidence/bundle.ts';
import { catalogue, categories, rowOf } from '../../../shared/retention/catalogue.ts';

const about = { tenant: 't-00000001' };
const none = { ticked: [], left: {} };
const tenant: BundleRecord = {
  category: 'tenant',
  place: { tenant: 't-00000001' },
  row: {
    owners: ['t-00000001#1'],
    state: 'active',
    generation: 1,
    clientKey: 'who-it-is',
    baseUrl: 'https://who-it-is.atlassian.net',
    sharedSecret: 'sealed-secret',
  },
};
const rules = (version: number, by: string): BundleRecord => ({
  category: 'rules',
  place: { tenant: 't-00000001', half: 'c-00000001-a', version: String(version) },
  row: { version, createdAt: 1, document: { name: 'words of a person' }, steps: [{ step: 'drafted', at: 1, by }] },
});

test('R61 its categories are the flagged ones of customers, and it takes no other', () => {
  const flagged = categories.filter((category) => catalogue[category].inSupportBundle);
  expect([...bundleCategories].sort()).toEqual([...flagged].sort());
  const copy = { category: 'copy', place: {}, row: { a: 'content' } } as const;
  expect(bundleOf(about, [copy], none).text).not.toContain('content');
});

test('R61 a secret is in it in no form, and nobody can tick one', () => {
  const all = { ticked: [...bundleParts, 'tenant.sharedSecret'], left: {} };
  const { text } = bundleOf(about, [tenant], all);
  expect(text).not.toContain('sealed-secret');
  expect(text).not.toContain('"sharedSecret":');
  expect(bundleParts.some((part) => /secret|code$/i.test(part))).toBe(false);
});

test('R62 what tells who somebody is gets a number, free text goes, and one tick shows one part', () => {
  const records = [tenant, rules(1, 'account-1'), rules(2, 'account-2'), rules(3, 'account-1')];
  const { text } = bundleOf(about, records, none);
  for (const hidden of ['who-it-is', 'words of a person', 'account-1']) expect(text).not.toContain(hidden);
  const { kept } = JSON.parse(text) as { kept: { rules: { document: string; steps: { by: string }[] }[] } };
  const people = kept.rules.map(({ steps }) => steps[0]?.by);
  expect(people[0]).toMatch(/^\[\d+\]$/);
  expect(people[2]).toBe(people[0]);
  expect(people[1]).not.toBe(people[0]);
  expect(kept.rules[0]?.document).toBe('[redacted]');
  const ticked = bundleOf(about, records, { ticked: ['rules.document'], left: {} }).text;
  expect(ticked).toContain('words of a person');
  expect(ticked).not.toContain('account-1');
});

test('R62 what people named is no name of ours: a lane of a custom field is numbered', () => {
  const twin: BundleRecord = {
    category: 'twin',
    place: { connection: 'c-00000001', twin: 'w-1' },
    row: { fields: { summary: { blocked: 'field-refused' }, 'custom:text:Salary of Ann': {} } },
  };
  const { text } = bundleOf(about, [twin], none);
  expect(text).toContain('summary');
  expect(text).not.toContain('Salary');
});

test('R63 the order changes nothing, one record more does, and what is too much is counted', () => {
  const records = [tenant, rules(1, 'x'), rules(2, 'y')];
  const one = bundleOf(about, records, none);
  expect(bundleOf(about, records.toReversed(), none)).toEqual(one);
  expect(bundleOf(about, records.slice(1), none).hash).not.toBe(one.hash);
  const many = Array.from({ length: BUNDLE_RECORDS + 5 }, (_, index) => rules(index + 1, 'x'));
  const { text } = bundleOf(about, many, { ticked: [], left: { twin: 3 } });
  expect(JSON.parse(text)).toMatchObject({ left: { rules: 5, twin: 3 } });
  const large = { ...rules(1, 'x'), row: { version: 1, document: 'x'.repeat(500_000) } };
  const cut = bundleOf(about, [large, tenant], { ticked: ['rules.document'], left: {} });
  expect(cut.text.length).toBeLessThan(2_000);
  expect(JSON.parse(cut.text)).toMatchObject({ left: { rules: 1 } });
});

test('R62 each part that can be ticked is a field of a flagged category', () => {
  for (const part of bundleParts) {
    const [category = '', name = ''] = part.split('.');
    expect(bundleCategories).toContain(category);
    expect(Object.keys(rowOf(category as (typeof bundleCategories)[number]).fields)).toContain(name);
  }
});
