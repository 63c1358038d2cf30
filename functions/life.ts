/** How a tenant's life is read, changed and told: by the lifecycle calls, by the daily probe, and on a customer's request. */
import { ownerOf } from '../shared/model/ids.ts';
import type { IdentityHash } from '../shared/model/ids.ts';
import type { DoorName, Tenancy } from '../shared/model/tenant.ts';
import type { Ledger, LedgerEntry, Ports } from '../shared/ports.ts';
import { earlierMark, nextTenancy, replayLife } from '../shared/retention/tenancy.ts';
import type { TenancyDays, TenancyEvent, TenancyStep } from '../shared/retention/tenancy.ts';
import { Fault, toFault } from '../shared/verdict.ts';
import { withoutSecrets, withTenancy } from './tenantRecord.ts';
import type { TenantRow } from './tenantRecord.ts';

/** The ports that a change of a tenant's life needs. */
export type LifePorts = Pick<Ports, 'clock' | 'store' | 'ledger' | 'bus'>;

/** A tenant's life as the ledger has it. */
export interface Life {
  readonly identity: IdentityHash;
  readonly tenancy: Tenancy | undefined;
  /** The number of the newest entry; 0 when there is none. */
  readonly number: number;
  /** All entries of the identity, oldest first. */
  readonly entries: readonly LedgerEntry[];
}

/** The ledger leads, the main record follows: decisions start here. */
export async function readLife(ledger: Ledger, clientKey: string, door: DoorName = 'connect'): Promise<Life> {
  const identity = await ledger.identityOf(door, clientKey);
  const entries = await ledger.read(identity);
  return { identity, tenancy: replayLife(entries), number: entries.at(-1)?.number ?? 0, entries };
}

/** The life after one more entry, or nothing when somebody was faster and it has to be read again. */
export async function appendLife(
  ledger: Ledger,
  life: Life,
  entered: { readonly tenancy: Tenancy; readonly kind: LedgerEntry['kind']; readonly at: number },
): Promise<Life | undefined> {
  const { tenancy, kind, at } = entered;
  const { tenant, generation, evidence, dueAt } = tenancy;
  const mark = evidence === undefined || dueAt === undefined ? {} : { evidence, dueAt };
  try {
    const entry = await ledger.append(life.identity, life.number, { tenant, generation, kind, at, ...mark });
    return { ...life, tenancy, number: entry.number, entries: [...life.entries, entry] };
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'store-exists') return undefined;
    throw fault;
  }
}

/** An event that ends a tenant's life for now, or takes that back. What a request had covered is found in the ledger. */
export type LifeEvent = Extract<TenancyEvent, { readonly kind: 'leave' | 'return' }> | { readonly kind: 'withdraw' };

/** Whose life changes. */
export interface Subject {
  readonly door: DoorName;
  readonly clientKey: string;
  /** The life that is meant; absent: the one that runs. */
  readonly generation?: number;
}

/** What became of a life; `expired` when another one than the one that was meant runs. */
export interface LifeChange {
  readonly outcome: TenancyStep['outcome'] | 'expired';
  readonly tenancy: Tenancy | undefined;
}

/** An event of a life; for a `leave`, `at` is day 0. */
export interface LifeAsk {
  readonly subject: Subject;
  readonly event: LifeEvent;
  readonly at: number;
}

/**
 * Takes an event of a tenant's life in: the ledger's entry, then the record, then the message. A stop before the message
 * is healed by the same call again, and by the sweep, which compares the record with the ledger. Idempotent.
 * @throws Fault `store-changed`, `publish-failed`
 */
export async function changeLife(ports: LifePorts, days: TenancyDays, ask: LifeAsk): Promise<LifeChange> {
  const change = await untilSettled(() => tryChange(ports, days, ask));
  if (change.tenancy !== undefined) await tell(ports, change.tenancy.tenant);
  return change;
}

async function tryChange(ports: LifePorts, days: TenancyDays, { subject, event, at }: LifeAsk) {
  const before = await readLife(ports.ledger, subject.clientKey, subject.door);
  const running = before.tenancy?.generation;
  if (subject.generation !== undefined && running !== subject.generation)
    return { outcome: 'expired', tenancy: undefined } as const;
  const step = nextTenancy(before.tenancy, await wholeEvent(ports, before, event), at, days);
  if (step.tenancy === undefined || step.outcome === 'refused') return step;
  const life = await entered(ports.ledger, before, step, at);
  if (life === undefined) return 'lost';
  return (await writeChange(ports, life, step.tenancy, event)) ? step : 'lost';
}

