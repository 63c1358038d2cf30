/**
 * `npm run simulate -- --seeds N [--seed S] [--seconds T] [--workers W] [--keep]`
 *
 * Runs N seeds from S (with `--seconds`, as many more as fit into that time), on both cores. The last line of output is one JSON
 * object; the exit code is 1 when anything did not hold. With `--lives` years of tenants' lives instead (see lives/command.ts):
 * `--tenants N`, or `--restores N`. A failing seed is run again with less and less in it and told as a short
 * history; `--keep` writes that to `fixed/`, where a suite replays it for ever.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { optionsOf, wholeNumber } from '../../infra/cli/options.ts';
import { simulateLives } from './lives/command.ts';
import { runScript } from './run.ts';
import { NOTHING, seedScript, sum } from './seeds.ts';
import type { Share, Tally } from './seeds.ts';
import { shrink } from './shrink.ts';

/** Failing seeds that are told in full; the rest is likely the same. */
const MAX_TOLD = 3;
/** Lines of a story that are printed. */
const MAX_LINES = 160;
/** Seeds that `--seconds` may add. */
const ENDLESS = 10_000_000;

const { values } = optionsOf({
  options: {
    seeds: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    keep: { type: 'boolean', default: false },
    lives: { type: 'boolean', default: false },
    tenants: { type: 'string', default: '100' },
    restores: { type: 'string' },
  },
});

const wanted = wholeNumber('seeds', values.seeds);
const first = wholeNumber('seed', values.seed, 0);
const workers = wholeNumber('workers', values.workers);
const seconds = values.seconds === undefined ? undefined : wholeNumber('seconds', values.seconds);

if (values.lives) {
  const restores = values.restores === undefined ? {} : { restores: wholeNumber('restores', values.restores) };
  const tenants = wholeNumber('tenants', values.tenants);
  process.exit(await simulateLives({ tenants, ...restores, first, workers }));
}

const startedAt = performance.now();
const tally = await runAll({ wanted, first, workers, seconds });
for (const seed of tally.failed.toSorted((one, other) => one - other).slice(0, MAX_TOLD)) await tellOf(seed);
const ms = Math.round(performance.now() - startedAt);
const { failed, ...sums } = tally;
const verdict = failed.length === 0 ? {} : { failedSeeds: failed.length, failed: failed.slice(0, 20) };
console.log(JSON.stringify({ ...sums, from: first, ms, ...verdict }));
process.exitCode = failed.length === 0 ? 0 : 1;

interface Asked {
  readonly wanted: number;
  readonly first: number;
  readonly workers: number;
  readonly seconds: number | undefined;
}

/** Each worker takes every n-th seed: which seeds are run does not depend on how fast they are, unless time decides. */
async function runAll(asked: Asked): Promise<Tally> {
  let all = NOTHING;
  const isOver = (): boolean =>
    asked.seconds !== undefined && all.seeds >= asked.wanted && performance.now() - startedAt > asked.seconds * 1_000;
  const count = asked.seconds === undefined ? asked.wanted : ENDLESS;
  const run = (number: number): Promise<void> =>
    new Promise((done, failed) => {
      const share: Share = { first: asked.first + number, last: asked.first + count - 1, stride: asked.workers };
      const worker = new Worker(new URL('seeds.ts', import.meta.url), { workerData: share });
      worker.on('message', (one: Tally) => {
        if (isOver()) return void worker.terminate();
        all = sum(all, one);
        for (const seed of one.failed) console.error(`seed ${seed}: ${Object.keys(one.violations).join(', ')}`);
      });
      worker.on('error', failed);
      worker.on('exit', () => done());
    });
  await Promise.all(Array.from({ length: Math.min(asked.workers, count) }, (_, number) => run(number)));
  return all;
}

/** Shrinks a failing seed and tells its history. */
async function tellOf(seed: number): Promise<void> {
  const script = seedScript(seed);
  const failed = await runScript(script);
  console.log(`\nseed ${seed}: ${failed.violations.map(({ kind, what }) => `${kind}: ${what}`).join(' · ')}`);
  const { script: short, result, runs } = await shrink(script, failed);
  console.log(`shrunk from ${script.decisions.length} to ${short.decisions.length} decisions in ${runs} runs:`);
  for (const decision of short.decisions) console.log(`  ${JSON.stringify(decision)}`);
  for (const line of result.story.slice(0, MAX_LINES)) console.log(`  ${line.replaceAll('\n', ' ')}`);
  console.log(`  → ${result.violations.map(({ kind, what }) => `${kind}: ${what}`).join(' · ')}`);
  if (!values.keep) return;
  const kinds = result.violations.map(({ kind, what }) => `${kind}: ${what}`);
  const path = new URL(`fixed/seed-${seed}.json`, import.meta.url);
  writeFileSync(path, `${JSON.stringify({ found: kinds, ...short }, undefined, 2)}\n`);
}
