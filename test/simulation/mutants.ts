/**
 * `npm run mutants [-- --seeds N] [--only TEXT]`; `--only lives/` takes those of forgetting on time, `lives/year` and `lives/restores` a part.
 *
 * Runs every broken build of the list under the simulation until a seed sees it. Prints a table; the exit code is 1 when a build
 * survives, or when its patch does not fit the source any more. First the whole build, over the same seeds: it must be clean, and so
 * must it be on each seed that sees a broken one.
 */
import { Worker } from 'node:worker_threads';
import { optionsOf, refuse, wholeNumber } from '../../infra/cli/options.ts';
import { mutants } from './mutantList.ts';
import type { Mutant } from './mutantList.ts';
import type { MutantAsk, MutantEnd } from './mutated.ts';

/** The build as it is, patched with nothing. */
const WHOLE: Mutant = {
  name: 'the build as it is',
  file: 'functions/sync/event.ts',
  from: 'export function syncHandler(',
  to: 'export function syncHandler(',
};

const WHOLE_LIVES: Mutant = {
  ...WHOLE,
  file: 'functions/purge/event.ts',
  from: 'export function purgeHandler(',
  to: 'export function purgeHandler(',
};

const { values } = optionsOf({ options: { seeds: { type: 'string', default: '400' }, only: { type: 'string' } } });
const seeds = wholeNumber('seeds', values.seeds);
const { only } = values;
const chosen = mutants.filter(
  ({ name, file, lives = '' }) =>
    only === undefined || `${name} ${file} ${lives === '' ? '' : `lives/${lives}`}`.includes(only),
);
if (chosen.length === 0) refuse(`No broken build of the list has “${only ?? ''}” in it.`);

const startedAt = performance.now();
const ends = new Map<Mutant, MutantEnd>();
const waiting = only === undefined ? [WHOLE, ...chosen] : [...chosen];
/** Broken builds at work at once: one for each core. */
const AT_ONCE = 2;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const end = await checked(next, await runMutant(next, next === WHOLE ? Math.min(seeds, 200) : seeds));
      ends.set(next, end);
      console.log(lineOf(next, end));
    }
  }),
);
const survivors = chosen.filter((mutant) => ends.get(mutant)?.seed === undefined);
const isWhole = only !== undefined || (ends.get(WHOLE)?.seed === undefined && ends.get(WHOLE)?.problem === undefined);
const ms = Math.round(performance.now() - startedAt);
const names = survivors.map(({ name }) => name);
console.log(
  JSON.stringify({ mutants: chosen.length, caught: chosen.length - survivors.length, survivors: names, isWhole, ms }),
);
process.exitCode = survivors.length === 0 && isWhole ? 0 : 1;

function lineOf({ name, file }: Mutant, { seed, seen, problem }: MutantEnd): string {
  const end = problem ?? (seed === undefined ? 'NOT SEEN' : `seed ${seed}: ${seen ?? ''}`);
  return `${end.padEnd(44)} ${name} (${file})`;
}

/** What the whole build does as well is not what the patch has broken: the seed that saw it must be clean there. */
async function checked({ name, focus, histories, lives }: Mutant, end: MutantEnd): Promise<MutantEnd> {
  if (end.seed === undefined || name === WHOLE.name) return end;
  const about = {
    ...(lives === undefined ? {} : { lives }),
    ...(focus === undefined ? {} : { focus }),
    ...(histories === undefined ? {} : { histories }),
  };
  const build = lives === undefined ? WHOLE : WHOLE_LIVES;
  const whole = await runMutant({ ...build, seed: end.seed, ...about }, 0);
  return whole.seed === undefined && whole.problem === undefined
    ? end
    : { problem: `seed ${end.seed} sees it in the whole build: ${whole.seen ?? whole.problem ?? ''}` };
}

function runMutant(mutant: Mutant, count: number): Promise<MutantEnd> {
  return new Promise((done) => {
    const ask: MutantAsk = { mutant, seeds: count };
    const worker = new Worker(new URL('mutated.ts', import.meta.url), { workerData: ask });
    let end: MutantEnd = { problem: 'the worker ended without a word' };
    worker.on('message', (message: MutantEnd) => {
      end = message;
    });
    // A build that cannot even be loaded is no broken build but a broken patch.
    worker.on('error', (error) => {
      end = { problem: `does not load: ${error.message}` };
    });
    worker.on('exit', () => done(end));
  });
}
