/** Histories that once went wrong, each as short as it could be made. They hold now. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runScript } from './run.ts';
import type { Script } from './script.ts';
import { seedScript } from './seeds.ts';

const folder = new URL('fixed/', import.meta.url);
const histories = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    return { name, ...(JSON.parse(text) as Script & { readonly found: readonly string[] }) };
  });

describe.skipIf(histories.length === 0)('a history that once went wrong', () => {
  test.each(histories)('$name holds: $found', async ({ setting, decisions }) => {
    const { violations, story } = await runScript({ setting, decisions });
    expect(violations, story.join('\n')).toEqual([]);
  });
});

test('a seed gives the same run each time', async () => {
  const [one, other] = [await runScript(seedScript(5)), await runScript(seedScript(5))];
  expect(other).toEqual(one);
  expect(one.steps).toBeGreaterThan(100);
});
