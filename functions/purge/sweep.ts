/** The scheduled search for what is due. Every part of it may run twice, in parallel, or stop half way. */
import { owner as parseOwner, ownerOf, partsOf, reportId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Stored } from '../../shared/ports.ts';
import { alarmOf } from '../../shared/retention/alarms.ts';
import type { Unfinished } from '../../shared/retention/alarms.ts';
import { dueOf } from '../../shared/retention/clocks.ts';
import type { OwnClockCategory } from '../../shared/retention/clocks.ts';
import { stampSweep } from '../../shared/pulse.ts';
import { lastOfTrail } from '../../shared/trail.ts';
import { toFault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { eraseCategory } from './erase.ts';
import { watchCases } from './watchCases.ts';
import { holdBack, removeHeld, sweepHolds } from './hold.ts';
import { askForProbe } from './probe.ts';
import { sendOff } from './tickets.ts';
import { issueSecondReceipts } from './issueSecondReceipts.ts';
import { askForLifeNotices, askForNotice, askForPartyNotices } from './notices.ts';
import { hasTime } from './progress.ts';
import type { PurgePorts, Work } from './progress.ts';
import { pruneBackups } from './pruneBackups.ts';
import { seekLives } from './seekLives.ts';
import { foldUsage } from './foldUsage.ts';
import { alarmCopies } from './alarmCopies.ts';
import { alarmRequests } from './alarmRequests.ts';
import { askForWalk } from './walkPeople.ts';
import { askForPurge, askUnlessBegun, repairTenant } from './repairTenant.ts';
import { tenancyOf } from '../tenantRecord.ts';

/** Records that one query for what is due answers. */
const DUE_LIMIT = 200;
/** Tenants that are looked at before the clock is. */
const TENANT_PAGE = 50;
/** So many tenants in a row that fail are no trouble of theirs. */
const MAX_FAILURES = 5;

/**
 * One sweep: removes what has reached its own end, wakes purges whose wait is over, then looks at every tenant: repairs
 * its record from the ledger, deletes what is due ahead of the rest, asks for the purge of what is due as a whole and for
 * the probes whose time has come. At its end it goes on with the slow search for lives that no record leads to, and says that it has ended.
 * A sweep that runs out of time publishes itself with the place where it stopped.
 */
export async function sweep(work: Work, after: string | undefined): Promise<Verdict> {
  if (after === undefined) {
    await alarmCopies(work.ports);
    await removeEnded(work);
    await sweepHolds(work);
    await watchCases(work.ports);
    await wakePurges(work.ports);
    await alarmRequests(work.ports);
    await pruneBackups(work.ports);
    await issueSecondReceipts(work);
    await removeUnconfirmed(work);
    await wakeNotices(work.ports);
    await wakeReports(work.ports);
  }
  const { stoppedAt, tenants, failed } = await sweepTenants(work, after);
  if (stoppedAt === undefined) {
    await seekLives(work);
    await stampSweep(work.ports.store, work.ports.clock.now());
    return verdict('done', { tenants, failed });
  }
  await work.ports.bus.publish('purge-jobs', { kind: 'sweep', askedAt: work.ports.clock.now(), after: stoppedAt });
  return verdict('more-to-do', { tenants, failed });
}

// ── Clocks of their own ─────────────────────────────────────────────────────────────────────────────────────────

/** One removal per category whose records carry their own end; the compiler asks for a new row's. */
const ended: Readonly<Record<OwnClockCategory, (ports: PurgePorts, now: number) => Promise<number>>> = {
  report: async ({ store }, now) => {
    const due = await store.due('report', 'removeAt', now, DUE_LIMIT);
    await store.transact(async (transaction) => sendOff(transaction, due, now));
    return due.length;
  },
  bundle: async ({ store }, now) => {
    const due = await store.due('bundle', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  supportCopy: async ({ store }, now) => {
    const due = await store.due('supportCopy', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  ticket: async ({ store }, now) => {
    const due = await store.due('ticket', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  invitation: async ({ store }, now) => {
    const due = await store.due('invitation', 'expiresAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  purge: async ({ store }, now) => {
    const due = await store.due('purge', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  run: async ({ store }, now) => {
    const due = await store.due('run', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  wish: async ({ store }, now) => {
    const due = await store.due('wish', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  drift: async ({ store }, now) => {
    const due = await store.due('drift', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  job: async ({ store }, now) => {
    const due = await store.due('job', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  jobPart: async ({ store }, now) => {
    const due = await store.due('jobPart', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  intervention: async ({ store }, now) => {
    const due = await store.due('intervention', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  usage: async ({ store }, now) => {
    const due = await store.due('usage', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  usageMonth: async ({ store }, now) => {
    const due = await store.due('usageMonth', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  request: async ({ store }, now) => {
    const due = await store.due('request', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  person: async ({ store }, now) => {
    const due = await store.due('person', 'expiresAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  lag: async ({ store }, now) => {
    const due = await store.due('lag', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  budget: async ({ store }, now) => {
    const due = await store.due('budget', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  grant: async ({ store }, now) => {
    const due = await store.due('grant', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  hold: async ({ store }, now) => {
    const due = await store.due('hold', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due.filter(({ row }) => row.state === 'ended'));
    return due.length;
  },
  heldRecord: removeHeld,
  caseStep: async ({ store }, now) => {
    const due = await store.due('caseStep', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  trail: async ({ store }, now) => {
    const due = await store.due('trail', 'removeAt', now, DUE_LIMIT);
    const last = due.length === 0 ? undefined : await lastOfTrail(store);
    // The newest one stays: the next follows it.
    await store.removeAll(due.filter(({ place }) => Number(place.number) !== last?.number));
    return due.length;
  },
  backupSet: async ({ store }, now) => {
    const due = await store.due('backupSet', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  backupPart: async ({ store }, now) => {
    const due = await store.due('backupPart', 'removeAt', now, DUE_LIMIT);
    await store.removeAll(due);
    return due.length;
  },
  backupLife: async ({ store }, now) => {
    const due = await store.due('backupLife', 'removeAt', now, DUE_LIMIT);
    const open = await openSets(store, due);
    const free = due.filter(({ place }) => !open.has(place.set));
    await store.removeAll(free);
    return free.length;
  },
};

/** Of some lives the sets that are still there: which lives these hold must not be forgotten. */
async function openSets(
  store: PurgePorts['store'],
  lives: readonly Stored<'backupLife'>[],
): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for (const set of new Set(lives.map(({ place }) => place.set))) {
    const stored = await store.read('backupSet', { set });
    if (stored !== undefined && stored.row.goneAt === undefined) open.add(set);
  }
  return open;
}

/** Wishes for news that nobody confirmed in time. */
async function removeUnconfirmed({ ports }: Work): Promise<void> {
  await ports.store.removeAll(await ports.store.due('consent', 'expiresAt', ports.clock.now(), DUE_LIMIT));
}

/** Categories that are looked at side by side: a query each, which waits for the store more than it works. */
const ENDED_AT_ONCE = 8;

/** One query for each category that has a clock of its own, and the removal of what it finds. All are tried; the first trouble is told. */
async function removeEnded(work: Work): Promise<void> {
  const todo = Object.values(ended);
  for (let at = 0; at < todo.length; at += ENDED_AT_ONCE) {
    const tried = await Promise.allSettled(todo.slice(at, at + ENDED_AT_ONCE).map((remove) => removeAll(work, remove)));
    const failed = tried.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}

async function removeAll(work: Work, remove: (ports: PurgePorts, now: number) => Promise<number>): Promise<void> {
  while (hasTime(work) && (await remove(work.ports, work.ports.clock.now())) === DUE_LIMIT);
}

async function wakePurges(ports: PurgePorts): Promise<void> {
  const due = await ports.store.due('purge', 'notBeforeAt', ports.clock.now(), DUE_LIMIT);
  for (const { place, row } of due) {
    const ref = partsOf(parseOwner(place.owner));
    // The tenant's record may be gone already, or be that of its next life.
    alarm(ports, ref, row);
    await askForPurge(ports, ref);
  }
}

/** Wakes somebody when what was promised to be gone is not. */
function alarm({ log, clock }: PurgePorts, { tenant, generation }: TenantRef, left: Unfinished): void {
  const due = alarmOf(left, clock.now());
  if (due !== undefined) log.fault('sweep', due.code, { tenant, generation, daysLeft: due.daysLeft });
}

/** Notices that a mail server wanted another time, or that a stop left half told. */
async function wakeNotices(ports: PurgePorts): Promise<void> {
  const due = await ports.store.due('notice', 'wakeAt', ports.clock.now(), DUE_LIMIT);
  for (const stored of due) await askForNotice(ports, stored);
}

/** Reports that wait for the desk or for a look at their ticket, and tickets that have to go. */
async function wakeReports({ store, bus, clock }: PurgePorts): Promise<void> {
  const at = clock.now();
  for (const { place, row } of await store.due('report', 'wakeAt', at, DUE_LIMIT)) {
    const [owner] = row.owners;
    if (owner !== undefined)
      await bus.publish('notices', { kind: 'report', ...partsOf(owner), report: reportId(place.report), at });
  }
  for (const { place } of await store.due('ticket', 'wakeAt', at, DUE_LIMIT))
    await bus.publish('notices', { kind: 'erase-ticket', report: reportId(place.report), at });
}

// ── Tenants ─────────────────────────────────────────────────────────────────────────────────────────────────────

interface Walk {
  /** Where the next sweep goes on; absent at the end. */
  readonly stoppedAt: string | undefined;
  readonly tenants: number;
  readonly failed: number;
}

async function sweepTenants(work: Work, from: string | undefined): Promise<Walk> {
  let after = from;
  let tenants = 0;
  let failed = 0;
  do {
    const page = await work.ports.store.scan('tenant', {
      limit: TENANT_PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const tenant of page.items)
      failed += await isolated(work.ports, tenant, failed, () => sweepTenant(work, tenant));
    tenants += page.items.length;
    after = page.next;
  } while (after !== undefined && hasTime(work));
  return { stoppedAt: after, tenants, failed };
}

/** One tenant's trouble does not keep the others' data: it is reported, and the next tick tries again. */
async function isolated(
  ports: PurgePorts,
  tenant: Stored<'tenant'>,
  failed: number,
  look: () => Promise<void>,
): Promise<number> {
  try {
    await look();
    return 0;
  } catch (thrown) {
    const fault = toFault(thrown);
    if (failed + 1 >= MAX_FAILURES) throw fault;
    const facts = { ...fault.facts, tenant: tenant.place.tenant, generation: tenant.row.generation };
    ports.log.fault('sweep', fault.code, facts, fault);
    return 1;
  }
}

async function sweepTenant(work: Work, found: Stored<'tenant'>): Promise<void> {
  const { ports, settings } = work;
  const { state, markedAt, dueAt } = found.row;
  // First of all: trouble with the record must not keep anybody asleep.
  if ((state === 'marked' || state === 'purging') && markedAt !== undefined && dueAt !== undefined)
    alarm(ports, tenancyOf(found), { markedAt, dueAt });
  const tenant = await repairTenant(ports, found);
  const tenancy = tenancyOf(tenant);
  const due = dueOf(tenancy, ports.clock.now(), settings);
  if (due.purge) await askUnlessBegun(ports, tenancy);
  else {
    await askForProbe(ports, tenant);
    await askForLifeNotices(ports, tenancy);
    await askForPartyNotices(work, tenancy);
  }
  const owner = ownerOf(tenancy.tenant, tenancy.generation);
  if (!due.purge) {
    await foldUsage(ports, tenancy);
    await askForWalk(ports, tenancy);
  }
  if (due.categories.length === 0) return;
  // What a hold names waits until it is copied; the rest goes on.
  const { waiting } = await holdBack(work, owner, tenancy.markedAt ?? 0);
  for (const category of due.categories)
    if (!waiting.includes(category)) await eraseCategory(work, category, owner, tenant);
}
