/**
 * The keys of a computer without a cloud, in files that only their owner can read. Made once, by whichever process is
 * first; five that start together end up with the same.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sealed } from '../model/ids.ts';
import type { Signer, Vault } from '../ports.ts';
import { NONCE_BYTES, openSealed, sealValue } from '../seal.ts';
import { Fault } from '../verdict.ts';

const KEY_BYTES = 32;
const HEX_KEY = /^[0-9a-f]{64}$/;

/** What a key folder holds. */
export interface KeyFiles {
  readonly vault: Vault;
  /** Wraps the keys of backups; another key than the one for data. */
  readonly backupVault: Vault;
  readonly signer: Signer;
  /** Keys of the ledger's identity hash, the newest first. */
  readonly hashKeys: readonly Uint8Array[];
  /** Keys of links in mails and of the list of those who want no news, the newest first. */
  readonly mailKeys: readonly Uint8Array[];
}

/**
 * Opens a key folder and makes what is missing. Whoever deletes it has destroyed every value that was sealed with it.
 * @throws Fault `config-invalid` for a file that holds something else, or a folder that cannot be used
 */
export function openKeyFiles(folder: string): KeyFiles {
  const freshKey = (): string => randomBytes(KEY_BYTES).toString('hex');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const ledgerKey = keptOrMade(join(folder, 'ledger.key'), freshKey);
    const mailKey = keptOrMade(join(folder, 'mail.key'), freshKey);
    const vaultKey = keptOrMade(join(folder, 'vault.key'), freshKey);
    const backupKey = keptOrMade(join(folder, 'backup.key'), freshKey);
    const receiptKey = keptOrMade(join(folder, 'receipts.pem'), freshPem);
    return {
      vault: new DiskVault(keyIn(vaultKey)),
      backupVault: new DiskVault(keyIn(backupKey)),
      signer: new DiskSigner(createPrivateKey(receiptKey)),
      hashKeys: [keyIn(ledgerKey)],
      mailKeys: [keyIn(mailKey)],
    };
  } catch (cause) {
    throw new Fault('config-invalid', { setting: 'TWINLINE_KEY_DIR' }, cause);
  }
}

function freshPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function keyIn(text: string): Uint8Array {
  if (!HEX_KEY.test(text.trim())) throw new Fault('config-invalid', { setting: 'TWINLINE_KEY_DIR' });
  return Buffer.from(text.trim(), 'hex');
}

/** The content of a file; when there is none, of the one that this or another process has just put there whole. */
function keptOrMade(path: string, make: () => string): string {
  const kept = contentOf(path);
  if (kept !== undefined) return kept;
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, make());
    fsyncSync(file);
    // A link is refused when the name is taken: exactly one process wins, and never with half a file.
    linkSync(draft, path);
  } catch (thrown) {
    if (!hasCode(thrown, 'EEXIST')) throw thrown;
  } finally {
    closeSync(file);
    rmSync(draft, { force: true });
  }
  return readFileSync(path, 'utf8');
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
}

function hasCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}

class DiskVault implements Vault {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  async wrap(key: Uint8Array, context: string): Promise<string> {
    return sealValue(this.#key, randomBytes(NONCE_BYTES), context, Buffer.from(key).toString('base64'));
  }

  async unwrap(wrapped: string, context: string): Promise<Uint8Array> {
    const opened = openSealed(this.#key, context, envelopeOf(wrapped));
    if (typeof opened !== 'string') throw new Fault('seal-broken', { why: 'kind' });
    return new Uint8Array(Buffer.from(opened, 'base64'));
  }
}

function envelopeOf(wrapped: string): ReturnType<typeof sealed> {
  try {
    return sealed(wrapped);
  } catch (cause) {
    throw new Fault('seal-broken', { why: 'encoding' }, cause);
  }
}

class DiskSigner implements Signer {
  readonly keyId: string;
  readonly #private: KeyObject;
  readonly #publicPem: string;

  constructor(key: KeyObject) {
    this.#private = key;
    this.#publicPem = createPublicKey(key).export({ format: 'pem', type: 'spki' }).toString();
    this.keyId = `local-${createHash('sha256').update(this.#publicPem).digest('hex').slice(0, 16)}`;
  }

  async sign(text: string): Promise<string> {
    return sign(null, Buffer.from(text), this.#private).toString('base64');
  }

  async publicKey(): Promise<string> {
    return this.#publicPem;
  }
}
