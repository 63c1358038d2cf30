import { beforeEach, describe, expect, test } from 'vitest';
import { backedUp } from '../../shared/backup/contents.ts';
import { checkManifest, isPart } from '../../shared/backup/manifest.ts';
import { openPart, recordContext } from '../../shared/backup/part.ts';
import { lifeName } from '../../shared/evidence/life.ts';
import { verifyReceipt } from '../../shared/evidence/receipt.ts';
import { MemoryBackup } from '../../shared/memory/backup.ts';
import type { BackupLine } from '../../shared/model/backup.ts';
import { ownerOf, sealed, setId, tenantKey } from '../../shared/model/ids.ts';
import type { SetId } from '../../shared/model/ids.ts';
import type { BackupsReceipt } from '../../shared/model/receipt.ts';
import { categoryOfPath } from '../../shared/retention/check.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { parseLine, parseManifest, parseRecord } from '../../shared/wire/backup.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import { storesOf } from '../kit/receipts.ts';
import { CANARY } from '../kit/records.ts';
import { A, AB, B, C, clientKeyOf, DAY, HOUR, PurgeWorld, Stopped } from '../kit/purgeWorld.ts';

let place: MemoryBackup;
let world: PurgeWorld;
beforeEach(async () => {
  place = new MemoryBackup();
  world = await new PurgeWorld(place).fill();
});

const registerOf = async () => (await world.store.scan('backupSet', { limit: 500 })).items;
const subjectOf = (ref: typeof A) => world.ledger.identityOf('connect', clientKeyOf(ref));

/** The whole set with its checked parts, opened with the set's key. */
async function opened(set: SetId): Promise<readonly BackupLine[]> {
  const row = (await world.store.read('backupSet', { set }))?.row;
  const signed = parseManifest(Buffer.from(await place.restore.read(set, row?.manifest ?? '')).toString());
  expect(checkManifest(signed, set, world.publicKey)).toBeUndefined();
  const key = await world.ports.backups!.vault.unwrap(row?.wrapped ?? '', `backup-set:${set}`);
  const lines: BackupLine[] = [];
  for (const part of signed.manifest.parts) {
    const bytes = await place.restore.read(set, part.file);
    expect(isPart(part, bytes)).toBe(true);
    const found = openPart({ key, set, file: part.file, bytes }).map(parseLine);
    expect(found).toHaveLength(part.records);
    lines.push(...found);
  }
  return lines;
}

/** A customer's record out of its line, when its owners' keys are there. */
async function recordOf(line: BackupLine, set: SetId) {
  if ('r' in line) return line.r;
  let value: unknown = line.s;
  for (const owner of line.o.toReversed())
    value = await world.keys.open(tenantKey(owner), recordContext(set), sealed(String(value)), { fresh: true });
  return parseRecord(value);
}

const mainRecords = (): ReadonlyMap<string, unknown> =>
  new Map(
    [...world.store.everything('(default)')].filter(([path]) =>
      backedUp.includes(categoryOfPath('(default)', path) ?? 'ledger'),
    ),
  );

describe('a set', () => {
  test('B14 holds every record of the main database once, byte for byte', async () => {
    await world.backup();
    const [set] = await place.prune.sets();
    const records = new Map<string, unknown>();
    for (const line of await opened(set!)) {
      const [path, row] = await recordOf(line, set!);
      expect(records.has(path), path).toBe(false);
      records.set(path, row);
    }
    const want = mainRecords();
    expect(want.size).toBeGreaterThan(80);
    expect([...records].sort()).toEqual([...want].sort());
    expect((await registerOf()).map(({ row }) => [row.records, row.left])).toEqual([[want.size, 0]]);
    expect(world.faults).toEqual([]);
  });

  test('B8 shows nothing at its place: no canary, no key, no identity, no name of a tenant', async () => {
    await world.backup();
    const wrapped = (await registerOf()).map(({ row }) => row.wrapped ?? '');
    expect(wrapped.join('')).not.toBe('');
    const known = [CANARY, A.tenant, B.tenant, C.tenant, AB.id, clientKeyOf(A), 'sharedSecret', 'owners', ...wrapped];
    for (const [name, bytes] of place.files) {
      // Also as it would look packed in base64, at each of three offsets.
      const text = Buffer.from(bytes).toString('latin1');
      for (const word of known) {
        expect(text.includes(word), `${name} ${word}`).toBe(false);
        for (const packed of packedOf(word)) expect(text.includes(packed), `${name} ${word}`).toBe(false);
      }
      // What is sealed has the entropy of chance: no byte is more frequent than it would be.
      if (!name.includes('manifest') && bytes.byteLength > 4_096) expect(entropyOf(bytes)).toBeGreaterThan(7.9);
    }
    expect(place.files.size).toBeGreaterThan(10);
  });

  test('B7 is unreadable for a life whose key was destroyed, and for no other', async () => {
    await world.backup();
    const [set] = await place.prune.sets();
    const lines = await opened(set!);
    await world.keys.destroy(tenantKey(ownerOf(A.tenant, 1)));
    let refused = 0;
    for (const line of lines) {
      const isOfA = 'o' in line && line.o.includes(ownerOf(A.tenant, 1));
      const ending = await recordOf(line, set!).then(
        () => 'open',
        (thrown: unknown) => toFault(thrown).code,
      );
      expect(ending).toBe(isOfA ? 'key-gone' : 'open');
      refused += isOfA ? 1 : 0;
    }
    expect(refused).toBeGreaterThan(20);
  });

  test('B12 names the lives that are in it, and only by their hash', async () => {
    await world.backup();
    const [set] = await place.prune.sets();
    const lives = (await world.store.list('backupLife', { set: set! }, { limit: 9 })).items.map(
      ({ place: at }) => at.life,
    );
    const want = await Promise.all([A, B, C].map(async (ref) => lifeName(await subjectOf(ref), 1)));
    expect(lives.toSorted()).toEqual(want.toSorted());
  });

  test('B14 leaves out what has lost its tenant', async () => {
    await world.store.remove('tenant', { tenant: C.tenant });
    await world.backup();
    const [{ row } = { row: undefined }] = await registerOf();
    expect(row?.left).toBeGreaterThan(10);
    expect(row?.endedAt).toBeDefined();
  });
});

