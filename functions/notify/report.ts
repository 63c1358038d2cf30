/**
 * Brings reports to the desk, looks how their tickets stand, and has tickets erased. Every message may come twice, late, or for a life
 * that is over. @see shared/retention/SPEC.md R66, R68–R70
 */
import { ownerOf, tenantKey } from '../../shared/model/ids.ts';
import type { ReportId } from '../../shared/model/ids.ts';
import type { ReportAsk, TicketErasure } from '../../shared/model/report.ts';
import type { Desk, OpenedTicket, Ports, Stored } from '../../shared/ports.ts';
import type { Place, RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { contextOf, parseAddress, parseMessageText } from '../../shared/wire/stored.ts';
import type { NotifyWork } from './work.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long a try is believed to be under way; the function has 60 s. */
const TRY_MS = 2 * MINUTE_MS;
/** A desk that is away is tried again by the queue at once, and by every sweep. */
const AGAIN_MS = 5 * MINUTE_MS;
/** How often it is looked whether a ticket is closed. (Ours) */
const LOOK_MS = 6 * 3_600_000;
/** Days for which a closed ticket's report is kept. @see PROMISES.md E-31 */
export const CLOSED_DAYS = 30;
/** Tries after which people are woken for a ticket that the desk does not erase. */
const PATIENT_TRIES = 3;
/** Days for which it is known that a ticket was erased: until the receipt is written, and for whoever asks then. */
const ERASED_DAYS = 30;

type ReportPorts = Pick<Ports, 'clock' | 'store' | 'keys' | 'log'> & { readonly desk: Desk };
type ReportRow = RecordOf<'report'>;

/** What is due of one report: opens its ticket, or looks at it. @throws Fault `desk-unavailable`; the queue and the sweep come back */
export async function workOnReport({ ports }: NotifyWork, ask: ReportAsk): Promise<Verdict> {
  const { tenant, generation, report } = ask;
  const facts = { tenant, generation, report };
  const stored = await ports.store.read('report', { tenant, report });
  if (stored?.row.owners.includes(ownerOf(tenant, generation)) !== true) return verdict('nothing-to-do', facts);
  switch (stored.row.state) {
    case 'waiting':
      return verdict(await openTicket(ports, ask, stored), facts);
    case 'open':
      return verdict(await lookAtTicket(ports, ask, stored), facts);
    case 'shown':
    case 'closed':
    case 'refused':
      return verdict('nothing-to-do', facts);
  }
}

/**
 * Writes the intent, then opens the ticket under the report's own marker, then writes which it is. A stop before the last step finds the
 * same ticket again by its marker.
 */
async function openTicket(ports: ReportPorts, ask: ReportAsk, stored: Stored<'report'>): Promise<Code> {
  const now = ports.clock.now();
  if (!ports.desk.isOn) return 'desk-off';
  const tries = stored.row.tries + 1;
  if (stored.row.tries > 0 && now < (stored.row.wakeAt ?? 0)) return 'desk-later';
  // A purge that has begun erases the tickets that it knows: it waits longer than a try may take, and no other begins.
  const isBegun = await ports.store.transact(async (transaction) => {
    const life = (await transaction.read('tenant', { tenant: ask.tenant }))?.row;
    const have = await transaction.read('report', stored.place);
    const isLive = life?.generation === ask.generation && (life.state === 'active' || life.state === 'marked');
    if (!isLive || have?.row.state !== 'waiting') return false;
    transaction.put('report', stored.place, { ...have.row, tries, wakeAt: now + TRY_MS });
    return true;
  });
  if (!isBegun) return 'nothing-to-do';
  const key = tenantKey(ownerOf(ask.tenant, ask.generation));
  const at = [ask.tenant, ask.report] as const;
  const address = await ports.keys.open(key, contextOf('report.address', ...at), stored.row.address);
  const message = await ports.keys.open(key, contextOf('report.message', ...at), stored.row.message);
  let opened: OpenedTicket | 'desk-refused';
  try {
    opened = await ports.desk.open({
      marker: ask.report,
      isFirst: tries === 1,
      onBehalfOf: parseAddress(address),
      summary: `Twinline report ${ask.report}`,
      text: parseMessageText(message),
    });
  } catch (thrown) {
    await change(ports, stored.place, 'waiting', (row) => ({ ...row, wakeAt: ports.clock.now() + AGAIN_MS }));
    throw thrown;
  }
  if (opened === 'desk-refused') {
    const removeAt = now + CLOSED_DAYS * DAY_MS;
    await end(ports, stored.place, 'waiting', { state: 'refused', removeAt });
    return 'desk-refused';
  }
  const { ticket } = opened;
  await change(ports, stored.place, 'waiting', (row) => ({ ...row, state: 'open', ticket, wakeAt: now + LOOK_MS }));
  return 'ticket-opened';
}

async function lookAtTicket(ports: ReportPorts, _ask: ReportAsk, stored: Stored<'report'>): Promise<Code> {
  const now = ports.clock.now();
  const { ticket, wakeAt = 0 } = stored.row;
  if (ticket === undefined) throw new Fault('store-record-odd', { category: 'report', field: 'ticket' });
  if (now < wakeAt) return 'nothing-to-do';
  const found = await ports.desk.look(ticket);
  if (found.state === 'open') {
    await change(ports, stored.place, 'open', (row) => ({ ...row, wakeAt: now + LOOK_MS }));
    return 'nothing-to-do';
  }
  const closedAt = found.state === 'closed' ? Math.min(found.closedAt, now) : now;
  await end(ports, stored.place, 'open', { state: 'closed', closedAt, removeAt: closedAt + CLOSED_DAYS * DAY_MS });
  return 'done';
}

type Change = (row: ReportRow) => ReportRow;

/** Changes a report that is still in the state it was seen in; one that is gone or further stays as it is. */
function change({ store }: ReportPorts, place: Place<'report'>, from: ReportRow['state'], to: Change): Promise<void> {
  return store.transact(async (transaction) => {
    const have = await transaction.read('report', place);
    if (have?.row.state === from) transaction.put('report', place, to(have.row));
  });
}

/** The same for what ends it: report and bundle go on one day. */
function end(
  { store }: ReportPorts,
  place: Place<'report'>,
  from: ReportRow['state'],
  ending: Pick<ReportRow, 'state' | 'closedAt'> & { readonly removeAt: number },
): Promise<void> {
  return store.transact(async (transaction) => {
    const have = await transaction.read('report', place);
    const bundle = await transaction.read('bundle', { ...place, bundle: 'shown' });
    if (have?.row.state !== from) return;
    const { wakeAt: _over, ...row } = have.row;
    transaction.put('report', place, { ...row, ...ending });
    if (bundle !== undefined)
      transaction.put('bundle', { ...place, bundle: 'shown' }, { ...bundle.row, removeAt: ending.removeAt });
  });
}

/**
 * Has the desk erase a ticket, however long the customer is gone. Somebody is woken when it does not.
 * @throws Fault `desk-unavailable`
 */
export async function eraseTicket({ ports }: NotifyWork, { report }: TicketErasure): Promise<Verdict> {
  const stored = await ports.store.read('ticket', { report });
  if (stored === undefined || stored.row.state === 'erased') return verdict('already-done', { report });
  const now = ports.clock.now();
  const tries = stored.row.tries + 1;
  const noted = { ...stored.row, tries, wakeAt: now + AGAIN_MS };
  const version = await ports.store.replace('ticket', stored.place, noted, stored.version);
  const ending = await erased(ports, report, noted);
  if (ending !== 'gone') return verdict(ending, { report });
  const { wakeAt: _over, ...row } = noted;
  const gone = { ...row, state: 'erased', erasedAt: now, removeAt: now + ERASED_DAYS * DAY_MS } as const;
  await ports.store.replace('ticket', stored.place, gone, version);
  return verdict('done', { report });
}

async function erased(
  ports: ReportPorts,
  report: ReportId,
  { key, tries }: RecordOf<'ticket'>,
): Promise<'gone' | Extract<Code, 'desk-off' | 'desk-refused'>> {
  try {
    const ending = ports.desk.isOn ? await ports.desk.erase(key) : 'desk-off';
    if (ending !== 'gone' && tries >= PATIENT_TRIES) ports.log.fault('notify', 'ticket-not-erased', { report, tries });
    return ending;
  } catch (thrown) {
    if (tries >= PATIENT_TRIES) ports.log.fault('notify', 'ticket-not-erased', { report, tries });
    throw thrown;
  }
}
