/** The store on Cloud Firestore: three databases of one project, one client each, made when it is first needed. */
import { v1 } from '@google-cloud/firestore-api';
import { FieldPath, FieldValue, Firestore, Timestamp } from '@google-cloud/firestore';
import type {
  DocumentReference,
  DocumentSnapshot,
  Query,
  QueryDocumentSnapshot,
  Transaction as FirestoreTransaction,
  WriteBatch,
} from '@google-cloud/firestore';
import { grpc } from 'google-gax';
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
import { rowOf } from '../retention/catalogue.ts';
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
  PAGE_LIMIT,
  pathAt,
  pathOf,
  placeOf,
  readRow,
  shelfPathOf,
} from '../retention/check.ts';
import { Fault } from '../verdict.ts';
import { inTime } from './deadline.ts';
import { storeFault } from './storeFault.ts';

/** What a query asks of the indexes. */
export interface QueryShape {
  readonly database: Database;
  readonly collection: string;
  readonly scope: 'COLLECTION' | 'COLLECTION_GROUP';
  readonly filters: readonly { readonly field: string; readonly op: 'array-contains' | '<=' }[];
  readonly order: readonly { readonly field: string; readonly direction: 'ASCENDING' | 'DESCENDING' }[];
}

/** Where the databases are, and who watches the queries. */
export interface FirestoreOptions {
  readonly project: string;
  /** `host:port` of the emulator. */
  readonly emulatorHost?: string;
  /** The database that holds the tenants; another than `(default)` after a restore. */
  readonly main?: string;
  /** Sees the shape of every query that is sent: the index gate. */
  readonly onQuery?: (shape: QueryShape) => void;
}

/** The client retries an unavailable service for a minute and more; callers have 30 s in all. */
const CALL_MS = 10_000;
/** Two transactions on one record wait for each other's locks: about 3.5 s in the emulator, measured. */
const TRANSACTION_MS = 20_000;
const MAX_ATTEMPTS = 5;
const MAX_REMOVALS = 500;
const MAIN: Database = '(default)';
const byName = { field: '__name__', direction: 'ASCENDING' } as const;

type Write =
  | { readonly kind: 'create' | 'put'; readonly path: string; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: 'remove'; readonly path: string };

/** @see Store for what holds; after `store-unavailable` a write may still land. */
export class FirestoreStore implements Store {
  readonly #options: FirestoreOptions;
  readonly #clients = new Map<Database, Firestore>();
  #walker: v1.FirestoreClient | undefined;

  constructor(options: FirestoreOptions) {
    this.#options = options;
  }

