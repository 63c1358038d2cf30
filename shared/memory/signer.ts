/** A signer in this process; its key goes with it. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Ids, Signer } from '../ports.ts';

/** PKCS8 of an Ed25519 key up to its 32 bytes of seed. @see RFC 8410 §7 */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs with a key made from given chance, so that a seeded run has the same one each time. */
export class MemorySigner implements Signer {
  readonly keyId: string;
  readonly #private: KeyObject;
  readonly #publicPem: string;

  constructor(ids: Ids) {
    const der = Buffer.concat([PKCS8_HEAD, ids.bytes(32)]);
    this.#private = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    this.#publicPem = createPublicKey(this.#private).export({ format: 'pem', type: 'spki' }).toString();
    this.keyId = `memory-${createHash('sha256').update(this.#publicPem).digest('hex').slice(0, 16)}`;
  }

  async sign(text: string): Promise<string> {
    return sign(null, Buffer.from(text), this.#private).toString('base64');
  }

  async publicKey(): Promise<string> {
    return this.#publicPem;
  }
}
