/** What the judge asks beside the lives themselves: clocks of their own, names, people who are gone, tickets, the fence. */
import { Holdings } from '../../../shared/holdings.ts';
import type { Owner } from '../../../shared/model/ids.ts';
import type { Stored } from '../../../shared/ports.ts';
import { peopleCategories } from '../../../shared/retention/accounts.ts';
import { categories, rowOf } from '../../../shared/retention/catalogue.ts';
import type { OwnedCategory } from '../../../shared/retention/catalogue.ts';
import { clockOf } from './beside.ts';
import type { Person } from './beside.ts';
import { DAY, HOUR } from './house.ts';
import type { IsPast } from './judge.ts';
import { TICKS_MS } from './site.ts';
import type { World } from './world.ts';

/** How long a name may be kept. @see DESIGN.md §5 */
const NAME_MS = DAY;
/** Within which a closed account is erased everywhere. @see THREATS.md G15 */
const ERASE_MS = DAY;
/** For how long a closed ticket, its report and its bundle may be there. @see PROMISES.md E-31 */
const CLOSED_MS = 30 * DAY;

export async function judgeBeside(world: World, isPast: IsPast): Promise<void> {
  judgeClocks(world, isPast);
  judgeNames(world, isPast);
  judgeSetParts(world);
  judgeTickets(world, isPast);
  judgeFence(world);
  for (const person of world.people) await judgePerson(world, person, isPast);
}

/** Whatever carries its own end is gone then, whether or not the database would do it one day; and no end is later than the catalogue says. */
function judgeClocks(world: World, isPast: IsPast): void {
  const { house, now } = world;
  for (const database of ['(default)', 'identity', 'ledger'] as const)
    house.store.each(database, (path, data) => {
      const clock = clockOf(database, path);
      if (clock === undefined) return;
      const until = (data as Record<string, number | undefined>)[clock.field];
      if (until === undefined) return;
      if (isPast(world, until, until + TICKS_MS)) world.violate('past-its-end', path);
      if (until > now + clock.days * DAY + HOUR) world.violate('end-too-late', path);
    });
}

/** Names of people: a day, and none of a customer that has left. */
function judgeNames(world: World, isPast: IsPast): void {
  world.house.store.each('identity', (path, data) => {
    const { readAt, owners } = data as { readAt: number; owners: readonly Owner[] };
    if (isPast(world, readAt, readAt + NAME_MS + TICKS_MS)) world.violate('name-past-its-day', path);
    for (const owner of owners) {
      const markedAt = world.lives.get(owner)?.markedAt;
      if (markedAt === undefined) continue;
      const from = Math.max(markedAt, readAt);
      if (isPast(world, from, from + TICKS_MS)) world.violate('name-of-a-marked-life', path);
    }
  });
}

/** No name and no key leaves the house with a backup. */
function judgeSetParts(world: World): void {
  world.house.store.each('ledger', (path, data) => {
    if (!path.includes('/backupParts/') || world.seen.has(path)) return;
    world.seen.add(path);
    const { category } = data as { category: string };
    const known = categories.find((one) => one === category);
    if (known === undefined || rowOf(known).database !== '(default)')
      world.violate('name-in-a-backup', `${path} ${category}`);
  });
}

/** A ticket at the desk goes with its thirty days, and with its customer. */
function judgeTickets(world: World, isPast: IsPast): void {
  const { house, reports } = world;
  for (const { ticket, marker, closedAt } of house.desk.tickets) {
    const life = reports.get(marker)?.life;
    if (life === undefined) continue;
    if (closedAt !== undefined && isPast(world, closedAt, closedAt + CLOSED_MS + 2 * TICKS_MS))
      world.violate('ticket-past-its-day', ticket);
    if (life.purgedAt !== undefined && isPast(world, life.purgedAt, life.purgedAt + TICKS_MS))
      world.violate('ticket-of-a-purged-life', `${ticket} ${life.owner}`);
  }
}

/** Before a purge has its own record, nobody can write for that life any more; and nothing that it looks for is found again. */
function judgeFence(world: World): void {
  const { house } = world;
  if ((house.reported['purge-not-empty'] ?? 0) > 0) world.violate('written-past-the-fence', 'found again');
  const states = new Map<string, string>();
  const begun: Owner[] = [];
  house.store.each('(default)', (path, data) => {
    const { state, stage, generation } = data as { state?: string; stage?: string; generation?: number };
    if (/^tenants\/[^/]+$/.test(path)) states.set(`${path.slice(8)}#${generation ?? 0}`, state ?? '');
    if (path.startsWith('purges/') && stage !== 'done') begun.push(path.slice(7) as Owner);
  });
  for (const owner of begun) if ((states.get(owner) ?? 'purging') !== 'purging') world.violate('unfenced', owner);
}

/** An account that is closed is named nowhere a day after we were told: neither in the clear nor in what is sealed. */
async function judgePerson(world: World, person: Person, isPast: IsPast): Promise<void> {
  const { life, answeredAt, account } = person;
  if (answeredAt === undefined || person.isChecked === true) return;
  if (life.claimedAt !== undefined || world.restoredAt > answeredAt) {
    person.isChecked = true;
    return;
  }
  if (!isPast(world, answeredAt, answeredAt + ERASE_MS + TICKS_MS, life)) return;
  person.isChecked = true;
  world.count('person-checked');
  for (const database of ['(default)', 'identity'] as const)
    world.house.store.each(database, (path, data) => {
      if (path.includes(account) || JSON.stringify(data).includes(account)) world.violate('person-left', path);
    });
  await world.calmly(async () => {
    const { ports } = world.house;
    const holdings = new Holdings(ports, life.owner);
    for (const category of peopleCategories) {
      const { items } = await ports.store.owned<OwnedCategory>(category, life.owner, { limit: 500 });
      for (const stored of items)
        if (JSON.stringify(await openedOf(holdings, stored)).includes(account))
          world.violate('person-left', `${category} ${JSON.stringify(stored.place)}`);
    }
  });
}

async function openedOf(holdings: Holdings, stored: Stored<OwnedCategory>): Promise<unknown> {
  return holdings.opened(stored, ['sharedSecret', 'previousSecret']);
}
