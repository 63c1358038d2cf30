/** Data keys over a store, without a vault around them: as much of `Keys` as a flow needs. */
import type { Ids, Keys, Store } from '../../shared/ports.ts';
import { NONCE_BYTES, openSealed, sealValue } from '../../shared/seal.ts';
import { Fault } from '../../shared/verdict.ts';

const KEY_BYTES = 32;

/** Keys that are stored as they are. */
export function memoryKeys(store: Store, ids: Ids): Keys {
  const keyOf = async (name: string): Promise<Uint8Array> => {
    const stored = await store.read('key', { key: name });
    if (stored === undefined) throw new Fault('key-gone');
    return Buffer.from(stored.row.wrapped, 'base64');
  };
  return {
    make: async (name, owners) => {
      if ((await store.read('key', { key: name })) !== undefined) return;
      const wrapped = Buffer.from(ids.bytes(KEY_BYTES)).toString('base64');
      await store.create('key', { key: name }, { owners, wrapped, createdAt: 0 }).catch(() => undefined);
    },
    seal: async (name, context, value) => sealValue(await keyOf(name), ids.bytes(NONCE_BYTES), context, value),
    open: async (name, context, value) => openSealed(await keyOf(name), context, value),
    destroy: (name) => store.remove('key', { key: name }),
  };
}
