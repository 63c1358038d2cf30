/**
 * Looks for lives that no tenant's record leads to. A restore or a copy of the database that was put back by hand may lack a
 * tenant that came after it, and may hold records of a life that was purged; the sweep, which goes by the tenants' records, sees
 * neither. The ledger is in no copy and knows every life. @see shared/retention/SPEC.md R94–R97
 */
import { identityHash, ownerOf } from '../../shared/model/ids.ts';
import type { IdentityHash, Owner } from '../../shared/model/ids.ts';
import type { Tenancy } from '../../shared/model/tenant.ts';
import type { LedgerEntry } from '../../shared/ports.ts';
import { readPulse, writePulse } from '../../shared/pulse.ts';
import { dueOf } from '../../shared/retention/clocks.ts';
import { lifeOf } from '../../shared/retention/ledgerTruth.ts';
import { isRefutable, UNCLEAR_DAYS } from '../../shared/retention/probes.ts';
import { isDeepDay, isSearchDue, isSettled } from '../../shared/retention/pulse.ts';
import { nextTenancy } from '../../shared/retention/tenancy.ts';
import { toFault } from '../../shared/verdict.ts';
import { begin } from './claimPurge.ts';
import { hasTime, readProgress } from './progress.ts';
import type { PurgePorts, Work } from './progress.ts';
import { findByOwner } from './verifyPurge.ts';

/** Entries of the ledger that are listed at a time: some forty customers. */
const PAGE = 200;
/** Pages that one sweep looks through: with a sweep an hour some 20,000 customers a day. */
const MAX_PAGES = 20;
/** Identities that are looked at side by side. */
const AT_ONCE = 8;
/** So many that fail are no trouble of theirs. */
const MAX_FAILURES = 5;
const DAY_MS = 86_400_000;

/**
 * Goes on with the search, or begins the next when it is time. Costs one read when there is nothing to do; a whole search, three times a day,
 * reads each entry of the ledger twice and one record for each life, and for a seventh of the purged lives asks every category.
 */
export async function seekLives(work: Work): Promise<void> {
  const { store, clock } = work.ports;
  const pulse = await readPulse(store);
  if (!isSearchDue(pulse.row, clock.now())) return;
  const { cursor: from, ...row } = pulse.row;
  let after = from;
  let failed = 0;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await store.scan('ledger', { limit: PAGE, ...(after === undefined ? {} : { after }) });
    const identities = [...new Set(page.items.map(({ place }) => identityHash(place.identity)))];
    for (let at = 0; at < identities.length; at += AT_ONCE) {
      const tried = await Promise.all(identities.slice(at, at + AT_ONCE).map((one) => isolated(work, one, failed)));
      failed += tried.filter((isFine) => !isFine).length;
    }
    after = page.next;
    if (after === undefined || !hasTime(work)) break;
  }
  await writePulse(store, pulse, after === undefined ? { ...row, soughtAt: clock.now() } : { ...row, cursor: after });
}

/** One identity's trouble does not keep the others: it is told, and the next search tries again. */
async function isolated(work: Work, identity: IdentityHash, failed: number): Promise<boolean> {
  try {
    await lookAt(work, identity);
    return true;
  } catch (thrown) {
    const fault = toFault(thrown);
    if (failed >= MAX_FAILURES) throw fault;
    work.ports.log.fault('sweep', fault.code, fault.facts, fault);
    return false;
  }
}

async function lookAt(work: Work, identity: IdentityHash): Promise<void> {
  const { ledger, store } = work.ports;
  const entries = await ledger.read(identity);
  const newest = entries.at(-1);
  if (newest === undefined) return;
  const record = await store.read('tenant', { tenant: newest.tenant });
  for (const generation of new Set(entries.map((entry) => entry.generation))) {
    // The sweep itself goes by the record.
    if (record?.row.generation === generation) continue;
    const life = lifeOf(entries, generation);
    if (life !== undefined) await lookAtLife(work, { identity, entries, newest, tenancy: life.tenancy });
  }
}

