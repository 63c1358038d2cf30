/**
 * Reports stored account ids to Atlassian, each once in its cycle, and does what the answer says: of a closed account everything goes, of a
 * changed one the name that we keep. @see SPEC.md R50–R52 (shared/retention), ATLASSIAN.md §8, GDPR 17
 */
import { accountId, partsOf } from '../../shared/model/ids.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { AccountReport, ReportAnswer } from '../../shared/model/people.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Stored } from '../../shared/ports.ts';
import { REPORT_CYCLE_MS, REPORT_LIMIT, reportAfter } from '../../shared/retention/accounts.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { toFault, verdict } from '../../shared/verdict.ts';
import type { Fault, Verdict } from '../../shared/verdict.ts';
import { hasTime } from './progress.ts';
import { everyPage } from './pages.ts';
import type { PurgePorts, Work } from './progress.ts';
import { REPORTING, refOf } from './walkPeople.ts';

/** Records that one message looks at: ten reports. */
const DUE_LIMIT = 10 * REPORT_LIMIT;
/** One worker reports at a time: the longest message of this function and its half. @see infra/topology.ts */
const LEASE_MS = 90_000;
/** After trouble at the other end it is left alone for so long, unless it says how long itself. */
const REST_MS = 15 * 60_000;
/** A site that cannot be spoken through now: its accounts are tried again with a later tick. */
const LATER_MS = 3_600_000;
/** Tenants that are looked at for one whose site can be spoken through. */
const SPEAKERS = 50;

type AccountRecord = Stored<'account'>;

/** One account with the records of all tenants that are due for it. */
type Due = readonly [account: AccountId, records: readonly AccountRecord[]];

/**
 * One tick: reports what is due, in batches of at most 90. What a stop leaves is due still. The answer is stored with the next
 * report's time in one transaction, so at most the batch that was under way is reported a second time.
 */
export async function reportPeople(work: Work): Promise<Verdict> {
  const { ports } = work;
  const token = ports.ids.next();
  const cycleMs = await take(ports, token);
  if (cycleMs === undefined) return verdict('nothing-to-do');
  const due = byAccount(await ports.store.due('account', 'reportAt', ports.clock.now(), DUE_LIMIT));
  const reporter = new Reporter(work, cycleMs);
  const ended = await reporter.report(due);
  await release(ports, token, ended);
  const facts = { accounts: ended.reported, closed: ended.closed };
  if (!ended.isThrough) {
    if (ended.pausedUntil === undefined)
      await ports.bus.publish('purge-jobs', { kind: 'report-people', askedAt: ports.clock.now() });
    return verdict('more-to-do', facts);
  }
  return verdict('done', facts);
}

/** Takes the lease; the cycle that counts now, or nothing when somebody else reports or Atlassian wants to be left alone. */
async function take({ store, clock }: PurgePorts, token: string): Promise<number | undefined> {
  const now = clock.now();
  return store.transact(async (transaction) => {
    const row = (await transaction.read('reporting', REPORTING))?.row ?? { cycleMs: REPORT_CYCLE_MS };
    if ((row.lease?.until ?? 0) > now || (row.pausedUntil ?? 0) > now) return undefined;
    transaction.put('reporting', REPORTING, { ...row, lease: { token, until: now + LEASE_MS } });
    return row.cycleMs;
  });
}

async function release({ store }: PurgePorts, token: string, { cycleMs, pausedUntil }: Ended): Promise<void> {
  await store.transact(async (transaction) => {
    const row = (await transaction.read('reporting', REPORTING))?.row;
    if (row?.lease?.token !== token) return;
    const next: RecordOf<'reporting'> = { cycleMs, ...(pausedUntil === undefined ? {} : { pausedUntil }) };
    transaction.put('reporting', REPORTING, next);
  });
}

function byAccount(records: readonly AccountRecord[]): readonly Due[] {
  const grouped = Map.groupBy(
    records.filter(({ row }) => row.closedAt === undefined),
    ({ place }) => accountId(place.account),
  );
  return [...grouped];
}

