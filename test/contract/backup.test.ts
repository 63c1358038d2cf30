/** What a place for backups keeps to, over memory, a folder and whatever else of these this computer has. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { bucketBackup } from '../../shared/gcp/bucket.ts';
import { createHttp } from '../../shared/http.ts';
import { registerOf } from '../../shared/retention/processors.ts';
import { startBucketServer } from '../kit/bucketServer.ts';
import type { BucketServer } from '../kit/bucketServer.ts';
import { diskBackup } from '../../shared/disk/backup.ts';
import { MemoryBackup } from '../../shared/memory/backup.ts';
import { sftpBackup } from '../../shared/outside/sftp.ts';
import { setId } from '../../shared/model/ids.ts';
import type { BackupAppend, BackupPrune, BackupRestore } from '../../shared/ports.ts';
import { findSshd, startSftpServer } from '../kit/sftpServer.ts';
import type { SftpServer } from '../kit/sftpServer.ts';

interface Place {
  readonly append: BackupAppend;
  readonly prune: BackupPrune;
  readonly restore: BackupRestore;
}

interface World {
  readonly name: string;
  readonly fresh: () => Promise<Place>;
}

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'twinline-backup-'));
  folders.push(made);
  return made;
};
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

const sshd = findSshd();
if (sshd === undefined)
  console.warn(
    'the contract of backups runs without a real SFTP server: sshd is missing (Debian: apt-get install openssh-server)',
  );
const servers: SftpServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));

async function freshServer(): Promise<SftpServer> {
  const server = await startSftpServer(sshd ?? '');
  servers.push(server);
  return server;
}

type Key = 'append' | 'prune' | 'restore' | 'stranger';
const seenWith = (
  server: SftpServer,
  key: Key,
  over: { readonly hostKey?: string; readonly isRegistered?: boolean } = {},
) =>
  sftpBackup({
    ...server,
    hostKey: over.hostKey ?? server.hostKey,
    key: key === 'stranger' ? server.strangersKey : server.keys[key],
    isRegistered: (host) => over.isRegistered ?? host === '127.0.0.1',
  });

async function overSftp(): Promise<Place> {
  const server = await freshServer();
  return {
    append: seenWith(server, 'append'),
    prune: seenWith(server, 'prune'),
    restore: seenWith(server, 'restore'),
  };
}

const BUCKET = 'twinline-backups';
const buckets: BucketServer[] = [];
afterAll(() => Promise.all(buckets.map((server) => server.stop())));

async function freshBucket(): Promise<BucketServer> {
  const server = await startBucketServer(BUCKET, 'token-1');
  buckets.push(server);
  return server;
}

const origin = 'https://storage.googleapis.com';
function overHttp({ address }: BucketServer, token = 'token-1'): Place {
  const register = registerOf({ residency: 'eu', parties: { bucket: { agreement: 'x', since: '2026-11-23' } } });
  const http = createHttp({ register: () => register, localHosts: { [origin]: address } });
  const seen = bucketBackup({ http, bucket: BUCKET, token: async () => token });
  return { append: seen, prune: seen, restore: seen };
}

const worlds: readonly World[] = [
  ...(sshd === undefined ? [] : [{ name: 'a real OpenSSH server', fresh: overSftp }]),
  { name: 'a bucket, as a small server of ours plays it', fresh: async () => overHttp(await freshBucket()) },
  { name: 'memory', fresh: async () => new MemoryBackup() },
  { name: 'a folder', fresh: async () => diskBackup(join(folder(), 'not-yet-there')) },
];

const [one, two] = [setId('b-20261125-0400'), setId('b-20261126-0000')];
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (read: Uint8Array): string => Buffer.from(read).toString();
const withCode = (code: string): unknown => expect.objectContaining({ code });

describe.each(worlds)('a place for backups: $name', ({ fresh }) => {
  let place: Place;
  beforeEach(async () => {
    place = await fresh();
  });

  test('is empty at first', async () => {
    expect(await place.prune.sets()).toEqual([]);
    expect(await place.restore.sets()).toEqual([]);
    await place.prune.remove(one);
  });

  test('gives back what was appended, byte for byte', async () => {
    const large = new Uint8Array(3 * 1024 * 1024 + 17).map((_, at) => (at * 31) % 251);
    await place.append.append(one, 'twin-000001-abc', large);
    await place.append.append(one, 'empty', new Uint8Array());
    expect(Buffer.compare(await place.restore.read(one, 'twin-000001-abc'), large)).toBe(0);
    expect((await place.restore.read(one, 'empty')).byteLength).toBe(0);
  });

  test('never writes over a file', async () => {
    await place.append.append(one, 'manifest.json', bytes('first'));
    await expect(place.append.append(one, 'manifest.json', bytes('second'))).rejects.toEqual(withCode('store-exists'));
    expect(text(await place.restore.read(one, 'manifest.json'))).toBe('first');
  });

  test('says so of a file that is not there', async () => {
    await expect(place.restore.read(one, 'manifest.json')).rejects.toEqual(withCode('not-found'));
  });

  test('names each set once, and removes one with all its files and no other', async () => {
    for (const set of [two, one]) for (const file of ['a', 'b']) await place.append.append(set, file, bytes(set));
    expect(await place.prune.sets()).toEqual([one, two]);
    expect(await place.restore.sets()).toEqual([one, two]);
    await place.prune.remove(one);
    await place.prune.remove(one);
    expect(await place.prune.sets()).toEqual([two]);
    expect(text(await place.restore.read(two, 'b'))).toBe(two);
    await expect(place.restore.read(one, 'a')).rejects.toEqual(withCode('not-found'));
  });

  test('can write again what was removed', async () => {
    await place.append.append(one, 'a', bytes('before'));
    await place.prune.remove(one);
    await place.append.append(one, 'a', bytes('after'));
    expect(text(await place.restore.read(one, 'a'))).toBe('after');
  });
});

test('a folder with other files in it keeps them', async () => {
  const at = folder();
  writeFileSync(join(at, 'notes.txt'), 'mine');
  const place = diskBackup(at);
  await place.append.append(one, 'a', bytes('x'));
  await place.prune.remove(one);
  expect(await place.prune.sets()).toEqual([]);
  expect(readdirSync(at)).toEqual(['notes.txt']);
});

describe.skipIf(sshd === undefined)('three credentials at a real OpenSSH server', () => {
  test('who may append can do nothing else: not read, list, remove, or write over what it wrote', async () => {
    const server = await freshServer();
    const mine = seenWith(server, 'append');
    await mine.append(one, 'a', bytes('first'));
    const attempts = [
      () => mine.read(one, 'a'),
      () => mine.sets(),
      () => mine.remove(one),
      () => mine.append(one, 'a', bytes('second')),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toBeInstanceOf(Error);
    expect(text(await seenWith(server, 'restore').read(one, 'a'))).toBe('first');
    // The mode that the server gives keeps even a hand-made request from writing over it.
    expect(statSync(join(server.folder, `${one}.a`)).mode & 0o777).toBe(0o400);
  });

  test('who may prune can neither read nor write', async () => {
    const server = await freshServer();
    await seenWith(server, 'append').append(one, 'a', bytes('x'));
    const mine = seenWith(server, 'prune');
    await expect(mine.read(one, 'a')).rejects.toBeInstanceOf(Error);
    await expect(mine.append(two, 'b', bytes('y'))).rejects.toBeInstanceOf(Error);
    expect(await mine.sets()).toEqual([one]);
  });

  test('who may restore can neither write nor remove', async () => {
    const server = await freshServer();
    await seenWith(server, 'append').append(one, 'a', bytes('x'));
    const mine = seenWith(server, 'restore');
    await expect(mine.append(two, 'b', bytes('y'))).rejects.toBeInstanceOf(Error);
    await expect(mine.remove(one)).rejects.toBeInstanceOf(Error);
    expect(await mine.sets()).toEqual([one]);
  });

  test('a key that the server does not know, another host key, and a host that no row names are refused', async () => {
    const server = await freshServer();
    await expect(seenWith(server, 'stranger').sets()).rejects.toEqual(withCode('outside-unavailable'));
    const pinned = `SHA256:${'A'.repeat(43)}`;
    await expect(seenWith(server, 'prune', { hostKey: pinned }).sets()).rejects.toEqual(withCode('outside-answer-odd'));
    await expect(seenWith(server, 'prune', { isRegistered: false }).sets()).rejects.toEqual(
      withCode('host-not-registered'),
    );
  });

  test('a server that is gone is said to be', async () => {
    const server = await startSftpServer(sshd ?? '');
    await server.stop();
    await expect(seenWith(server, 'prune').sets()).rejects.toEqual(withCode('outside-unavailable'));
  });
});

describe('a bucket', () => {
  test('says what its roles refuse, and that a token is not taken', async () => {
    const server = await freshBucket();
    const place = overHttp(server);
    await place.append.append(one, 'a', bytes('x'));
    for (const method of ['GET', 'DELETE', 'POST']) server.refused.add(method);
    for (const attempt of [
      () => place.prune.sets(),
      () => place.restore.read(one, 'a'),
      () => place.append.append(one, 'b', bytes('y')),
    ])
      await expect(attempt()).rejects.toEqual(withCode('not-allowed'));
    await expect(overHttp(server, 'another').prune.sets()).rejects.toEqual(withCode('outside-answer-odd'));
  });

  test('is called only when the register names it', async () => {
    const http = createHttp({ register: () => [], localHosts: {} });
    const place = bucketBackup({ http, bucket: BUCKET, token: async () => 'token-1' });
    await expect(place.sets()).rejects.toEqual(withCode('host-not-registered'));
  });
});
