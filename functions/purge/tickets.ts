/** Tickets at the desk that have to go: noted before the report is forgotten, erased by the notify function, which alone may. */
import { reportId } from '../../shared/model/ids.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import type { PurgePorts, PurgeRow, Progress } from './progress.ts';
import { everyOwned } from './pages.ts';

/** Reports whose day has come: what is at the desk is noted, and the reports go. */
export async function sendOff(transaction: Transaction, due: readonly Stored<'report'>[], now: number): Promise<void> {
  // All reads come before the first write.
  const known = new Map<string, boolean>();
  for (const { place } of due)
    known.set(place.report, (await transaction.read('ticket', { report: place.report })) !== undefined);
  for (const { place, row } of due) {
    if (row.ticket !== undefined && known.get(place.report) === false)
      transaction.put('ticket', { report: place.report }, { key: row.ticket, state: 'erasing', tries: 0, wakeAt: now });
    transaction.remove('report', place);
  }
}

/** Before a customer's reports are deleted: which tickets have to go with them. Idempotent. */
export async function noteTickets(ports: PurgePorts, { owner, row }: Progress): Promise<readonly string[]> {
  const noted = new Set(row.tickets ?? []);
  await everyOwned(ports, 'report', owner, async (stored) => {
    const { ticket } = stored.row;
    if (ticket === undefined) return;
    const at = ports.clock.now();
    const { report } = stored.place;
    noted.add(report);
    await ports.store.transact(async (transaction) => {
      if ((await transaction.read('ticket', { report })) === undefined)
        transaction.create('ticket', { report }, { key: ticket, state: 'erasing', tries: 0, wakeAt: at });
    });
    await ports.bus.publish('notices', { kind: 'erase-ticket', report: reportId(report), at });
  });
  return [...noted];
}

/** What the desk has erased of a purged life. */
export interface ErasedTickets {
  /** Keys of the tickets; empty when there were none. */
  readonly keys: readonly string[];
  /** When the last of them was seen to be gone. */
  readonly erasedAt: number;
}

/** `undefined` while one is still there. */
export async function erasedTickets(ports: PurgePorts, { tickets = [] }: PurgeRow): Promise<ErasedTickets | undefined> {
  const keys: string[] = [];
  let erasedAt = 0;
  for (const report of tickets) {
    const stored = await ports.store.read('ticket', { report });
    if (stored?.row.erasedAt === undefined) return undefined;
    keys.push(stored.row.key);
    erasedAt = Math.max(erasedAt, stored.row.erasedAt);
  }
  return { keys, erasedAt };
}
