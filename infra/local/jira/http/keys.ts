import { type KeyObject, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { type Listening, listen } from './listen.ts';

/** Bits of the install keys; what Atlassian's own have. */
const KEY_BITS = 2_048;

/** A key pair for signed installs and the id under which its public half is published. */
export interface InstallKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Makes a key pair. */
export function makeInstallKey(kid: string): InstallKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
  return { kid, privateKey, publicKey: createPublicKey(privateKey) };
}

/** Serves public keys as PEM at `/{kid}`, as connect-install-keys.atlassian.com does; 404 for any other. */
export function serveKeys(keys: readonly InstallKey[], port: number): Promise<Listening> {
  const pems = new Map(
    keys.map((key) => [`/${key.kid}`, key.publicKey.export({ type: 'spki', format: 'pem' }).toString()]),
  );
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const pem = request.method === 'GET' ? pems.get(request.url ?? '') : undefined;
    response.writeHead(pem === undefined ? 404 : 200, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.end(pem ?? '');
  };
  return listen(createServer(answer), port);
}
