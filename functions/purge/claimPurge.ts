/** The claim: from a marked tenant to a fenced one with a purge record. The ledger decides who was first. */
import { ownerOf, receiptId } from '../../shared/model/ids.ts';
import type { IdentityHash } from '../../shared/model/ids.ts';
import type { Tenancy, TenantRef } from '../../shared/model/tenant.ts';
import type { LedgerEntry, Stored } from '../../shared/ports.ts';
import { dueOf } from '../../shared/retention/clocks.ts';
import { lifeOf, repairedTenancy } from '../../shared/retention/ledgerTruth.ts';
import type { Life } from '../../shared/retention/ledgerTruth.ts';
import { nextTenancy } from '../../shared/retention/tenancy.ts';
import type { Code } from '../../shared/verdict.ts';
import { toFault } from '../../shared/verdict.ts';
import { recheck } from './probe.ts';
import { readProgress } from './progress.ts';
import type { Progress, PurgeRow, Work } from './progress.ts';
import { tenancyOf, withTenancy } from '../tenantRecord.ts';

/** A claim is lost at most to a return, an install and another claim; more is somebody's fault. */
const MAX_TRIES = 4;

/**
 * Claims the purge of one life. In this order, so that a stop at any line is found by the next message or sweep:
 *
 * 1. the ledger: `purging` right after the entry that was read. If the customer returned meanwhile, its entry is there
 *    first and the claim is lost.
 * 2. the tenant record: the fence. Every writer reads it in its transaction.
 * 3. the purge record, which says from when nobody can still be writing.
 *
 * Answers the progress, or why there is nothing to purge.
 */
export async function claimPurge(work: Work, ref: TenantRef): Promise<Progress | Code> {
  const { store, ledger } = work.ports;
  const tenant = await store.read('tenant', { tenant: ref.tenant });
  if (tenant === undefined || tenant.row.generation < ref.generation) return 'nothing-to-do';
  const identity = await ledger.identityOf(tenant.row.door, tenant.row.clientKey);
  const claimed = await claimInLedger(work, identity, ref, tenant);
  if (typeof claimed === 'string') return claimed;
  await fence(work, tenant, ref, claimed.number);
  const progress = await begin(work, identity, ref, claimed.life.tenancy);
  await announce(work, ref);
  return progress;
}

interface Claimed {
  readonly life: Life;
  /** The number of the ledger's newest entry. */
  readonly number: number;
}

async function claimInLedger(
  work: Work,
  identity: IdentityHash,
  ref: TenantRef,
  tenant: Stored<'tenant'>,
): Promise<Claimed | Code> {
  for (let attempt = 1; ; attempt += 1) {
    const entries = await work.ports.ledger.read(identity);
    const life = lifeOf(entries, ref.generation);
    const isCurrent = tenant.row.generation === ref.generation;
    if (life === undefined) return 'nothing-to-do';
    const { state } = life.tenancy;
    const number = entries.at(-1)?.number ?? 0;
    if (state === 'purging') return { life, number };
    // Purged before, and here again: a restore brought it back. Of an earlier life there can be nothing left.
    if (state === 'purged') return isCurrent ? { life, number } : 'already-done';
    const refusal = whyNot(work, tenant, life);
    if (refusal !== undefined || !isCurrent) return refusal ?? 'generation-expired';
    const doubt = await recheck(work, tenant, life.tenancy);
    if (doubt !== undefined) return doubt;
    try {
      const entry = await work.ports.ledger.append(identity, number, claimEntry(work, ref, life));
      return { life, number: entry.number };
    } catch (thrown) {
      const fault = toFault(thrown);
      if (fault.code !== 'store-exists' || attempt === MAX_TRIES) throw fault;
    }
  }
}

function claimEntry(work: Work, ref: TenantRef, life: Life): Omit<LedgerEntry, 'number'> {
  return {
    tenant: ref.tenant,
    generation: ref.generation,
    kind: 'purging',
    at: work.ports.clock.now(),
    ...(life.tenancy.evidence === undefined ? {} : { evidence: life.tenancy.evidence }),
    ...(life.tenancy.dueAt === undefined ? {} : { dueAt: life.tenancy.dueAt }),
  };
}

/** The dates, checked again just before. The ledger's word counts; the main record may be stale. */
function whyNot(work: Work, tenant: Stored<'tenant'>, life: Life): Code | undefined {
  const have = tenancyOf(tenant);
  const tenancy = repairedTenancy(have, life);
  if (tenancy.state === 'active') return have.state === 'active' ? 'not-due' : 'returned-meanwhile';
  if (!dueOf(tenancy, work.ports.clock.now(), work.settings).purge) return 'not-due';
  // The clocks decide when a purge begins (ahead of the due day); the table decides whether it may.
  const step = nextTenancy(tenancy, { kind: 'claim' }, tenancy.dueAt ?? work.ports.clock.now(), work.settings);
  return step.outcome === 'purging' ? undefined : 'not-due';
}

/** A newer life may have taken the record's place already: then the fence is its generation. */
async function fence(work: Work, tenant: Stored<'tenant'>, ref: TenantRef, number: number): Promise<void> {
  if (tenant.row.generation !== ref.generation || tenant.row.state === 'purging') return;
  const purging: Tenancy = { ...tenancyOf(tenant), state: 'purging' };
  const after = withTenancy(tenant.row, { tenancy: purging, number, at: work.ports.clock.now() });
  await work.ports.store.replace('tenant', tenant.place, after, tenant.version);
}

/** The purge's own record, of a life that the ledger calls purging, or purged although something of it is there. */
export async function begin(work: Work, subject: IdentityHash, ref: TenantRef, tenancy: Tenancy): Promise<Progress> {
  const { store, clock, ids } = work.ports;
  const owner = ownerOf(ref.tenant, ref.generation);
  const now = clock.now();
  const row: PurgeRow = {
    tenant: ref.tenant,
    generation: ref.generation,
    stage: 'fenced',
    trigger: tenancy.evidence ?? 'uninstalled',
    subject,
    receipt: receiptId(`r-${ids.next()}`),
    markedAt: tenancy.markedAt ?? now,
    dueAt: tenancy.dueAt ?? now,
    startedAt: now,
    notBeforeAt: now + work.settings.fenceMs,
    roots: [],
    partners: [],
    keys: [],
    sampleOpened: false,
    counts: {},
  };
  const old = await readProgress(work.ports, owner);
  // Only a restore brings a purged life back: its purge begins again, over the record of the one that was done.
  if (old?.row.stage === 'done')
    return { owner, row, version: await store.replace('purge', { owner }, row, old.version) };
  if (old !== undefined) return old;
  return { owner, row, version: await store.create('purge', { owner }, row) };
}

/** The last notice goes while the fence is waited out; should this be lost, the step after it asks again. */
async function announce({ ports, settings }: Work, { tenant, generation }: TenantRef): Promise<void> {
  if (settings.farewellMs === undefined) return;
  await ports.bus.publish('notices', { kind: 'notice', tenant, generation, what: 'purging', at: ports.clock.now() });
}
