import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backedUp, categoryAfter, isBackedUp } from '../../../shared/backup/contents.ts';
import { mayHold } from '../../../shared/backup/lives.ts';
import { checkManifest, isPart, manifestOf, manifestText } from '../../../shared/backup/manifest.ts';
import { lifeName } from '../../../shared/evidence/life.ts';
import { fileHash, lineOf, openPart, sealPart } from '../../../shared/backup/part.ts';
import type { SignedManifest } from '../../../shared/model/backup.ts';
import { identityHash, owner, setId } from '../../../shared/model/ids.ts';
import { depthOf } from '../../../shared/retention/address.ts';
import { categories, rowOf } from '../../../shared/retention/catalogue.ts';
import { parseLine, parseManifest } from '../../../shared/wire/backup.ts';

const set = setId('b-20261125-0400');
const other = setId('b-20261126-0000');
const key = new Uint8Array(32).fill(3);
const nonce = new Uint8Array(12).fill(4);
const pair = generateKeyPairSync('ed25519');
const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const withCode = (code: string): unknown => expect.objectContaining({ code });

describe('what belongs into a set', () => {
  test('B1 everything of the main database but identities and the running house', () => {
    const left = categories.filter((category) => !isBackedUp(category));
    for (const category of left) {
      const { database, statement, owner: whose } = rowOf(category);
      expect(database !== '(default)' || statement === 'identity' || whose === 'system', category).toBe(true);
    }
    expect(left).toEqual(expect.arrayContaining(['purge', 'storeEpoch', 'budget', 'key', 'epoch', 'ledger']));
    expect(backedUp.length + left.length).toBe(categories.length);
    for (const category of ['tenant', 'twin', 'copy', 'rules', 'connection'] as const)
      expect(backedUp).toContain(category);
  });

  test('B2 children before parents, tenants last, and each exactly once', () => {
    expect(backedUp.at(-1)).toBe('tenant');
    const depths = backedUp.slice(0, -1).map(depthOf);
    expect(depths).toEqual(depths.toSorted((one, another) => another - one));
    const walked: string[] = [];
    for (let category = categoryAfter(); category !== undefined; category = categoryAfter(category))
      walked.push(category);
    expect(walked).toEqual(backedUp);
  });
});

