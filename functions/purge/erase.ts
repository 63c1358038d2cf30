/** Deletes by the purge plan, in pages; each page and its count are one commit. */
import { tenantId } from '../../shared/model/ids.ts';
import type { Owner } from '../../shared/model/ids.ts';
import type { Page, Seen, Stored, Transaction } from '../../shared/ports.ts';
import { rootOf } from '../../shared/retention/address.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import { PAGE_LIMIT, pathOf } from '../../shared/retention/check.ts';
import { isInMain, purgePlan } from '../../shared/retention/purgePlan.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { advance, counted, hasTime, reread } from './progress.ts';
import type { Progress, PurgePorts, PurgeRow, Work } from './progress.ts';

/** Records that are listed at a time, without their content: the store's own limit of such a page, some 400 bytes each. */
export const LIST_PAGE = PAGE_LIMIT;

/** Records that one commit removes: with the purge's own record as many as Firestore takes. */
const DELETE_PAGE = 499;

/** Records that one transaction reads again and removes; far below Firestore's limits for a transaction. */
const CAREFUL_PAGE = 200;

/** A bound for the loop of one message, whatever the clock says. */
const MAX_PAGES = 1_000;

/**
 * Deletes what the plan lists, once, or until the time is over; answers whether it came to the end. Each message begins the plan from its
 * beginning: what is gone is not listed, so the listing itself is the cursor. What came meanwhile, past the fence, is for the
 * verifications to find.
 *
 * Costs a read and a deletion for each record, and a write of the progress for each page. Of a message that runs out of time at most
 * two listed pages are read in vain. The next page is listed while one is deleted.
 */
export async function erase(work: Work, progress: Progress): Promise<{ progress: Progress; isEmpty: boolean }> {
  let now = progress;
  let pages = 0;
  for await (const { category, items } of listings(work.ports, progress)) {
    for (let at = 0; at < items.length; at += DELETE_PAGE) {
      const some = items.slice(at, at + DELETE_PAGE);
      now = isInMain(category)
        ? await erasePage(work.ports, now, category, some)
        : await eraseApart(work.ports, now, category, some);
      // After the page, so that every message gets on by one at least.
      if ((pages += 1) >= MAX_PAGES || !hasTime(work)) return { progress: now, isEmpty: false };
    }
  }
  return { progress: now, isEmpty: true };
}

type ListedPage = Page<Seen<OwnedCategory>>;

/** The plan's listings in its order, page by page; of each first page what this message has listed already. One page ahead. */
async function* listings(
  { store }: PurgePorts,
  { owner, listed }: Progress,
): AsyncGenerator<{ readonly category: OwnedCategory; readonly items: ListedPage['items'] }> {
  const pageOf = async (category: OwnedCategory | undefined, after?: string): Promise<ListedPage> => {
    const known = after === undefined && category !== undefined ? listed?.get(category) : undefined;
    if (category === undefined || known !== undefined) return known ?? { items: [] };
    return store.ownedSeen(category, owner, { limit: LIST_PAGE, ...(after === undefined ? {} : { after }) });
  };
  let coming = pageOf(purgePlan[0]);
  try {
    for (const [index, category] of purgePlan.entries()) {
      let page: ListedPage;
      do {
        page = await coming;
        coming = page.next === undefined ? pageOf(purgePlan[index + 1]) : pageOf(category, page.next);
        // Whoever comes to it hears of its trouble; until then it is nobody's.
        coming.catch(() => undefined);
        yield { category, items: page.items };
      } while (page.next !== undefined);
    }
  } finally {
    // Nothing goes on behind the answer.
    await Promise.allSettled([coming]);
  }
}

/**
 * Removes a page and counts it, both or neither: a crash in between neither loses nor doubles a count. Each record must
 * be as it was listed; when one is not, the page is taken record by record.
 */
