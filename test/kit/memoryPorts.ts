/** Clock, chance, keys and ledger of one process over a memory store. */
import { randomBytes } from 'node:crypto';
import { Keyring } from '../../shared/keyring.ts';
import { StoreLedger } from '../../shared/ledger.ts';
import type { MemoryStore } from '../../shared/memory/store.ts';
import type { Clock, Ids, Vault } from '../../shared/ports.ts';

/** Ids that count up, so that a test can name them. They go on where the last process stopped. */
export function countingIds(): Ids {
  let count = 0;
  return {
    next: () => String((count += 1)).padStart(8, '0'),
    bytes: (length) => new Uint8Array(randomBytes(length)),
  };
}

const hashKeys = [new Uint8Array(randomBytes(32))];

/** The ports of a new process: its caches are empty. What outlives it is given. */
export function memoryPorts(
  lasting: { readonly store: MemoryStore; readonly vault: Vault; readonly ids: Ids },
  now: () => number,
) {
  const { store, vault, ids } = lasting;
  const clock: Clock = { now, sleep: async () => undefined };
  const keys = new Keyring({ store, vault, ids, clock });
  return { clock, ids, keys, ledger: new StoreLedger({ store, hashKeys }) };
}
