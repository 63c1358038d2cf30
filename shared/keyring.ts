/** Data keys by name: wrapped by the vault, kept in the vault's database, remembered opened for a few minutes. */
import type { KeyName, Owner, Sealed } from './model/ids.ts';
import type { Clock, Ids, Keys, Store, Vault } from './ports.ts';
import { NONCE_BYTES, openSealed, sealValue } from './seal.ts';
import { Fault } from './verdict.ts';

const KEY_BYTES = 32;
/** An opened key is remembered at most so long: the time in which another process may still open what was destroyed. */
const REMEMBER_MS = 300_000;
/** Keys remembered at once: a busy instance meets some hundred connections, at 32 bytes each. */
const MAX_REMEMBERED = 512;

interface Remembered {
  readonly key: Promise<Uint8Array>;
  readonly until: number;
}

/** What a keyring stands on. */
export interface KeyringNeeds {
  readonly store: Store;
  readonly vault: Vault;
  readonly ids: Ids;
  readonly clock: Clock;
}

/**
 * Keys over any store and any vault. A nonce is 12 random bytes: safe for some billion values under one key, and a key
 * belongs to one tenant's life or one connection.
 */
export class Keyring implements Keys {
  readonly #needs: KeyringNeeds;
  /** In order of use, the longest unused first. */
  readonly #remembered = new Map<KeyName, Remembered>();

  constructor(needs: KeyringNeeds) {
    this.#needs = needs;
  }

  async make(name: KeyName, owners: readonly Owner[]): Promise<void> {
    const { store, vault, ids, clock } = this.#needs;
    if ((await store.read('key', { key: name })) !== undefined) return;
    const wrapped = await vault.wrap(ids.bytes(KEY_BYTES), contextOf(name));
    try {
      await store.create('key', { key: name }, { owners, wrapped, createdAt: clock.now() });
    } catch (thrown) {
      // Somebody was faster; theirs is the key, ours was never used.
      if (!(thrown instanceof Fault) || thrown.code !== 'store-exists') throw thrown;
    }
  }

  async seal(name: KeyName, context: string, value: unknown): Promise<Sealed> {
    return sealValue(await this.#key(name), this.#needs.ids.bytes(NONCE_BYTES), context, value);
  }

  async open(
    name: KeyName,
    context: string,
    value: Sealed,
    how: { readonly fresh: boolean } = { fresh: false },
  ): Promise<unknown> {
    if (how.fresh) this.#remembered.delete(name);
    return openSealed(await this.#key(name), context, value);
  }

  async destroy(name: KeyName): Promise<void> {
    await this.#needs.store.remove('key', { key: name });
    // After the record: what was fetched meanwhile is forgotten with the rest.
    this.#remembered.delete(name);
  }

  async #key(name: KeyName): Promise<Uint8Array> {
    const now = this.#needs.clock.now();
    const known = this.#remembered.get(name);
    this.#remembered.delete(name);
    const used = known !== undefined && now < known.until ? known : { key: this.#load(name), until: now + REMEMBER_MS };
    this.#remembered.set(name, used);
    this.#forgetOldest();
    try {
      return await used.key;
    } catch (thrown) {
      if (this.#remembered.get(name) === used) this.#remembered.delete(name);
      throw thrown;
    }
  }

  async #load(name: KeyName): Promise<Uint8Array> {
    const stored = await this.#needs.store.read('key', { key: name });
    if (stored === undefined) throw new Fault('key-gone', { key: name });
    return this.#needs.vault.unwrap(stored.row.wrapped, contextOf(name));
  }

  #forgetOldest(): void {
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** Bound to the wrapped key: one put under another name does not open. */
function contextOf(name: KeyName): string {
  return `data-key:${name}`;
}
