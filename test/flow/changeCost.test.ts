/** What a synced change costs, counted: nobody makes it dearer unseen. `npm run bench` prints the same counts. */
import { expect, test } from 'vitest';
import { overBounds } from '../bench/bounds.ts';
import { changeCosts } from '../bench/changes.ts';

test('G16 a synced change and its echo cost no more than the bounds say, counted twice alike', async () => {
  const { costs } = await changeCosts();
  expect(overBounds(costs)).toEqual([]);
  expect((await changeCosts()).costs).toEqual(costs);
});

test('G16 a count that is over its bound is told by the name of the bound', async () => {
  const { costs } = await changeCosts();
  const [first, ...rest] = costs;
  if (first === undefined) throw new Error('nothing was counted');
  const dearer = { ...first, way: { ...first.way, messages: first.way.messages + 1 } };
  expect(overBounds([dearer, ...rest])).toEqual(['FIELD_UPDATE: 2 messages, at most 1 (one-field update)']);
});
