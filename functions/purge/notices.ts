/** What the sweep asks the notify function for: notices that are due, and those that wait. */
import { ownerOf, partsOf } from '../../shared/model/ids.ts';
import type { Tenancy } from '../../shared/model/tenant.ts';
import type { Stored } from '../../shared/ports.ts';
import { noticeId, noticesDue } from '../../shared/retention/notices.ts';
import type { PurgePorts, Work } from './progress.ts';

/** Notices of one tenant that are looked at: a mark has four, a partner two, a party one. */
const MAX_TOLD = 500;

/** The date, and its reminders. An active tenant has none; its return is told by the message of that change. */
export async function askForLifeNotices(ports: PurgePorts, tenancy: Tenancy): Promise<void> {
  if (tenancy.state !== 'marked') return;
  const { tenant, generation } = tenancy;
  const { items } = await ports.store.list('notice', { tenant }, { limit: MAX_TOLD });
  const own = items.filter(({ row }) => row.owners.includes(ownerOf(tenant, generation)));
  const told = own.map(({ row: { what, at, dueAt, state } }) => ({ what, at, dueAt, isSent: state === 'sent' }));
  const at = ports.clock.now();
  for (const { what } of noticesDue(tenancy, told, at))
    await ports.bus.publish('notices', { kind: 'notice', tenant, generation, what, at });
}

/**
 * Tells every customer of a new party before its first day. What was told is read only while there is one to tell of. That there
 * are 30 days in between, the register's own check sees to. @see PROMISES.md X-12
 */
export async function askForPartyNotices({ ports, settings }: Work, tenancy: Tenancy): Promise<void> {
  const parties = settings.planned?.() ?? [];
  if (tenancy.state !== 'active' || parties.length === 0) return;
  const { tenant, generation } = tenancy;
  for (const { id: party, since } of parties) {
    const notice = noticeId(tenancy, 'processors-change', { party, since });
    if ((await ports.store.read('notice', { tenant, notice })) !== undefined) continue;
    const at = ports.clock.now();
    await ports.bus.publish('notices', { kind: 'notice', tenant, generation, what: 'processors-change', at, party });
  }
}

/** Asks once more for a notice whose record says that it waits. */
export async function askForNotice(ports: PurgePorts, { row }: Stored<'notice'>): Promise<void> {
  const [owner] = row.owners;
  if (owner === undefined) return;
  const { what, connection, party, case: incident } = row;
  const about = {
    ...(connection === undefined ? {} : { connection }),
    ...(party === undefined ? {} : { party }),
    ...(incident === undefined ? {} : { case: incident }),
  };
  await ports.bus.publish('notices', { kind: 'notice', ...partsOf(owner), what, at: ports.clock.now(), ...about });
}
