/** The store in this process: for simulation, flow tests and a computer without emulators. */
import { isDeepStrictEqual } from 'node:util';
import type { Owner } from '../model/ids.ts';
import type {
  BatchWrite,
  NumberField,
  Page,
  PageAsk,
  Placed,
  Seen,
  Store,
  Stored,
  Transaction,
  Version,
  Walked,
} from '../ports.ts';
import type { Category, Database, Place, RecordOf, Shelf } from '../retention/catalogue.ts';
import {
  categoryOfPath,
  checkCommit,
  checkNumberField,
  checkOwned,
  checkPage,
  checkRecordPath,
  checkRow,
  checkWalk,
  collectionOf,
  databaseOf,
  pathAt,
  pathOf,
  placeOf,
  readRow,
  shelfPathOf,
} from '../retention/check.ts';
import { Fault } from '../verdict.ts';
import { Shelves } from './shelves.ts';

/** One call of the store, as a test sees it. */
export interface StoreCall {
  readonly op:
    | 'read'
    | 'create'
    | 'replace'
    | 'remove'
    | 'removeAll'
    | 'batch'
    | 'removeAt'
    | 'transact'
    | 'list'
    | 'owned'
    | 'due'
    | 'scan'
    | 'beneath';
  /** Absent where a call is of several categories or of none; of a batch its last write's. */
  readonly category?: Category;
  readonly path?: string;
}

/** Hooks for tests: they may wait, to order calls, and throw, to fail them. */
export interface MemoryStoreHooks {
  /** Awaited before each call takes effect, and before each commit of a transaction. */
  readonly onCall?: (call: StoreCall) => void | Promise<void>;
  /** Awaited after a call took effect and before the caller learns of it. */
  readonly onDone?: (call: StoreCall) => void | Promise<void>;
}

interface Held {
  readonly data: unknown;
  readonly version: number;
  /** By its path; absent where the catalogue names none. */
  readonly category: Category | undefined;
  /** It came past the catalogue: each reading holds it against that. What was written the usual way has been. */
  readonly isPlanted?: boolean;
}

type Write =
  | { readonly kind: 'create' | 'put'; readonly category: Category; readonly path: string; readonly data: unknown }
  | { readonly kind: 'remove'; readonly category: Category; readonly path: string };

/** As often as the cloud's client tries. @see Firestore `maxAttempts` */
const MAX_ATTEMPTS = 5;
/** Firestore's limit of writes in one commit, kept although newer limits are wider. */
const MAX_REMOVALS = 500;
const MAIN: Database = '(default)';

/**
 * Keeps the semantics of the cloud's store: preconditions, optimistic transactions, order by path, records without
 * parents. Values are copied on their way in and out, and each call lets others run first.
 */
