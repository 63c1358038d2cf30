/**
 * Brings a backup back into a quarantined database: one that no function uses, without triggers and without a way out. What comes back is
 * decided by the ledger as it is now; what was written is then looked through in two ways that share nothing with the writing.
 * @see shared/backup/SPEC.md B18–B25, PRIVACY-ENGINE.md §6
 */
import { afterRestore, tenancyAfterRestore } from '../../shared/backup/afterRestore.ts';
import type { DropWhy, Judged } from '../../shared/backup/afterRestore.ts';
import { checkManifest, isPart, manifestHash } from '../../shared/backup/manifest.ts';
import { openPart, recordContext } from '../../shared/backup/part.ts';
import type { BackupLine, Manifest, ManifestPart, SavedRecord } from '../../shared/model/backup.ts';
import {
  identityHash,
  owner as parseOwner,
  ownerOf,
  sealed,
  setId,
  tenantId,
  tenantKey,
} from '../../shared/model/ids.ts';
import type { Owner, SetId } from '../../shared/model/ids.ts';
import type { BackupRestore, Clock, Keys, Ledger, LedgerEntry, Signer, Store, Vault } from '../../shared/ports.ts';
import { isOwned, ownedCategories, placedAt } from '../../shared/retention/address.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { Category, RecordOf } from '../../shared/retention/catalogue.ts';
import { categoryOfPath, placeOf, readRow } from '../../shared/retention/check.ts';
import type { RetentionDays } from '../../shared/retention/clocks.ts';
import { lifeOf } from '../../shared/retention/ledgerTruth.ts';
import type { Life } from '../../shared/retention/ledgerTruth.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { parseLine, parseManifest, parseRecord } from '../../shared/wire/backup.ts';
import { withTenancy } from '../../functions/tenantRecord.ts';
import { epochState } from '../../shared/sync/storeEpoch.ts';
import type { EpochState } from '../../shared/sync/storeEpoch.ts';

/** What a restore stands on. */
export interface RestoreNeeds {
  /** The ledger's and the vault's records, and the register. Its main database is not read. */
  readonly store: Store;
  /** The same project with the quarantined database as its main one; empty. */
  readonly target: Store;
  readonly place: BackupRestore;
  readonly backupVault: Vault;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly days: RetentionDays;
}

/** Figures and ids of a restore; nothing of a customer. */
export interface RestoreReport {
  readonly set: SetId;
  readonly manifestHash: string;
  /** How old the state is that came back: what was written since is lost, as far as the sites do not have it. */
  readonly lostMs: number;
  readonly tookMs: number;
  readonly read: number;
  readonly written: number;
  readonly dropped: Readonly<Partial<Record<DropWhy | 'unreadable' | 'odd', number>>>;
  readonly tenants: {
    readonly live: number;
    readonly marked: number;
    readonly purging: number;
    readonly purged: number;
  };
  /** Lives that the ledger calls live and that the set does not hold: they came after it. */
  readonly missing: readonly Owner[];
  /** Lives whose secret is not in the set: their site has to install again before its calls are believed. */
  readonly mute: readonly Owner[];
  /** Records of purged lives, by owner and by path. Both have to be 0. */
  readonly foundByOwner: number;
  readonly foundByPath: number;
  /** `restored`: the guard of the sync will know this store for an older copy, and stop every connection until its admins have chosen. */
  readonly epoch: EpochState;
  /** Everything is as it has to be. */
  readonly isGood: boolean;
}

/** Firestore takes 3.6 MB in a commit here; what JSON needs is about as much. */
const BATCH_BYTES = 2_000_000;
const BATCH_RECORDS = 200;
const SCAN_PAGE = 500;
/** Paths of the quarantined database that one look holds in memory. */
const WALK_LIMIT = 5_000_000;

/** Sets that are whole and still there, the newest first. */
export async function wholeSets(store: Store): Promise<readonly SetId[]> {
  const { items } = await store.scan('backupSet', { limit: SCAN_PAGE });
  return items
    .filter(({ row }) => row.endedAt !== undefined && row.goneAt === undefined)
    .toSorted((one, other) => other.row.beganAt - one.row.beganAt)
    .map(({ place }) => setId(place.set));
}

