/**
 * What some lives leave behind beside what syncing does: every other category that a customer owns, with the clocks of their own; people
 * who close their accounts; tickets at the desk.
 */
import { openRequest } from '../../../functions/console/people.ts';
import { LagBook } from '../../../functions/sync/lagBook.ts';
import { Holdings } from '../../../shared/holdings.ts';
import { accountId, ownerOf, reportId, tenantKey } from '../../../shared/model/ids.ts';
import type { AccountId, ConnectionId } from '../../../shared/model/ids.ts';
import type { AccountReport, ReportAnswer } from '../../../shared/model/people.ts';
import { peopleCategories } from '../../../shared/retention/accounts.ts';
import { rowOf } from '../../../shared/retention/catalogue.ts';
import type { Category, Database, OwnedCategory } from '../../../shared/retention/catalogue.ts';
import { categoryOfPath } from '../../../shared/retention/check.ts';
import { Fault } from '../../../shared/verdict.ts';
import { contextOf } from '../../../shared/wire/stored.ts';
import { putPeople } from '../../kit/peopled.ts';
import { fillEverything } from '../../kit/records.ts';
import { between } from '../chance.ts';
import { DAY, HOUR } from './house.ts';
import type { Life } from './site.ts';
import type { World } from './world.ts';

/** What every life leaves behind: content, traces, settings. */
export const RECORDS: readonly OwnedCategory[] = [
  ...(['half', 'rules', 'connection', 'link', 'twin', 'trace', 'copy', 'decision'] as const),
];
/** What a connection of some lives has beside. */
const OF_CONNECTIONS: readonly OwnedCategory[] = [
  ...([
    'answer',
    'intervention',
    'apart',
    'wish',
    'job',
    'jobPart',
    'worklogTrace',
    'fileTrace',
    'run',
    'drift',
  ] as const),
  'lag',
];
/** What some lives have of their own. */
const OF_TENANTS: readonly OwnedCategory[] = [
  ...(['door', 'consent', 'invitation', 'usage', 'usageMonth', 'request', 'person'] as const),
];
/** What the product itself writes in these worlds. */
const MADE: readonly OwnedCategory[] = [
  ...(['tenant', 'contact', 'licence', 'deletion', 'notice', 'report', 'bundle', 'account', 'census', 'key'] as const),
];
/** All of it: a test holds it against the catalogue. */
export const lived: readonly OwnedCategory[] = [...RECORDS, ...OF_CONNECTIONS, ...OF_TENANTS, ...MADE];

/** People and reports would not open there. */
const UNPEOPLED: ReadonlySet<string> = new Set(['tenant', 'contact', 'report', 'bundle', 'consent']);

/** Somebody whose account is closed one day. */
export interface Person {
  readonly account: AccountId;
  readonly life: Life;
  readonly closesAt: number;
  /** When Atlassian has told us. */
  answeredAt?: number;
  isChecked?: boolean;
}

/** A ticket that somebody opens and closes. */
export interface Report {
  readonly life: Life;
  readonly closesAt: number;
}

// ── Clocks of their own ─────────────────────────────────────────────────────────────────────────────────────────

const untilFields: Readonly<
  Record<Database, Map<string, { readonly field: string; readonly days: number } | undefined>>
> = {
  ...{ '(default)': new Map(), vault: new Map(), ledger: new Map(), identity: new Map() },
};
const MAX_KNOWN = 20_000;

/** The field that says when a record ends by itself, and after how many days at the latest. */
export function clockOf(
  database: Database,
  path: string,
): { readonly field: string; readonly days: number } | undefined {
  const known = untilFields[database];
  if (known.has(path)) return known.get(path);
  if (known.size > MAX_KNOWN) known.clear();
  const category = categoryOfPath(database, path);
  const clock = category === undefined ? undefined : clockOfCategory(category);
  known.set(path, clock);
  return clock;
}

function clockOfCategory(category: Category): { readonly field: string; readonly days: number } | undefined {
  // A wish for news that nobody confirms.
  if (category === 'consent') return { field: 'expiresAt', days: 3 };
  const { retention } = rowOf(category);
  return retention.starts === 'own' ? { field: retention.until, days: retention.days } : undefined;
}

/** Does a record stay as long as its life does, whatever comes? */
export function isForLife(path: string): boolean {
  const category = categoryOfPath('(default)', path);
  return (
    category !== undefined && clockOfCategory(category) === undefined && category !== 'account' && category !== 'census'
  );
}

// ── Filling ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** Records that lie beside the others of a life and of its first connection, each due on a day of its own. */
export async function fillBeside(world: World, life: Life, other: Life, id: ConnectionId): Promise<void> {
  const { ports, store } = world.house;
  const before = pathsIn(world);
  const tenants = [life, other].map(({ ref }) => ({ ref, clientKey: '' }));
  await fillEverything(ports, tenants, [{ id, a: life.ref, b: other.ref }], OF_CONNECTIONS);
  for (const category of OF_TENANTS) {
    try {
      await fillEverything(ports, [{ ref: life.ref, clientKey: '' }], [], [category]);
    } catch (thrown) {
      // A restore has brought those of a life before back, and they have the same names.
      if (!(thrown instanceof Fault) || thrown.code !== 'store-exists') throw thrown;
    }
  }
  const lags = new LagBook(store, ports.clock);
  lags.note(id, [life.owner, other.owner].toSorted(), 'field', 2_000);
  await lags.write('all');
  setClocks(world, before);
}