/** What stands in base64 for a word, at each of its three offsets; too short a piece would be met by chance. */
function packedOf(word: string): readonly string[] {
  return ['', 'x', 'xx']
    .map((lead) =>
      Buffer.from(lead + word)
        .toString('base64')
        .slice(4, -4),
    )
    .filter((piece) => piece.length >= 12);
}

function entropyOf(bytes: Uint8Array): number {
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / bytes.length) * Math.log2(n / bytes.length), 0);
}

describe('ticks', () => {
  test('B14 a tick that comes twice or ten times at once makes one set', async () => {
    await Promise.all(Array.from({ length: 10 }, () => world.handle({ kind: 'backup', askedAt: world.now })));
    await world.drain();
    await world.backup();
    expect(await registerOf()).toHaveLength(1);
    const [set] = await place.prune.sets();
    expect(await opened(set!)).toHaveLength(mainRecords().size);
  });

  test('B14 after days without a tick the next one makes a set', async () => {
    await world.backup();
    world.now += 5 * DAY;
    await world.backup();
    expect(await place.prune.sets()).toHaveLength(2);
    expect((await registerOf()).every(({ row }) => row.endedAt !== undefined)).toBe(true);
  });

  test('B14 a stop at any call of the store is made up for by the next tick', async () => {
    const probe = await new PurgeWorld(new MemoryBackup()).fill();
    await probe.backup();
    const calls = probe.calls;
    expect(calls).toBeGreaterThan(50);
    for (let at = 0; at < calls; at += 3) {
      place = new MemoryBackup();
      world = await new PurgeWorld(place).fill();
      world.crash = { at, when: at % 2 === 0 ? 'before' : 'after' };
      await world.backup().catch((thrown: unknown) => {
        if (!(thrown instanceof Stopped)) throw thrown;
      });
      world.crash = undefined;
      await world.backup();
      const [set] = await place.prune.sets();
      expect(await opened(set!), `stopped at ${at}`).toHaveLength(mainRecords().size);
    }
  });

  test('B14 a place that fails in the middle is made up for, also when half a file lies there', async () => {
    const append = place.append.append.bind(place.append);
    let calls = 0;
    place.append.append = async (set, file, bytes) => {
      calls += 1;
      if (calls % 3 !== 0) return append(set, file, bytes);
      await append(set, file, bytes.slice(0, bytes.length >> 1));
      throw new Fault('outside-unavailable');
    };
    for (let tick = 0; tick < 20; tick += 1) await world.backup().catch(() => undefined);
    const [set] = await place.prune.sets();
    expect(await opened(set!)).toHaveLength(mainRecords().size);
  });

  test('B16 wakes somebody when no set becomes whole, and not before', async () => {
    await world.backup();
    place.append.append = async () => {
      throw new Fault('outside-unavailable');
    };
    for (let hour = 0; hour < 24; hour += 1) {
      await world.backup().catch(() => undefined);
      world.now += HOUR;
    }
    const late = (): number => world.faults.filter((code) => code === 'backup-late').length;
    expect(late()).toBe(0);
    world.now += 1;
    await world.backup().catch(() => undefined);
    expect(late()).toBe(1);
  });
});

