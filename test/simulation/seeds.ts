/** Runs a range of seeds and adds up what came of them. Runs in the main thread or in a worker of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { fieldKinds } from './fieldKinds.ts';
import { moreKinds } from './moreKinds.ts';
import { runScript } from './run.ts';
import { scriptOf } from './script.ts';
import type { Focus, Script } from './script.ts';

/** What some seeds came to. */
export interface Tally {
  readonly seeds: number;
  readonly steps: number;
  readonly deeds: number;
  readonly appWrites: number;
  readonly overruns: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<string, number>>;
  /** Seeds with a violation. */
  readonly failed: readonly number[];
}

export const NOTHING: Tally = {
  ...{ seeds: 0, steps: 0, deeds: 0, appWrites: 0, overruns: 0, faults: {}, violations: {}, failed: [] },
};

/** The script of one seed, with every kind of field that the people know; one with a focus keeps to what every issue has. */
export function seedScript(seed: number, focus?: Focus): Script {
  const fields = fieldKinds.map(({ name }) => name);
  const more = moreKinds.map(({ name }) => name);
  return scriptOf(seed, { fields, ...(focus === undefined ? { more } : { focus }) });
}

/** Runs one seed. */
export async function runSeed(seed: number): Promise<Tally> {
  const { steps, deeds, appWrites, overruns, faults, violations } = await runScript(seedScript(seed));
  const kinds: Record<string, number> = {};
  for (const { kind } of violations) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const failed = violations.length === 0 ? [] : [seed];
  return { seeds: 1, steps, deeds, appWrites, overruns, faults, violations: kinds, failed };
}

/** Both together. */
export function sum(one: Tally, other: Tally): Tally {
  return {
    seeds: one.seeds + other.seeds,
    steps: one.steps + other.steps,
    deeds: one.deeds + other.deeds,
    appWrites: one.appWrites + other.appWrites,
    overruns: one.overruns + other.overruns,
    faults: added(one.faults, other.faults),
    violations: added(one.violations, other.violations),
    failed: [...one.failed, ...other.failed],
  };
}

type Counts = Readonly<Record<string, number>>;

function added(one: Counts, other: Counts): Counts {
  const counts: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) counts[name] = (counts[name] ?? 0) + count;
  return counts;
}

/** What a worker is told: every `stride`-th seed from `first`, until told to stop or `last` is done. */
export interface Share {
  readonly first: number;
  readonly last: number;
  readonly stride: number;
}

/** In a worker: says what each seed came to. The main thread ends it when time is over. */
if (parentPort !== null && isShare(workerData)) {
  for (let seed = workerData.first; seed <= workerData.last; seed += workerData.stride)
    parentPort.postMessage(await runSeed(seed));
  parentPort.close();
}

function isShare(data: unknown): data is Share {
  return typeof data === 'object' && data !== null && 'stride' in data;
}
