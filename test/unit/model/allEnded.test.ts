import { expect, it } from 'vitest';
import { allEnded } from '../../../shared/model/allEnded.ts';

it('G20 a fault is told when nothing of the others is on its way any more', async () => {
  let isOver = false;
  const slow = new Promise<string>((resolve) => {
    setImmediate(() => {
      isOver = true;
      resolve('late');
    });
  });
  const failing = allEnded([Promise.reject(new Error('first')), slow]).catch((thrown: unknown) => [thrown, isOver]);
  expect(await failing).toEqual([new Error('first'), true]);
  expect(await allEnded([Promise.resolve(1), Promise.resolve('two')])).toEqual([1, 'two']);
});
