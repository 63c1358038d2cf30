/** How often the API is used, counted for each tenant and day, and what was counted. @see SPEC.md R57–R59 (shared/retention), promise E-25 */
import { lagDay } from '../../shared/model/lag.ts';
import { addedUse, useOfRoute } from '../../shared/model/usage.ts';
import type { UseCounts } from '../../shared/model/usage.ts';
import { catalogue } from '../../shared/retention/catalogue.ts';
import { toFault } from '../../shared/verdict.ts';
import type { UsageView } from '../../shared/wire/usage.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, isActive } from './ask.ts';
import type { Ask } from './ask.ts';

const DAY_MS = 86_400_000;
/** Days and months that one answer holds: all that there can be. */
const MAX_LINES = 100;

/** Counts one call that was served. Figures only: one that cannot be written is not counted, and never fails the call. */
export async function countUse({ ports, tenant, owner }: Ask, method: string, path: string): Promise<void> {
  const now = ports.clock.now();
  const place = { tenant: tenant.tenant, day: lagDay(now) };
  const counts = { [useOfRoute(method, path)]: { count: 1 } };
  try {
    await ports.store.transact(async (transaction) => {
      if (!(await isActive(transaction, tenant))) return;
      const before = (await transaction.read('usage', place))?.row;
      const own = before?.owners.includes(owner) === true ? before : undefined;
      const removeAt = now + catalogue.usage.retention.days * DAY_MS;
      transaction.put('usage', place, {
        ...(own ?? { owners: [owner], day: place.day, removeAt }),
        counts: addedUse(own?.counts ?? {}, counts),
      });
    });
  } catch (thrown) {
    const { code } = toFault(thrown);
    if (code !== 'store-changed' && code !== 'store-unavailable') throw thrown;
  }
}

/** GET /usage: the last days, and the months of a year. */
export async function showUsage(ask: Ask): Promise<EdgeAnswer> {
  const { tenant } = ask.tenant;
  const { store } = ask.ports;
  const [days, months] = await Promise.all([
    store.list('usage', { tenant }, { limit: MAX_LINES }),
    store.list('usageMonth', { tenant }, { limit: MAX_LINES }),
  ]);
  const isOwn = ({ row }: { readonly row: { readonly owners: readonly string[] } }): boolean =>
    row.owners.includes(ask.owner);
  const plain = (counts: UseCounts): Record<string, number> =>
    Object.fromEntries(Object.entries(counts).map(([name, { count }]) => [name, count]));
  const body: UsageView = {
    days: days.items.filter(isOwn).map(({ row }) => ({ day: row.day, counts: plain(row.counts) })),
    months: months.items.filter(isOwn).map(({ row }) => ({ month: row.month, counts: plain(row.counts) })),
  };
  return answer(body);
}