/** How a turn of reporting ended. */
interface Ended {
  readonly reported: number;
  readonly closed: number;
  readonly isThrough: boolean;
  readonly cycleMs: number;
  readonly pausedUntil?: number;
}

class Reporter {
  readonly #work: Work;
  #cycleMs: number;
  #reported = 0;
  #closed = 0;
  #pausedUntil: number | undefined;

  constructor(work: Work, cycleMs: number) {
    this.#work = work;
    this.#cycleMs = cycleMs;
  }

  async report(due: readonly Due[]): Promise<Ended> {
    let isThrough = true;
    for (const batch of batchesOf(due)) {
      if (!hasTime(this.#work) || this.#pausedUntil !== undefined) isThrough = false;
      else await this.#batch(batch);
    }
    return {
      ...{ reported: this.#reported, closed: this.#closed, cycleMs: this.#cycleMs },
      isThrough: isThrough && this.#pausedUntil === undefined,
      ...(this.#pausedUntil === undefined ? {} : { pausedUntil: this.#pausedUntil }),
    };
  }

  async #batch(batch: readonly Due[]): Promise<void> {
    const speaker = await this.#speaker(batch);
    if (speaker === undefined) {
      await this.#putOff(batch);
      return;
    }
    try {
      const site = this.#work.ports.jira.at(speaker, this.#work.ports.ids.next(), 'bulk');
      await this.#take(batch, await site.reportAccounts(batch.map(reportOf)));
    } catch (thrown) {
      await this.#refused(batch, toFault(thrown));
    }
  }

  /** A site of one of the tenants themselves; otherwise any: the ids are Atlassian's own, and it is Atlassian that hears them. */
  async #speaker(batch: readonly Due[]): Promise<TenantRef | undefined> {
    const { store } = this.#work.ports;
    const own = new Map(batch.flatMap(([, records]) => records.map((one) => [one.place.tenant, refOf(one)])));
    for (const ref of own.values()) {
      const row = (await store.read('tenant', { tenant: ref.tenant }))?.row;
      if (row?.generation === ref.generation && row.sharedSecret !== undefined && row.state === 'active') return ref;
    }
    const { items } = await store.scan('tenant', { limit: SPEAKERS });
    const other = items.find(({ row }) => row.state === 'active' && row.sharedSecret !== undefined);
    const [owner] = other?.row.owners ?? [];
    return owner === undefined ? undefined : partsOf(owner);
  }

  async #refused(batch: readonly Due[], fault: Fault): Promise<void> {
    const { clock, log } = this.#work.ports;
    const { code, facts } = fault;
    const [one] = batch;
    log.note('report-refused', { code, accounts: batch.length });
    if (code === 'jira-refused' && batch.length > 1) {
      // One of them is wrong: the halves are tried by themselves.
      const half = Math.ceil(batch.length / 2);
      await this.#batch(batch.slice(0, half));
      if (this.#pausedUntil === undefined) await this.#batch(batch.slice(half));
    } else if (code === 'jira-refused' && one !== undefined) {
      await this.#take(batch, { closed: [], updated: [] });
    } else if (code === 'jira-unauthorised' || code === 'jira-forbidden' || code === 'jira-not-found') {
      await this.#putOff(batch);
    } else if (code.startsWith('jira-')) {
      const told = facts['retryAfterMs'];
      this.#pausedUntil = clock.now() + (typeof told === 'number' && told > 0 ? told : REST_MS);
    } else throw fault;
  }

  /** Stores what was answered, and goes on with it. */
  async #take(batch: readonly Due[], answer: ReportAnswer): Promise<void> {
    const { store, clock, bus } = this.#work.ports;
    if (answer.cycleMs !== undefined) this.#cycleMs = answer.cycleMs;
    const now = clock.now();
    const closed: ReadonlySet<string> = new Set(answer.closed);
    const after = (row: RecordOf<'account'>, account: AccountId): RecordOf<'account'> => ({
      ...row,
      reportedAt: now,
      reportAt: reportAfter(account, now, this.#cycleMs),
      ...(closed.has(account) ? { closedAt: now } : {}),
    });
    // First those that were not due: what stops here is due still, with all of it.
    for (const elsewhere of await this.#elsewhere(batch, closed)) await this.#change([elsewhere], after, closed);
    await this.#change(batch, after, closed);
    this.#reported += batch.length;
    this.#closed += closed.size;
    const touched: ReadonlySet<string> = new Set([...answer.closed, ...answer.updated]);
    const tenants = new Map<string, TenantRef>();
    for (const [account, records] of batch)
      if (touched.has(account))
        for (const record of records) {
          await store.remove('person', record.place);
          if (closed.has(account)) tenants.set(record.place.tenant, refOf(record));
        }
    for (const ref of tenants.values())
      await bus.publish('purge-jobs', { kind: 'walk-people', ...ref, askedAt: clock.now() });
  }

  /** The other tenants that store a closed account and whose own report of it is not due yet: after an outage they may be days apart. */
  async #elsewhere(batch: readonly Due[], closed: ReadonlySet<string>): Promise<readonly Due[]> {
    const { store } = this.#work.ports;
    const accounts = batch.filter(([account]) => closed.has(account));
    const found: Due[] = [];
    if (accounts.length === 0) return found;
    await everyPage(
      (ask) => store.scan('tenant', ask),
      async ({ place: { tenant } }) => {
        for (const [account, records] of accounts) {
          if (records.some(({ place }) => place.tenant === tenant)) continue;
          const record = await store.read('account', { tenant, account });
          if (record !== undefined && record.row.closedAt === undefined) found.push([account, [record]]);
        }
      },
    );
    return found;
  }

  async #putOff(batch: readonly Due[]): Promise<void> {
    const later = this.#work.ports.clock.now() + LATER_MS;
    await this.#change(batch, (row) => ({ ...row, reportAt: later }));
  }

  /**
   * Changes the records of a batch that are still there; the purge may have taken some. Whose tenants have a closed account are walked
   * through with the next tick, should the message that asks for it be lost, or never be sent.
   */
  async #change(
    batch: readonly Due[],
    next: (row: RecordOf<'account'>, account: AccountId) => RecordOf<'account'>,
    closed: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    const nextAt = this.#work.ports.clock.now();
    await this.#work.ports.store.transact(async (transaction) => {
      const all = batch.flatMap(([account, records]) =>
        records.map(({ place, row }) => ({ account, place, owners: row.owners })),
      );
      const now = await Promise.all(all.map(({ place }) => transaction.read('account', place)));
      const left = batch.flatMap(([account, records]) => (closed.has(account) ? records.map(refOf) : []));
      const places = new Map(
        left.map(({ tenant, generation }) => [tenant, { tenant, generation: String(generation) }]),
      );
      const censuses = await Promise.all([...places.values()].map((place) => transaction.read('census', place)));
      for (const [at, { account, place, owners }] of all.entries()) {
        const row = now[at]?.row;
        if (row?.owners[0] === owners[0] && row !== undefined) transaction.put('account', place, next(row, account));
      }
      for (const census of censuses)
        if (census !== undefined) transaction.put('census', census.place, { ...census.row, nextAt });
    });
  }
}

function reportOf([account, records]: Due): AccountReport {
  return { account, oldestAt: Math.min(...records.map(({ row }) => row.oldestAt)) };
}

/** Batches of accounts of one tenant each, so that a site hears of its own people only; at most 90. */
function batchesOf(due: readonly Due[]): readonly (readonly Due[])[] {
  const byTenant = Map.groupBy(due, ([, [first]]) => first?.place.tenant ?? '');
  return [...byTenant.values()].flatMap((some) =>
    Array.from({ length: Math.ceil(some.length / REPORT_LIMIT) }, (_, at) =>
      some.slice(at * REPORT_LIMIT, (at + 1) * REPORT_LIMIT),
    ),
  );
}
