/** `npm run bench [-- a1 …]`: figures as ratios against limits, on a virtual clock. The last line is one JSON object. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runA1 } from './a1.ts';

const TIMOB = resolve(import.meta.dirname, '../../../shared/data/issues/tidev-TIMOB.jsonl.gz');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { file: { type: 'string' }, issues: { type: 'string' }, pool: { type: 'string' }, seed: { type: 'string' } },
});
const say = (line: string): void => console.log(line);

const [which = 'all'] = positionals;
const results: unknown[] = [];
if (which === 'a1') {
  const file = values.file ?? TIMOB;
  if (!existsSync(file)) throw new Error('A1 needs a dump of issues: --file, or ../shared/data beside the project');
  const numbers = Object.fromEntries(
    (['pool', 'seed'] as const).flatMap((name) => (values[name] === undefined ? [] : [[name, Number(values[name])]])),
  );
  results.push(await runA1({ file, issues: Number(values.issues ?? 1_000), ...numbers }, say));
}
console.log(JSON.stringify(results.length === 1 ? results[0] : results));
// The stand-in's sockets are closed; what is left are workers that wait for ever.
process.exit(0);