function pathsIn({ house }: World): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const database of ['(default)', 'identity'] as const) house.store.each(database, (path) => void paths.add(path));
  return paths;
}

/** Three days, so that a life is not one tick after the other. */
function setClocks(world: World, before: ReadonlySet<string>): void {
  const { house, chance, now } = world;
  const parts = [chance(), chance(), chance()];
  const due: { readonly database: Database; readonly path: string; readonly data: object }[] = [];
  for (const database of ['(default)', 'identity'] as const)
    house.store.each(database, (path, data) => {
      const clock = clockOf(database, path);
      if (clock === undefined || before.has(path)) return;
      const part = parts[due.length % parts.length] ?? 1;
      const until = now + Math.max(HOUR, Math.floor(part * Math.min(clock.days, MAX_OWN_DAYS) * DAY));
      const readAt = database === 'identity' ? { readAt: now } : {};
      due.push({ database, path, data: { ...(data as object), [clock.field]: until, ...readAt } });
    });
  for (const { database, path, data } of due) house.store.plant(database, path, data);
}

/** A year of lives has to see the end of most. */
const MAX_OWN_DAYS = 100;

/** Names two people in everything of a life that may name any. One of them closes the account. */
export async function fillPeople(world: World, life: Life): Promise<void> {
  const { ports } = world.house;
  const holdings = new Holdings(ports, life.owner);
  const number = String(world.people.length).padStart(8, '0');
  const gone = accountId(`5be24ba3f91c1060${number}`);
  for (const category of peopleCategories) {
    if (UNPEOPLED.has(category)) continue;
    const { items } = await ports.store.owned<OwnedCategory>(category, life.owner, { limit: 200 });
    for (const stored of items)
      if (stored.row.owners[0] === life.owner || stored.row.owners.length === 1)
        await putPeople(ports, holdings, stored, [gone, accountId(`712020:stays-${number}-with-us`)]);
  }
  world.people.push({ account: gone, life, closesAt: world.now + between(world.chance, 1, 60 * 24) * HOUR });
  world.look();
}

/** Reads a name, as the console does when it shows who did something. */
export async function nameSomebody(world: World, life: Life): Promise<void> {
  const { ports } = world.house;
  const { tenant } = life.ref;
  const account = accountId(`712020:somebody-${between(world.chance, 1, 3)}`);
  await world.calmly(async () => {
    const name = await ports.keys.seal(
      tenantKey(life.owner),
      contextOf('person.name', life.owner, account),
      'Somebody',
    );
    const row = { owners: [life.owner], name, readAt: world.now, expiresAt: world.now + DAY };
    const have = await ports.store.read('person', { tenant, account });
    if (have === undefined) await ports.store.create('person', { tenant, account }, row);
    else await ports.store.replace('person', { tenant, account }, row, have.version);
  });
  world.look();
}

/** An admin reports a problem: what the console stores when it has shown the report and the admin has agreed. */
export async function fillReport(world: World, life: Life): Promise<void> {
  const { keys, store, bus } = world.house.ports;
  const report = reportId(`s-${String(world.reports.size + world.lostReports + 1).padStart(32, '0')}`);
  const key = tenantKey(life.owner);
  const { tenant } = life.ref;
  const now = world.now;
  const seal = (name: 'report.address' | 'report.message' | 'bundle.content', value: string) =>
    keys.seal(key, contextOf(name, tenant, report), value);
  const owners = [life.owner];
  await store.create(
    'report',
    { tenant, report },
    {
      ...{ owners, state: 'waiting', by: accountId('5b10ac8d82e05b22cc7d4ef5'), hash: 'hash', tries: 0 },
      ...{ shownAt: now, agreedAt: now, wakeAt: now },
      address: await seal('report.address', 'admin@customer.example'),
      message: await seal('report.message', 'It does not work.'),
    },
  );
  const content = await seal('bundle.content', 'what support may see');
  await store.create('bundle', { tenant, report, bundle: 'shown' }, { owners, content });
  world.reports.set(report, { life, closesAt: now + between(world.chance, 1, 60 * 24) * HOUR });
  await bus.publish('notices', { kind: 'report', ...life.ref, report, at: now });
  world.look();
}

// ── What is asked of the world around ───────────────────────────────────────────────────────────────────────────

/** Atlassian's word on accounts: whose were closed by now. */
export function answerOn(world: World, accounts: readonly AccountReport[]): ReportAnswer {
  const closed = world.people.filter(
    ({ account, closesAt }) => closesAt <= world.now && accounts.some((one) => one.account === account),
  );
  for (const person of closed) person.answeredAt ??= world.now;
  return { closed: closed.map(({ account }) => account), updated: [] };
}

/** Support closes what is done. */
export function closeTickets({ house, reports, now }: World): void {
  for (const ticket of house.desk.tickets)
    if (now >= (reports.get(ticket.marker)?.closesAt ?? Infinity)) ticket.closedAt ??= now;
}

/** An admin's request, through the real way in: it reads the fence and writes in one transaction. Ends without a fault when it is stored. */
export function requestOf({ house }: World, life: Life): Promise<unknown> {
  const { tenant, generation } = life.ref;
  return openRequest(
    {
      ...{ ports: house.ports, tenant: life.ref, owner: ownerOf(tenant, generation) },
      ...{ account: accountId('5b10ac8d82e05b22cc7d4ef5'), request: { body: { kind: 'access' }, params: {} } },
    } as never,
    { residency: 'be+zrh', parties: {} },
  );
}
