import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { storedTable } from '../../shared/retention/storedTable.ts';

test('the table of stored data in the README is the one that the catalogue makes', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- stored:begin -->\n([\s\S]*?)\n<!-- stored:end -->/.exec(readme) ?? [];
  expect(table.trim()).toBe(storedTable());
});
