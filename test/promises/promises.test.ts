import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { evidence } from './evidence.ts';
import { judge } from './judge.ts';
import type { TestEnd } from './judge.ts';

const shared = resolve(import.meta.dirname, '../../../shared/reference/promises.json');

describe('the table of promises', () => {
  test('has every row of both statements, each with evidence', () => {
    expect(Object.keys(evidence)).toHaveLength(79);
    for (const [id, { tests, byHand }] of Object.entries(evidence)) expect(tests ?? byHand, id).toBeDefined();
  });

  test('names files of tests that are there', () => {
    const files = Object.values(evidence).flatMap(({ tests = {} }) => Object.keys(tests));
    const missing = files.filter((file) => !existsSync(resolve(import.meta.dirname, '..', `${file}.test.ts`)));
    expect(missing).toEqual([]);
  });

  test.skipIf(!existsSync(shared))('has the ids of the reference, in its order', () => {
    const rows = JSON.parse(readFileSync(shared, 'utf8')) as readonly { readonly id: string }[];
    expect(Object.keys(evidence)).toEqual(rows.map(({ id }) => id));
  });
});

describe('a promise', () => {
  const end = (title: string, more: Partial<TestEnd> = {}): TestEnd => {
    return { file: 'flow/x', groups: [], title, isPassed: true, isSkipped: false, ...more };
  };
  const shown = { promise: 'p', tests: { 'flow/x': ['R4'] } };
  test.each([
    ['kept by a test that passed', shown, [end('R4 holds')], 'kept'],
    ['broken by a test that failed', shown, [end('R4 holds'), end('R4 also', { isPassed: false })], 'broken'],
    ['broken when its evidence is gone', shown, [end('R40 holds')], 'broken'],
    ['broken when its evidence was skipped', shown, [end('R4 holds', { isSkipped: true })], 'broken'],
    ['broken by evidence of another file', shown, [end('R4 holds', { file: 'flow/y' })], 'broken'],
    ['kept by hand when it says what by', { promise: 'p', byHand: 'a contract' }, [], 'by hand'],
    ['broken when it says nothing', { promise: 'p' }, [], 'broken'],
  ] as const)('is %s', (_what, one, ends, result) => {
    expect(judge({ 'E-01': one }, ends)).toEqual([expect.objectContaining({ id: 'E-01', result })]);
  });
});
