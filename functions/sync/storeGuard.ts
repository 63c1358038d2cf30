/**
 * Knows an older copy of our own store by its epoch: the main store and the ledger say the same one, and the ledger is in no backup.
 * Before anything is written to a site the two are compared; when they differ, every connection stops until its admins have said
 * which side counts.
 */
import type { Clock, Log, Store, Stored } from '../../shared/ports.ts';
import { epochState } from '../../shared/sync/storeEpoch.ts';
import type { EpochState } from '../../shared/sync/storeEpoch.ts';
import { connectionId } from '../../shared/model/ids.ts';
import { Fault } from '../../shared/verdict.ts';

/** A restore makes a new database and so new processes; within one, this is how old an answer may be. */
const BELIEVED_MS = 60_000;
/** A worker that was slow may still be about to write an epoch; what is older than the last ones serves nobody. */
const KEPT_EPOCHS = 3;
/** Epochs that one look sees, the newest first: those that are kept, and some that a worker which stopped has left. */
const SEEN_EPOCHS = 20;
/** The two databases share no transaction: an epoch may begin between the two reads. What is read twice alike is so. */
const MAX_LOOKS = 5;
const CONNECTION_PAGE = 100;
/** Connections are marked without a call of any site. */
const SLICE_MS = 20_000;
/** The one main store. */
const MAIN = { store: 'main' } as const;
/** A listing by name gives the newest first. One epoch a minute: enough for two million years. */
const LAST_EPOCH = 999_999_999_999;

/** What the guard needs of the world. */
export interface GuardNeeds {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

interface Seen {
  readonly state: EpochState;
  readonly main: Stored<'storeEpoch'> | undefined;
  readonly head: Stored<'epoch'> | undefined;
  /** Epochs of the ledger that nobody needs any more. */
  readonly old: readonly Stored<'epoch'>[];
}

/** One per process. */
export class StoreGuard {
  readonly #needs: GuardNeeds;
  #believedUntil = 0;

  constructor(needs: GuardNeeds) {
    this.#needs = needs;
  }

  /** True when the store is the one that the ledger knows. Believed for a minute; a new house gets its first epoch here. */
  async isSame(): Promise<boolean> {
    const { clock, log } = this.#needs;
    if (clock.now() < this.#believedUntil) return true;
    const seen = await this.#look();
    if (seen.state === 'restored') {
      this.#believedUntil = 0;
      log.fault('sync', 'store-restored', { epoch: seen.main?.row.epoch ?? 0, ledger: seen.head?.row.epoch ?? 0 });
      return false;
    }
    if (seen.state === 'first') await this.#begin(seen);
    this.#believedUntil = clock.now() + BELIEVED_MS;
    return true;
  }

  /**
   * With each tick: begins the next epoch, so that a copy of the store is older than the ledger a minute after it was made. In a store
   * that was restored it stops all connections instead and then begins an epoch, too. False while that is not done. Idempotent.
   */
  async tick(): Promise<boolean> {
    const seen = await this.#look();
    if (seen.state !== 'restored') {
      await this.#begin(seen);
      return true;
    }
    this.#believedUntil = 0;
    const at = seen.main?.row.marking ?? this.#needs.clock.now();
    if (!(await this.#markAll(seen, at))) return false;
    await this.#rebase();
    return true;
  }

  async #look(): Promise<Seen> {
    let before: Seen | undefined;
    for (let number = 1; number <= MAX_LOOKS; number += 1) {
      const seen = await this.#read();
      if (seen.state !== 'restored' || (before !== undefined && isSameAs(seen, before))) return seen;
      before = seen;
    }
    throw new Fault('store-changed', { what: 'epoch' });
  }

  async #read(): Promise<Seen> {
    const { store } = this.#needs;
    const main = await store.read('storeEpoch', MAIN);
    const { items } = await store.scan('epoch', { limit: SEEN_EPOCHS });
    const [head] = items;
    return { main, head, old: items.slice(KEPT_EPOCHS), state: epochState(main?.row, head?.row) };
  }

  /** Begins the next epoch, or finishes the one that was begun. Whoever is slower lets it be. */
  async #begin({ main, head, old, state }: Seen): Promise<void> {
    const { store, clock } = this.#needs;
    try {
      const begun = main ?? (await this.#create({ epoch: 0, at: clock.now(), next: clock.now() }));
      const intended =
        begun.row.next === undefined ? await this.#replace(begun, { ...begun.row, next: clock.now() }) : begun;
      const next = { epoch: intended.row.epoch + 1, at: intended.row.next ?? clock.now() };
      const isInLedger = state === 'unfinished' && head !== undefined;
      if (!isInLedger) await store.create('epoch', placeOf(next.epoch), next);
      await this.#replace(intended, next);
      for (const { place } of old) await store.remove('epoch', place);
    } catch (thrown) {
      if (!isFaster(thrown)) throw thrown;
    }
  }

  /** Stops every connection. */
  async #markAll({ main, head }: Seen, at: number): Promise<boolean> {
    const { store, clock } = this.#needs;
    // The instant is kept, so that a connection whose admins have chosen meanwhile is not stopped twice.
    try {
      if (main !== undefined && main.row.marking === undefined) await this.#replace(main, { ...main.row, marking: at });
      if (main === undefined) await this.#create({ epoch: 0, at: (head?.row.at ?? at) - 1, marking: at });
    } catch (thrown) {
      // Another worker's instant stands.
      if (isFaster(thrown)) return false;
      throw thrown;
    }
    const deadlineAt = clock.now() + SLICE_MS;
    let after: string | undefined;
    do {
      if (clock.now() >= deadlineAt) return false;
      const from = after === undefined ? {} : { after };
      const page = await store.scan('connection', { limit: CONNECTION_PAGE, ...from });
      for (const { place } of page.items) await this.#mark(connectionId(place.connection), at);
      after = page.next;
    } while (after !== undefined);
    return true;
  }

