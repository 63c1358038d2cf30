import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens on loopback, and how to stop it. */
export interface Listening {
  /** `http://127.0.0.1:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts a server on 127.0.0.1; port 0 takes a free one. Rejects when the port is taken. */
export function listen(server: Server, port: number): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<Listening>();
  server.once('error', reject);
  server.listen(port, '127.0.0.1', () => {
    const { port: taken } = server.address() as AddressInfo;
    resolve({ address: `http://127.0.0.1:${taken}`, close: () => closeServer(server) });
  });
  return promise;
}

function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.close(() => resolve(undefined));
  // Clients keep connections alive; a closing stand-in does not wait for them.
  server.closeAllConnections();
  return promise;
}
