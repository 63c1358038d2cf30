/** Brings a tenant's record into line with the ledger, and tells what was written and not told. */
import { ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { LedgerEntry, Stored } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { lifeOf, repairedTenancy } from '../../shared/retention/ledgerTruth.ts';
import { readProgress } from './progress.ts';
import type { PurgePorts } from './progress.ts';
import { tenancyOf, withTenancy } from '../tenantRecord.ts';

/**
 * Repairs a tenant's record from the ledger, which is written first and is outside every backup: what a stop between
 * the two or a restore left wrong is right after the next sweep. Also asks for the purge of an earlier life that was
 * claimed in the ledger and then stopped, when a new life has taken its record. Idempotent.
 * @throws Fault `store-changed` when the record moved on meanwhile
 */
export async function repairTenant(ports: PurgePorts, found: Stored<'tenant'>): Promise<Stored<'tenant'>> {
  const entries = await ports.ledger.read(await ports.ledger.identityOf(found.row.door, found.row.clientKey));
  await askForEarlierLives(ports, found, entries);
  return tellNote(ports, await inLine(ports, found, entries));
}

async function askForEarlierLives(
  ports: PurgePorts,
  { row }: Stored<'tenant'>,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const begun = entries.filter((entry) => entry.generation < row.generation && entry.kind === 'purging');
  for (const { tenant, generation } of begun)
    if (lifeOf(entries, generation)?.tenancy.state === 'purging') await askUnlessBegun(ports, { tenant, generation });
}

async function inLine(
  ports: PurgePorts,
  found: Stored<'tenant'>,
  entries: readonly LedgerEntry[],
): Promise<Stored<'tenant'>> {
  const have = tenancyOf(found);
  const facts = { tenant: have.tenant, generation: have.generation };
  const life = lifeOf(entries, have.generation);
  if (life === undefined) {
    // A record that the ledger does not know is a loss of the ledger, and not for the sweep to judge.
    ports.log.fault('sweep', 'store-record-odd', facts);
    return found;
  }
  if (life.tenancy.state === 'marked' && life.tenancy.evidence === 'lost')
    return inLine(ports, found, await unlose(ports, found, entries));
  const want = repairedTenancy(have, life);
  if (want === have) return found;
  const change = { tenancy: want, number: entries.at(-1)?.number ?? 0, at: ports.clock.now() };
  const repaired = await rewrite(ports, found, withTenancy(found.row, change));
  ports.log.note('tenant-repaired', { ...facts, before: have.state, after: want.state });
  return repaired;
}

/** A life whose record was missing and is here again, by another restore: nobody had left. @see seekLives.ts */
async function unlose(
  { ledger, clock }: PurgePorts,
  { row, place }: Stored<'tenant'>,
  entries: readonly LedgerEntry[],
): Promise<readonly LedgerEntry[]> {
  const last = entries.at(-1)?.number ?? 0;
  const returned = {
    tenant: tenantId(place.tenant),
    generation: row.generation,
    kind: 'returned',
    at: clock.now(),
  } as const;
  return [...entries, await ledger.append(await ledger.identityOf(row.door, row.clientKey), last, returned)];
}

/** What the rest of the house has to hear of this life: a stop before the publish left the note. @see THREATS.md T20 */
async function tellNote(ports: PurgePorts, stored: Stored<'tenant'>): Promise<Stored<'tenant'>> {
  const { untold, untoldSince, ...row } = stored.row;
  if (untold === undefined) return stored;
  const { tenant, generation } = tenancyOf(stored);
  const since = untoldSince === undefined ? {} : { since: untoldSince };
  const told = { kind: 'tenant-change', tenant, generation, what: untold, at: ports.clock.now(), ...since } as const;
  await ports.bus.publish('tenant-lifecycle', told);
  return rewrite(ports, stored, row);
}

async function rewrite(
  ports: PurgePorts,
  stored: Stored<'tenant'>,
  row: RecordOf<'tenant'>,
): Promise<Stored<'tenant'>> {
  const version = await ports.store.replace('tenant', stored.place, row, stored.version);
  return { ...stored, row, version };
}

/** Asks for the purge of one life. */
export async function askForPurge(ports: PurgePorts, { tenant, generation }: TenantRef): Promise<void> {
  await ports.bus.publish('purge-jobs', { kind: 'purge-tenant', tenant, generation, askedAt: ports.clock.now() });
}

/** Asks for a purge that has not begun. One that has is woken by its own time. */
export async function askUnlessBegun(ports: PurgePorts, { tenant, generation }: TenantRef): Promise<void> {
  const progress = await readProgress(ports, ownerOf(tenant, generation));
  if (progress === undefined || progress.row.stage === 'done') await askForPurge(ports, { tenant, generation });
}
