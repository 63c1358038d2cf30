/** Anchor A5 at its full size: random histories of sets in which elements of people and of the sync are mixed. @see RIVALS.md §6 */
import { Worker, parentPort, workerData } from 'node:worker_threads';
import { ownedHistories } from '../kit/ownedSets.ts';
import type { OwnedTally } from '../kit/ownedSets.ts';

/** As many as the anchor names. */
const HISTORIES = 100_000;
/** Histories between two words to the main thread. */
const SLICE = 2_500;
const WORKERS = 2;

/** What the histories came to. */
export interface A5Result extends OwnedTally {
  readonly bench: 'a5';
  readonly from: number;
  readonly ms: number;
}

interface Share {
  readonly a5: true;
  readonly from: number;
  readonly count: number;
}

/** Runs the histories on both cores. */
export async function runA5(ask: { readonly seed?: number }, say: (line: string) => void): Promise<A5Result> {
  const startedAt = performance.now();
  const from = ask.seed ?? 1;
  let all: OwnedTally = ownedHistories(from, 0);
  const share = HISTORIES / WORKERS;
  const run = (number: number): Promise<void> =>
    new Promise((done, failed) => {
      const workerData: Share = { a5: true, from: from + number * share, count: share };
      const worker = new Worker(new URL('a5.ts', import.meta.url), { workerData });
      worker.on('message', (slice: OwnedTally) => {
        all = added(all, slice);
        say(`${all.histories} histories, ${all.unmanagedRemoved} elements of people removed`);
      });
      worker.on('error', failed);
      worker.on('exit', () => done());
    });
  await Promise.all(Array.from({ length: WORKERS }, (_, number) => run(number)));
  return { bench: 'a5', ...all, from, ms: Math.round(performance.now() - startedAt) };
}

function added(one: OwnedTally, other: OwnedTally): OwnedTally {
  const firstWrong = one.firstWrong ?? other.firstWrong;
  return {
    histories: one.histories + other.histories,
    put: one.put + other.put,
    removals: one.removals + other.removals,
    unmanagedRemoved: one.unmanagedRemoved + other.unmanagedRemoved,
    restless: one.restless + other.restless,
    ...(firstWrong === undefined ? {} : { firstWrong }),
  };
}

function isShare(data: unknown): data is Share {
  return typeof data === 'object' && data !== null && 'a5' in data;
}

if (parentPort !== null && isShare(workerData)) {
  const { from, count } = workerData;
  for (let at = from; at < from + count; at += SLICE)
    parentPort.postMessage(ownedHistories(at, Math.min(SLICE, from + count - at)));
  parentPort.close();
}
