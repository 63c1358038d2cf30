import { expect, test } from 'vitest';
import { ownedHistories } from '../../kit/ownedSets.ts';

/** The whole size is `npm run bench -- a5`. */
const HISTORIES = 1_500;

/** Some seconds of a core that is its own; beside others it may take longer than a test has. */
const PATIENCE_MS = 180_000;

test('A5 of sets in which elements of people and of the sync are mixed, no element of a person is ever removed', {
  timeout: PATIENCE_MS,
}, () => {
  const tally = ownedHistories(1, HISTORIES);
  expect(tally).toMatchObject({ histories: HISTORIES, unmanagedRemoved: 0, restless: 0 });
  // The histories are about something: the sync does remove, and people do mix.
  expect(tally.removals).toBeGreaterThan(HISTORIES / 5);
  expect(tally.put).toBeGreaterThan(3 * HISTORIES);
});
