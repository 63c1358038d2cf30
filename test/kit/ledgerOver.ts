/** The ledger over a store, with a hash key that is always the same. */
import { StoreLedger } from '../../shared/ledger.ts';
import type { Ledger, Store } from '../../shared/ports.ts';

const HASH_KEY = new Uint8Array(32).fill(7);

export function ledgerOver(store: Store): Ledger {
  return new StoreLedger({ store, hashKeys: [HASH_KEY] });
}
