/** A few years of lives and restores with every check; `npm run simulate -- --lives` runs the thousands. */
import { expect, test } from 'vitest';
import { addLives, NO_LIVES, restoresOf, runLives, yearOf } from './run.ts';
import type { LivesTally } from './run.ts';
import { ownedCategories } from '../../../shared/retention/address.ts';
import { lived } from './beside.ts';
import type { WorldAsk } from './world.ts';

async function all(asks: readonly WorldAsk[]): Promise<LivesTally> {
  let sums = NO_LIVES;
  for (const ask of asks) {
    const one = await runLives(ask);
    expect(one.violations, one.story.slice(-60).join('\n')).toEqual({});
    sums = addLives(sums, one);
  }
  return sums;
}

test('every category that a customer owns is stored in these worlds', () => {
  expect([...lived].sort()).toEqual([...ownedCategories].sort());
});

const seeds = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

test('years of lives with outages, lost and late messages and stops: nothing past its day, and nobody purged who is there', {
  timeout: 300_000,
}, async () => {
  const sums = await all(seeds(4).map(yearOf));
  // A year in which nothing happens would hold as well.
  expect(sums.purged).toBeGreaterThan(8);
  for (const fault of [
    'uninstall',
    'silent',
    'licence',
    'request',
    'crash',
    'message-lost',
    'message-late',
    'writer',
    'person-checked',
  ])
    expect(sums.faults[fault], fault).toBeGreaterThan(0);
});

test('restores of older copies: nothing purged comes back, nobody who returned is purged, no generation comes twice', {
  timeout: 300_000,
}, async () => {
  const sums = await all(seeds(3).map(restoresOf));
  expect(sums.faults['restore']).toBeGreaterThan(60);
  expect(sums.purged).toBeGreaterThan(1);
});
