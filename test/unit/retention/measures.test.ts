import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import packageFile from '../../../package.json' with { type: 'json' };
import {
  isReviewOverdue,
  MAX_RUNTIME_PACKAGES,
  mayRunAtInstall,
  measures,
  REVIEW_BY,
} from '../../../shared/retention/measures.ts';

const root = resolve(import.meta.dirname, '../../..');
const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(join(root, 'test', file), 'utf8'));
/** A title stands first in a call: `test('…',`, `it.each(…)('…',`. */
const isTitle = (title: string): boolean => {
  const called = new RegExp(`\\(\\s*(['"\`])${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1,`);
  return tests.some((text) => called.test(text));
};

test('P6 each measure has an id of its own, a text, and something that shows it', () => {
  expect(new Set(measures.map(({ id }) => id)).size).toBe(measures.length);
  expect(measures.filter(({ text, shown }) => text === '' || shown.length === 0)).toEqual([]);
});

test('P6 each test that a measure names exists', () => {
  expect(isTitle('no test is called like this')).toBe(false);
  const named = measures.flatMap(({ id, shown }) =>
    shown.flatMap((one) => ('test' in one ? [{ id, test: one.test }] : [])),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ test: title }) => !isTitle(title))).toEqual([]);
});

test('P6 each command that a measure names exists', () => {
  const commands = measures.flatMap(({ shown }) => shown.flatMap((one) => ('command' in one ? [one.command] : [])));
  const scripts = Object.keys(packageFile.scripts);
  expect(commands.filter((command) => !scripts.includes(/^npm run (\S+)/.exec(command)?.[1] ?? ''))).toEqual([]);
});

test('P7 a review that is overdue fails the build', () => {
  expect(isReviewOverdue(Date.parse('2027-05-25T12:00:00Z'), '2027-05-25')).toBe(false);
  expect(isReviewOverdue(Date.parse('2027-05-26T00:00:00Z'), '2027-05-25')).toBe(true);
  expect(isReviewOverdue(0, 'some day')).toBe(true);
  // The one place where a test asks what day it is: the promise is about the calendar (E-12).
  expect(isReviewOverdue(Date.now())).toBe(false);
  // And nobody may put the review off for ever.
  expect(Date.parse(REVIEW_BY) - Date.now()).toBeLessThan(366 * 86_400_000);
});

test('P8 packages are few, pinned exactly, and run nothing at install that is not allowed to', () => {
  const { dependencies, devDependencies } = packageFile;
  expect(Object.keys(dependencies).length).toBeLessThanOrEqual(MAX_RUNTIME_PACKAGES);
  const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, is]) => !/^\d+\.\d+\.\d+$/.test(is));
  expect(loose).toEqual([]);
  const packages: Readonly<Record<string, { readonly integrity?: string; readonly hasInstallScript?: boolean }>> =
    JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const locked = Object.entries(packages).filter(([path]) => path !== '');
  expect(locked.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
  const running = locked
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(running.filter((name) => !mayRunAtInstall.includes(name))).toEqual([]);
});
