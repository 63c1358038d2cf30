/**
 * `npm run bench`: what a synced change costs. `npm run bench -- a1 …`: the first load as a ratio against the limits, on a virtual
 * clock. `npm run bench -- a5`: 100,000 histories of sets with elements of people in them. `-- a8`: one pair of 1,000 that fails.
 * `-- a9` (and a17): people's edits beside a bulk load. `-- purge`: the purge of a large tenant on the emulator. The last line is one JSON
 * object, and the exit code is 1 when a figure is over its bound.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { optionsOf, refuse, wholeNumber } from '../../infra/cli/options.ts';
import { holdsA1, mostCommented, runA1 } from './a1.ts';
import { runA5 } from './a5.ts';
import { runA8 } from './a8.ts';
import { runA9 } from './a9.ts';
import { overBounds, RECONCILE_RATIO, tableOf, TARGETS } from './bounds.ts';
import { changeCosts } from './changes.ts';
import { PURGE_DOCUMENTS, runPurgeBench } from './purge.ts';
import { reconcileCost } from './reconcile.ts';
import { sampleIssues } from './sample.ts';

const BENCHES = ['changes', 'a1', 'a5', 'a8', 'a9', 'a17', 'reconcile', 'purge'];
const TIMOB = resolve(import.meta.dirname, '../../../shared/data/issues/tidev-TIMOB.jsonl.gz');

const { values, positionals } = optionsOf({
  allowPositionals: true,
  options: {
    ...{
      pairs: { type: 'string' },
      documents: { type: 'string' },
      bulk: { type: 'string' },
      file: { type: 'string' },
      issues: { type: 'string' },
      pool: { type: 'string' },
    },
    // Kills processes at random; a seed alone does, too.
    ...{ kills: { type: 'boolean', default: false }, seed: { type: 'string' } },
  },
});
const say = (line: string): void => console.log(line);

const [which = 'changes'] = positionals;
if (!BENCHES.includes(which)) refuse(`There is no bench “${which}”; there are: ${BENCHES.join(', ')}.`);
/** An option that is a whole number. */
const number = (name: keyof typeof values, usual: number): number => {
  const text = values[name];
  return typeof text === 'string' ? wholeNumber(name, text) : usual;
};
const results: unknown[] = [];
let holds = true;
if (which === 'changes') {
  const { costs, budget } = await changeCosts();
  for (const line of tableOf(costs)) say(line);
  say(`the record of the hour's points: ${budget.reads} reads and ${budget.writes} writes for ${budget.points} points`);
  const over = overBounds(costs);
  for (const line of over) say(`over its bound: ${line}`);
  holds = over.length === 0;
  results.push({ bench: 'changes', costs, budget, targets: TARGETS, over });
}
if (which === 'a1') {
  const [file, count] = [values.file ?? TIMOB, number('issues', 1_000)];
  const isThere = existsSync(file);
  if (!isThere && values.file !== undefined) refuse(`There is no file ${file}.`);
  if (!isThere) say('without ../shared/data: issues of our own in the shape of the public ones');
  const issues = isThere ? await mostCommented(file, count) : sampleIssues(count);
  const pool = values.pool === undefined ? {} : { pool: number('pool', 0) };
  const kills = values.kills || values.seed !== undefined ? { killSeed: number('seed', 1) } : {};
  const result = await runA1({ issues, ...pool, ...kills }, say);
  holds = holdsA1(result);
  results.push(result);
}
if (which === 'a5') {
  const result = await runA5(values.seed === undefined ? {} : { seed: number('seed', 1) }, say);
  holds = result.unmanagedRemoved === 0 && result.restless === 0;
  results.push(result);
}
if (which === 'reconcile') {
  const result = await reconcileCost(number('pairs', 200));
  holds = result.ratio <= RECONCILE_RATIO;
  if (!holds) say(`over its bound: RECONCILE_RATIO: ${result.ratio}, at most ${RECONCILE_RATIO}`);
  results.push(result);
}
if (which === 'purge') {
  const result = await runPurgeBench(number('documents', PURGE_DOCUMENTS), say);
  ({ holds } = result);
  results.push(result);
}
if (which === 'a8') {
  const result = await runA8(number('pairs', 1_000), say);
  ({ holds } = result);
  results.push(result);
}
if (which === 'a9' || which === 'a17') {
  const result = await runA9(number('bulk', 600), say);
  ({ holds } = result);
  results.push(result);
}
console.log(JSON.stringify(results.length === 1 ? results[0] : results));
// The stand-in's sockets are closed; what is left are workers that wait for ever.
process.exit(holds ? 0 : 1);
