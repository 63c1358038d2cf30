/** The backup function: what it does with each message of `backup-jobs`. */
import { RPO_MS } from '../../shared/backup/schedule.ts';
import { watchSweep } from '../../shared/pulse.ts';
import type { Message } from '../../shared/model/message.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { verdict } from '../../shared/verdict.ts';
import { overtaken } from '../edge.ts';
import { makeSet } from './makeSet.ts';
import { thisSet } from './progress.ts';
import type { BackupPorts, BackupSettings, Work } from './progress.ts';

/** How long one message works before it publishes itself: a third of the function's time-out. (Ours.) */
const TURN_MS = 100_000;
/** Sets of the last two days are all that the watch needs; the register has at most some 150. */
const REGISTER_PAGE = 500;

/**
 * Handles `backup`; other kinds are ignored. Each message looks which set its time belongs to and goes on with it, so that a tick that
 * comes twice, late, or after a week without any makes one set.
 */
export function backupHandler(ports: BackupPorts, settings: BackupSettings): (message: Message) => Promise<Verdict> {
  return async (message) => {
    if (message.kind !== 'backup') return verdict('event-unknown', { kind: message.kind });
    const { backups } = ports;
    if (backups?.append === undefined) return verdict('nothing-to-do');
    const untilAt = ports.clock.now() + TURN_MS;
    const work: Work = { ports, place: backups, append: backups.append, settings, untilAt };
    try {
      return await overtaken(thisSet(work).then((progress) => makeSet(work, progress)));
    } finally {
      // Above all when it cannot be made.
      await watch(ports);
      await watchSweep(ports);
    }
  };
}

/** Somebody is woken when what could be restored now is older than it may be. A house in its first day has nothing to lose yet. */
async function watch({ store, clock, log }: BackupPorts): Promise<void> {
  const { items } = await store.scan('backupSet', { limit: REGISTER_PAGE });
  const since = clock.now() - RPO_MS;
  const isOldHouse = items.some(({ row }) => row.beganAt < since);
  const isSafe = items.some(({ row }) => row.endedAt !== undefined && row.beganAt >= since);
  if (isOldHouse && !isSafe) log.fault('backup', 'backup-late', { sets: items.length });
}
