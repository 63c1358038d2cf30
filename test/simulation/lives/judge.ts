/**
 * Holds what is stored against the truth of the sites. Knows the promises and nothing of how they are kept: it reads records, entries
 * and receipts, and compares instants.
 */
import { verifyReceipt } from '../../../shared/evidence/receipt.ts';
import type { Owner } from '../../../shared/model/ids.ts';
import { parseReceipt } from '../../../shared/wire/receipt.ts';
import { DAY, HOUR, publicKey } from './house.ts';
import { judgeBeside } from './judgeBeside.ts';
import { bounds, RETRIES_MS, TICKS_MS } from './site.ts';
import type { Life } from './site.ts';
import { isContent } from './wanted.ts';
import type { TenantRow } from './wanted.ts';
import type { World } from './world.ts';

/** Looks at everything that is stored now. */
export async function judge(world: World): Promise<void> {
  const entries = readEntries(world);
  for (const entry of entries) judgeEntry(world, entry);
  const view = viewOf(world);
  judgeMarks(world, view);
  judgeLeft(world, view);
  judgeKept(world, view);
  judgeSets(world);
  await judgeReceipts(world, view);
  judgeTold(world);
  await judgeBeside(world, isPast);
}

/** Is a bound past, with what was away when it counted taken off? */
export type IsPast = typeof isPast;

interface View {
  readonly paths: ReadonlySet<string>;
  /** By owner, what there is of it: content and the rest, and keys. */
  readonly content: ReadonlyMap<Owner, string>;
  readonly rest: ReadonlyMap<Owner, string>;
  readonly tenants: ReadonlyMap<string, TenantRow>;
}

function viewOf({ house }: World): View {
  const paths = new Set<string>();
  const content = new Map<Owner, string>();
  const rest = new Map<Owner, string>();
  const tenants = new Map<string, TenantRow>();
  for (const database of ['(default)', 'vault', 'identity'] as const)
    house.store.each(database, (path, data) => {
      if (database === '(default)') paths.add(path);
      if (isTenant(path)) tenants.set(path, data as TenantRow);
      const of = isContent(path) ? content : rest;
      for (const owner of (data as { owners?: readonly Owner[] }).owners ?? []) of.set(owner, path);
    });
  return { paths, content, rest, tenants };
}

function isTenant(path: string): boolean {
  return path.startsWith('tenants/') && !path.includes('/', 8);
}

// ── The ledger ──────────────────────────────────────────────────────────────────────────────────────────────────

interface Entry {
  readonly kind: string;
  readonly tenant: string;
  readonly generation: number;
  readonly at: number;
}

function readEntries({ house, seen }: World): readonly Entry[] {
  const found: { readonly path: string; readonly entry: Entry }[] = [];
  house.store.each('ledger', (path, data) => {
    if (!path.startsWith('identities/') || seen.has(path)) return;
    seen.add(path);
    found.push({ path, entry: data as Entry });
  });
  return found.sort((one, other) => (one.path < other.path ? -1 : 1)).map(({ entry }) => entry);
}

function judgeEntry(world: World, { kind, tenant, generation, at }: Entry): void {
  const owner = `${tenant}#${generation}` as Owner;
  const life = world.lives.get(owner);
  if (kind === 'installed') {
    if (world.seen.has(owner)) world.violate('generation-reused', owner);
    world.seen.add(owner);
  }
  if (life === undefined) return;
  if (kind !== 'installed') world.tell(`  ${owner} ${kind}`);
  // Day 0 of what only probes can tell lies before the entry.
  if (kind === 'marked') life.markedAt = Math.max(at, world.now);
  if (kind === 'returned') life.markedAt = undefined;
  if (kind === 'marked' && life.isLive && !life.isComing && !life.isLost) world.violate('live-marked', owner);
  if (kind === 'purged') {
    if (life.claimedAt === undefined) world.violate('purged-unclaimed', owner);
    life.purgedAt ??= at;
  }
  if (kind !== 'purging') return;
  if (life.claimedAt !== undefined) world.violate('claimed-twice', owner);
  if (!mayClaim(life, at)) world.violate('live-purged', owner);
  life.claimedAt ??= at;
}

/** Was it really over for so long, or really wanted? */
function mayClaim({ ends, requests, lostAt }: Life, at: number): boolean {
  if (lostAt !== undefined && at >= lostAt + bounds.liveMs - bounds.leadMs) return true;
  const isIn = ({ from, to = Infinity }: { from: number; to?: number }): boolean => from <= at && at <= to;
  const ended = ends.find(isIn);
  const wanted = requests.find(isIn);
  // To the second in which it was noted.
  if (ended !== undefined && at >= ended.from + bounds.liveMs - bounds.leadMs) return true;
  return wanted !== undefined && at >= wanted.from + bounds.withdrawMs;
}