/**
 * Restores a set. The target has to be empty: after a stop another one is taken.
 * @throws Fault `not-found`, `backup-signature`, `backup-odd`, `seal-broken`, `state-refused` for a target that is not empty
 */
export async function restoreSet(needs: RestoreNeeds, set: SetId): Promise<RestoreReport> {
  const startedAt = needs.clock.now();
  if ((await needs.target.beneath('', 1)).length > 0) throw new Fault('state-refused', { why: 'target-not-empty' });
  const { manifest, key } = await openSet(needs, set);
  const run = new Run(needs, manifest, key);
  await run.meetTenants();
  for (const category of inOrder()) await run.bringBack(category);
  const missing = await missingLives(needs, run.kept);
  const foundByOwner = await countByOwner(needs.target, run.purged);
  const { found: foundByPath, paths } = await countByPath(needs.target, run.lives);
  const [head] = (await needs.store.scan('epoch', { limit: 1 })).items;
  const main = (await needs.target.read('storeEpoch', { store: 'main' }))?.row;
  const epoch = epochState(main, head?.row);
  const isWhole = paths === run.written && run.read === totalOf(manifest);
  return {
    ...{ set, manifestHash: manifestHash(manifest), lostMs: startedAt - manifest.beganAt },
    ...{ tookMs: needs.clock.now() - startedAt, read: run.read, written: run.written, dropped: run.dropped },
    tenants: run.tenants,
    ...{ missing, mute: run.mute, foundByOwner, foundByPath, epoch },
    isGood: isWhole && foundByOwner + foundByPath === 0 && run.dropped.odd === undefined,
  };
}

function totalOf({ counts }: Manifest): number {
  return Object.values(counts).reduce((sum, one) => sum + one, 0);
}

/** Connections before what hangs on them, tenants last: a stopped restore is none. */
function inOrder(): readonly Category[] {
  const rank = (category: Category): number => (category === 'connection' ? 0 : category === 'tenant' ? 2 : 1);
  return [...categories].sort((one, other) => rank(one) - rank(other));
}

async function openSet({ store, place, backupVault, signer }: RestoreNeeds, set: SetId) {
  const row = (await store.read('backupSet', { set }))?.row;
  if (row?.manifest === undefined || row.wrapped === undefined) throw new Fault('not-found', { set });
  const signed = parseManifest(Buffer.from(await place.read(set, row.manifest)).toString('utf8'));
  const problem = checkManifest(signed, set, await signer.publicKey());
  if (problem !== undefined) throw new Fault(problem, { set });
  // Signed by us, and the very one that the register knows.
  if (manifestHash(signed.manifest) !== row.manifestHash) throw new Fault('backup-odd', { set, what: 'manifest' });
  return { manifest: signed.manifest, key: await backupVault.unwrap(row.wrapped, `backup-set:${set}`) };
}

type Tally = Partial<Record<DropWhy | 'unreadable' | 'odd', number>>;

/** One restore under way. */
class Run {
  readonly lives = new Map<Owner, Life>();
  readonly purged = new Set<Owner>();
  /** Lives whose tenant comes back. */
  readonly kept = new Set<Owner>();
  readonly mute: Owner[] = [];
  readonly tenants = { live: 0, marked: 0, purging: 0, purged: 0 };
  readonly dropped: Tally = {};
  read = 0;
  written = 0;
  readonly #needs: RestoreNeeds;
  readonly #manifest: Manifest;
  readonly #key: Uint8Array;
  readonly #connections = new Set<string>();
  readonly #numbers = new Map<string, number>();
  #batch: { readonly category: Category; readonly path: string; readonly row: object }[] = [];
  #bytes = 0;

  constructor(needs: RestoreNeeds, manifest: Manifest, key: Uint8Array) {
    this.#needs = needs;
    this.#manifest = manifest;
    this.#key = key;
  }

