/**
 * A small server of ours that answers like the part of Cloud Storage's JSON API that backups use. There is no emulator of it here: what
 * this shows is that our calls are of the documented form, not what the service does with them.
 * @see https://cloud.google.com/storage/docs/json_api/v1/objects
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BucketServer {
  readonly address: string;
  /** Answers 403 for these methods, as a role that lacks them. */
  readonly refused: Set<string>;
  stop(): Promise<void>;
}

/** Names in one page of a listing: few, so that pages are followed. */
const PAGE = 2;

/** Starts a server with one empty bucket. */
export async function startBucketServer(bucket: string, token: string): Promise<BucketServer> {
  const objects = new Map<string, Buffer>();
  const refused = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://x');
      const { method = '', headers } = request;
      const isKnown = headers.authorization === `Bearer ${token}`;
      const given = { method, url, body: Buffer.concat(chunks) };
      const answer: Answer = !isKnown
        ? { status: 401 }
        : refused.has(method)
          ? { status: 403 }
          : answerTo(objects, bucket, given);
      const type = Buffer.isBuffer(answer.body) ? 'application/octet-stream' : 'application/json';
      const body =
        Buffer.isBuffer(answer.body) || answer.body === undefined ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': type }).end(body ?? '');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    refused,
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

interface Given {
  readonly method: string;
  readonly url: URL;
  readonly body: Buffer;
}

function answerTo(objects: Map<string, Buffer>, bucket: string, { method, url, body }: Given): Answer {
  const { pathname, searchParams: query } = url;
  const base = `/storage/v1/b/${bucket}/o`;
  if (method === 'POST' && pathname === `/upload${base}`) return insert(objects, query, body);
  if (method === 'GET' && pathname === base) return list(objects, query);
  const name = decodeURIComponent(pathname.slice(base.length + 1));
  const found = objects.get(name);
  if (found === undefined) return { status: 404, body: { error: { code: 404 } } };
  if (method === 'DELETE') return { status: objects.delete(name) ? 204 : 404 };
  return query.get('alt') === 'media' ? { status: 200, body: found } : { status: 400 };
}

function insert(objects: Map<string, Buffer>, query: URLSearchParams, body: Buffer): Answer {
  const name = query.get('name') ?? '';
  const isAsked = query.get('uploadType') === 'media' && query.get('ifGenerationMatch') === '0' && name !== '';
  if (!isAsked) return { status: 400 };
  if (objects.has(name)) return { status: 412 };
  objects.set(name, body);
  return { status: 200, body: { name } };
}

function list(objects: Map<string, Buffer>, query: URLSearchParams): Answer {
  const from = Number(query.get('pageToken') ?? 0);
  const names = [...objects.keys()].filter((name) => name.startsWith(query.get('prefix') ?? '')).sort();
  const items = names.slice(from, from + PAGE).map((name) => ({ name }));
  const next = from + PAGE < names.length ? { nextPageToken: String(from + PAGE) } : {};
  return { status: 200, body: items.length === 0 ? {} : { items, ...next } };
}
