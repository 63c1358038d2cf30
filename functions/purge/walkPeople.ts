/**
 * The census of account ids: looks through everything of a tenant that may name people, notes whom, and takes out those whose accounts were
 * closed. An erasure is over when a later walk has met nothing of the person any more. @see SPEC.md R47–R49 (shared/retention)
 */
import { Holdings } from '../../shared/holdings.ts';
import { accountId, ownerOf, partsOf } from '../../shared/model/ids.ts';
import type { AccountId, Owner } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import {
  accountsOf,
  CENSUS_MS,
  contentWithout,
  ERASE_MS,
  nextReportAt,
  peopleCategories,
  readAtOf,
  REPORT_CYCLE_MS,
  rowWithout,
} from '../../shared/retention/accounts.ts';
import type { OwnedCategory, RecordOf } from '../../shared/retention/catalogue.ts';
import { MAX_WALKS, REQUEST_DAYS } from '../../shared/retention/requests.ts';
import { rowOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { Fault, toFault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { hasTime } from './progress.ts';
import type { PurgePorts, Work } from './progress.ts';
import { everyOwned } from './pages.ts';
import { callBackCopies, eraseReport } from './tickets.ts';

/** Records that are opened at once: large ones are up to 1 MiB each. */
const PAGE = 20;
/** Accounts that one transaction notes; each is a read and a write. */
const NOTED_AT_ONCE = 100;
/** Closed accounts of all tenants that are looked for at once. */
const CLOSED_LIMIT = 500;
/** A walk that is to show that nothing is left follows with the next tick. */
const AGAIN_MS = 3_600_000;

type CensusRow = RecordOf<'census'>;

/** One census as it was read. */
interface Census {
  readonly ref: TenantRef;
  readonly owner: Owner;
  readonly row: CensusRow;
  readonly version: Stored<'census'>['version'];
}

/** Asks for a walk when its time has come. */
export async function askForWalk(ports: PurgePorts, { tenant, generation }: TenantRef): Promise<void> {
  const stored = await ports.store.read('census', placeOf({ tenant, generation }));
  const now = ports.clock.now();
  if (stored !== undefined && stored.row.nextAt > now) return;
  await ports.bus.publish('purge-jobs', { kind: 'walk-people', tenant, generation, askedAt: now });
}

/**
 * Walks on, as far as the time of one message allows. Begins a walk when one is due, or when an account of the tenant is to be erased that was
 * closed after the last walk began. Idempotent: another worker at the same walk ends this one.
 */
export async function walkPeople(work: Work, ref: TenantRef): Promise<Verdict> {
  const { ports } = work;
  if (!(await isThere(ports, ref))) return verdict('tenant-not-active');
  const anywhere = await closedAnywhere(ports);
  const closed = ownOf(anywhere, ref);
  const asked = await askedOf(ports, ref);
  const begun = await begin(ports, ref, [...closed.values(), ...asked.map(({ row }) => row.askedAt)]);
  if (begun === undefined) return verdict('nothing-to-do');
  const walk = new Walk(work, begun, { closed, anywhere: ownOf(anywhere), asked });
  let census = begun;
  while (census.row.cursor !== undefined && hasTime(work)) census = await walk.page(census);
  if (census.row.cursor === undefined) return verdict('counted', { ...ref });
  await ports.bus.publish('purge-jobs', { kind: 'walk-people', ...ref, askedAt: ports.clock.now() });
  return verdict('more-to-do', { ...ref });
}

/** People are looked for until the purge begins, which takes all of them. */
async function isThere({ store }: Pick<PurgePorts, 'store'>, { tenant, generation }: TenantRef): Promise<boolean> {
  const row = (await store.read('tenant', { tenant }))?.row;
  return row?.generation === generation && (row.state === 'active' || row.state === 'marked');
}

/** The accounts of all tenants that were closed and are not proven gone. */
function closedAnywhere({ store }: PurgePorts): Promise<readonly Stored<'account'>[]> {
  return store.due('account', 'closedAt', Number.MAX_SAFE_INTEGER, CLOSED_LIMIT);
}

/** Of closed accounts those of one tenant, or all, with the instant of the newest word. */
function ownOf(closed: readonly Stored<'account'>[], ref?: TenantRef): ReadonlyMap<AccountId, number> {
  const owner = ref === undefined ? undefined : ownerOf(ref.tenant, ref.generation);
  const own = closed.filter(
    ({ place, row }) => owner === undefined || (place.tenant === ref?.tenant && row.owners.includes(owner)),
  );
  return new Map(own.map(({ place, row }) => [accountId(place.account), row.closedAt ?? 0]));
}

/** Requests for the erasure of a person that are not done. */
async function askedOf(
  { store }: PurgePorts,
  { tenant, generation }: TenantRef,
): Promise<readonly Stored<'request'>[]> {
  const owner = ownerOf(tenant, generation);
  const { items } = await store.list('request', { tenant }, { limit: CLOSED_LIMIT });
  return items.filter(({ row }) => row.kind === 'erase' && row.doneAt === undefined && row.owners.includes(owner));
}

async function begin(ports: PurgePorts, ref: TenantRef, wantedAt: readonly number[]): Promise<Census | undefined> {
  const place = placeOf(ref);
  const owner = ownerOf(ref.tenant, ref.generation);
  const now = ports.clock.now();
  const cursor = { category: peopleCategories[0] ?? '' };
  const stored = await ports.store.read('census', place);
  if (stored === undefined) {
    const row = { owners: [owner], startedAt: now, cursor, nextAt: now };
    const version = await ports.store
      .transact(async (transaction) => {
        await fence(transaction, ref);
        if ((await transaction.read('census', place)) !== undefined)
          throw new Fault('store-changed', { category: 'census' });
        transaction.create('census', place, row);
      })
      .then(async () => (await ports.store.read('census', place))?.version);
    return version === undefined ? undefined : { ref, owner, row, version };
  }
  const { row, version } = stored;
  if (row.cursor !== undefined) return { ref, owner, row, version };
  const isWanted = row.nextAt <= now || wantedAt.some((at) => at >= row.startedAt);
  if (!isWanted) return undefined;
  return advance(ports, { ref, owner, row, version }, { ...row, startedAt: now, cursor, nextAt: now });
}

async function advance(ports: PurgePorts, census: Census, row: CensusRow): Promise<Census> {
  return { ...census, row, version: await ports.store.replace('census', placeOf(census.ref), row, census.version) };
}

function placeOf({ tenant, generation }: TenantRef) {
  return { tenant, generation: String(generation) };
}

/** @throws Fault `fenced` when the purge has begun */
async function fence(transaction: Transaction, { tenant, generation }: TenantRef): Promise<void> {
  const row = (await transaction.read('tenant', { tenant }))?.row;
  const isOwn = row?.generation === generation && (row.state === 'active' || row.state === 'marked');
  if (!isOwn) throw new Fault('fenced', { tenant, generation });
}

/** Who is to be taken out: accounts that were closed, and people who asked for it. */
interface Leaving {
  readonly closed: ReadonlyMap<AccountId, number>;
  /** Closed by the word on any tenant: one whose own report is not due may meet them still, in what it shares with a partner. */
  readonly anywhere: ReadonlyMap<AccountId, number>;
  readonly asked: readonly Stored<'request'>[];
}

/** One turn of a walk. */
class Walk {
  readonly #work: Work;
  readonly #gone: ReadonlySet<string>;
  readonly #closed: Leaving['closed'];
  readonly #anywhere: Leaving['anywhere'];
  readonly #asked: Leaving['asked'];
  readonly #holdings: Holdings;
  /** Who was noted in this turn already. */
  readonly #noted = new Map<AccountId, number>();

  constructor(work: Work, { owner }: Census, { closed, anywhere, asked }: Leaving) {
    this.#work = work;
    this.#closed = closed;
    this.#anywhere = anywhere;
    this.#asked = asked;
    this.#gone = new Set([...closed.keys(), ...asked.flatMap(({ row }) => row.account ?? [])]);
    this.#holdings = new Holdings(work.ports, owner);
  }

  /** Looks through one page; the place where the next one begins is stored after all that the page led to. */
  async page(census: Census): Promise<Census> {
    const { store } = this.#work.ports;
    const { cursor } = census.row;
    const at = peopleCategories.findIndex((category) => category === cursor?.category);
    const category = peopleCategories[at];
    if (category === undefined || cursor === undefined) return this.#finish(census);
    const from = cursor.after === undefined ? {} : { after: cursor.after };
    const found = await store.owned<OwnedCategory>(category, census.owner, { limit: PAGE, ...from });
    const met = new Map<AccountId, number>();
    for (const stored of found.items) await this.#look(census, stored, met);
    await this.#note(census, met);
    const last = found.items.at(-1);
    const next =
      found.next !== undefined && last !== undefined
        ? { category, after: pathOf(category, last.place) }
        : { category: peopleCategories[at + 1] ?? END };
    return advance(this.#work.ports, census, { ...census.row, cursor: next });
  }

  async #look(census: Census, stored: Stored<OwnedCategory>, met: Map<AccountId, number>): Promise<void> {
    const secrets = secretsOf(stored.category);
    const opened = await this.#opened(stored, secrets);
    if (opened === undefined) return;
    const row: Readonly<Record<string, unknown>> = { ...stored.row };
    const readAt = readAtOf(row) ?? census.row.startedAt;
    for (const account of accountsOf(stored.category, row, opened))
      met.set(account, Math.min(readAt, met.get(account) ?? readAt));
    if (this.#gone.size > 0) await this.#takeOut(census, stored, row, opened);
  }

  /** What does not open is nobody's to read any more. Somebody is woken, and the walk goes on: one record must not keep the others' people. */
  async #opened(
    stored: Stored<OwnedCategory>,
    secrets: Parameters<Holdings['opened']>[1],
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    try {
      return await this.#holdings.opened(stored, secrets);
    } catch (thrown) {
      const fault = toFault(thrown);
      if (fault.code !== 'seal-broken') throw fault;
      this.#work.ports.log.fault('walk-people', fault.code, { ...fault.facts, category: stored.category });
      return undefined;
    }
  }

  /** Writes a record without those who are gone. Whoever wrote it meanwhile is looked at again with the next walk. */
  async #takeOut(
    census: Census,
    stored: Stored<OwnedCategory>,
    row: Readonly<Record<string, unknown>>,
    opened: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const sealed: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(opened)) {
      const kept = contentWithout(value, this.#gone);
      if (kept !== value) sealed[name] = await this.#holdings.seal(stored, name, kept);
    }
    const bare = rowWithout(stored.category, row, this.#gone);
    if (bare === row && Object.keys(sealed).length === 0) return;
    const { report } = placesOf(stored);
    if (stored.category === 'report' && report !== undefined)
      return eraseReport(this.#work.ports, { tenant: census.ref.tenant, report });
    // What support persons have of it holds the person still.
    if (stored.category === 'bundle' && report !== undefined) await callBackCopies(this.#work.ports, report);
    try {
      const next = { ...bare, ...sealed } as RecordOf<OwnedCategory>;
      await this.#work.ports.store.replace<OwnedCategory>(stored.category, stored.place, next, stored.version);
    } catch (thrown) {
      if (toFault(thrown).code !== 'store-changed') throw thrown;
    }
  }

  async #note(census: Census, met: ReadonlyMap<AccountId, number>): Promise<void> {
    const fresh = [...met].filter(([account, at]) => at < (this.#noted.get(account) ?? Infinity));
    for (let from = 0; from < fresh.length; from += NOTED_AT_ONCE)
      await this.#noteSome(census, fresh.slice(from, from + NOTED_AT_ONCE));
    for (const [account, at] of fresh) this.#noted.set(account, at);
  }

  async #noteSome({ ref, owner, row }: Census, some: readonly (readonly [AccountId, number])[]): Promise<void> {
    const { store, clock } = this.#work.ports;
    const now = clock.now();
    await store.transact(async (transaction) => {
      await fence(transaction, ref);
      const cycleMs = (await transaction.read('reporting', REPORTING))?.row.cycleMs ?? REPORT_CYCLE_MS;
      const places = some.map(([account]) => ({ tenant: ref.tenant, account }));
      const known = await Promise.all(places.map((place) => transaction.read('account', place)));
      for (const [at, [account, readAt]] of some.entries()) {
        const before = known[at]?.row.owners.includes(owner) === true ? known[at].row : undefined;
        const oldestAt = before?.seenAt === row.startedAt ? Math.min(readAt, before.oldestAt) : readAt;
        const fresh = { owners: [owner], reportAt: nextReportAt(account, now, cycleMs) };
        const closedAt = before?.closedAt ?? this.#anywhere.get(account);
        const isClosed = closedAt === undefined ? {} : { closedAt };
        transaction.put(
          'account',
          { tenant: ref.tenant, account },
          { ...fresh, ...before, ...isClosed, oldestAt, seenAt: row.startedAt },
        );
      }
    });
  }

  /** Whoever the whole walk has not met is stored no more: its record goes, and an erasure is proven. */
  async #finish(census: Census): Promise<Census> {
    const { store, clock, log } = this.#work.ports;
    const { ref, owner, row } = census;
    const unmet: Stored<'account'>[] = [];
    await everyOwned(this.#work.ports, 'account', owner, async (stored) => {
      if (stored.row.seenAt < row.startedAt) unmet.push(stored);
    });
    for (const { place, row: account } of unmet) {
      await store.remove('account', place);
      if (account.closedAt !== undefined) log.note('person-erased', { ...ref, ms: clock.now() - account.closedAt });
    }
    for (const request of this.#asked)
      if (request.row.askedAt <= row.startedAt) await this.#settle(request, row.startedAt);
    const closed = ownOf(await closedAnywhere(this.#work.ports), ref).size;
    const left = closed + (await askedOf(this.#work.ports, ref)).length;
    const late = [...this.#closed.values()].some((closedAt) => clock.now() - closedAt > ERASE_MS);
    if (closed > 0 && late) log.fault('people', 'erasure-late', { ...ref, closed });
    const { cursor: _over, ...rest } = row;
    return advance(this.#work.ports, census, {
      ...rest,
      nextAt: left > 0 ? clock.now() + AGAIN_MS : row.startedAt + CENSUS_MS,
    });
  }

  /** An erasure that somebody asked for is done when the walk has met nothing of the person, or has taken it out often enough. */
  async #settle(
    { place, row: { account, alarmAt, ...row }, version }: Stored<'request'>,
    startedAt: number,
  ): Promise<void> {
    const { store, clock } = this.#work.ports;
    const known = account === undefined ? undefined : await store.read('account', { tenant: place.tenant, account });
    const isMet = known !== undefined && known.row.seenAt >= startedAt;
    const walks = (row.walks ?? 0) + 1;
    if (isMet && walks < MAX_WALKS && account !== undefined) {
      const open = { ...row, account, walks, ...(alarmAt === undefined ? {} : { alarmAt }) };
      await store.replace('request', place, open, version);
      return;
    }
    const doneAt = clock.now();
    const removeAt = doneAt + REQUEST_DAYS * 24 * AGAIN_MS;
    await store.replace('request', place, { ...row, walks, doneAt, removeAt, isLeft: isMet }, version);
  }
}

/** The category after the last one: the walk is to be finished. */
const END = 'end';
/** The one record of reports through Connect sites. */
export const REPORTING = { door: 'connect' } as const;

/** The report that a record belongs to, for a report and its bundle. */
function placesOf({ place }: Stored<OwnedCategory>): { readonly report?: string } {
  return 'report' in place && typeof place.report === 'string' ? { report: place.report } : {};
}

/** The sealed fields of a category that nobody looks into. */
function secretsOf(category: OwnedCategory): readonly string[] {
  return Object.entries(rowOf(category).fields).flatMap(([name, { personal }]) =>
    personal === 'secret' ? [name] : [],
  );
}

/** The tenant and generation that a tenant's record of one owner belongs to. */
export function refOf({ row }: Stored<'account'>): TenantRef {
  const [owner] = row.owners;
  if (owner === undefined) throw new Fault('store-record-odd', { category: 'account', field: 'owners' });
  return partsOf(owner);
}
