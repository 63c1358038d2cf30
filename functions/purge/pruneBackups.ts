/** The end of backups: removes the sets that are past their day, looks that they are gone, and says so in the register. */
import { isPastItsDay } from '../../shared/backup/schedule.ts';
import { setId } from '../../shared/model/ids.ts';
import type { SetId } from '../../shared/model/ids.ts';
import type { Backups, Stored } from '../../shared/ports.ts';
import { catalogue } from '../../shared/retention/catalogue.ts';
import { toFault } from '../../shared/verdict.ts';
import { everyPage } from './pages.ts';
import type { PurgePorts } from './progress.ts';

/** Parts of a set that are forgotten at a time. */
const FORGET_PAGE = 500;
const DAY_MS = 86_400_000;

/** Every set of the register, also those that are gone. */
export async function registeredSets(ports: PurgePorts): Promise<readonly Stored<'backupSet'>[]> {
  const sets: Stored<'backupSet'>[] = [];
  await everyPage(
    (ask) => ports.store.scan('backupSet', ask),
    async (stored) => void sets.push(stored),
  );
  return sets;
}

/**
 * Removes what is past its day. A set counts as gone when the listing of its place does not show it any more, not when a call returned.
 * Trouble with the place keeps nobody's live data: it is reported, with an alarm for each set that is beyond its day, and the next
 * tick tries again. Idempotent.
 */
export async function pruneBackups(ports: PurgePorts): Promise<void> {
  const { backups } = ports;
  if (backups?.prune === undefined) return;
  const open = (await registeredSets(ports)).filter(({ row }) => row.goneAt === undefined);
  try {
    await removeOld(ports, backups.prune, ofPlace(open, backups.at));
  } catch (thrown) {
    const fault = toFault(thrown);
    ports.log.fault('sweep', fault.code, fault.facts, fault);
  }
  await alarm(ports, open);
}

async function removeOld(
  ports: PurgePorts,
  prune: NonNullable<Backups['prune']>,
  open: readonly Stored<'backupSet'>[],
): Promise<void> {
  const now = ports.clock.now();
  const known = new Map(open.map((stored) => [stored.place.set, stored]));
  const isOld = (set: SetId): boolean => isPastItsDay(set, known.get(set)?.row.expiresAt, now);
  // Also what nobody has registered: it would lie there for ever.
  for (const set of await prune.sets()) if (isOld(set)) await prune.remove(set);
  const left = new Set<string>(await prune.sets());
  for (const stored of open) {
    const set = setId(stored.place.set);
    if (isOld(set) && !left.has(set)) await markGone(ports, set, stored);
  }
  for (const set of left)
    if (isOld(setId(set))) ports.log.fault('sweep', 'backup-overdue', { set, why: 'still-listed' });
}

/** The key goes with the set; which lives it held stays known, for their receipts. */
async function markGone(ports: PurgePorts, set: SetId, stored: Stored<'backupSet'>): Promise<void> {
  for (;;) {
    const { items } = await ports.store.list('backupPart', { set }, { limit: FORGET_PAGE });
    if (items.length === 0) break;
    await ports.store.removeAll(items);
  }
  const removeAt = stored.row.beganAt + catalogue.backupSet.retention.days * DAY_MS;
  const { wrapped: _destroyed, cursor: _over, ...row } = stored.row;
  await ports.store.replace('backupSet', stored.place, { ...row, goneAt: ports.clock.now(), removeAt }, stored.version);
}

/** A set of another place than the one that is configured now is nobody's to remove: people have to. */
async function alarm(ports: PurgePorts, were: readonly Stored<'backupSet'>[]): Promise<void> {
  const now = ports.clock.now();
  for (const { place, row } of were) {
    if (now < row.expiresAt) continue;
    const still = await ports.store.read('backupSet', place);
    if (still !== undefined && still.row.goneAt === undefined)
      ports.log.fault('sweep', 'backup-overdue', {
        set: place.set,
        hours: Math.floor((now - row.expiresAt) / 3_600_000),
      });
  }
}

function ofPlace(sets: readonly Stored<'backupSet'>[], at: string): readonly Stored<'backupSet'>[] {
  return sets.filter(({ row }) => row.at === at);
}