export class MemoryStore implements Store {
  readonly #databases: Readonly<Record<Database, Shelves<Held>>> = {
    '(default)': new Shelves(),
    vault: new Shelves(),
    ledger: new Shelves(),
    identity: new Shelves(),
  };
  readonly #hooks: MemoryStoreHooks;
  #lastVersion = 0;

  constructor(hooks: MemoryStoreHooks = {}) {
    this.#hooks = hooks;
  }

  /** Takes a copy of the main database; calling it puts that back, as a restore does: the vault and the ledger are in no backup. */
  backup(): () => void {
    const kept = structuredClone([...this.#databases[MAIN]]);
    return () => {
      const main = this.#databases[MAIN];
      main.clear();
      for (const [path, held] of structuredClone(kept)) main.set(path, held);
    };
  }

  async read<C extends Category>(category: C, place: Place<C>): Promise<Stored<C> | undefined> {
    const path = pathOf(category, place);
    return this.#call({ op: 'read', category, path }, () => this.#stored(category, path));
  }

  async create<C extends Category>(category: C, place: Place<C>, row: RecordOf<C>): Promise<Version> {
    const path = pathOf(category, place);
    const data = checkedCopy(category, row);
    return this.#call({ op: 'create', category, path }, () => {
      if (this.#of(category).has(path)) throw new Fault('store-exists', { category });
      return this.#write(category, path, data);
    });
  }

  async replace<C extends Category>(
    category: C,
    place: Place<C>,
    row: RecordOf<C>,
    version: Version,
  ): Promise<Version> {
    const path = pathOf(category, place);
    const data = checkedCopy(category, row);
    return this.#call({ op: 'replace', category, path }, () => {
      const held = this.#of(category).get(path);
      if (held === undefined || versionOf(held) !== version) throw new Fault('store-changed', { category });
      return this.#write(category, path, data);
    });
  }

  async remove<C extends Category>(category: C, place: Place<C>): Promise<void> {
    const path = pathOf(category, place);
    await this.#call({ op: 'remove', category, path }, () => this.#of(category).delete(path));
  }

  async removeAll(records: Parameters<Store['removeAll']>[0]): Promise<void> {
    if (records.length > MAX_REMOVALS) throw new Fault('store-refused', { field: 'records' });
    // As in the cloud: what changes nothing asks nobody.
    if (records.length === 0) return;
    const paths = records.map(({ category, place }) => ({ category, path: pathAt(category, place) }));
    await this.#call({ op: 'removeAll' }, () => {
      for (const { category, path } of paths) this.#of(category).delete(path);
    });
  }

  async batch(writes: readonly BatchWrite[]): Promise<Version> {
    if (writes.length > MAX_REMOVALS) throw new Fault('store-refused', { field: 'writes' });
    const copies = writes.map((write) => ({
      ...write,
      path: mainPathOf(write.category, write.place),
      ...(write.kind === 'replace' ? { data: checkedCopy<Category>(write.category, write.row) } : {}),
    }));
    const last = copies.at(-1);
    return this.#call(
      { op: 'batch', ...(last === undefined ? {} : { category: last.category, path: last.path }) },
      () => {
        for (const { category, path, version } of copies) {
          const held = this.#databases[MAIN].get(path);
          if (held === undefined || versionOf(held) !== version) throw new Fault('store-changed', { category });
        }
        let replaced = '' as Version;
        for (const { category, kind, path, data } of copies) {
          if (kind === 'remove') this.#databases[MAIN].delete(path);
          else replaced = this.#write(category, path, data);
        }
        return replaced;
      },
    );
  }

  async transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const ended = await this.#attempt(work);
      if (ended !== 'changed') return ended.value;
    }
    throw new Fault('store-changed', { attempts: MAX_ATTEMPTS });
  }

  async list<C extends Category>(category: C, shelf: Shelf<C>, ask: PageAsk): Promise<Page<Stored<C>>> {
    const start = shelfPathOf(category, shelf);
    checkPage(category, ask.limit, ask.after);
    return this.#call({ op: 'list', category, path: `${start}/` }, () =>
      this.#page(category, ask, this.#of(category).within(collectionOf(category), start)),
    );
  }

  async owned<C extends Category>(category: C, owner: Owner, ask: PageAsk): Promise<Page<Stored<C>>> {
    checkOwned(category);
    checkPage(category, ask.limit, ask.after);
    return this.#call({ op: 'owned', category }, () =>
      this.#page(category, ask, this.#paths(category), (data) => carries(data, owner)),
    );
  }

  async ownedSeen<C extends Category>(category: C, owner: Owner, ask: PageAsk): Promise<Page<Seen<C>>> {
    checkOwned(category);
    checkPage(category, ask.limit, ask.after);
    const { items, next } = await this.#call({ op: 'owned', category }, () =>
      this.#page(category, ask, this.#paths(category), (data) => carries(data, owner)),
    );
    const seen = items.map(({ place, version }) => ({ category, place, version }));
    return next === undefined ? { items: seen } : { items: seen, next };
  }

  async ownedCount(category: Category, owner: Owner): Promise<number> {
    checkOwned(category);
    return this.#call(
      { op: 'owned', category },
      () => this.#paths(category).filter((path) => carries(this.#of(category).get(path)?.data, owner)).length,
    );
  }

  async due<C extends Category>(
    category: C,
    field: NumberField<C>,
    until: number,
    limit: number,
  ): Promise<readonly Stored<C>[]> {
    checkNumberField(category, field);
    checkPage(category, limit);
    return this.#call({ op: 'due', category }, () => {
      const held = this.#of(category);
      const found: { readonly path: string; readonly at: number }[] = [];
      for (const path of held.named(collectionOf(category))) {
        const one = held.get(path);
        const at = fieldOf(one?.data, field);
        if (typeof at === 'number' && at <= until && one?.category === category) found.push({ path, at });
      }
      const first = found.sort((one, other) => one.at - other.at || byPath(one.path, other.path)).slice(0, limit);
      return first.flatMap(({ path }) => this.#stored(category, path) ?? []);
    });
  }

  async scan<C extends Category>(category: C, ask: PageAsk): Promise<Page<Stored<C>>> {
    databaseOf(category);
    checkPage(category, ask.limit, ask.after);
    return this.#call({ op: 'scan', category }, () => this.#page(category, ask, this.#paths(category)));
  }

  async beneath(path: string, limit: number): Promise<readonly string[]> {
    checkRecordPath(path);
    return this.#call({ op: 'beneath', path }, () =>
      [...this.#databases[MAIN].keys()]
        .filter((one) => path === '' || one === path || one.startsWith(`${path}/`))
        .sort(byPath)
        .slice(0, limit),
    );
  }

  async walk(path: string, { after, limit }: PageAsk): Promise<Page<Walked>> {
    checkRecordPath(path);
    checkWalk(limit, after);
    return this.#call({ op: 'beneath', path }, () => {
      const found = [...this.#databases[MAIN]]
        .filter(([one]) => path === '' || one === path || one.startsWith(`${path}/`))
        .filter(([one]) => after === undefined || byPath(one, after) > 0)
        .sort(([one], [other]) => byPath(one, other))
        .map(([one, { data }]) => ({ path: one, owners: ownersIn(data) }));
      const last = found[limit - 1];
      return found.length > limit && last !== undefined
        ? { items: found.slice(0, limit), next: last.path }
        : { items: found };
    });
  }

  async removeAt(paths: readonly string[]): Promise<void> {
    if (paths.length > MAX_REMOVALS) throw new Fault('store-refused', { field: 'paths' });
    await this.#call({ op: 'removeAt' }, () => {
      for (const path of paths) this.#databases[MAIN].delete(path);
    });
  }

  /** Puts anything anywhere, past the catalogue: what a purge's verification must find. For tests. */
  plant(database: Database, path: string, data: unknown): void {
    const category = categoryOfPath(database, path);
    const held = { data: structuredClone(data), version: (this.#lastVersion += 1), category, isPlanted: true };
    this.#databases[database].set(path, held);
  }

  /** Shows every record as it is held, in no order and without a copy: for judges that look often. What they see is not theirs to change. */
  each(database: Database, visit: (path: string, data: unknown) => void): void {
    // The map's own walk: a judge looks at everything after each step, and pairs for each record cost more than the look.
    this.#databases[database].forEach(({ data }, path) => {
      visit(path, data);
    });
  }

  /** Everything that is stored, by path. For tests and the local page. */
  everything(database: Database): ReadonlyMap<string, unknown> {
    const held = [...this.#databases[database]].sort(([one], [other]) => byPath(one, other));
    return new Map(held.map(([path, { data }]) => [path, structuredClone(data)]));
  }

  async #call<T>(call: StoreCall, effect: () => T): Promise<T> {
    await this.#hooks.onCall?.(call);
    // Whoever called before has its turn first, so that interleavings in tests are real ones.
    await Promise.resolve();
    const result = effect();
    await this.#hooks.onDone?.(call);
    return result;
  }

  async #attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<{ readonly value: T } | 'changed'> {
    const seen = new Map<string, number | undefined>();
    const writes: Write[] = [];
    const isStale = (): boolean =>
      [...seen].some(([path, version]) => this.#databases[MAIN].get(path)?.version !== version);
    let value: T;
    try {
      value = await work(this.#transaction(seen, writes));
      checkCommit(writes);
    } catch (thrown) {
      // The cloud's store shows one moment to all reads of a transaction; here a mixed view may have misled the work.
      if (isStale()) return 'changed';
      throw thrown;
    }
    return this.#call({ op: 'transact' }, () => {
      if (isStale()) return 'changed';
      const taken = writes.find(({ kind, path }) => kind === 'create' && this.#databases[MAIN].has(path));
      if (taken !== undefined) throw new Fault('store-exists', { category: taken.category });
      for (const write of writes) {
        if (write.kind === 'remove') this.#databases[MAIN].delete(write.path);
        else this.#write(write.category, write.path, write.data);
      }
      return { value };
    });
  }

  #transaction(seen: Map<string, number | undefined>, writes: Write[]): Transaction {
    const read = async <C extends Category>(category: C, place: Place<C>): Promise<Stored<C> | undefined> => {
      if (writes.length > 0) throw new Fault('bug', { why: 'read-after-write' });
      const path = mainPathOf(category, place);
      return this.#call({ op: 'read', category, path }, () => {
        if (!seen.has(path)) seen.set(path, this.#databases[MAIN].get(path)?.version);
        return this.#stored(category, path);
      });
    };
    return {
      read,
      create: (category, place, row) => {
        writes.push({ kind: 'create', category, path: mainPathOf(category, place), data: checkedCopy(category, row) });
      },
      put: (category, place, row) => {
        writes.push({ kind: 'put', category, path: mainPathOf(category, place), data: checkedCopy(category, row) });
      },
      remove: (category, place) => {
        writes.push({ kind: 'remove', category, path: mainPathOf(category, place) });
      },
    };
  }

  #of(category: Category): Shelves<Held> {
    return this.#databases[databaseOf(category)];
  }

  #write(category: Category, path: string, data: unknown): Version {
    const before = this.#of(category).get(path);
    // As in the cloud: a write that changes nothing leaves the version.
    if (before !== undefined && isDeepStrictEqual(before.data, data)) return versionOf(before);
    const held = { data, version: (this.#lastVersion += 1), category };
    this.#of(category).set(path, held);
    return versionOf(held);
  }

  #stored<C extends Category>(category: C, path: string): Stored<C> | undefined {
    const held = this.#of(category).get(path);
    if (held === undefined) return undefined;
    const copy = copyOf(held.data);
    const row = isChecked<C>(held, copy) ? copy : readRow(category, copy);
    return { category, place: placeOf(category, path), row, version: versionOf(held) };
  }

  /** Paths of the records of a category, in no order. */
  #paths(category: Category): readonly string[] {
    return this.#ofCategory(category, this.#of(category).named(collectionOf(category)));
  }

  /** Collections of two categories may have one name. */
  #ofCategory(category: Category, paths: Iterable<string>): readonly string[] {
    const held = this.#of(category);
    return [...paths].filter((path) => held.get(path)?.category === category);
  }

  #page<C extends Category>(
    category: C,
    { after, limit }: PageAsk,
    among: Iterable<string>,
    isWanted: (data: unknown) => boolean = () => true,
  ): Page<Stored<C>> {
    const found = this.#ofCategory(category, among)
      .filter((path) => isWanted(this.#of(category).get(path)?.data))
      .filter((path) => after === undefined || byPath(path, after) > 0)
      .sort(byPath);
    const items = found.slice(0, limit).flatMap((path) => this.#stored(category, path) ?? []);
    const last = found[limit - 1];
    return found.length > limit && last !== undefined ? { items, next: last } : { items };
  }
}

function mainPathOf(category: Category, place: Placed['place']): string {
  if (databaseOf(category) !== MAIN) throw new Fault('store-refused', { category, field: 'database' });
  return pathAt(category, place);
}

function checkedCopy<C extends Category>(category: C, row: RecordOf<C>): RecordOf<C> {
  checkRow(category, row);
  return copyOf(row);
}

/** Was it held against the catalogue when it was written? Then its copy needs no other look. */
function isChecked<C extends Category>({ isPlanted }: Held, copy: unknown): copy is RecordOf<C> {
  return isPlanted !== true && copy !== undefined;
}

/** A copy of a record: plain values, lists and tables, which the platform's own copy takes ten times as long for. Anything else is left to that. */
function copyOf<T>(value: T): T;
function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown): unknown => copyOf(one));
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, '__proto__'))
    return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = copyOf(part);
  return copy;
}