// ── What must be gone, and what must be there ───────────────────────────────────────────────────────────────────

function judgeMarks(world: World, { tenants }: View): void {
  for (const life of world.lives.values()) {
    const { ended, ref, owner } = life;
    if (ended === undefined || life.isComing || life.isLost) continue;
    const row = tenants.get(`tenants/${ref.tenant}`);
    if (row?.generation !== ref.generation || row.state !== 'active') continue;
    const bound = { uninstalled: HOUR, licence: bounds.licenceMs, silent: bounds.silentMs }[ended.end];
    // A restore takes back what the probes have seen since its copy.
    const from = Math.max(ended.from, world.restoredAt);
    if (isPast(world, from, from + bound, life)) world.violate('unmarked', `${owner} ${ended.end}`);
  }
}

function judgeLeft(world: World, view: View): void {
  const { now } = world;
  for (const [owner, path] of [...view.rest, ...view.content]) {
    const life = world.lives.get(owner);
    // An install that stopped half way has no life yet by the truth.
    if (life === undefined) continue;
    const due = dueOf(world, life);
    if (due !== undefined && isPast(world, due.from, due.at, life)) world.violate('past-its-day', `${owner} ${path}`);
    if (life.ended !== undefined && now > life.ended.from + bounds.hardMs)
      world.violate('past-180', `${owner} ${path}`);
  }
  for (const [owner, path] of view.content) {
    const life = world.lives.get(owner);
    if (life?.ended === undefined || life.requested !== undefined || life.isComing) continue;
    const { from } = life.ended;
    if (isPast(world, from, from + bounds.copyMs + noticeOf(world, life) + TICKS_MS, life))
      world.violate('content-past-its-day', `${owner} ${path}`);
  }
}

/** When everything of a life has to be gone: the earliest of its reasons. */
function dueOf(world: World, life: Life): { readonly from: number; readonly at: number } | undefined {
  const { ended, requested, purgedAt, isComing } = life;
  if (purgedAt !== undefined) {
    return { from: purgedAt, at: purgedAt };
  }
  if (isComing) return undefined;
  // Nothing of it but its keys is here, and its site may come at any time: its days count from then, whatever ended before.
  if (life.lostAt !== undefined) return { from: life.lostAt, at: life.lostAt + bounds.lostMs + bounds.searchMs };
  const dues = [
    ...(requested === undefined ? [] : [{ from: requested.from, at: requested.from + bounds.requestMs }]),
    ...(ended === undefined ? [] : [{ from: ended.from, at: ended.from + bounds.liveMs + noticeOf(world, life) }]),
  ];
  return dues.sort((one, other) => one.at - other.at)[0];
}

/** Who told us is marked in that instant; of the others day 0 is the first probe that saw it. */
function noticeOf(world: World, { ended }: Life): number {
  if (ended === undefined || ended.end === 'uninstalled') return 0;
  const forgotten = Math.max(0, world.restoredAt - ended.from);
  return bounds.noticeMs + forgotten + world.downtime(ended.from - DAY, ended.from + 12 * DAY);
}

/** Is a bound past, with what was away when it counted taken off? */
function isPast(world: World, from: number, at: number, life?: Life): boolean {
  const { now } = world;
  if (now <= at) return false;
  const since = Math.max(from, at - 20 * DAY);
  const unclear = (life?.unclear ?? []).reduce(
    (all, { from: one, to = now }) => all + Math.max(0, Math.min(to, now) - Math.max(one, since)),
    0,
  );
  const down = world.downtime(since, now) + unclear;
  // What a restore has brought back goes once more.
  const bound = world.restoredAt > from ? Math.max(at, world.restoredAt + RETRIES_MS) : at;
  return now > bound + (down === 0 ? 0 : down + RETRIES_MS);
}

/**
 * May the copies of issues be gone? After a month; also of who has paid so shortly before its end that no probe had to hear of it in time.
 */
function mayHaveNoContent(world: World, { ends }: Life): boolean {
  const last = ends.at(-1);
  if (last === undefined) return false;
  const goneAt = last.from + bounds.copyMs;
  if (world.now < goneAt) return false;
  if (last.to === undefined) return true;
  const heardBy = last.end === 'licence' ? last.to + bounds.noticeMs + world.downtime(last.to, goneAt) : last.to;
  return heardBy > goneAt;
}

