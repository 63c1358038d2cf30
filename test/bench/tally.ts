/** What a piece of work costs: reads and writes of the store, messages, calls of Jira and their points. */
import type { Store, Transaction } from '../../shared/ports.ts';

/** Counted so far. */
export interface Tally {
  /** Documents read, as Firestore bills them: a missing one and an empty query cost one. Transactions count each try. */
  reads: number;
  /** Documents written or deleted. */
  writes: number;
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
  return { reads: 0, writes: 0, messages: 0, calls: 0, points: 0, endpoints: new Map(), refused: 0 };
}

/** The store with every document counted. */
export function counted(store: Store, tally: Tally): Store {
  const reading = <T>(documents: (result: T) => number, work: Promise<T>): Promise<T> =>
    work.then((result) => {
      tally.reads += Math.max(1, documents(result));
      return result;
    });
  const writing = <T>(documents: number, work: Promise<T>): Promise<T> => {
    tally.writes += documents;
    return work;
  };
  return {
    read: (category, place) => reading(() => 1, store.read(category, place)),
    create: (category, place, row) => writing(1, store.create(category, place, row)),
    replace: (category, place, row, version) => writing(1, store.replace(category, place, row, version)),
    remove: (category, place) => writing(1, store.remove(category, place)),
    removeAll: (records) => writing(records.length, store.removeAll(records)),
    transact: (work) =>
      store.transact(async (transaction) => {
        let written = 0;
        const result = await work(countedIn(transaction, tally, () => (written += 1)));
        tally.writes += written;
        return result;
      }),
    list: (category, shelf, page) => reading(({ items }) => items.length, store.list(category, shelf, page)),
    owned: (category, owner, page) => reading(({ items }) => items.length, store.owned(category, owner, page)),
    due: (category, field, until, limit) => reading((items) => items.length, store.due(category, field, until, limit)),
    scan: (category, page) => reading(({ items }) => items.length, store.scan(category, page)),
    beneath: (path, limit) => reading((paths) => paths.length, store.beneath(path, limit)),
  };
}

function countedIn(transaction: Transaction, tally: Tally, onWrite: () => void): Transaction {
  return {
    read: (category, place) => {
      tally.reads += 1;
      return transaction.read(category, place);
    },
    create: (category, place, row) => {
      onWrite();
      transaction.create(category, place, row);
    },
    put: (category, place, row) => {
      onWrite();
      transaction.put(category, place, row);
    },
    remove: (category, place) => {
      onWrite();
      transaction.remove(category, place);
    },
  };
}