async function erasePage(
  ports: PurgePorts,
  progress: Progress,
  category: OwnedCategory,
  items: readonly Seen<OwnedCategory>[],
): Promise<Progress> {
  const { owner } = progress;
  const row = withDeleted(progress.row, category, items);
  try {
    const version = await ports.store.batch([
      { kind: 'replace', category: 'purge', place: { owner }, version: progress.version, row },
      ...items.map((seen) => ({ kind: 'remove', ...seen }) as const),
    ]);
    return { owner, row, version };
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code !== 'store-changed') throw fault;
    let now = progress;
    for (let at = 0; at < items.length; at += CAREFUL_PAGE)
      now = await eraseCarefully(ports, now, category, items.slice(at, at + CAREFUL_PAGE));
    return now;
  }
}

async function eraseCarefully(
  ports: PurgePorts,
  progress: Progress,
  category: OwnedCategory,
  items: readonly Seen<OwnedCategory>[],
): Promise<Progress> {
  const { owner } = progress;
  await ports.store.transact(async (transaction) => {
    const purge = await transaction.read('purge', { owner });
    if (purge?.version !== progress.version) throw new Fault('store-changed', { category: 'purge' });
    const ours = await stillOwned(transaction, owner, category, items);
    for (const { place } of ours) transaction.remove(category, place);
    transaction.put('purge', { owner }, withDeleted(purge.row, category, ours));
  });
  return reread(ports, progress);
}

function withDeleted(row: PurgeRow, category: OwnedCategory, gone: readonly Seen<OwnedCategory>[]): PurgeRow {
  const deleted = (row.counts[category]?.deleted ?? 0) + gone.length;
  return { ...row, ...rootsOf(row, category, gone), counts: counted(row.counts, category, { deleted }) };
}

/** Trees of our own by their roots; of a partner's tree only whose it is, for the few records of ours in it. */
function rootsOf(
  row: PurgeRow,
  category: OwnedCategory,
  items: readonly Seen<OwnedCategory>[],
): Pick<PurgeRow, 'roots' | 'partners'> {
  const roots = new Set(row.roots);
  const partners = new Set(row.partners);
  for (const { place } of items) {
    const root = rootOf(pathOf(category, place));
    const [top, id = ''] = root.split('/');
    if (top === 'tenants' && id !== row.tenant) partners.add(tenantId(id));
    else roots.add(root);
  }
  return { roots: [...roots], partners: [...partners] };
}

/**
 * Removes a page of another database. No transaction holds its removal and its count together, so the count is what was counted
 * before: the same after every stop.
 */
async function eraseApart(
  ports: PurgePorts,
  progress: Progress,
  category: OwnedCategory,
  items: readonly Seen<OwnedCategory>[],
): Promise<Progress> {
  const deleted = progress.row.counts[category]?.before ?? 0;
  const counts = counted(progress.row.counts, category, { deleted });
  // First the count: after a stop in between there is still a page, and the same count again.
  const told = await advance(ports, progress, { ...progress.row, counts });
  await removeEach(ports, items);
  return told;
}

async function removeEach({ store }: PurgePorts, items: readonly Seen<OwnedCategory>[]): Promise<void> {
  await Promise.all(items.map(({ category, place }) => store.remove(category, place)));
}

/**
 * Of some listed records those that still carry the owner. An address can be taken over by the tenant's next life
 * between the listing and the deletion (its door, its own record); that life must not be hurt.
 */
async function stillOwned(
  transaction: Transaction,
  owner: Owner,
  category: OwnedCategory,
  items: readonly Seen<OwnedCategory>[],
): Promise<readonly Stored<OwnedCategory>[]> {
  const again = await Promise.all(items.map(({ place }) => transaction.read(category, place)));
  return again.flatMap((stored) => (stored?.row.owners.includes(owner) === true ? [stored] : []));
}

/**
 * Removes records that the verification found by their paths and that no listing by owner leads to: without an owner, or
 * of a kind that this build does not know.
 * @see verifyPurge.ts
 */
export async function eraseStrays({ store }: PurgePorts, strays: readonly string[]): Promise<void> {
  for (let at = 0; at < strays.length; at += DELETE_PAGE) await store.removeAt(strays.slice(at, at + DELETE_PAGE));
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
    const page = await store.ownedSeen(category, owner, { limit: CAREFUL_PAGE });
    if (page.items.length === 0) break;
    if (!isInMain(category)) {
      await removeEach(work.ports, page.items);
      removed += page.items.length;
      continue;
    }
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