/** The one place where a version is made here; nobody looks into it. */
function versionOf(held: Held): Version {
  return String(held.version) as Version;
}

function carries(data: unknown, owner: Owner): boolean {
  return ownersIn(data).includes(owner);
}

function ownersIn(data: unknown): readonly string[] {
  const owners = fieldOf(data, 'owners');
  return Array.isArray(owners) ? owners.filter((owner) => typeof owner === 'string') : [];
}

function fieldOf(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? Object.getOwnPropertyDescriptor(data, name)?.value : undefined;
}

/** Above this a unit of UTF-16 may stand elsewhere than its character does by its bytes in UTF-8. */
const SURROGATES = 0xd800;

/** The cloud's order of paths: part by part, each by its bytes in UTF-8. */
function byPath(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (at < length && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  if (at === length) return one.length - other.length;
  // Where one part has ended it stands before whatever goes on.
  if (one[at] === '/') return -1;
  if (other[at] === '/') return 1;
  const [unit, against] = [one.charCodeAt(at), other.charCodeAt(at)];
  if (unit < SURROGATES && against < SURROGATES) return unit - against;
  return Buffer.compare(Buffer.from(partAround(one, at)), Buffer.from(partAround(other, at)));
}

function partAround(path: string, at: number): string {
  const end = path.indexOf('/', at);
  return path.slice(path.lastIndexOf('/', at) + 1, end < 0 ? undefined : end);
}