  async read<C extends Category>(category: C, place: Place<C>): Promise<Stored<C> | undefined> {
    const snapshot = await call(category, this.#ref(category, place).get());
    return storedOf(category, snapshot);
  }

  async create<C extends Category>(category: C, place: Place<C>, row: RecordOf<C>): Promise<Version> {
    checkRow(category, row);
    const { writeTime } = await call(category, this.#ref(category, place).create({ ...row }));
    return versionOf(writeTime);
  }

  async replace<C extends Category>(
    category: C,
    place: Place<C>,
    row: RecordOf<C>,
    version: Version,
  ): Promise<Version> {
    checkRow(category, row);
    const lastUpdateTime = timeOf(category, version);
    const ref = this.#ref(category, place);
    const { writeTime } = await call(category, ref.update(wholeOf(category, row), { lastUpdateTime }));
    return versionOf(writeTime);
  }

  async remove<C extends Category>(category: C, place: Place<C>): Promise<void> {
    await call(category, this.#ref(category, place).delete());
  }

  async removeAll(records: Parameters<Store['removeAll']>[0]): Promise<void> {
    if (records.length > MAX_REMOVALS) throw new Fault('store-refused', { field: 'records' });
    const byDatabase = Map.groupBy(records, ({ category }) => databaseOf(category));
    for (const [database, some] of byDatabase) {
      const client = this.#client(database);
      const batch = client.batch();
      for (const { category, place } of some) batch.delete(client.doc(pathAt(category, place)));
      await call(undefined, batch.commit());
    }
  }

  async batch(writes: readonly BatchWrite[]): Promise<Version> {
    if (writes.length > MAX_REMOVALS) throw new Fault('store-refused', { field: 'writes' });
    const client = this.#client(MAIN);
    const batch = client.batch();
    for (const write of writes) intoBatch(client, batch, write);
    const results = await call(undefined, batch.commit());
    const replaced = results[writes.findIndex(({ kind }) => kind === 'replace')];
    return replaced === undefined ? ('' as Version) : versionOf(replaced.writeTime);
  }

  async transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = this.#client(MAIN);
    const run: Run<T> = { work, clientErrors: new Set() };
    const running = client.runTransaction((inner) => attempt(client, inner, run), { maxAttempts: MAX_ATTEMPTS });
    try {
      return await inTime(TRANSACTION_MS, 'store-unavailable', running);
    } catch (thrown) {
      if (run.ownError !== undefined && run.ownError.thrown === thrown) throw thrown;
      throw storeFault(thrown, undefined);
    }
  }

  async list<C extends Category>(category: C, shelf: Shelf<C>, ask: PageAsk): Promise<Page<Stored<C>>> {
    checkPage(category, ask.limit, ask.after);
    const collection = this.#client(databaseOf(category)).collection(shelfPathOf(category, shelf));
    const after = ask.after?.split('/').at(-1);
    return this.#page(category, 'COLLECTION', [], collection, after, ask.limit);
  }

  async owned<C extends Category>(category: C, owner: Owner, ask: PageAsk): Promise<Page<Stored<C>>> {
    checkOwned(category);
    checkPage(category, ask.limit, ask.after);
    const query = this.#group(category).where('owners', 'array-contains', owner);
    const filters = [{ field: 'owners', op: 'array-contains' }] as const;
    return this.#page(category, 'COLLECTION_GROUP', filters, query, ask.after, ask.limit);
  }

  async ownedSeen<C extends Category>(category: C, owner: Owner, ask: PageAsk): Promise<Page<Seen<C>>> {
    checkOwned(category);
    checkPage(category, ask.limit, ask.after);
    const query = this.#group(category).where('owners', 'array-contains', owner).select();
    const filters = [{ field: 'owners', op: 'array-contains' }] as const;
    const docs = await this.#docs(category, 'COLLECTION_GROUP', filters, query, ask.after, ask.limit);
    return pageOf(docs, ask.limit, (some) => ofCategory(category, some).map((doc) => seenOf(category, doc)));
  }

  async ownedCount(category: Category, owner: Owner): Promise<number> {
    checkOwned(category);
    this.#saw(category, 'COLLECTION_GROUP', [{ field: 'owners', op: 'array-contains' }], []);
    const query = this.#group(category).where('owners', 'array-contains', owner);
    const counted = await call(category, query.count().get());
    return counted.data().count;
  }

  async due<C extends Category>(
    category: C,
    field: NumberField<C>,
    until: number,
    limit: number,
  ): Promise<readonly Stored<C>[]> {
    checkNumberField(category, field);
    checkPage(category, limit);
    this.#saw(category, 'COLLECTION_GROUP', [{ field, op: '<=' }], [{ field, direction: 'ASCENDING' }, byName]);
    const query = this.#group(category).where(field, '<=', until).orderBy(field).orderBy(FieldPath.documentId());
    const found = await call(category, query.limit(limit).get());
    return allStored(category, found.docs);
  }

  async scan<C extends Category>(category: C, ask: PageAsk): Promise<Page<Stored<C>>> {
    checkPage(category, ask.limit, ask.after);
    return this.#page(category, 'COLLECTION_GROUP', [], this.#group(category), ask.after, ask.limit);
  }

  async beneath(path: string, limit: number): Promise<readonly string[]> {
    checkRecordPath(path);
    const found: string[] = [];
    let after: string | undefined;
    do {
      const ask = { limit: Math.min(limit - found.length, PAGE_LIMIT), ...(after === undefined ? {} : { after }) };
      const page = await this.walk(path, ask);
      found.push(...page.items.map((one) => one.path));
      after = page.next;
    } while (after !== undefined && found.length < limit);
    return found;
  }

  async walk(path: string, { after, limit }: PageAsk): Promise<Page<Walked>> {
    checkRecordPath(path);
    checkWalk(limit, after);
    const [itself, below] = await Promise.all([
      after === undefined && path !== '' ? call(undefined, this.#recordAt(path)) : [],
      call(undefined, this.#descendants(path, after, limit + 1)),
    ]);
    const found = [...itself, ...below];
    const last = found[limit - 1];
    return found.length > limit && last !== undefined
      ? { items: found.slice(0, limit), next: last.path }
      : { items: found };
  }

  async removeAt(paths: readonly string[]): Promise<void> {
    if (paths.length > MAX_REMOVALS) throw new Fault('store-refused', { field: 'paths' });
    const client = this.#client(MAIN);
    const batch = client.batch();
    for (const path of paths) batch.delete(client.doc(path));
    await call(undefined, batch.commit());
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.terminate()));
    this.#clients.clear();
    await this.#walker?.close();
    this.#walker = undefined;
  }

  async #recordAt(path: string): Promise<readonly Walked[]> {
    const client = this.#client(MAIN);
    const [snapshot] = await client.getAll(client.doc(path), { fieldMask: ['owners'] });
    return snapshot?.exists === true ? [{ path, owners: textsIn(snapshot.get('owners')) }] : [];
  }

  /**
   * The records beneath a record or the whole database, in order: one query without a collection's name, as the client's own
   * `recursiveDelete` sends it. The client offers it to nobody else, so it goes through the layer below.
   */
  async #descendants(path: string, after: string | undefined, limit: number): Promise<readonly Walked[]> {
    const database = `projects/${this.#options.project}/databases/${this.#options.main ?? MAIN}`;
    const root = `${database}/documents`;
    const last = after === undefined ? {} : { startAt: { values: [{ referenceValue: `${root}/${after}` }] } };
    const stream = this.#walk().runQuery(
      {
        parent: path === '' ? root : `${root}/${path}`,
        structuredQuery: {
          from: [{ allDescendants: true }],
          select: { fields: [{ fieldPath: 'owners' }] },
          orderBy: [{ field: { fieldPath: '__name__' }, direction: 'ASCENDING' }],
          limit: { value: limit },
          ...last,
        },
      },
      { otherArgs: { headers: { 'google-cloud-resource-prefix': database } } },
    );
    const found: Walked[] = [];
    for await (const { document } of stream as AsyncIterable<{ readonly document?: RawDocument | null }>) {
      const values = document?.fields?.['owners']?.arrayValue?.values ?? [];
      if (document?.name !== undefined)
        found.push({
          path: document.name.slice(root.length + 1),
          owners: textsIn(values.map(({ stringValue }) => stringValue)),
        });
    }
    return found;
  }

  #walk(): v1.FirestoreClient {
    const { project, emulatorHost } = this.#options;
    const [servicePath = '', port] = emulatorHost?.split(':') ?? [];
    const emulator =
      emulatorHost === undefined
        ? {}
        : { servicePath, port: Number(port), sslCreds: grpc.credentials.createInsecure() };
    return (this.#walker ??= new v1.FirestoreClient({ projectId: project, ...emulator }));
  }

  #client(database: Database): Firestore {
    const known = this.#clients.get(database);
    if (known !== undefined) return known;
    const { project, emulatorHost, main = MAIN } = this.#options;
    const emulator = emulatorHost === undefined ? {} : { host: emulatorHost, ssl: false };
    const client = new Firestore({ projectId: project, databaseId: database === MAIN ? main : database, ...emulator });
    this.#clients.set(database, client);
    return client;
  }

  #ref<C extends Category>(category: C, place: Place<C>): DocumentReference {
    return this.#client(databaseOf(category)).doc(pathOf(category, place));
  }

  #group(category: Category): Query {
    return this.#client(databaseOf(category)).collectionGroup(collectionOf(category));
  }

  #saw(
    category: Category,
    scope: QueryShape['scope'],
    filters: QueryShape['filters'],
    order: QueryShape['order'],
  ): void {
    const collection = collectionOf(category);
    this.#options.onQuery?.({ database: databaseOf(category), collection, scope, filters, order });
  }

  async #page<C extends Category>(
    category: C,
    scope: QueryShape['scope'],
    filters: QueryShape['filters'],
    query: Query,
    after: string | undefined,
    limit: number,
  ): Promise<Page<Stored<C>>> {
    const docs = await this.#docs(category, scope, filters, query, after, limit);
    return pageOf(docs, limit, (some) => allStored(category, some));
  }

  /** One record more than asked is read, so that the last page is known to be the last. */
  async #docs(
    category: Category,
    scope: QueryShape['scope'],
    filters: QueryShape['filters'],
    query: Query,
    after: string | undefined,
    limit: number,
  ): Promise<readonly QueryDocumentSnapshot[]> {
    this.#saw(category, scope, filters, [byName]);
    const ordered = query.orderBy(FieldPath.documentId());
    const started = after === undefined ? ordered : ordered.startAfter(after);
    const { docs } = await call(category, started.limit(limit + 1).get());
    return docs;
  }
}

