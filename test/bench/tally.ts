/** What a piece of work costs: reads and writes of the store, messages, calls of Jira and their points. */
import type { Store, Transaction } from '../../shared/ports.ts';
import type { Category } from '../../shared/retention/catalogue.ts';

/** Counted so far. */
export interface Tally {
  /** Documents read, as Firestore bills them: a missing one and an empty query cost one. Transactions count each try. */
  reads: number;
  /** Documents written. */
  writes: number;
  deletes: number;
  messages: number;
  calls: number;
  /** By the stand-in's own meter. */
  points: number;
  /** Calls by method and endpoint. */
  readonly endpoints: Map<string, number>;
  refused: number;
}

/** Nothing counted. */
export function newTally(): Tally {
  return { reads: 0, writes: 0, deletes: 0, messages: 0, calls: 0, points: 0, endpoints: new Map(), refused: 0 };
}

/** A category that is counted apart: its records are shared by many changes, so that no single one owns their cost. */
export interface Apart {
  readonly category: Category;
  readonly tally: Tally;
}

/** The store with every document counted. */
export function counted(store: Store, tally: Tally, apart?: Apart): Store {
  const of = (category: Category): Tally => (category === apart?.category ? apart.tally : tally);
  const reading = <T>(tally: Tally, documents: (result: T) => number, work: Promise<T>): Promise<T> =>
    work.then((result) => {
      tally.reads += Math.max(1, documents(result));
      return result;
    });
  const count = (tally: Tally, what: 'writes' | 'deletes', documents: number): void => {
    tally[what] += documents;
  };
  return {
    read: (category, place) => reading(of(category), () => 1, store.read(category, place)),
    create: (category, place, row) => {
      count(of(category), 'writes', 1);
      return store.create(category, place, row);
    },
    replace: (category, place, row, version) => {
      count(of(category), 'writes', 1);
      return store.replace(category, place, row, version);
    },
    remove: (category, place) => {
      count(of(category), 'deletes', 1);
      return store.remove(category, place);
    },
    removeAll: (records) => {
      count(tally, 'deletes', records.length);
      return store.removeAll(records);
    },
    batch: (writes) => {
      count(tally, 'writes', writes.filter(({ kind }) => kind === 'replace').length);
      count(tally, 'deletes', writes.filter(({ kind }) => kind === 'remove').length);
      return store.batch(writes);
    },
    removeAt: (paths) => {
      count(tally, 'deletes', paths.length);
      return store.removeAt(paths);
    },
    ownedCount: (category, owner) => reading(of(category), () => 1, store.ownedCount(category, owner)),
    ownedSeen: (category, owner, page) =>
      reading(of(category), ({ items }) => items.length, store.ownedSeen(category, owner, page)),
    transact: async (work) => {
      const done: Done = { writes: 0, deletes: 0 };
      const result = await store.transact((transaction) => {
        // What a try wanted that lost its race was never written; what it read was.
        Object.assign(done, { writes: 0, deletes: 0 });
        return work(countedIn(transaction, tally, done));
      });
      count(tally, 'writes', done.writes);
      count(tally, 'deletes', done.deletes);
      return result;
    },
    list: (category, shelf, page) =>
      reading(of(category), ({ items }) => items.length, store.list(category, shelf, page)),
    owned: (category, owner, page) =>
      reading(of(category), ({ items }) => items.length, store.owned(category, owner, page)),
    due: (category, field, until, limit) =>
      reading(of(category), (items) => items.length, store.due(category, field, until, limit)),
    scan: (category, page) => reading(of(category), ({ items }) => items.length, store.scan(category, page)),
    beneath: (path, limit) => reading(tally, (paths) => paths.length, store.beneath(path, limit)),
    walk: (path, page) => reading(tally, ({ items }) => items.length, store.walk(path, page)),
  };
}

type Done = Record<'writes' | 'deletes', number>;

function countedIn(transaction: Transaction, tally: Tally, done: Done): Transaction {
  return {
    read: (category, place) => {
      tally.reads += 1;
      return transaction.read(category, place);
    },
    create: (category, place, row) => {
      done.writes += 1;
      transaction.create(category, place, row);
    },
    put: (category, place, row) => {
      done.writes += 1;
      transaction.put(category, place, row);
    },
    remove: (category, place) => {
      done.deletes += 1;
      transaction.remove(category, place);
    },
  };
}