/** A life that no record of its tenant leads to. */
interface Unled {
  readonly identity: IdentityHash;
  readonly entries: readonly LedgerEntry[];
  readonly newest: LedgerEntry;
  readonly tenancy: Tenancy;
}

async function lookAtLife(work: Work, unled: Unled): Promise<void> {
  switch (unled.tenancy.state) {
    case 'active':
      return markLost(work, unled);
    case 'marked':
      return claimLost(work, unled);
    case 'purging':
      return beginUnlessBegun(work, unled);
    case 'purged':
      return purgeAgain(work, unled);
  }
}

/**
 * Its site may install again at any time, which brings it back with its keys; until then its days count, and somebody is told. Should
 * the record appear after all, the sweep takes the mark back.
 * @see repairTenant.ts
 */
async function markLost(work: Work, { identity, newest, tenancy }: Unled): Promise<void> {
  const { clock, log } = work.ports;
  const { tenant, generation } = tenancy;
  if (newest.generation !== generation || !isSettled(newest.at, clock.now())) return;
  const at = clock.now();
  const { tenancy: marked } = nextTenancy(tenancy, { kind: 'leave', evidence: 'lost' }, at, work.settings);
  if (marked?.dueAt === undefined) return;
  log.fault('sweep', 'life-lost', { tenant, generation });
  const entry = { tenant, generation, kind: 'marked', at, evidence: 'lost', dueAt: marked.dueAt } as const;
  await append(work.ports, identity, newest.number, entry);
}

/** Nobody can be asked whether a mark by an answer of the site still holds: it waits as long as one that is unclear. */
async function claimLost(work: Work, unled: Unled): Promise<void> {
  const { identity, newest, tenancy } = unled;
  const { tenant, generation, evidence, markedAt = 0, dueAt } = tenancy;
  const now = work.ports.clock.now();
  if (newest.generation !== generation || !dueOf(tenancy, now, work.settings).purge) return;
  if (isRefutable(evidence) && now < markedAt + UNCLEAR_DAYS * DAY_MS) return;
  const entry = {
    ...({ tenant, generation, kind: 'purging', at: now } as const),
    ...(evidence === undefined ? {} : { evidence }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
  if (await append(work.ports, identity, newest.number, entry)) await beginUnlessBegun(work, unled);
}

/** Of a purge that has begun, its own record wakes it. */
async function beginUnlessBegun(work: Work, { identity, tenancy }: Unled): Promise<void> {
  if (!(await isBegun(work.ports, tenancy))) await begin(work, identity, tenancy, tenancy);
}

/** What somebody has copied back of a life that was purged goes again, without a second receipt. */
async function purgeAgain(work: Work, unled: Unled): Promise<void> {
  const { ports } = work;
  const { tenant, generation } = unled.tenancy;
  const owner = ownerOf(tenant, generation);
  const found = await countLeft(ports, owner);
  if (found === 0 || (await isBegun(ports, unled.tenancy))) return;
  ports.log.fault('sweep', 'purged-life-found', { tenant, generation, found });
  await begin(work, unled.identity, unled.tenancy, unled.tenancy);
}

/** Its keys each day; everything on the day of the week that is its own. */
async function countLeft(ports: PurgePorts, owner: Owner): Promise<number> {
  const { items } = await ports.store.ownedSeen('key', owner, { limit: 1 });
  if (items.length > 0 || !isDeepDay(owner, ports.clock.now())) return items.length;
  return (await findByOwner(ports, owner)).total;
}

async function isBegun(ports: PurgePorts, { tenant, generation }: Tenancy): Promise<boolean> {
  const progress = await readProgress(ports, ownerOf(tenant, generation));
  return progress !== undefined && progress.row.stage !== 'done';
}

/** False when the ledger has moved on meanwhile: its newer word counts, and the next search hears it. */
async function append(
  { ledger }: PurgePorts,
  identity: IdentityHash,
  last: number,
  entry: Omit<LedgerEntry, 'number'>,
): Promise<boolean> {
  try {
    await ledger.append(identity, last, entry);
    return true;
  } catch (thrown) {
    if (toFault(thrown).code !== 'store-exists') throw thrown;
    return false;
  }
}
