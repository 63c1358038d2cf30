/** The ledger over any store: entries under a keyed hash of an identity, each created once at the number after the last. */
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { identityHash } from './model/ids.ts';
import type { IdentityHash } from './model/ids.ts';
import type { DoorName } from './model/tenant.ts';
import type { Ledger, LedgerEntry, Store, Stored } from './ports.ts';
import type { RecordOf } from './retention/catalogue.ts';
import { Fault } from './verdict.ts';

/** Numbers are padded, so that the order of ids is the order of entries. */
const NUMBER_DIGITS = 8;
/** An identity with more lives than this is a mistake or an attack; a life has about four entries. */
const MAX_ENTRIES = 4_000;
const PAGE = 200;

/** What a ledger stands on. */
export interface LedgerNeeds {
  readonly store: Store;
  /** Keys of the identity hash, the newest first; at least one. Introduce a new one as the last everywhere before it becomes the first. */
  readonly hashKeys: readonly Uint8Array[];
}

/** Append-only: it never replaces and never removes. */
export class StoreLedger implements Ledger {
  readonly #needs: LedgerNeeds;
  readonly #hashKeys: readonly KeyObject[];

  /** @throws Fault `config-invalid` without a key */
  constructor(needs: LedgerNeeds) {
    if (needs.hashKeys.length === 0) throw new Fault('config-invalid', { setting: 'TWINLINE_LEDGER_KEYS' });
    this.#needs = needs;
    this.#hashKeys = needs.hashKeys.map((key) => createSecretKey(key));
  }

  async identityOf(door: DoorName, identity: string): Promise<IdentityHash> {
    const addresses = this.#hashKeys.map((key) => addressOf(key, door, identity));
    const [newest] = addresses;
    for (const address of addresses.length > 1 ? addresses : []) {
      const { items } = await this.#needs.store.list('ledger', { identity: address }, { limit: 1 });
      if (items.length > 0) return address;
    }
    if (newest === undefined) throw new Fault('bug', { why: 'no-hash-key' });
    return newest;
  }

  /** @throws Fault `store-record-odd` when the chain is broken: an entry is missing, out of order or changed */
  async read(identity: IdentityHash): Promise<readonly LedgerEntry[]> {
    return checked(identity, await this.#stored(identity));
  }

  async append(identity: IdentityHash, last: number, entry: Omit<LedgerEntry, 'number'>): Promise<LedgerEntry> {
    const before = await this.#before(identity, last);
    const number = last + 1;
    const row = { ...entry, previous: before };
    await this.#needs.store.create('ledger', { identity, number: padded(number) }, row);
    return { number, ...entry };
  }

  /** The hash of the entry that a new one follows; empty for the first. */
  async #before(identity: IdentityHash, last: number): Promise<string> {
    if (last === 0) return '';
    const stored = await this.#needs.store.read('ledger', { identity, number: padded(last) });
    if (stored === undefined) throw new Fault('bug', { why: 'ledger-gap', number: last });
    return hashOf(identity, stored);
  }

  async #stored(identity: IdentityHash): Promise<readonly Stored<'ledger'>[]> {
    const found: Stored<'ledger'>[] = [];
    let after: string | undefined;
    do {
      const ask = after === undefined ? { limit: PAGE } : { limit: PAGE, after };
      const page = await this.#needs.store.list('ledger', { identity }, ask);
      found.push(...page.items);
      after = page.next;
    } while (after !== undefined && found.length < MAX_ENTRIES);
    return found;
  }
}

function checked(identity: IdentityHash, stored: readonly Stored<'ledger'>[]): readonly LedgerEntry[] {
  let previous = '';
  return stored.map((one, index) => {
    const isNext = one.place.number === padded(index + 1) && one.row.previous === previous;
    if (!isNext) throw new Fault('store-record-odd', { category: 'ledger', field: 'previous', number: index + 1 });
    previous = hashOf(identity, one);
    return entryOf(index + 1, one.row);
  });
}

function entryOf(number: number, { previous: _previous, ...entry }: RecordOf<'ledger'>): LedgerEntry {
  return { number, ...entry };
}

function addressOf(key: KeyObject, door: DoorName, identity: string): IdentityHash {
  return identityHash(createHmac('sha256', key).update(`${door}:${identity}`).digest('hex'));
}

function padded(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}

/** Over the address, the number and every field, in an order that does not depend on how the database keeps them. */
function hashOf(identity: IdentityHash, { place, row }: Stored<'ledger'>): string {
  const fields = Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([identity, place.number, fields]))
    .digest('hex');
}
