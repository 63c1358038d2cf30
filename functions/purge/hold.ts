/** Legal holds: copies what they name before it is deleted, and ends them on their day. @see shared/retention/SPEC.md R85–R87 */
import { hashOf } from '../../shared/evidence/canonical.ts';
import { Holdings } from '../../shared/holdings.ts';
import { holdId, operatorId, ownerOf, ownerOfHold, tenantId, tenantKey } from '../../shared/model/ids.ts';
import type { HoldId, Owner } from '../../shared/model/ids.ts';
import type { Hold } from '../../shared/model/hold.ts';
import type { Stored, Version } from '../../shared/ports.ts';
import type { OwnedCategory, RecordOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { isReadable } from '../../shared/retention/grants.ts';
import { endedHold, HOLD_GONE_HOURS, isHeld, isStale, nextHeld } from '../../shared/retention/holds.ts';
import { appendTrail } from '../../shared/trail.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { hasTime } from './progress.ts';
import type { PurgePorts, PurgeRow, Work } from './progress.ts';

/** Records that are opened and sealed before the clock is looked at. */
const COPY_PAGE = 50;
const LIST_PAGE = 200;
/** Holds that one sweep ends; the next goes on. */
const DUE_LIMIT = 50;
const HOUR_MS = 3_600_000;
/** Who ends a hold in the trail. */
const SERVICE = operatorId('op-service');

/** A hold as it was read. */
interface Found {
  readonly id: HoldId;
  readonly hold: Hold;
  readonly version: Version;
}

/** What holds mean for a deletion: for the receipt, and which categories have to wait until they are copied. */
export interface HeldBack {
  readonly holds: PurgeRow['holds'];
  readonly waiting: readonly string[];
}

/** Copies what holds name of a life, as it is since an instant, as far as the time goes. Before anything of it is deleted. */
export async function holdBack(work: Work, owner: Owner, since: number): Promise<HeldBack> {
  const now = work.ports.clock.now();
  const live = (await allHolds(work.ports)).filter(
    ({ hold }) => ownerOf(hold.tenant, hold.generation) === owner && isHeld(hold, now),
  );
  const waiting: string[] = [];
  for (const found of live) {
    const done = await copyHeld(work, isStale(found.hold, since) ? await beginCopy(work, found) : found);
    if (!done) waiting.push(...found.hold.categories);
  }
  if (live.length === 0) return { holds: undefined, waiting };
  const until = Math.max(...live.map(({ hold }) => hold.endsAt ?? 0));
  return { holds: { count: live.length, until }, waiting };
}

/** Ends the holds and requests whose day has come, and goes on with copies that were begun. */
export async function sweepHolds(work: Work): Promise<void> {
  const { ports } = work;
  const now = ports.clock.now();
  for (const stored of await ports.store.due('hold', 'endsAt', now, DUE_LIMIT)) await isolated(work, foundOf(stored));
  for (const found of await allHolds(ports))
    if (hasTime(work) && isHeld(found.hold, now) && found.hold.cursor !== undefined) await copyHeld(work, found);
}

/** One hold's trouble does not keep the others: it is told, and the next sweep tries again. */
async function isolated(work: Work, found: Found): Promise<void> {
  const { ports } = work;
  try {
    await endHold(work, found);
  } catch (thrown) {
    const fault = toFault(thrown);
    const isOverdue = ports.clock.now() >= (found.hold.endsAt ?? 0) + HOLD_GONE_HOURS * HOUR_MS;
    ports.log.fault('hold', isOverdue ? 'hold-overdue' : fault.code, { hold: found.id }, fault);
  }
}

/** The key first: from then on nothing of it can be read, whatever is left. Idempotent. */
async function endHold({ ports }: Work, { id, hold, version }: Found): Promise<void> {
  const { store, keys, clock } = ports;
  await keys.destroy(tenantKey(ownerOfHold(id)));
  for (;;) {
    const { items } = await store.list('heldRecord', { hold: id }, { limit: LIST_PAGE });
    if (items.length === 0) break;
    await store.removeAll(items);
  }
  const about = { about: id, lives: [ownerOf(hold.tenant, hold.generation)], categories: hold.categories };
  await appendTrail(ports, { act: 'hold-ended', by: SERVICE, ticket: hold.ticket, ...about });
  await store.replace('hold', { hold: id }, endedHold(hold, clock.now()), version);
}

/** What lies there after its day: goes, or gets the day of its hold when that was renewed. Answers how many were looked at. */
export async function removeHeld({ store }: PurgePorts, now: number): Promise<number> {
  const due = await store.due('heldRecord', 'removeAt', now, LIST_PAGE);
  for (const stored of due) {
    const hold = await store.read('hold', { hold: stored.place.hold });
    const endsAt = hold?.row.state === 'held' ? hold.row.endsAt : undefined;
    if (endsAt !== undefined && endsAt > now)
      await store.replace('heldRecord', stored.place, { ...stored.row, removeAt: endsAt }, stored.version);
    else await store.remove('heldRecord', stored.place);
  }
  return due.length;
}

async function beginCopy({ ports }: Work, { id, hold, version }: Found): Promise<Found> {
  const [first] = hold.categories;
  if (first === undefined) throw new Fault('store-record-odd', { category: 'hold', field: 'categories' });
  const begun: Hold = { ...hold, cursor: { category: first }, copyBegan: ports.clock.now() };
  return { id, hold: begun, version: await ports.store.replace('hold', { hold: id }, begun, version) };
}

/** Copies on from where it stopped; answers whether everything is copied. What was copied before and is gone by now stays. */
async function copyHeld(work: Work, from: Found): Promise<boolean> {
  const { store, keys, clock } = work.ports;
  const own = ownerOfHold(from.id);
  await keys.make(tenantKey(own), [own]);
  let { hold, version } = from;
  while (hold.cursor !== undefined) {
    const { cursor: _read, ...rest } = hold;
    const next = await copyPage(work, { id: from.id, hold, version });
    hold = next === undefined ? { ...rest, copiedAt: clock.now() } : { ...rest, cursor: next };
    version = await store.replace('hold', { hold: from.id }, hold, version);
    if (!hasTime(work)) return hold.cursor === undefined;
  }
  return true;
}

async function copyPage(work: Work, { id, hold }: Found): Promise<Hold['cursor']> {
  const { category = '', after } = hold.cursor ?? {};
  if (!isReadable(category)) throw new Fault('store-record-odd', { category: 'hold', field: 'cursor' });
  const owner = ownerOf(hold.tenant, hold.generation);
  const ask = { limit: COPY_PAGE, ...(after === undefined ? {} : { after }) };
  const page = await work.ports.store.owned(category, owner, ask);
  const holdings = new Holdings(work.ports, owner);
  for (const stored of page.items) {
    const path = pathOf(category, stored.place);
    if (hold.only.length === 0 || hold.only.includes(path)) await keep(work, id, hold, holdings, stored);
  }
  if (page.next !== undefined) return { category, after: page.next };
  const following = nextHeld(hold, category);
  return following === undefined ? undefined : { category: following };
}

async function keep(
  { ports }: Work,
  id: HoldId,
  hold: Hold,
  holdings: Holdings,
  stored: Stored<OwnedCategory>,
): Promise<void> {
  const path = pathOf(stored.category, stored.place);
  const place = { hold: id, record: hashOf(path) };
  const opened = await openedOf(holdings, stored);
  const content = await ports.keys.seal(tenantKey(ownerOfHold(id)), heldContext(id, path), {
    path,
    row: { ...stored.row, ...opened },
  });
  const row = { category: stored.category, content, copiedAt: ports.clock.now(), removeAt: hold.endsAt ?? 0 };
  const have = await ports.store.read('heldRecord', place);
  if (have === undefined) await ports.store.create('heldRecord', place, row);
  else await ports.store.replace('heldRecord', place, row, have.version);
}

/** Secrets are no evidence. What does not open any more is kept as it lies there. */
async function openedOf(holdings: Holdings, stored: Stored<OwnedCategory>): Promise<Record<string, unknown>> {
  try {
    return await holdings.opened(stored, ['sharedSecret', 'previousSecret']);
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'key-gone' || fault.code === 'seal-broken' || fault.code === 'store-record-odd') return {};
    throw fault;
  }
}

function heldContext(hold: HoldId, path: string): string {
  return `held:${hold}:${hashOf(path)}`;
}

async function allHolds({ store }: PurgePorts): Promise<readonly Found[]> {
  const found: Found[] = [];
  let after: string | undefined;
  do {
    const page = await store.scan('hold', { limit: LIST_PAGE, ...(after === undefined ? {} : { after }) });
    found.push(...page.items.map(foundOf));
    after = page.next;
  } while (after !== undefined);
  return found;
}

function foundOf({ place, row, version }: { place: { hold: string }; row: RecordOf<'hold'>; version: Version }): Found {
  return { id: holdId(place.hold), hold: { ...row, tenant: tenantId(row.tenant) }, version };
}