  /** Learns from the ledger what became of every life whose tenant is in the set. Lines of the purged cannot even be opened. */
  async meetTenants(): Promise<void> {
    for (const part of this.#partsOf('tenant'))
      for (const line of await this.#lines(part)) {
        const owners = 'o' in line ? line.o : [];
        const opened = await this.#open(line);
        if (opened === undefined) for (const owner of owners) this.purged.add(owner);
        else await this.#meet(opened);
      }
  }

  async #meet([path, row]: SavedRecord): Promise<void> {
    const record = readRow('tenant', row);
    const identity = await this.#needs.ledger.identityOf(record.door, record.clientKey);
    const entries = await this.#needs.ledger.read(identity);
    this.#numbers.set(path, entries.at(-1)?.number ?? 0);
    for (const { tenant, generation } of entries) {
      const life = lifeOf(entries, generation);
      const owner = ownerOf(tenant, generation);
      if (life !== undefined) this.lives.set(owner, life);
      if (life?.tenancy.state === 'purged') this.purged.add(owner);
    }
  }

  /** Judges and writes every record of a category. */
  async bringBack(category: Category): Promise<void> {
    for (const part of this.#partsOf(category))
      for (const line of await this.#lines(part)) {
        this.read += 1;
        const opened = await this.#open(line);
        if (opened === undefined) this.#lose(category, 'unreadable');
        else await this.#judge(category, line, opened);
      }
    await this.#flush();
  }

  #partsOf(category: Category): readonly ManifestPart[] {
    return this.#manifest.parts.filter((part) => part.category === category);
  }

  async #lines(part: ManifestPart): Promise<readonly BackupLine[]> {
    const { set } = this.#manifest;
    const bytes = await this.#needs.place.read(set, part.file);
    if (!isPart(part, bytes)) throw new Fault('backup-odd', { set, what: 'part' });
    const lines = openPart({ key: this.#key, set, file: part.file, bytes }).map(parseLine);
    if (lines.length !== part.records) throw new Fault('backup-odd', { set, what: 'count' });
    return lines;
  }

  /** The record of a line; none when a key of one of its owners was destroyed. */
  async #open(line: BackupLine): Promise<SavedRecord | undefined> {
    if ('r' in line) return line.r;
    let value: unknown = line.s;
    try {
      for (const owner of line.o.toReversed())
        value = await this.#needs.keys.open(tenantKey(owner), recordContext(this.#manifest.set), sealed(String(value)));
    } catch (thrown) {
      const fault = toFault(thrown);
      if (fault.code === 'key-gone') return undefined;
      throw fault;
    }
    return parseRecord(value);
  }

