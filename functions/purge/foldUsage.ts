/** Adds each day that is over to its month, once, with the changes that were synced on it. @see SPEC.md R58 (shared/retention) */
import { lagDay } from '../../shared/model/lag.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import { addedUse, monthOf, useOfChange } from '../../shared/model/usage.ts';
import type { UseCounts } from '../../shared/model/usage.ts';
import { catalogue } from '../../shared/retention/catalogue.ts';
import type { PurgePorts } from './progress.ts';
import { everyOwned } from './pages.ts';

const DAY_MS = 86_400_000;
/** Days back that are looked at: sweeps come each hour, and may be out for two days. */
const DAYS_BACK = 3;

/** Idempotent: a day says itself whether it was added. */
export async function foldUsage(ports: PurgePorts, ref: TenantRef): Promise<void> {
  const now = ports.clock.now();
  let connections: readonly string[] | undefined;
  // Asked for once, and only while a day is open.
  const connectionsOf = async (): Promise<readonly string[]> => (connections ??= await everyConnection(ports, ref));
  for (let back = DAYS_BACK; back > 0; back -= 1)
    await foldDay({ ports, now, connectionsOf }, ref, lagDay(now - back * DAY_MS));
}

interface Fold {
  readonly ports: PurgePorts;
  readonly now: number;
  readonly connectionsOf: () => Promise<readonly string[]>;
}

async function foldDay(fold: Fold, { tenant, generation }: TenantRef, day: string): Promise<void> {
  const { now } = fold;
  const { store } = fold.ports;
  const owner = ownerOf(tenant, generation);
  const place = { tenant, day };
  const known = (await store.read('usage', place))?.row;
  if (known?.foldedAt !== undefined) return;
  const changes = await changesOf(fold, day);
  if (known === undefined && Object.keys(changes).length === 0) return;
  const monthPlace = { tenant, month: monthOf(day) };
  await store.transact(async (transaction) => {
    const row = (await transaction.read('tenant', { tenant }))?.row;
    const raw = (await transaction.read('usage', place))?.row;
    const month = (await transaction.read('usageMonth', monthPlace))?.row;
    const isThere = row?.generation === generation && (row.state === 'active' || row.state === 'marked');
    if (!isThere || raw?.foldedAt !== undefined || (raw !== undefined && !raw.owners.includes(owner))) return;
    const counts = addedUse(raw?.counts ?? {}, changes);
    const own = month?.owners.includes(owner) === true ? month.counts : {};
    const removeAt = raw?.removeAt ?? now + catalogue.usage.retention.days * DAY_MS;
    transaction.put('usage', place, { owners: [owner], day, counts, foldedAt: now, removeAt });
    transaction.put('usageMonth', monthPlace, {
      ...{ owners: [owner], month: monthPlace.month, counts: addedUse(own, counts) },
      removeAt: now + catalogue.usageMonth.retention.days * DAY_MS,
    });
  });
}

/** Changes of a day by kind, over the tenant's connections. */
async function changesOf({ ports, connectionsOf }: Fold, day: string): Promise<UseCounts> {
  let sum: UseCounts = {};
  for (const connection of await connectionsOf()) {
    const kinds = (await ports.store.read('lag', { connection, day }))?.row.kinds ?? {};
    const counts = Object.entries(kinds).map(([kind, { count }]) => [useOfChange(kind), { count }] as const);
    sum = addedUse(sum, Object.fromEntries(counts));
  }
  return sum;
}

async function everyConnection(ports: PurgePorts, { tenant, generation }: TenantRef): Promise<readonly string[]> {
  const found: string[] = [];
  await everyOwned(ports, 'connection', ownerOf(tenant, generation), async ({ place }) => {
    found.push(place.connection);
  });
  return found;
}
