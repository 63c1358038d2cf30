/** Whether our own main store is the one that the ledger knows, or an older copy of it. Pure. */

/** What the main store says of itself. Instants are epoch milliseconds. */
export interface StoreEpoch {
  readonly epoch: number;
  /** When this epoch began: two stores that went apart are told by it. */
  readonly at: number;
  /** When the next epoch shall begin, as whoever begins it has said first. */
  readonly next?: number;
}

/** The newest epoch that the ledger knows; it is outside every backup that can be restored. */
export type LedgerEpoch = Pick<StoreEpoch, 'epoch' | 'at'>;

/**
 * - `first`: neither knows an epoch: a new house.
 * - `same`: they agree.
 * - `unfinished`: an epoch was begun and the worker stopped between the two; it may be finished.
 * - `restored`: the main store is older than the ledger, or another one.
 */
export type EpochState = 'first' | 'same' | 'unfinished' | 'restored';

/**
 * Compares the two. An epoch is begun in three steps, and a stop after each leaves one of the states:
 *
 * ```
 *   store: next ──▶ ledger: epoch + 1 ──▶ store: epoch + 1
 *          └ same         └ unfinished         └ same
 * ```
 *
 * The instant of the next epoch is written first and never changed, so two workers begin the same one.
 */
export function epochState(store: StoreEpoch | undefined, ledger: LedgerEpoch | undefined): EpochState {
  if (store === undefined) return ledger === undefined ? 'first' : 'restored';
  if (ledger === undefined) return store.epoch === 0 ? 'unfinished' : 'restored';
  if (store.epoch === ledger.epoch && store.at === ledger.at) return 'same';
  return ledger.epoch === store.epoch + 1 && ledger.at === store.next ? 'unfinished' : 'restored';
}