function judgeKept(world: World, { paths }: View): void {
  for (const life of world.lives.values()) {
    if (life.claimedAt !== undefined) continue;
    for (const path of life.records) if (!paths.has(path)) world.violate('lost', `${life.owner} ${path}`);
  }
  for (const [id, { lives, records }] of world.connections) {
    if (lives.some(({ claimedAt }) => claimedAt !== undefined)) {
      world.connections.delete(id);
      continue;
    }
    const isOld = lives.some((life) => mayHaveNoContent(world, life));
    for (const path of records) {
      if (isOld && isContent(path)) records.delete(path);
      else if (!paths.has(path)) world.violate('lost', path);
    }
  }
}

// ── Backups and receipts ────────────────────────────────────────────────────────────────────────────────────────

function judgeSets(world: World): void {
  for (const set of setsThere(world)) {
    const known = world.sets.get(set);
    if (known === undefined) world.violate('set-unknown', set);
    else if (isPast(world, known.beganAt, known.beganAt + bounds.setMs + HOUR)) world.violate('set-past-its-day', set);
  }
}

function setsThere({ house }: World): ReadonlySet<string> {
  return new Set([...house.place.files.keys()].map((name) => name.slice(0, name.indexOf('.'))));
}

async function judgeReceipts(world: World, view: View): Promise<void> {
  const { house, receipts } = world;
  const fresh: string[] = [];
  house.store.each('ledger', (path, data) => {
    if (!path.startsWith('receipts/') || world.seen.has(path)) return;
    world.seen.add(path);
    fresh.push((data as { signed: string }).signed);
  });
  for (const text of fresh) {
    const signed = parseReceipt(text);
    if (!verifyReceipt(signed, publicKey).ok) world.violate('receipt-bad', signed.receipt.id);
    const { covers, subject, generation } = signed.receipt;
    const life = lifeOf(world, await subjectsOf(world), subject, generation);
    if (life === undefined) {
      world.violate('receipt-of-nobody', signed.receipt.id);
      continue;
    }
    const key = `${covers} ${life.owner}`;
    if (receipts.has(key)) world.violate('receipt-twice', key);
    receipts.set(key, world.now);
    if (view.rest.has(life.owner) || view.content.has(life.owner)) world.violate('receipt-early', key);
    if (covers === 'backups')
      for (const set of setsThere(world))
        if (world.sets.get(set)?.owners.has(life.owner) === true) world.violate('receipt-early', `${key} ${set}`);
  }
  for (const life of world.lives.values()) if (life.purgedAt !== undefined) judgeProof(world, life, life.purgedAt);
}

function judgeProof(world: World, life: Life, purgedAt: number): void {
  const { receipts } = world;
  if (!receipts.has(`stores ${life.owner}`) && isPast(world, purgedAt, purgedAt + TICKS_MS))
    world.violate('receipt-missing', life.owner);
  const lastAt = purgedAt + bounds.setMs + TICKS_MS;
  if (!receipts.has(`backups ${life.owner}`) && isPast(world, purgedAt, lastAt))
    world.violate('receipt-2-missing', life.owner);
}

async function subjectsOf(world: World): Promise<ReadonlyMap<string, string>> {
  if (world.subjects.size === 0)
    await world.calmly(async () => {
      for (const { name } of world.sites)
        world.subjects.set(await world.house.ports.ledger.identityOf('connect', `key-${name}`), name);
    });
  return world.subjects;
}

function lifeOf(
  world: World,
  subjects: ReadonlyMap<string, string>,
  subject: string,
  generation: number,
): Life | undefined {
  const site = world.sites.find(({ name }) => name === subjects.get(subject));
  const tenant = site?.life?.ref.tenant;
  return tenant === undefined ? undefined : world.lives.get(`${tenant}#${generation}` as Owner);
}

// ── What is told ────────────────────────────────────────────────────────────────────────────────────────────────

function judgeTold(world: World): void {
  const { house, expected } = world;
  for (const one of [...expected]) {
    const { life, since, at } = one;
    const isTold = house.told.some(
      (message) =>
        message.kind === 'tenant-change' &&
        message.what === 'returned' &&
        message.tenant === life.ref.tenant &&
        message.generation === life.ref.generation &&
        message.at >= at &&
        message.since !== undefined &&
        message.since <= since,
    );
    const isOver = isTold || !life.isLive;
    if (isOver) expected.splice(expected.indexOf(one), 1);
    else if (isPast(world, at, at + bounds.noticeMs, life)) world.violate('not-caught-up', life.owner);
  }
}
