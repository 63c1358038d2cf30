/**
 * `npm run bench`: what a synced change costs. `npm run bench -- a1 …`: the first load as a ratio against the limits, on a virtual
 * clock. `npm run bench -- a5`: 100,000 histories of sets with elements of people in them. The last line is one JSON object, and
 * the exit code is 1 when a figure is over its bound.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runA1 } from './a1.ts';
import { runA5 } from './a5.ts';
import { overBounds, tableOf, TARGETS } from './bounds.ts';
import { changeCosts } from './changes.ts';

const TIMOB = resolve(import.meta.dirname, '../../../shared/data/issues/tidev-TIMOB.jsonl.gz');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { file: { type: 'string' }, issues: { type: 'string' }, pool: { type: 'string' }, seed: { type: 'string' } },
});
const say = (line: string): void => console.log(line);

const [which = 'changes'] = positionals;
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
  const file = values.file ?? TIMOB;
  if (!existsSync(file)) throw new Error('A1 needs a dump of issues: --file, or ../shared/data beside the project');
  const numbers = Object.fromEntries(
    (['pool', 'seed'] as const).flatMap((name) => (values[name] === undefined ? [] : [[name, Number(values[name])]])),
  );
  results.push(await runA1({ file, issues: Number(values.issues ?? 1_000), ...numbers }, say));
}
if (which === 'a5') {
  const result = await runA5(values.seed === undefined ? {} : { seed: Number(values.seed) }, say);
  holds = result.unmanagedRemoved === 0 && result.restless === 0;
  results.push(result);
}
console.log(JSON.stringify(results.length === 1 ? results[0] : results));
// The stand-in's sockets are closed; what is left are workers that wait for ever.
process.exit(holds ? 0 : 1);
