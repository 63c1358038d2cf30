/** Deletes by the purge plan, in pages; each page and its count are one transaction. */
import type { Owner } from '../../shared/model/ids.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import { isOwned } from '../../shared/retention/address.ts';
import type { Placed } from '../../shared/retention/address.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import { purgePlan } from '../../shared/retention/purgePlan.ts';
import { Fault } from '../../shared/verdict.ts';
import { counted, hasTime, reread } from './progress.ts';
import type { Progress, PurgePorts, Work } from './progress.ts';

/** Records that one transaction reads again and removes; far below Firestore's limits for a transaction. */
const DELETE_PAGE = 200;

/** A bound for the loop of one message, whatever the clock says. */
const MAX_PAGES = 1_000;

/**
 * Deletes until nothing of the plan is left or the time is over; answers whether it is empty. Works through the plan
 * from its beginning each time: what is gone is not listed, so the listing itself is the cursor.
 */
export async function erase(work: Work, progress: Progress): Promise<{ progress: Progress; isEmpty: boolean }> {
  let now = progress;
  let pages = 0;
  for (const category of purgePlan) {
    for (;;) {
      const page = await work.ports.store.owned(category, now.owner, { limit: DELETE_PAGE });
      if (page.items.length === 0) break;
      now = await erasePage(work.ports, now, category, page.items);
      // After the page, so that every message gets on by one at least.
      if ((pages += 1) >= MAX_PAGES || !hasTime(work)) return { progress: now, isEmpty: false };
    }
  }
  return { progress: now, isEmpty: true };
}

/** Removes a page and counts it, both or neither: a crash in between neither loses nor doubles a count. */
async function erasePage(
  ports: PurgePorts,
  progress: Progress,
  category: OwnedCategory,
  items: readonly Stored<OwnedCategory>[],
): Promise<Progress> {
  const { owner } = progress;
  await ports.store.transact(async (transaction) => {
    const purge = await transaction.read('purge', { owner });
    if (purge?.version !== progress.version) throw new Fault('store-changed', { category: 'purge' });
    const ours = await stillOwned(transaction, owner, category, items);
    // Others took or removed all of the page: the same listing would come again at once.
    if (ours.length === 0) throw new Fault('store-changed', { category });
    for (const { place } of ours) transaction.remove(category, place);
    const deleted = (purge.row.counts[category]?.deleted ?? 0) + ours.length;
    transaction.put('purge', { owner }, { ...purge.row, counts: counted(purge.row.counts, category, { deleted }) });
  });
  return reread(ports, progress);
}

/**
 * Of some listed records those that still carry the owner. An address can be taken over by the tenant's next life
 * between the listing and the deletion (its door, its own record); that life must not be hurt.
 */
async function stillOwned(
  transaction: Transaction,
  owner: Owner,
  category: OwnedCategory,
  items: readonly Stored<OwnedCategory>[],
): Promise<readonly Stored<OwnedCategory>[]> {
  const again = await Promise.all(items.map(({ place }) => transaction.read(category, place)));
  return again.flatMap((stored) => (stored?.row.owners.includes(owner) === true ? [stored] : []));
}

/**
 * Removes records that the verification found by their paths and that no listing by owner leads to.
 * @see verifyPurge.ts
 */
export async function eraseStrays(ports: PurgePorts, strays: readonly Placed[]): Promise<void> {
  for (const { category, place } of strays) if (isOwned(category)) await ports.store.remove(category, place);
}

/**
 * Deletes a single category of a tenant that is marked, ahead of the rest. Each page reads the tenant's record in its
 * transaction: a customer that returns in between keeps what is still there.
 */
export async function eraseCategory(
  work: Work,
  category: OwnedCategory,
  owner: Owner,
  tenant: Stored<'tenant'>,
): Promise<number> {
  const { store } = work.ports;
  let removed = 0;
  for (let pages = 0; pages < MAX_PAGES && hasTime(work); pages += 1) {
    const page = await store.owned(category, owner, { limit: DELETE_PAGE });
    if (page.items.length === 0) break;
    const count = await store.transact(async (transaction) => {
      const now = await transaction.read('tenant', tenant.place);
      if (now?.row.state !== 'marked' || now.row.generation !== tenant.row.generation) return undefined;
      const ours = await stillOwned(transaction, owner, category, page.items);
      for (const { place } of ours) transaction.remove(category, place);
      return ours.length;
    });
    if (count === undefined || count === 0) break;
    removed += count;
  }
  return removed;
}
