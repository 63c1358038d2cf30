/** Cloud KMS: wraps data keys and signs receipts. The client is loaded when it is first needed; most requests never do. */
import type { KeyManagementServiceClient } from '@google-cloud/kms';
import type { Signer, Vault } from '../ports.ts';
import { Fault } from '../verdict.ts';
import type { Code } from '../verdict.ts';
import { crc32c } from './crc32c.ts';
import { inTime } from './deadline.ts';

/** Options of the client's constructor; tests point it at a stand-in. */
export type KmsOptions = NonNullable<ConstructorParameters<typeof KeyManagementServiceClient>[0]>;

/** KMS answers within 100 ms; a function has 30 s for everything. */
const CALL_MS = 8_000;

/** One client for vault and signer. */
export class Kms {
  readonly #options: KmsOptions;
  #client: Promise<KeyManagementServiceClient> | undefined;

  constructor(options: KmsOptions = {}) {
    this.#options = options;
  }

  /** Wraps data keys under a symmetric key. @param dataKey its resource name */
  vault(dataKey: string): Vault {
    return {
      wrap: (key, context) => this.#wrap(dataKey, key, context),
      unwrap: (wrapped, context) => this.#unwrap(dataKey, wrapped, context),
    };
  }

  /** Signs with an Ed25519 key. @param receiptKey resource name of its version */
  signer(receiptKey: string): Signer {
    return {
      keyId: receiptKey,
      sign: (text) => this.#sign(receiptKey, text),
      publicKey: () => this.#publicKey(receiptKey),
    };
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await (await this.#client)?.close();
    this.#client = undefined;
  }

  async #wrap(name: string, plaintext: Uint8Array, context: string): Promise<string> {
    const additionalAuthenticatedData = Buffer.from(context);
    const client = await this.#ready();
    const [answer] = await call(
      'key-unavailable',
      client.encrypt({
        name,
        plaintext,
        plaintextCrc32c: { value: crc32c(plaintext) },
        additionalAuthenticatedData,
        additionalAuthenticatedDataCrc32c: { value: crc32c(additionalAuthenticatedData) },
      }),
    );
    const arrived =
      answer.verifiedPlaintextCrc32c === true && answer.verifiedAdditionalAuthenticatedDataCrc32c === true;
    if (!arrived) throw new Fault('key-unavailable', { why: 'checksum-sent' });
    return bytesOf(answer.ciphertext, answer.ciphertextCrc32c?.value).toString('base64');
  }

  async #unwrap(name: string, wrapped: string, context: string): Promise<Uint8Array> {
    const ciphertext = Buffer.from(wrapped, 'base64');
    const additionalAuthenticatedData = Buffer.from(context);
    const client = await this.#ready();
    const [answer] = await call(
      'seal-broken',
      client.decrypt({
        name,
        ciphertext,
        ciphertextCrc32c: { value: crc32c(ciphertext) },
        additionalAuthenticatedData,
        additionalAuthenticatedDataCrc32c: { value: crc32c(additionalAuthenticatedData) },
      }),
    );
    return new Uint8Array(bytesOf(answer.plaintext, answer.plaintextCrc32c?.value));
  }

  async #sign(name: string, text: string): Promise<string> {
    const data = Buffer.from(text);
    const client = await this.#ready();
    const [answer] = await call(
      'key-unavailable',
      client.asymmetricSign({ name, data, dataCrc32c: { value: crc32c(data) } }),
    );
    if (answer.verifiedDataCrc32c !== true) throw new Fault('key-unavailable', { why: 'checksum-sent' });
    return bytesOf(answer.signature, answer.signatureCrc32c?.value).toString('base64');
  }

  async #publicKey(name: string): Promise<string> {
    const client = await this.#ready();
    const [answer] = await call('key-unavailable', client.getPublicKey({ name }));
    return bytesOf(answer.pem, answer.pemCrc32c?.value).toString();
  }

  async #ready(): Promise<KeyManagementServiceClient> {
    this.#client ??= import('@google-cloud/kms').then((kms) => new kms.KeyManagementServiceClient(this.#options));
    return this.#client;
  }
}

/** What came back, when its checksum says that it came whole. @see https://cloud.google.com/kms/docs/data-integrity-guidelines */
function bytesOf(given: string | Uint8Array | null | undefined, checksum: unknown): Buffer {
  const bytes = Buffer.from(given ?? '');
  if (bytes.byteLength === 0 || Number(checksum) !== crc32c(bytes))
    throw new Fault('key-unavailable', { why: 'checksum-received' });
  return bytes;
}

/** gRPC INVALID_ARGUMENT: for decryption, the ciphertext or its context is not what was encrypted. */
const INVALID_ARGUMENT = 3;

async function call<T>(whenInvalid: Code, promise: Promise<T>): Promise<T> {
  try {
    return await inTime(CALL_MS, 'key-unavailable', promise);
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    const status = thrown instanceof Error && 'code' in thrown ? Number(thrown.code) : Number.NaN;
    const facts = Number.isFinite(status) ? { grpc: status } : {};
    throw new Fault(status === INVALID_ARGUMENT ? whenInvalid : 'key-unavailable', facts, thrown);
  }
}
