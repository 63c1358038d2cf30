/** A vault in this process; its key goes with it. */
import type { Ids, Vault } from '../ports.ts';
import { sealed } from '../model/ids.ts';
import { NONCE_BYTES, openSealed, sealValue } from '../seal.ts';
import { Fault } from '../verdict.ts';

/** Wraps under a key made at construction. */
export class MemoryVault implements Vault {
  readonly #key: Uint8Array;
  readonly #ids: Ids;

  constructor(ids: Ids) {
    this.#ids = ids;
    this.#key = ids.bytes(32);
  }

  async wrap(key: Uint8Array, context: string): Promise<string> {
    return sealValue(this.#key, this.#ids.bytes(NONCE_BYTES), context, Buffer.from(key).toString('base64'));
  }

  async unwrap(wrapped: string, context: string): Promise<Uint8Array> {
    return bytesOf(openSealed(this.#key, context, envelopeOf(wrapped)));
  }
}

function envelopeOf(wrapped: string): ReturnType<typeof sealed> {
  try {
    return sealed(wrapped);
  } catch (cause) {
    throw new Fault('seal-broken', { why: 'encoding' }, cause);
  }
}

function bytesOf(opened: unknown): Uint8Array {
  if (typeof opened !== 'string') throw new Fault('seal-broken', { why: 'kind' });
  return new Uint8Array(Buffer.from(opened, 'base64'));
}