  async #judge(category: Category, line: BackupLine, [path, row]: SavedRecord): Promise<void> {
    const known = rowIn(category, path, row, line);
    if (known === undefined) {
      this.#lose(category, 'odd');
      return;
    }
    const place = placeOf(category, path);
    const judged: Judged = {
      ...{ lives: this.lives, connections: this.#connections },
      ...{ now: this.#needs.clock.now(), days: this.#needs.days },
    };
    const ending = afterRestore({ category, place, row: known }, judged);
    if (ending.fate === 'drop') {
      this.#lose(category, ending.why);
      return;
    }
    if (category === 'connection') this.#connections.add(path.split('/')[1] ?? '');
    const kept = category === 'tenant' ? this.#tenantAgain(path, known) : known;
    await this.#write(category, path, ending.fate === 'partner-left' ? { ...kept, state: 'partner-left' } : kept);
  }

  /** A tenant comes back in the ledger's state, and everything since the set is caught up. */
  #tenantAgain(path: string, known: Readonly<Record<string, unknown>>): object {
    const row = readRow('tenant', known);
    const tenant = tenantId(placeOf('tenant', path).tenant);
    const owner = ownerOf(tenant, row.generation);
    const life = this.lives.get(owner);
    if (life === undefined) throw new Fault('bug', { why: 'judged-without-life' });
    const tenancy = tenancyAfterRestore(row, life);
    this.kept.add(owner);
    const number = this.#numbers.get(path) ?? 0;
    const changed = withTenancy(row, { tenancy, number, at: this.#needs.clock.now() });
    const state = tenancy.state === 'active' ? 'live' : tenancy.state;
    this.tenants[state] += 1;
    if (tenancy.state === 'active' && changed.sharedSecret === undefined) this.mute.push(owner);
    return { ...changed, ...this.#caughtUp(changed) };
  }

  /** The sweep tells the sync to catch up with what happened since, as after any rest. */
  #caughtUp(row: RecordOf<'tenant'>): Partial<RecordOf<'tenant'>> {
    if (row.state !== 'active') return {};
    return { untold: 'returned', untoldSince: Math.min(row.untoldSince ?? Infinity, this.#manifest.beganAt) };
  }

  async #write(category: Category, path: string, row: object): Promise<void> {
    this.#batch.push({ category, path, row });
    this.#bytes += JSON.stringify(row).length;
    if (this.#bytes >= BATCH_BYTES || this.#batch.length >= BATCH_RECORDS) await this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    await this.#needs.target.transact(async (transaction) => {
      for (const { category, path, row } of batch)
        transaction.create(category, placeOf(category, path), readRow(category, row));
    });
    this.written += batch.length;
    this.#batch = [];
    this.#bytes = 0;
  }

  #lose(category: Category, why: keyof Tally): void {
    if (category === 'tenant') this.tenants.purged += 1;
    this.dropped[why] = (this.dropped[why] ?? 0) + 1;
  }
}

/** A record that the catalogue of today does not let pass, or that says of itself other than its line does, is odd. */
function rowIn(
  category: Category,
  path: string,
  row: unknown,
  line: BackupLine,
): Readonly<Record<string, unknown>> | undefined {
  if (categoryOfPath('(default)', path) !== category) return undefined;
  try {
    const known: Readonly<Record<string, unknown>> = { ...readRow(category, row) };
    const owners = isOwned(category) ? [...new Set(known['owners'] as readonly string[])].sort() : [];
    const named: readonly string[] = 'o' in line ? line.o : [];
    return owners.join() === named.join() ? known : undefined;
  } catch (thrown) {
    if (toFault(thrown).code === 'store-record-odd') return undefined;
    throw thrown;
  }
}

// ── Looking through what was written ────────────────────────────────────────────────────────────────────────────

async function countByOwner(target: Store, purged: ReadonlySet<Owner>): Promise<number> {
  let found = 0;
  for (const owner of purged)
    for (const category of ownedCategories)
      if (rowOf(category).database === '(default)')
        found += (await target.owned(category, owner, { limit: SCAN_PAGE })).items.length;
  return found;
}

/** Every path there is, whether or not anything leads to it; a record counts unless all its owners are lives that may be there. */
async function countByPath(
  target: Store,
  lives: ReadonlyMap<Owner, Life>,
): Promise<{ readonly found: number; readonly paths: number }> {
  const paths = await target.beneath('', WALK_LIMIT);
  let found = 0;
  for (const path of paths) {
    const placed = placedAt(path);
    const row = placed === undefined ? undefined : (await target.read(placed.category, placed.place))?.row;
    const owners: unknown = row !== undefined && 'owners' in row ? row.owners : undefined;
    const isFine =
      placed !== undefined &&
      (!isOwned(placed.category) ||
        (Array.isArray(owners) && owners.length > 0 && owners.every((one) => mayBe(lives, String(one)))));
    if (!isFine) found += 1;
  }
  return { found, paths: paths.length };
}

function mayBe(lives: ReadonlyMap<Owner, Life>, text: string): boolean {
  const life = lives.get(parseOwner(text));
  return life !== undefined && life.tenancy.state !== 'purged';
}

/** Lives that the ledger calls live, or marked, and that the set does not know. */
async function missingLives({ store }: RestoreNeeds, kept: ReadonlySet<Owner>): Promise<readonly Owner[]> {
  const byIdentity = new Map<string, LedgerEntry[]>();
  let after: string | undefined;
  do {
    const page = await store.scan('ledger', { limit: SCAN_PAGE, ...(after === undefined ? {} : { after }) });
    for (const { place, row } of page.items) {
      const { previous: _previous, ...entry } = row;
      const identity = identityHash(place.identity);
      byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), { number: Number(place.number), ...entry }]);
    }
    after = page.next;
  } while (after !== undefined);
  const missing = new Set<Owner>();
  for (const entries of byIdentity.values())
    for (const { tenant, generation } of entries) {
      const state = lifeOf(entries, generation)?.tenancy.state;
      const owner = ownerOf(tenantId(tenant), generation);
      if ((state === 'active' || state === 'marked') && !kept.has(owner)) missing.add(owner);
    }
  return [...missing];
}
