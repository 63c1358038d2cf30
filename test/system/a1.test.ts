/** The anchor's own code over a few issues, so that it cannot rot; the real size is `npm run bench -- a1`. @see test/bench/README.md */
import { expect, test } from 'vitest';
import { A1_RATIO, boundOf, holdsA1, runA1 } from '../bench/a1.ts';
import { sampleIssues } from '../bench/sample.ts';
import { PUBLISHED_LIMITS } from '../../infra/local/jira/model/limits.ts';

const issues = sampleIssues(24);

test('A1 the first load of many issues comes within 1.15 of what the limits allow, with every comment once', async () => {
  const lines: string[] = [];
  const result = await runA1({ issues }, (line) => lines.push(line));
  expect(result).toMatchObject({ issues: 24, missing: 0, duplicates: 0, kills: 0, refused429: 0 });
  expect(result.ratio).toBeLessThanOrEqual(A1_RATIO);
  expect(holdsA1(result)).toBe(true);
  // What is read beyond the least: an issue is looked at before and after it is made, and its workflow is asked for.
  expect(result.points).toBeLessThan(result.neededPoints + 24 * 20);
  expect(lines.join()).toContain('issue-change already-done');
}, 60_000);

test('A1 loses and doubles nothing when processes are killed at random', async () => {
  const result = await runA1({ issues, killSeed: 5, awaitsPerKill: 900 }, () => undefined);
  expect(result.kills).toBeGreaterThan(1);
  expect(result).toMatchObject({ missing: 0, duplicates: 0 });
  expect(result.ratio).toBeLessThanOrEqual(A1_RATIO);
}, 60_000);

test('A1 counts what is missing, doubled or too slow', () => {
  const good = { ratio: 1, missing: 0, duplicates: 0 } as Parameters<typeof holdsA1>[0];
  expect(holdsA1(good)).toBe(true);
  for (const bad of [{ ratio: 1.16 }, { missing: 1 }, { duplicates: 1 }])
    expect(holdsA1({ ...good, ...bad })).toBe(false);
  const { seconds, points } = boundOf(sampleIssues(1_000), PUBLISHED_LIMITS);
  expect(points).toBeGreaterThan(9_000);
  expect(seconds).toBeGreaterThan(65);
  // An hour that holds half of what has to be done is followed by another.
  expect(boundOf(issues, { ...PUBLISHED_LIMITS, pointsPerHour: 500 }).seconds).toBeGreaterThan(3_600);
});
