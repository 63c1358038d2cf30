/** `npm run simulate -- --lives --tenants N [--restores N] [--seed S]`: years of random lives on both cores, or restores of them. */
import { Worker } from 'node:worker_threads';
import { addLives, NO_LIVES, restoresOf, runLives, TENANTS_EACH, yearOf } from './run.ts';
import type { LivesShare, LivesTally } from './run.ts';

/** What is asked for: whole numbers. */
export interface LivesAsked {
  readonly tenants: number;
  /** Restores instead of years: worlds are run until there were so many. */
  readonly restores?: number;
  readonly first: number;
  readonly workers: number;
}

const MAX_TOLD = 3;
const MAX_LINES = 80;
/** Worlds that a number of restores may need at most. */
const MAX_WORLDS = 100_000;

/** Runs what is asked for and prints it; the last line is one JSON object. Answers the exit code. */
export async function simulateLives(asked: LivesAsked): Promise<0 | 1> {
  const startedAt = performance.now();
  const kind = asked.restores === undefined ? 'year' : 'restores';
  const all = await runAll(asked, kind);
  const askOf = kind === 'year' ? yearOf : restoresOf;
  const failed = all.failed
    .map((seed) => (kind === 'year' ? seed : seed - restoresOf(0).seed))
    .toSorted((a, b) => a - b);
  for (const seed of failed.slice(0, MAX_TOLD)) {
    const { story } = await runLives(askOf(seed));
    console.log(`\nseed ${seed}:`);
    for (const line of story.slice(-MAX_LINES)) console.log(`  ${line}`);
  }
  const { failed: _seeds, lives: lived, ...sums } = all;
  const verdict = failed.length === 0 ? {} : { failedSeeds: failed.length, failed: failed.slice(0, 20) };
  console.log(
    JSON.stringify({
      lives: kind,
      ...sums,
      from: asked.first,
      ms: Math.round(performance.now() - startedAt),
      ...verdict,
    }),
  );
  return failed.length === 0 ? 0 : 1;
}

async function runAll(
  { tenants, restores, first, workers }: LivesAsked,
  lives: LivesShare['lives'],
): Promise<LivesTally> {
  let all = NO_LIVES;
  const worlds = restores === undefined ? Math.ceil(tenants / TENANTS_EACH) : MAX_WORLDS;
  const isEnough = (): boolean => restores !== undefined && (all.faults['restore'] ?? 0) >= restores;
  const run = (number: number): Promise<void> =>
    new Promise((done, failed) => {
      const share: LivesShare = { lives, first: first + number, last: first + worlds - 1, stride: workers };
      const worker = new Worker(new URL('run.ts', import.meta.url), { workerData: share });
      worker.on('message', ({ story: _story, ...one }: LivesTally & { readonly story: unknown }) => {
        if (isEnough()) return void worker.terminate();
        all = addLives(all, one);
      });
      worker.on('error', failed);
      worker.on('exit', () => done());
    });
  await Promise.all(Array.from({ length: Math.min(workers, worlds) }, (_, number) => run(number)));
  return all;
}
