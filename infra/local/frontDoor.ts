/**
 * The one address of the local world: passes each path to the function that the topology names for it, untouched, as
 * the load balancer does in production (a rewritten path would break every query hash), and the rest to the local page.
 */
import { createServer, request as forward } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FunctionName } from '../topology.ts';
import { functions } from '../topology.ts';

export interface FrontDoor {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

interface Options {
  readonly port: number;
  readonly addressOf: (name: FunctionName) => string;
  /** Answers everything that no function owns. */
  readonly page: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Opens the front door on loopback. Port 0 takes any free port. */
export async function openFrontDoor({ port, addressOf, page }: Options): Promise<FrontDoor> {
  const server = createServer((request, response) => {
    const owner = ownerOf(request.url ?? '/');
    if (owner === undefined) page(request, response);
    else pass(request, response, addressOf(owner));
  });
  await listen(server, port);
  const at = server.address();
  const actual = typeof at === 'object' && at !== null ? at.port : port;
  return {
    address: `http://127.0.0.1:${actual}`,
    port: actual,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

/** The HTTP function that owns a path, if any. */
function ownerOf(target: string): FunctionName | undefined {
  const path = target.split('?', 1)[0] ?? '/';
  return functions.find(
    (row) => row.trigger === 'http' && row.paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
  )?.name;
}

function pass(request: IncomingMessage, response: ServerResponse, address: string): void {
  const { hostname, port } = new URL(address);
  const onward = forward(
    { hostname, port, method: request.method, path: request.url, headers: request.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  // What a load balancer answers while an instance is being started again.
  onward.on('error', () => {
    if (!response.headersSent) response.writeHead(503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: 'bug', says: 'The function is being started again.' }));
  });
  request.pipe(onward);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', done);
  });
}
