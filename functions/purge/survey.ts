/** What a purge looks at before it deletes: the keys, a sample, the partners' halves, and how much there is. */
import { connectionId, halfId, halfOf, keyName, ownerOf, partsOf, tenantKey } from '../../shared/model/ids.ts';
import type { ConnectionId, KeyName, Owner } from '../../shared/model/ids.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Page, Seen, Stored } from '../../shared/ports.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import { purgePlan } from '../../shared/retention/purgePlan.ts';
import { toFault } from '../../shared/verdict.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { LIST_PAGE } from './erase.ts';
import { holdBack } from './hold.ts';
import { advance, counted } from './progress.ts';
import type { Progress, PurgePorts, PurgeRow, Work } from './progress.ts';
import { noteTickets } from './tickets.ts';
import { everyOwned } from './pages.ts';

/**
 * The step after the fence: nobody writes for this owner any more. Notes the keys and a sealed sample while they are
 * still there, and tells the partners. Idempotent.
 */
export async function survey(work: Work, progress: Progress): Promise<Progress> {
  const { ports } = work;
  const { holds, waiting } = await holdBack(work, progress.owner, progress.row.startedAt);
  if (waiting.length > 0) return advance(ports, progress, { ...progress.row, notBeforeAt: ports.clock.now() });
  if (awaitsFarewell(work, progress)) return askForFarewell(work, progress);
  await everyOwned(ports, 'connection', progress.owner, (stored) => leavePartner(ports, progress.owner, stored));
  const keys = new Set(progress.row.keys);
  await everyOwned(ports, 'key', progress.owner, async ({ place }) => {
    keys.add(keyName(place.key));
  });
  const tickets = await noteTickets(ports, progress);
  const sample = await takeSample(ports, progress.owner);
  return advance(ports, progress, {
    ...progress.row,
    stage: 'counting',
    notBeforeAt: ports.clock.now(),
    keys: [...keys],
    ...(holds === undefined ? {} : { holds }),
    ...(tickets.length === 0 ? {} : { tickets }),
    ...(sample === undefined ? {} : { sample }),
    sampleOpened: sample !== undefined,
  });
}

/** How often the last notice is asked for. */
const FAREWELL_LOOK_MS = 15 * 60_000;

/** The contact's address goes with everything else: what is to be said to it is said before. */
function awaitsFarewell({ ports, settings }: Work, { row }: Progress): boolean {
  const { farewellMs = 0, fenceMs } = settings;
  return row.farewell === undefined && ports.clock.now() < row.startedAt + fenceMs + farewellMs;
}

async function askForFarewell({ ports }: Work, progress: Progress): Promise<Progress> {
  const { tenant, generation } = progress.row;
  const at = ports.clock.now();
  await ports.bus.publish('notices', { kind: 'notice', tenant, generation, what: 'purging', at });
  return advance(ports, progress, { ...progress.row, notBeforeAt: at + FAREWELL_LOOK_MS });
}

/** The partner keeps its half, which is its own: it only learns that it is alone. */
async function leavePartner(ports: PurgePorts, owner: Owner, stored: Stored<'connection'>): Promise<void> {
  const connection = connectionId(stored.place.connection);
  await leaveHalf(ports, owner, connection, 'a', stored.row.a);
  await leaveHalf(ports, owner, connection, 'b', stored.row.b);
}

async function leaveHalf(
  ports: PurgePorts,
  owner: Owner,
  connection: ConnectionId,
  side: Side,
  ref: TenantRef,
): Promise<void> {
  const partner = ownerOf(ref.tenant, ref.generation);
  if (partner === owner) return;
  const place = { tenant: ref.tenant, half: halfOf(connection, side) };
  await ports.store.transact(async (transaction) => {
    const half = await transaction.read('half', place);
    if (half?.row.owners.includes(partner) !== true) return;
    if (half.row.state === 'partner-left' || half.row.state === 'ended') return;
    transaction.put('half', place, { ...half.row, state: 'partner-left' });
  });
}

/**
 * A value that opens now and must not open later. What the customer's admins wrote, if there is any that opens;
 * otherwise one that is sealed for this purpose. `undefined` when the tenant's key is gone already.
 */
async function takeSample(ports: PurgePorts, owner: Owner): Promise<PurgeRow['sample']> {
  const { tenant } = partsOf(owner);
  const key = tenantKey(owner);
  const halves = await ports.store.owned('half', owner, { limit: 1 });
  const [half] = halves.items;
  if (half !== undefined) {
    const context = contextOf('half.settings', tenant, halfId(half.place.half));
    const sample = { key, context, sealed: half.row.settings };
    if (await opens(ports, sample)) return sample;
  }
  try {
    const context = 'purge.sample';
    return { key, context, sealed: await ports.keys.seal(key, context, 'sample') };
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'key-gone') return undefined;
    throw fault;
  }
}

/** Does a sample open, without the help of what this process remembers? `false` when its key is gone or is another one; trouble on the way is thrown. */
export async function opens(ports: PurgePorts, sample: NonNullable<PurgeRow['sample']>): Promise<boolean> {
  try {
    await ports.keys.open(sample.key, sample.context, sample.sealed, { fresh: true });
    return true;
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'key-gone' || fault.code === 'seal-broken') return false;
    throw fault;
  }
}

/** Is a key gone, as far as this process sees it: nothing can be sealed under it? */
export async function isShut(ports: PurgePorts, key: KeyName): Promise<boolean> {
  try {
    await ports.keys.seal(key, 'purge.sample', 'sample');
    return false;
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'key-gone') return true;
    throw fault;
  }
}

/** Categories that are counted side by side: large pages that share one deadline each. */
const COUNT_AT_ONCE = 2;
/** Listed records that are kept for the deletion: some 40 MB, and about what one message deletes. */
const KEPT = 100_000;

/**
 * Counts what there is, category by category. Nobody writes any more: what is counted is what will be deleted. Costs one query
 * for each category: the first page of the deletion's list, which is handed on to it, so that most customers' records are read once.
 * Only where there is more than a page the store is asked how many there are, at a read for each thousand.
 */
export async function countBefore({ ports }: Work, progress: Progress): Promise<Progress> {
  const { owner } = progress;
  const listed = new Map<OwnedCategory, Page<Seen<OwnedCategory>>>();
  let { counts } = progress.row;
  let kept = 0;
  for (let at = 0; at < purgePlan.length; at += COUNT_AT_ONCE) {
    const found = await Promise.all(purgePlan.slice(at, at + COUNT_AT_ONCE).map((one) => countOne(ports, one, owner)));
    for (const { category, page, before } of found) {
      counts = counted(counts, category, { before });
      if (kept + page.items.length > KEPT) continue;
      listed.set(category, page);
      kept += page.items.length;
    }
  }
  return { ...(await advance(ports, progress, { ...progress.row, counts, stage: 'deleting' })), listed };
}

interface Counted {
  readonly category: OwnedCategory;
  readonly page: Page<Seen<OwnedCategory>>;
  readonly before: number;
}

async function countOne({ store }: PurgePorts, category: OwnedCategory, owner: Owner): Promise<Counted> {
  const page = await store.ownedSeen(category, owner, { limit: LIST_PAGE });
  const before = page.next === undefined ? page.items.length : await store.ownedCount(category, owner);
  return { category, page, before };
}