describe('a part', () => {
  const lines = [lineOf({ r: ['doors/x', { a: 1 }] }), lineOf({ r: ['doors/y', { b: 'ö\n' }] })];
  const bytes = sealPart({ key, nonce, set, file: 'door-1', lines });

  test('B6 opens with its key, in its set, under its name', () => {
    const opened = openPart({ key, set, file: 'door-1', bytes });
    expect(opened.map(parseLine)).toEqual([{ r: ['doors/x', { a: 1 }] }, { r: ['doors/y', { b: 'ö\n' }] }]);
    expect(() => openPart({ key, set: other, file: 'door-1', bytes })).toThrow('seal-broken');
    expect(() => openPart({ key, set, file: 'door-2', bytes })).toThrow('seal-broken');
    expect(() => openPart({ key: new Uint8Array(32), set, file: 'door-1', bytes })).toThrow('seal-broken');
  });

  test('B6 does not open with any one bit changed', () => {
    fc.assert(
      fc.property(fc.nat(bytes.byteLength - 1), fc.nat(7), (at, bit) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(() => openPart({ key, set, file: 'door-1', bytes: changed })).toThrow('seal-broken');
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['no JSON', '{'],
    ['a member more', '{"r":["a/b",1],"x":1}'],
    ['no path', '{"r":["",1]}'],
    ['an owner that is none', '{"o":["t-1"],"s":"AAAA"}'],
    ['three owners', '{"o":["t-00000001#1","t-00000002#1","t-00000003#1"],"s":"AAAA"}'],
  ])('B10 a line with %s is none of ours', (_what, line) => {
    expect(() => parseLine(line)).toThrow(withCode('backup-odd'));
  });
});

describe('a manifest', () => {
  const file = randomBytes(50);
  const part = (name: string, category: string) => ({
    ...{ file: name, category, records: 2, bytes: 50, sha256: fileHash(file) },
  });
  const facts = {
    ...{ set, beganAt: 1, endedAt: 2, expiresAt: 3, epoch: 4, commit: 'abc' },
    parts: [part('twin-2', 'twin'), part('door-1', 'door'), part('twin-1', 'twin')],
    lives: [lifeName(identityHash('b'.repeat(64)), 1), lifeName(identityHash('a'.repeat(64)), 2)],
  };
  const manifest = manifestOf(facts);
  const signed: SignedManifest = {
    ...{ manifest, keyId: 'k' },
    signature: sign(null, Buffer.from(manifestText(manifest, 'k')), pair.privateKey).toString('base64'),
  };
  const written = JSON.stringify(signed);

  test('B9 says what there is, in order, and passes its own check', () => {
    expect(manifest.counts).toEqual({ door: 2, twin: 4 });
    expect(manifest.parts.map(({ file: name }) => name)).toEqual(['door-1', 'twin-1', 'twin-2']);
    expect(checkManifest(parseManifest(written), set, pem)).toBeUndefined();
    expect(manifestOf({ ...facts, parts: facts.parts.toReversed() })).toEqual(manifest);
  });

  test('B9 fails with any edited byte', () => {
    fc.assert(
      fc.property(fc.nat(written.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
        const edited = written.slice(0, at) + String.fromCharCode(code) + written.slice(at + 1);
        fc.pre(edited !== written);
        let isFound = false;
        try {
          isFound = checkManifest(parseManifest(edited), set, pem) !== undefined;
        } catch {
          isFound = true;
        }
        expect(isFound).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('B9 a part is known by its size and its hash', () => {
    expect(isPart(part('x', 'twin'), file)).toBe(true);
    expect(isPart(part('x', 'twin'), file.subarray(1))).toBe(false);
    expect(isPart({ ...part('x', 'twin'), bytes: 49 }, file)).toBe(false);
    const changed = Buffer.from(file);
    changed[7] = (changed[7] ?? 0) ^ 1;
    expect(isPart(part('x', 'twin'), changed)).toBe(false);
  });

  test('B10 of another set, by another key, or with counts that do not fit is none', () => {
    expect(checkManifest(signed, other, pem)).toBe('backup-odd');
    const stranger = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(checkManifest(signed, set, stranger)).toBe('backup-signature');
    const wrong = { ...manifest, counts: { ...manifest.counts, twin: 5 } };
    const signature = sign(null, Buffer.from(manifestText(wrong, 'k')), pair.privateKey).toString('base64');
    expect(checkManifest({ manifest: wrong, keyId: 'k', signature }, set, pem)).toBe('backup-odd');
  });
});

describe('whose data are in a set', () => {
  test('B12 a life has one name, and another generation or identity another', () => {
    const a = identityHash('a'.repeat(64));
    expect(lifeName(a, 1)).toMatch(/^[0-9a-f]{64}$/);
    expect(lifeName(a, 1)).toBe(lifeName(a, 1));
    expect(new Set([lifeName(a, 1), lifeName(a, 2), lifeName(identityHash('c'.repeat(64)), 1)]).size).toBe(3);
    expect(lifeName(a, 1)).not.toContain(owner('t-00000001#1'));
  });

  const HOUR = 3_600_000;
  test.each([
    ['whole before, and names it', { beganAt: 0, endedAt: HOUR }, 9 * HOUR, true, true],
    ['whole before, and does not name it', { beganAt: 0, endedAt: HOUR }, 9 * HOUR, false, false],
    ['being made when it was verified', { beganAt: 0, endedAt: 9 * HOUR }, 9 * HOUR, false, true],
    ['never whole', { beganAt: 0 }, 9 * HOUR, false, true],
    [
      'whole so shortly before that a worker may still write',
      { beganAt: 0, endedAt: 9 * HOUR - 1 },
      9 * HOUR,
      false,
      true,
    ],
    ['begun after it was verified', { beganAt: 9 * HOUR + 1 }, 9 * HOUR, true, false],
    ['gone', { beganAt: 0, endedAt: HOUR, goneAt: 8 * HOUR }, 9 * HOUR, true, false],
  ])('B13 a set %s: may it hold the life?', (_what, known, verifiedAt, isNamed, may) => {
    expect(mayHold(known, verifiedAt, isNamed)).toBe(may);
  });
});
