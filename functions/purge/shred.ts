/** The end of the keys, and the proof of it. Only after both verifications: what was destroyed too early is lost. @see THREATS.md T28 */
import { keyName } from '../../shared/model/ids.ts';
import type { KeyName } from '../../shared/model/ids.ts';
import { Fault } from '../../shared/verdict.ts';
import { everyOwned } from './pages.ts';
import { advance, counted } from './progress.ts';
import type { Progress, PurgePorts, Work } from './progress.ts';
import { opens } from './survey.ts';

/**
 * Destroys every key of the owner: the tenant's own and those of its connections. Then proves it: none is listed, none
 * is at its address, and the sample does not open any more. Idempotent; the names are recorded before the first goes.
 * @throws Fault `purge-not-empty` when a key or the sample is still good
 */
export async function shred(work: Work, progress: Progress): Promise<Progress> {
  const { ports } = work;
  const noted = await noteKeys(ports, progress);
  const { keys, sample } = noted.row;
  for (const key of keys) await ports.keys.destroy(key);
  const foundA = (await keysOf(ports, noted)).length;
  const foundB = await countAt(ports, keys);
  if (foundA + foundB > 0) throw new Fault('purge-not-empty', { category: 'key', foundA, foundB });
  if (sample !== undefined && (await opens(ports, sample))) throw new Fault('purge-not-empty', { category: 'sample' });
  const total = { before: keys.length, deleted: keys.length, foundA, foundB };
  const { sample: _proven, ...row } = noted.row;
  return advance(ports, noted, {
    ...row,
    stage: 'issuing',
    destroyedAt: ports.clock.now(),
    counts: counted(row.counts, 'key', total),
  });
}

/** Keys that were made after the survey, by work that was under way then, go too. */
async function noteKeys(ports: PurgePorts, progress: Progress): Promise<Progress> {
  const listed = await keysOf(ports, progress);
  const keys = [...new Set([...progress.row.keys, ...listed])];
  return keys.length === progress.row.keys.length ? progress : advance(ports, progress, { ...progress.row, keys });
}

async function keysOf(ports: PurgePorts, { owner }: Progress): Promise<readonly KeyName[]> {
  const keys: KeyName[] = [];
  await everyOwned(ports, 'key', owner, async ({ place }) => {
    keys.push(keyName(place.key));
  });
  return keys;
}

async function countAt(ports: PurgePorts, keys: readonly KeyName[]): Promise<number> {
  let found = 0;
  for (const key of keys) if ((await ports.store.read('key', { key })) !== undefined) found += 1;
  return found;
}
