/** In a worker: one broken build under the simulation, until a seed sees it or there are no more. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { histories } from './histories.ts';
import type { Mutant } from './mutantList.ts';

/** What a worker is told. */
export interface MutantAsk {
  readonly mutant: Mutant;
  readonly seeds: number;
}

/** What became of a broken build. `seed` is the first that saw it. */
export interface MutantEnd {
  readonly seed?: number;
  readonly seen?: string;
  /** The patch does not fit any more, or its file was never loaded. */
  readonly problem?: string;
}

/** Worlds of lives that a broken build is given at most: each is years of lives. */
const MAX_WORLDS = 15;

const { mutant, seeds } = workerData as MutantAsk;
const url = new URL(`../../${mutant.file}`, import.meta.url).href;
parentPort?.postMessage(await run());

async function run(): Promise<MutantEnd> {
  const source = readFileSync(new URL(url), 'utf8');
  const parts = source.split(mutant.from);
  if (parts.length !== 2) return { problem: `the text is there ${parts.length - 1} times` };
  const loaded: string[] = [];
  registerHooks({
    load: (asked, context, next) => {
      if (asked !== url) return next(asked, context);
      loaded.push(asked);
      return { format: 'module-typescript', source: parts.join(mutant.to), shortCircuit: true };
    },
  });
  if (mutant.lives !== undefined) return runLives(mutant, mutant.lives, loaded);
  const { runScript } = await import('./run.ts');
  const { seedScript } = await import('./seeds.ts');
  if (loaded.length === 0) return { problem: 'the file was not loaded' };
  // A seed that saw it before most likely sees it again.
  const order = [
    ...(mutant.seed === undefined ? [] : [mutant.seed]),
    ...Array.from({ length: seeds }, (_, at) => at + 1),
  ];
  for (const seed of order) {
    const script = mutant.histories === undefined ? seedScript(seed, mutant.focus) : histories[mutant.histories](seed);
    const [violation] = await violationsOf(() => runScript(script));
    if (violation !== undefined) return { seed, seen: violation.kind };
  }
  return {};
}

/** The same over years of lives, or over restores of them. */
async function runLives(
  { seed: first }: Mutant,
  kind: NonNullable<Mutant['lives']>,
  loaded: readonly string[],
): Promise<MutantEnd> {
  const { restoresOf, yearOf } = await import('./lives/run.ts');
  const { World } = await import('./lives/world.ts');
  if (loaded.length === 0) return { problem: 'the file was not loaded' };
  const count = seeds === 0 ? 0 : MAX_WORLDS;
  const order = [...(first === undefined ? [] : [first]), ...Array.from({ length: count }, (_, at) => at + 1)];
  for (const seed of order) {
    const world = new World((kind === 'year' ? yearOf : restoresOf)(seed));
    const [violation] = await violationsOf(() => world.run());
    if (violation !== undefined) return { seed, seen: violation.kind };
  }
  return {};
}

/** A build that breaks down altogether is seen as well. */
async function violationsOf(
  work: () => Promise<{ readonly violations: readonly { readonly kind: string }[] }>,
): Promise<readonly { readonly kind: string }[]> {
  try {
    return (await work()).violations;
  } catch {
    return [{ kind: 'broke-down' }];
  }
}
