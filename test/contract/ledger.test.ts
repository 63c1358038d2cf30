/** What the Ledger keeps to, over memory and the emulator. */
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import { StoreLedger } from '../../shared/ledger.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { tenantId } from '../../shared/model/ids.ts';
import type { IdentityHash } from '../../shared/model/ids.ts';
import type { Ledger, LedgerEntry, Store } from '../../shared/ports.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';

const hosts = emulatorHosts();
const open: FirestoreStore[] = [];
afterAll(() => Promise.all(open.map((store) => store.close())));

function emulated(host: string): Store {
  const store = new FirestoreStore({ project: ownProject('ledger'), emulatorHost: host });
  open.push(store);
  return store;
}

const worlds: readonly { readonly name: string; readonly fresh: () => Store }[] = [
  { name: 'memory', fresh: () => new MemoryStore() },
  ...(hosts === undefined ? [] : [{ name: 'firestore', fresh: () => emulated(hosts.firestoreHost) }]),
];

const [oldKey, newKey] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const installed: Omit<LedgerEntry, 'number'> = {
  tenant: tenantId('t-00000001'),
  generation: 1,
  kind: 'installed',
  at: 5,
};
const marked = { ...installed, kind: 'marked', evidence: 'uninstalled', dueAt: 9 } as const;
const withCode = (code: string): unknown => expect.objectContaining({ code });

describe.each(worlds)('the ledger over $name', ({ fresh }) => {
  let store: Store;
  let ledger: Ledger;
  let identity: IdentityHash;
  beforeEach(async () => {
    store = fresh();
    ledger = new StoreLedger({ store, hashKeys: [oldKey] });
    identity = await ledger.identityOf('connect', 'client-1');
  });

  test('entries come back in order, as they were appended', async () => {
    expect(await ledger.append(identity, 0, installed)).toEqual({ number: 1, ...installed });
    await ledger.append(identity, 1, marked);
    expect(await ledger.read(identity)).toEqual([
      { number: 1, ...installed },
      { number: 2, ...marked },
    ]);
  });

  test('an identity without entries has none', async () => {
    expect(await ledger.read(identity)).toEqual([]);
  });

  test('more entries than fit on a page are read, in order', async () => {
    for (let last = 0; last < 205; last += 1) await ledger.append(identity, last, { ...installed, at: last });
    expect((await ledger.read(identity)).map(({ at }) => at)).toEqual(Array.from({ length: 205 }, (_, at) => at));
  });

  test('of those who append after the same entry exactly one does', async () => {
    await ledger.append(identity, 0, installed);
    const ends = await Promise.allSettled([1, 2, 3].map((at) => ledger.append(identity, 1, { ...marked, at })));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toEqual(withCode('store-exists'));
    expect(await ledger.read(identity)).toHaveLength(2);
  });

  test('nothing is appended after an entry that is not there', async () => {
    await expect(ledger.append(identity, 1, marked)).rejects.toEqual(withCode('bug'));
  });

  test('an address tells nothing of the identity, and differs by door, identity and key', async () => {
    const addresses = await Promise.all([
      ledger.identityOf('connect', 'client-1'),
      ledger.identityOf('forge', 'client-1'),
      ledger.identityOf('connect', 'client-2'),
      new StoreLedger({ store, hashKeys: [newKey] }).identityOf('connect', 'client-1'),
    ]);
    expect(new Set(addresses).size).toBe(4);
    expect(addresses[0]).toBe(identity);
    expect(addresses.join('')).not.toContain('client');
  });

  test('with a new hash key a known identity stays where its entries are, and a new one gets the new address', async () => {
    await ledger.append(identity, 0, installed);
    const later = new StoreLedger({ store, hashKeys: [newKey, oldKey] });
    expect(await later.identityOf('connect', 'client-1')).toBe(identity);
    const onlyNew = new StoreLedger({ store, hashKeys: [newKey] });
    expect(await later.identityOf('connect', 'client-2')).toBe(await onlyNew.identityOf('connect', 'client-2'));
  });

  test.each([
    ['an entry is changed', async () => change({ at: 6 })],
    ['an entry is missing', async () => store.remove('ledger', { identity, number: '00000001' })],
    ['the chain starts elsewhere', async () => change({ previous: 'x' })],
  ])('reading fails when %s behind our back', async (_what, harm) => {
    await ledger.append(identity, 0, installed);
    await ledger.append(identity, 1, marked);
    await harm();
    await expect(ledger.read(identity)).rejects.toEqual(withCode('store-record-odd'));
  });

  async function change(over: { at?: number; previous?: string }): Promise<void> {
    const place = { identity, number: '00000001' };
    const stored = (await store.read('ledger', place))!;
    await store.replace('ledger', place, { ...stored.row, ...over }, stored.version);
  }
});

test('a ledger needs a hash key', () => {
  expect(() => new StoreLedger({ store: new MemoryStore(), hashKeys: [] })).toThrow(withCode('config-invalid'));
});