/** What the layer below the client answers of a record, as far as a walk asks. */
interface RawDocument {
  readonly name?: string;
  readonly fields?: Readonly<
    Record<string, { readonly arrayValue?: { readonly values?: readonly { readonly stringValue?: string }[] } | null }>
  > | null;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function pageOf<T>(
  docs: readonly QueryDocumentSnapshot[],
  limit: number,
  itemsOf: (some: readonly QueryDocumentSnapshot[]) => readonly T[],
): Page<T> {
  const items = itemsOf(docs.slice(0, limit));
  const last = docs[limit - 1];
  return docs.length > limit && last !== undefined ? { items, next: last.ref.path } : { items };
}

/** Every wait for the service: in time, and with its errors translated. */
async function call<T>(category: Category | undefined, promise: Promise<T>, ms = CALL_MS): Promise<T> {
  try {
    return await inTime(ms, 'store-unavailable', promise);
  } catch (thrown) {
    throw storeFault(thrown, category);
  }
}

/** A transaction's work, and who threw what: the client knows which of its own errors to try again, ours come out. */
interface Run<T> {
  readonly work: (transaction: Transaction) => Promise<T>;
  readonly clientErrors: Set<unknown>;
  ownError?: { readonly thrown: unknown };
}

async function attempt<T>(client: Firestore, inner: FirestoreTransaction, run: Run<T>): Promise<T> {
  const writes: Write[] = [];
  try {
    const value = await run.work(transactionOver(client, inner, writes, run.clientErrors));
    checkCommit(writes);
    for (const write of writes) carryOver(client, inner, write);
    return value;
  } catch (thrown) {
    if (!run.clientErrors.has(thrown)) run.ownError = { thrown };
    throw thrown;
  }
}

function intoBatch(client: Firestore, batch: WriteBatch, write: BatchWrite): void {
  const ref = client.doc(mainPathOf(write.category, write.place));
  const lastUpdateTime = timeOf(write.category, write.version);
  if (write.kind === 'remove') {
    batch.delete(ref, { lastUpdateTime });
    return;
  }
  checkRow(write.category, write.row);
  batch.update(ref, wholeOf(write.category, write.row), { lastUpdateTime });
}

function carryOver(client: Firestore, inner: FirestoreTransaction, write: Write): void {
  const ref = client.doc(write.path);
  if (write.kind === 'remove') inner.delete(ref);
  else if (write.kind === 'create') inner.create(ref, write.data);
  else inner.set(ref, write.data);
}

function transactionOver(
  client: Firestore,
  inner: FirestoreTransaction,
  writes: Write[],
  clientErrors: Set<unknown>,
): Transaction {
  const keep = <C extends Category>(kind: 'create' | 'put', category: C, place: Place<C>, row: RecordOf<C>): void => {
    checkRow(category, row);
    writes.push({ kind, path: mainPathOf(category, place), data: { ...row } });
  };
  const get = async (path: string): Promise<DocumentSnapshot> => {
    try {
      return await inner.get(client.doc(path));
    } catch (thrown) {
      clientErrors.add(thrown);
      throw thrown;
    }
  };
  return {
    read: async (category, place) => {
      if (writes.length > 0) throw new Fault('bug', { why: 'read-after-write' });
      return storedOf(category, await get(mainPathOf(category, place)));
    },
    create: (category, place, row) => keep('create', category, place, row),
    put: (category, place, row) => keep('put', category, place, row),
    remove: (category, place) => {
      writes.push({ kind: 'remove', path: mainPathOf(category, place) });
    },
  };
}

function mainPathOf(category: Category, place: Placed['place']): string {
  if (databaseOf(category) !== MAIN) throw new Fault('store-refused', { category, field: 'database' });
  return pathAt(category, place);
}

/** The whole record for `update`, which alone takes a precondition: fields that the new record lacks are taken away. */
function wholeOf<C extends Category>(category: C, row: RecordOf<C>): Record<string, unknown> {
  const names = Object.keys(rowOf(category).fields);
  const whole: Record<string, unknown> = { ...row };
  for (const name of names) if (!Object.hasOwn(whole, name)) whole[name] = FieldValue.delete();
  return whole;
}

function storedOf<C extends Category>(category: C, snapshot: DocumentSnapshot): Stored<C> | undefined {
  if (!snapshot.exists || snapshot.updateTime === undefined) return undefined;
  const row = readRow(category, snapshot.data());
  return { category, place: placeOf(category, snapshot.ref.path), row, version: versionOf(snapshot.updateTime) };
}

/** Records of the category; a collection of the same name elsewhere is none of the catalogue's. */
function allStored<C extends Category>(category: C, docs: readonly QueryDocumentSnapshot[]): readonly Stored<C>[] {
  return ofCategory(category, docs).flatMap((snapshot) => storedOf(category, snapshot) ?? []);
}

function ofCategory(category: Category, docs: readonly QueryDocumentSnapshot[]): readonly QueryDocumentSnapshot[] {
  return docs.filter(({ ref }) => categoryOfPath(databaseOf(category), ref.path) === category);
}

function seenOf<C extends Category>(category: C, { ref, updateTime }: QueryDocumentSnapshot): Seen<C> {
  return { category, place: placeOf(category, ref.path), version: versionOf(updateTime) };
}

/** The one place where a version is made here: the update time, to the nanosecond. */
function versionOf(time: Timestamp): Version {
  return `${time.seconds}.${time.nanoseconds}` as Version;
}

function timeOf(category: Category, version: Version): Timestamp {
  const [seconds, nanoseconds] = version.split('.').map(Number);
  if (seconds === undefined || nanoseconds === undefined)
    throw new Fault('store-refused', { category, field: 'version' });
  return new Timestamp(seconds, nanoseconds);
}