  async #mark(connection: ReturnType<typeof connectionId>, at: number): Promise<void> {
    await this.#needs.store.transact(async (transaction) => {
      const row = (await transaction.read('connection', { connection }))?.row;
      if (row === undefined || row.storeRestoredAt === at) return;
      transaction.put('connection', { connection }, { ...row, restored: { side: 'store', at }, storeRestoredAt: at });
    });
  }

  /** The restored store is the store from now on. */
  async #rebase(): Promise<void> {
    const { store, clock, log } = this.#needs;
    const { main, head, state } = await this.#look();
    if (state !== 'restored' || main === undefined) return;
    const last = Math.max(main.row.epoch, head?.row.epoch ?? 0);
    // What another worker has said of the next epoch stands: the ledger may have it already.
    const said = main.row.epoch === last ? main.row.next : undefined;
    const next = { epoch: last + 1, at: said ?? clock.now() };
    try {
      // First here: an epoch of the ledger that the store does not know would be a restore once more.
      const intended =
        said === undefined ? await this.#replace(main, { ...main.row, epoch: last, next: next.at }) : main;
      await store.create('epoch', placeOf(next.epoch), next);
      await this.#replace(intended, next);
      log.note('store-rebased', { epoch: next.epoch });
    } catch (thrown) {
      if (!isFaster(thrown)) throw thrown;
    }
  }

  async #create(row: Stored<'storeEpoch'>['row']): Promise<Stored<'storeEpoch'>> {
    const version = await this.#needs.store.create('storeEpoch', MAIN, row);
    return { category: 'storeEpoch', place: MAIN, row, version };
  }

  async #replace(
    { version: before }: Stored<'storeEpoch'>,
    row: Stored<'storeEpoch'>['row'],
  ): Promise<Stored<'storeEpoch'>> {
    const version = await this.#needs.store.replace('storeEpoch', MAIN, row, before);
    return { category: 'storeEpoch', place: MAIN, row, version };
  }
}

function placeOf(epoch: number): { readonly epoch: string } {
  return { epoch: String(LAST_EPOCH - epoch).padStart(12, '0') };
}

function isSameAs(one: Seen, other: Seen): boolean {
  return one.main?.version === other.main?.version && one.head?.version === other.head?.version;
}

function isFaster(thrown: unknown): boolean {
  return thrown instanceof Fault && (thrown.code === 'store-exists' || thrown.code === 'store-changed');
}