describe('the end of a set', () => {
  test('B15 comes with the first sweep after its day, with its key', async () => {
    await world.backup();
    const [{ row: before } = { row: undefined }] = await registerOf();
    world.now = (before?.expiresAt ?? 0) - 1;
    await world.tick();
    expect(place.files.size).toBeGreaterThan(0);
    world.now += 1;
    await world.tick();
    expect(place.files.size).toBe(0);
    const [{ row, place: at } = { row: undefined, place: { set: '' } }] = await registerOf();
    expect([row?.goneAt, row?.wrapped]).toEqual([world.now, undefined]);
    expect((await world.store.list('backupPart', at, { limit: 9 })).items).toEqual([]);
    expect(world.faults).toEqual([]);
  });

  test('B15 a place that does not let go wakes somebody, and live data are swept all the same', async () => {
    await world.backup();
    await world.mark(A);
    place.prune.remove = async () => {
      throw new Fault('outside-unavailable');
    };
    world.now += 120 * DAY;
    await world.ticks(4);
    expect(new Set(world.faults)).toEqual(new Set(['outside-unavailable', 'backup-overdue']));
    expect(world.leftOf(A)).toEqual([]);
    // However late it is: what the set holds is not forgotten while it is there.
    expect(await registerOf()).toHaveLength(1);
    expect((await world.store.scan('backupLife', { limit: 9 })).items).toHaveLength(3);
  });

  test('B15 a removal that only says so does not count', async () => {
    await world.backup();
    place.prune.remove = async () => undefined;
    world.now += 29 * DAY;
    await world.tick();
    expect(new Set(world.faults)).toEqual(new Set(['backup-overdue']));
    expect((await registerOf())[0]?.row.goneAt).toBeUndefined();
  });

  test('B5 what nobody has registered goes by its name', async () => {
    await place.append.append(setId('b-20240101-0000'), 'x', new Uint8Array(4));
    await world.tick();
    expect(place.files.size).toBe(0);
  });
});

describe('the second receipt', () => {
  const second = (): BackupsReceipt | undefined => {
    for (const row of world.store.everything('ledger').values()) {
      if (typeof row !== 'object' || row === null || !('signed' in row)) continue;
      const signed = parseReceipt(String(row.signed));
      expect(verifyReceipt(signed, world.publicKey)).toEqual({ ok: true });
      if (signed.receipt.covers === 'backups') return signed.receipt;
    }
    return undefined;
  };

  async function purged(): Promise<number> {
    await world.mark(A, 'requested');
    world.now += 3 * DAY;
    await world.ticks(5);
    const [path = ''] = world.receipts();
    const stored = await world.store.read('receipt', { receipt: path.split('/')[1] ?? '' });
    return storesOf(parseReceipt(stored?.row.signed ?? '')).verifiedAt;
  }

  test('B17 comes when the last set with the life is gone, and not an hour earlier', async () => {
    await world.backup();
    world.now += DAY;
    await world.backup();
    world.now += HOUR;
    const verifiedAt = await purged();
    world.now += DAY;
    await world.backup();
    const sets = (await registerOf()).map(({ row }) => row);
    const last = Math.max(...sets.filter(({ beganAt }) => beganAt < verifiedAt).map(({ expiresAt }) => expiresAt));
    while (world.now + HOUR < last) {
      await world.tick();
      expect(second()).toBeUndefined();
      world.now += 6 * HOUR;
    }
    world.now = last;
    await world.tick();
    await world.tick();
    const receipt = second();
    expect(receipt?.sets).toHaveLength(2);
    expect(receipt?.sets.every(({ goneAt }) => goneAt <= world.now)).toBe(true);
    // The set that began after the purge is still there and none of this life's business.
    expect(await place.prune.sets()).toHaveLength(1);
    expect(world.receipts()).toHaveLength(2);
    expect(world.now - verifiedAt).toBeLessThan(28 * DAY);
    const text = JSON.stringify(receipt);
    for (const word of [CANARY, A.tenant]) expect(text).not.toContain(word);
  });

  test('B17 waits for a set that was being made when the life was purged, whatever that names', async () => {
    await world.backup();
    const [stored] = await registerOf();
    const { endedAt: _whole, ...open } = stored!.row;
    await world.store.replace('backupSet', stored!.place, open, stored!.version);
    for (const life of (await world.store.scan('backupLife', { limit: 9 })).items)
      await world.store.remove('backupLife', life.place);
    await purged();
    expect(second()).toBeUndefined();
    world.now = stored!.row.expiresAt;
    await world.ticks(2);
    expect(second()?.sets).toMatchObject([{ set: stored!.place.set }]);
  });

  test('B17 comes at once for a life that was in no set', async () => {
    await purged();
    await world.tick();
    expect(second()).toMatchObject({ sets: [] });
  });

  test('B17 does not come while a set is still listed after its day', async () => {
    await world.backup();
    await purged();
    place.prune.remove = async () => undefined;
    world.now += 60 * DAY;
    await world.ticks(3);
    expect(second()).toBeUndefined();
  });

  test('B17 fails with any edited byte, and when it says what cannot be', async () => {
    await world.backup();
    await purged();
    world.now += 29 * DAY;
    await world.ticks(2);
    const path = world.receipts().find((one) => one.endsWith('-b')) ?? '';
    const row = world.store.everything('ledger').get(path);
    const text = typeof row === 'object' && row !== null && 'signed' in row ? String(row.signed) : '';
    expect(text).toContain('"covers":"backups"');
    for (let at = 0; at < text.length; at += 1) {
      const edited = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      let isGood = true;
      try {
        isGood = verifyReceipt(parseReceipt(edited), world.publicKey).ok;
      } catch {
        isGood = false;
      }
      expect(isGood, `byte ${at}`).toBe(false);
    }
  });
});
