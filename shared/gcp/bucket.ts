/**
 * A place for backups in a bucket of Cloud Storage, over its JSON API. What of this succeeds is decided by the roles of the account: create
 * only, list and delete, or read. The bucket keeps nothing of what is deleted: no soft delete, no versions (`npm run plan` asks for it).
 */
import { setId } from '../model/ids.ts';
import type { SetId } from '../model/ids.ts';
import type { Http, HttpAnswer } from '../http.ts';
import type { BackupAppend, BackupPrune, BackupRestore } from '../ports.ts';
import { Fault } from '../verdict.ts';
import { parseObjects } from '../wire/bucket.ts';

/** What the adapter stands on. */
export interface BucketNeeds {
  readonly http: Http;
  readonly bucket: string;
  /** An access token of the account that runs us. */
  readonly token: () => Promise<string>;
}

const ORIGIN = 'https://storage.googleapis.com';
/** A part of some 6 MiB over a slow line. */
const DEADLINE_MS = 60_000;
/** Objects that one listing answers, the most that the service gives. */
const PAGE = 1_000;
/** A rotation of 28 days has some 40 sets; of a thousand files each. */
const MAX_PAGES = 200;
/** The manifest of a large set. */
const MAX_READ_BYTES = 256 * 1024 * 1024;
const OURS = /^(b-[0-9]{8}-[0-9]{4})\.[a-z0-9][a-z0-9.-]{0,79}$/;

/** The bucket seen with one account. */
export function bucketBackup(needs: BucketNeeds): BackupAppend & BackupPrune & BackupRestore {
  const objects = `${ORIGIN}/storage/v1/b/${needs.bucket}/o`;
  const names = (prefix: string): Promise<readonly string[]> => namesIn(needs, objects, prefix);
  return {
    append: async (set, file, bytes) => {
      // Generation 0: only when there is none of this name.
      const query = `uploadType=media&ifGenerationMatch=0&name=${encodeURIComponent(`${set}.${file}`)}`;
      const answer = await needs.http.send({
        method: 'POST',
        url: `${ORIGIN}/upload/storage/v1/b/${needs.bucket}/o?${query}`,
        headers: await authorised(needs),
        upload: { type: 'application/octet-stream', bytes: bytes.byteLength, chunks: once(bytes) },
        deadlineMs: DEADLINE_MS,
      });
      if (answer.status === PRECONDITION_FAILED) throw new Fault('store-exists', { set });
      expectFine(answer);
    },
    sets: async () => setsOf(await names('b-')),
    remove: async (set) => {
      for (const name of await names(`${set}.`)) {
        const url = `${objects}/${encodeURIComponent(name)}`;
        const answer = await needs.http.send({ method: 'DELETE', url, headers: await authorised(needs) });
        if (answer.status !== NOT_FOUND) expectFine(answer);
      }
    },
    read: async (set, file) => {
      const url = `${objects}/${encodeURIComponent(`${set}.${file}`)}?alt=media`;
      const ask = { method: 'GET', url, headers: await authorised(needs), deadlineMs: DEADLINE_MS } as const;
      const { status, chunks } = await needs.http.open(ask);
      const bytes = await whole(chunks);
      if (status === NOT_FOUND) throw new Fault('not-found', { set });
      expectFine({ status });
      return bytes;
    },
  };
}

const [NOT_FOUND, FORBIDDEN, PRECONDITION_FAILED] = [404, 403, 412];

async function namesIn(needs: BucketNeeds, objects: string, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({ prefix, maxResults: String(PAGE), fields: 'items(name),nextPageToken' });
    if (token !== undefined) query.set('pageToken', token);
    const url = `${objects}?${query.toString()}`;
    const answer = await needs.http.send({ method: 'GET', url, headers: await authorised(needs) });
    expectFine(answer);
    const { names, next } = parseObjects(answer.body);
    found.push(...names);
    token = next;
    if (token === undefined) return found;
  }
  throw new Fault('outside-answer-odd', { why: 'pages' });
}

function setsOf(names: readonly string[]): readonly SetId[] {
  return [...new Set(names.flatMap((name) => OURS.exec(name)?.[1] ?? []))].sort().map(setId);
}

async function authorised({ token }: BucketNeeds): Promise<Readonly<Record<string, string>>> {
  return { authorization: `Bearer ${await token()}` };
}

function expectFine({ status }: Pick<HttpAnswer, 'status'>): void {
  if (status >= 200 && status < 300) return;
  if (status === FORBIDDEN) throw new Fault('not-allowed', { status });
  throw new Fault(status >= 500 || status === 429 ? 'outside-unavailable' : 'outside-answer-odd', { status });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const some: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > MAX_READ_BYTES) throw new Fault('outside-answer-odd', { bytes });
    some.push(chunk);
  }
  return new Uint8Array(Buffer.concat(some));
}
