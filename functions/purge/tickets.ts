/** Tickets at the desk that have to go: noted before the report is forgotten, erased by the notify function, which alone may. */
import { reportId } from '../../shared/model/ids.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import { withAlarm } from '../../shared/retention/supportCopies.ts';
import type { Place } from '../../shared/retention/catalogue.ts';
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

/**
 * A report by somebody who is erased, or whose words name somebody who is: its ticket is in that person's name or says those words, so
 * all of it goes, at the desk and at support persons, too. One whose ticket is being opened waits for the next walk: only then it is known
 * which ticket has to go. A stop half way is made up for by the next walk, or by the sweep. @see SPEC.md R102
 */
export async function eraseReport(ports: PurgePorts, place: Place<'report'>): Promise<void> {
  const { store, bus, clock } = ports;
  const at = clock.now();
  const found = await store.read('report', place);
  if (found === undefined || (found.row.state === 'waiting' && found.row.tries > 0)) return;
  await callBackCopies(ports, place.report);
  await store.transact(async (transaction) => {
    const report = await transaction.read('report', place);
    const bundle = await transaction.read('bundle', { ...place, bundle: 'shown' });
    if (report === undefined || report.version !== found.version) return;
    await sendOff(transaction, [report], at);
    if (bundle !== undefined) transaction.remove('bundle', bundle.place);
  });
  await bus.publish('notices', { kind: 'erase-ticket', report: reportId(place.report), at });
}

const PAGE = 200;

/** Copies of a report's bundle that support persons still have: they have to be deleted now, not on their own last day. @see SPEC.md R103 */
export async function callBackCopies({ store, clock }: PurgePorts, report: string): Promise<void> {
  let after: string | undefined;
  do {
    const page = await store.scan('supportCopy', { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { place, row } of page.items.filter((one) => one.row.report === report))
      await store.transact(async (transaction) => {
        const have = (await transaction.read('supportCopy', place))?.row ?? row;
        if (have.endedAt !== undefined || have.calledBackAt !== undefined) return;
        const now = clock.now();
        transaction.put('supportCopy', place, withAlarm({ ...have, calledBackAt: now }, now));
      });
    after = page.next;
  } while (after !== undefined);
}

/** Before a customer's reports are deleted: which tickets have to go with them. Idempotent. */
export async function noteTickets(ports: PurgePorts, { owner, row }: Progress): Promise<readonly string[]> {
  const noted = new Set(row.tickets ?? []);
  await everyOwned(ports, 'report', owner, async (stored) => {
    const { ticket } = stored.row;
    await callBackCopies(ports, stored.place.report);
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
