/** What a place for backups keeps to, over memory, a folder and whatever else of these this computer has. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { diskBackup } from '../../shared/disk/backup.ts';
import { MemoryBackup } from '../../shared/memory/backup.ts';
import { setId } from '../../shared/model/ids.ts';
import type { BackupAppend, BackupPrune, BackupRestore } from '../../shared/ports.ts';

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

const worlds: readonly World[] = [
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
