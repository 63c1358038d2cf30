/** What lifecycle calls need, and how they read, write and tell a tenant's life. */
import { ownerOf } from '../../shared/model/ids.ts';
import type { IdentityHash } from '../../shared/model/ids.ts';
import type { Tenancy } from '../../shared/model/tenant.ts';
import type { Bus, Clock, ConnectDoor, Ids, Keys, Ledger, LedgerEntry, Store } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { replayLife } from '../../shared/retention/tenancy.ts';
import { Fault, toFault } from '../../shared/verdict.ts';

export interface LifecyclePorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: Store;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly doors: { readonly connect: ConnectDoor };
}

export interface LifecycleSettings {
  readonly baseUrl: string;
  readonly addonKey: string;
  readonly liveDays: number;
}

export type TenantRow = RecordOf<'tenant'>;

/** A tenant's life as the ledger has it. */
export interface Life {
  readonly identity: IdentityHash;
  readonly tenancy: Tenancy | undefined;
  /** The number of the newest entry; 0 when there is none. */
  readonly number: number;
}

/** The ledger leads, the main record follows: decisions start here. */
export async function readLife(ledger: Ledger, clientKey: string): Promise<Life> {
  const identity = await ledger.identityOf('connect', clientKey);
  const entries = await ledger.read(identity);
  return { identity, tenancy: replayLife(entries), number: entries.at(-1)?.number ?? 0 };
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
    return { ...life, tenancy, number: entry.number };
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'store-exists') return undefined;
    throw fault;
  }
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
export async function tell(ports: LifecyclePorts, tenant: Tenancy['tenant']): Promise<void> {
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
