/** A stand-in for Cloud KMS: the four calls that we make, over real HTTP, with real keys and checksums. */
import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThroughClient } from 'google-auth-library';
import { crc32c } from '../../shared/gcp/crc32c.ts';
import type { KmsOptions } from '../../shared/gcp/kms.ts';

/** How the stand-in may be made to fail. */
export type KmsTrouble = 'none' | 'damaged-answer' | 'damaged-request' | 'key-destroyed' | 'down';

export const DATA_KEY = 'projects/p/locations/l/keyRings/r/cryptoKeys/data';
export const RECEIPT_KEY = 'projects/p/locations/l/keyRings/r/cryptoKeys/receipts/cryptoKeyVersions/1';

/** One stand-in, listening on loopback. */
export class KmsStandIn {
  trouble: KmsTrouble = 'none';
  readonly #server: Server;
  readonly #key = randomBytes(32);
  readonly #pair = generateKeyPairSync('ed25519');

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<KmsStandIn> {
    const standIn = new KmsStandIn();
    await new Promise<void>((done) => standIn.#server.listen(0, '127.0.0.1', done));
    return standIn;
  }

  /** What the client has to be made with. */
  options(): KmsOptions {
    const { port } = this.#server.address() as AddressInfo;
    return {
      fallback: true,
      protocol: 'http',
      apiEndpoint: '127.0.0.1',
      port,
      authClient: new PassThroughClient(),
      projectId: 'p',
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, string>;
    const [status, answer] = this.#act(request.url ?? '', body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #act(url: string, body: Readonly<Record<string, string>>): [number, unknown] {
    if (this.trouble === 'down') return problem(503, 'UNAVAILABLE');
    if (this.trouble === 'key-destroyed') return problem(400, 'FAILED_PRECONDITION');
    const path = decodeURIComponent(url.split('?')[0] ?? '');
    if (path === `/v1/${DATA_KEY}:encrypt`) return this.#encrypt(body);
    if (path === `/v1/${DATA_KEY}:decrypt`) return this.#decrypt(body);
    if (path === `/v1/${RECEIPT_KEY}:asymmetricSign`) return this.#sign(body);
    if (path === `/v1/${RECEIPT_KEY}/publicKey`) return this.#publicKey();
    return problem(404, 'NOT_FOUND');
  }

  #encrypt(body: Readonly<Record<string, string>>): [number, unknown] {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(from(body['additionalAuthenticatedData']));
    const secret = Buffer.concat([cipher.update(from(body['plaintext'])), cipher.final()]);
    return [
      200,
      {
        ...this.#given('ciphertext', Buffer.concat([nonce, cipher.getAuthTag(), secret])),
        verifiedPlaintextCrc32c: this.#arrived(body, 'plaintext'),
        verifiedAdditionalAuthenticatedDataCrc32c: this.#arrived(body, 'additionalAuthenticatedData'),
      },
    ];
  }

  #decrypt(body: Readonly<Record<string, string>>): [number, unknown] {
    const bytes = from(body['ciphertext']);
    try {
      const cipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12));
      cipher.setAAD(from(body['additionalAuthenticatedData'])).setAuthTag(bytes.subarray(12, 28));
      return [200, this.#given('plaintext', Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]))];
    } catch {
      return problem(400, 'INVALID_ARGUMENT');
    }
  }

  #sign(body: Readonly<Record<string, string>>): [number, unknown] {
    const signature = sign(null, from(body['data']), this.#pair.privateKey);
    return [200, { ...this.#given('signature', signature), verifiedDataCrc32c: this.#arrived(body, 'data') }];
  }

  #publicKey(): [number, unknown] {
    const pem = this.#pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
    return [200, { pem, pemCrc32c: String(crc32c(Buffer.from(pem))), algorithm: 'EC_SIGN_ED25519' }];
  }

  #given(name: string, bytes: Buffer): Record<string, string> {
    const checksum = crc32c(bytes) + (this.trouble === 'damaged-answer' ? 1 : 0);
    return { [name]: bytes.toString('base64'), [`${name}Crc32c`]: String(checksum) };
  }

  #arrived(body: Readonly<Record<string, string>>, name: string): boolean {
    return this.trouble !== 'damaged-request' && Number(body[`${name}Crc32c`]) === crc32c(from(body[name]));
  }
}

function from(base64: string | undefined): Buffer {
  return Buffer.from(base64 ?? '', 'base64');
}

function problem(code: number, status: string): [number, unknown] {
  return [code, { error: { code, status, message: 'made to fail' } }];
}
