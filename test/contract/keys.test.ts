/** What Keys keep to, over memory with every vault that a computer has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openKeyFiles } from '../../shared/disk/keyFile.ts';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import { Keyring } from '../../shared/keyring.ts';
import { MemoryClock, MemoryIds } from '../../shared/memory/clock.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { MemoryVault } from '../../shared/memory/vault.ts';
import { tenantKey } from '../../shared/model/ids.ts';
import type { Keys, Store, Vault } from '../../shared/ports.ts';
import { emulatorHosts, ownProject } from '../kit/emulators.ts';
import { one, other } from '../kit/rows.ts';

const hosts = emulatorHosts();
const folder = mkdtempSync(join(tmpdir(), 'keys-'));
const open: FirestoreStore[] = [];
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all(open.map((store) => store.close()));
});

function emulated(host: string): Store {
  const store = new FirestoreStore({ project: ownProject('keys'), emulatorHost: host });
  open.push(store);
  return store;
}

const worlds: readonly { readonly name: string; readonly store: () => Store; readonly vault: () => Vault }[] = [
  { name: 'memory', store: () => new MemoryStore(), vault: () => new MemoryVault(new MemoryIds()) },
  ...(hosts === undefined
    ? []
    : [
        {
          name: 'firestore and a key file',
          store: () => emulated(hosts.firestoreHost),
          vault: () => openKeyFiles(folder).vault,
        },
      ]),
];

const name = tenantKey(one);
const withCode = (code: string): unknown => expect.objectContaining({ code });

describe.each(worlds)('keys over $name', (world) => {
  let store: Store;
  let vault: Vault;
  let clock: MemoryClock;
  let keys: Keys;
  /** The keys of another process over the same stores. */
  const elsewhere = (): Keys => new Keyring({ store, vault, ids: new MemoryIds('elsewhere'), clock });

  beforeEach(async () => {
    store = world.store();
    vault = world.vault();
    clock = new MemoryClock(1_000_000);
    keys = new Keyring({ store, vault, ids: new MemoryIds('here'), clock });
    await keys.make(name, [one]);
  });

  test('what one process seals another opens', async () => {
    const sealed = await keys.seal(name, 'here', { secret: 1 });
    expect(await elsewhere().open(name, 'here', sealed)).toEqual({ secret: 1 });
  });

  test('the stored key is wrapped and names its owners', async () => {
    const stored = await store.read('key', { key: name });
    expect(stored?.row).toMatchObject({ owners: [one], createdAt: 1_000_000 });
    await expect(vault.unwrap(stored?.row.wrapped ?? '', 'another name')).rejects.toEqual(withCode('seal-broken'));
  });

  test('to make a key again leaves it as it is, whoever does it and when', async () => {
    const sealed = await keys.seal(name, 'here', 'x');
    await Promise.all([keys.make(name, [one]), elsewhere().make(name, [one]), elsewhere().make(name, [one])]);
    expect(await elsewhere().open(name, 'here', sealed)).toBe('x');
  });

  test('processes that make one key together end up with one', async () => {
    const both = tenantKey(other);
    const makers = Array.from({ length: 5 }, elsewhere);
    await Promise.all(makers.map((maker) => maker.make(both, [other])));
    const sealed = await makers[0]!.seal(both, 'here', 'x');
    for (const maker of makers) expect(await maker.open(both, 'here', sealed)).toBe('x');
  });

  test('a value sealed twice looks different', async () => {
    expect(await keys.seal(name, 'here', 'x')).not.toBe(await keys.seal(name, 'here', 'x'));
  });

  test('a value does not open elsewhere, nor under another key', async () => {
    const sealed = await keys.seal(name, 'here', 'x');
    await keys.make(tenantKey(other), [other]);
    await expect(keys.open(name, 'there', sealed)).rejects.toEqual(withCode('seal-broken'));
    await expect(keys.open(tenantKey(other), 'here', sealed)).rejects.toEqual(withCode('seal-broken'));
  });

  test('a key that was never made is gone', async () => {
    await expect(keys.seal(tenantKey(other), 'here', 'x')).rejects.toEqual(withCode('key-gone'));
  });

  test('a destroyed key opens and seals nothing, and may be destroyed again', async () => {
    const sealed = await keys.seal(name, 'here', 'x');
    await keys.destroy(name);
    await keys.destroy(name);
    await expect(keys.open(name, 'here', sealed)).rejects.toEqual(withCode('key-gone'));
    await expect(keys.seal(name, 'here', 'x')).rejects.toEqual(withCode('key-gone'));
  });

  test('a key made again under the name of a destroyed one opens nothing of it', async () => {
    const sealed = await keys.seal(name, 'here', 'x');
    await keys.destroy(name);
    await keys.make(name, [one]);
    await expect(keys.open(name, 'here', sealed)).rejects.toEqual(withCode('seal-broken'));
  });

  test('a process that remembers a destroyed key forgets it when asked afresh, or after five minutes', async () => {
    const sealed = await keys.seal(name, 'here', 'x');
    const [asked, waited] = [elsewhere(), elsewhere()];
    await asked.open(name, 'here', sealed);
    await waited.open(name, 'here', sealed);
    await keys.destroy(name);
    expect(await asked.open(name, 'here', sealed)).toBe('x');
    await expect(asked.open(name, 'here', sealed, { fresh: true })).rejects.toEqual(withCode('key-gone'));
    await expect(asked.open(name, 'here', sealed)).rejects.toEqual(withCode('key-gone'));
    clock.advance(300_000);
    await expect(waited.open(name, 'here', sealed)).rejects.toEqual(withCode('key-gone'));
  });

  test('a failure to fetch a key is not remembered', async () => {
    await expect(keys.seal(tenantKey(other), 'here', 'x')).rejects.toEqual(withCode('key-gone'));
    await keys.make(tenantKey(other), [other]);
    await keys.seal(tenantKey(other), 'here', 'x');
  });
});

test('a keyring unwraps a key once for many uses, and remembers a bounded number of keys', async () => {
  let unwrapped = 0;
  const inner = new MemoryVault(new MemoryIds());
  const vault: Vault = {
    wrap: (key, context) => inner.wrap(key, context),
    unwrap: (wrapped, context) => {
      unwrapped += 1;
      return inner.unwrap(wrapped, context);
    },
  };
  const keys = new Keyring({ store: new MemoryStore(), vault, ids: new MemoryIds(), clock: new MemoryClock(1) });
  await keys.make(name, [one]);
  await Promise.all(Array.from({ length: 50 }, () => keys.seal(name, 'here', 'x')));
  expect(unwrapped).toBe(1);
  const many = Array.from({ length: 512 }, (_, index) => tenantKey(`t-${10_000_000 + index}#1` as typeof one));
  for (const each of many) {
    await keys.make(each, [one]);
    await keys.seal(each, 'here', 'x');
  }
  await keys.seal(name, 'here', 'x');
  expect(unwrapped).toBe(1 + 512 + 1);
});