async function wholeEvent({ store }: LifePorts, { entries, tenancy }: Life, event: LifeEvent): Promise<TenancyEvent> {
  if (event.kind !== 'withdraw' || tenancy === undefined) return event;
  const earlier = earlierMark(entries, tenancy.generation);
  if (earlier === undefined) return event;
  // An install that came after the uninstall was no return, because of the request; it counts when that is taken back.
  const row = (await store.read('tenant', { tenant: tenancy.tenant }))?.row;
  const isHereAgain = earlier.evidence === 'uninstalled' && row?.sharedSecret !== undefined;
  return isHereAgain ? event : { ...event, earlier };
}

async function entered(ledger: Ledger, before: Life, step: TenancyStep, at: number): Promise<Life | undefined> {
  const { outcome, tenancy } = step;
  if (tenancy === undefined || (outcome !== 'marked' && outcome !== 'returned')) return before;
  return appendLife(ledger, before, { tenancy, kind: outcome, at });
}

/** False when the record shows a newer entry than the one that was decided on. */
async function writeChange(ports: LifePorts, life: Life, tenancy: Tenancy, event: LifeEvent): Promise<boolean> {
  const place = { tenant: tenancy.tenant };
  const now = ports.clock.now();
  return ports.store.transact(async (transaction) => {
    const row = (await transaction.read('tenant', place))?.row;
    // Without a record of this life there is nothing to mark and no secret to forget.
    if (row?.generation !== tenancy.generation) return true;
    if ((row.ledgerNumber ?? 0) > life.number) return false;
    const isGone = event.kind === 'leave' && event.evidence === 'uninstalled';
    const after = changedRow(row, life, tenancy, now);
    // Nobody may speak for a site that left, whatever marked it first.
    transaction.put('tenant', place, isGone ? withoutSecrets(after) : after);
    return true;
  });
}

/** The ledger knows no flags: the record has the last word on them. The purge's own states are not ours to set. */
function changedRow(row: TenantRow, life: Life, tenancy: Tenancy, at: number): TenantRow {
  if (tenancy.state !== 'active' && tenancy.state !== 'marked') return row;
  const { enabled, licensed } = row;
  return withTenancy(row, { tenancy: { ...tenancy, enabled, licensed }, number: life.number, at });
}

/** Two calls of one site at the same time are rare, more are a fault. */
const MAX_TRIES = 4;

/**
 * Tries work again that lost a race.
 * @throws Fault `store-changed` when it keeps losing
 */
export async function untilSettled<T>(work: () => Promise<T | 'lost'>): Promise<T> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const result = await work();
    if (result !== 'lost') return result;
  }
  throw new Fault('store-changed');
}

/**
 * Publishes what a tenant's record says is untold, then takes the note away. A stop before the publish leaves the note;
 * a stop after it makes the message come twice, which harms nobody.
 * @throws Fault `publish-failed`
 */
export async function tell(
  ports: Pick<LifePorts, 'clock' | 'store' | 'bus'>,
  tenant: Tenancy['tenant'],
): Promise<void> {
  const stored = await ports.store.read('tenant', { tenant });
  const row = stored?.row;
  if (row?.untold === undefined) return;
  const { generation, untold, untoldSince } = row;
  await ports.bus.publish('tenant-lifecycle', {
    kind: 'tenant-change',
    tenant,
    generation,
    what: untold,
    at: ports.clock.now(),
    ...(untoldSince === undefined ? {} : { since: untoldSince }),
  });
  await ports.store.transact(async (transaction) => {
    const now = await transaction.read('tenant', { tenant });
    if (now?.version !== stored?.version || now === undefined) return;
    const { untold: _told, untoldSince: _since, ...rest } = now.row;
    transaction.put('tenant', { tenant }, rest);
  });
}

/** The owners of a tenant's own records. */
export function ownersOf({ tenant, generation }: Tenancy) {
  return [ownerOf(tenant, generation)];
}
