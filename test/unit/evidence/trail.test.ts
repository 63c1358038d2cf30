import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryAfter, headOf, headText, verifySignedTrail, verifyTrail } from '../../../shared/evidence/trail.ts';
import { operatorId, owner } from '../../../shared/model/ids.ts';
import type { SignedHead, TrailEntry } from '../../../shared/model/staff.ts';
import { parseAnchor, parseTrail } from '../../../shared/wire/trail.ts';

const DAY = 86_400_000;
const DAY_0 = 20_000 * DAY;
// RFC 8032's first test key.
const der = Buffer.from(
  '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  'hex',
);
const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

function trailOf(count: number, everyMs = DAY / 24): TrailEntry[] {
  const entries: TrailEntry[] = [];
  for (let n = 0; n < count; n += 1)
    entries.push(
      entryAfter(entries.at(-1), {
        at: DAY_0 + n * everyMs,
        act: n % 3 === 0 ? 'grant-asked' : 'read',
        by: operatorId('op-anna'),
        about: `g-0000000${n % 3}`,
        lives: [owner('t-00000001#1')],
        categories: ['twin'],
        records: n,
      }),
    );
  return entries;
}

function signed(entries: readonly TrailEntry[]): SignedHead {
  const head = headOf(entries.at(-1), DAY_0 + 900 * DAY);
  return { head, keyId: 'k', signature: sign(null, Buffer.from(headText(head, 'k')), key).toString('base64') };
}

const now = DAY_0 + 30 * DAY;
const fileOf = (entries: readonly TrailEntry[], head: SignedHead) => JSON.stringify({ entries, head });
/** Does a file still pass as a whole trail? What cannot be read does not. */
function passes(text: string): boolean {
  try {
    const { entries, head } = parseTrail(text);
    return verifySignedTrail(entries, head, pem, now).ok;
  } catch {
    return false;
  }
}

describe('the trail', () => {
  test('R75 each entry names the hash and the time of the one before it, and its clock never goes back', () => {
    const [one, two] = trailOf(2);
    expect(one).toMatchObject({ number: 1, previous: '', previousAt: 0 });
    expect(two).toMatchObject({ number: 2, previousAt: one!.at });
    expect(entryAfter(two, { ...one!, at: 5 }).at).toBe(two!.at);
    expect(verifyTrail([], headOf(undefined, now), now)).toEqual({ ok: true, unsigned: 0 });
  });

  test('R76 passes whole, against its newest head and against an older one', () => {
    const entries = trailOf(9);
    expect(passes(fileOf(entries, signed(entries)))).toBe(true);
    expect(verifySignedTrail(entries, signed(entries.slice(0, 4)), pem, now)).toEqual({ ok: true, unsigned: 5 });
  });

  test('R76 every single bit of the file that is flipped is found', () => {
    const entries = trailOf(3);
    const text = fileOf(entries, signed(entries));
    const bytes = Buffer.from(text);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      expect(passes(flipped.toString('utf8')), `bit ${bit}`).toBe(false);
    }
  });

  test('R76 whatever is taken out, doubled, moved or cut off is found', () => {
    const ways = fc.constantFrom('delete', 'double', 'swap', 'cut-end', 'cut-start', 'forge', 'rechain');
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), fc.nat(), fc.nat(), ways, (count, x, y, way) => {
        const entries = trailOf(count);
        const head = signed(entries);
        const at = x % count;
        const other = (at + 1 + (y % (count - 1))) % count;
        const changed = changedBy(way, entries, at, other);
        expect(passes(fileOf(changed, head))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('R76 a head of another key, or of another trail, proves nothing', () => {
    const entries = trailOf(4);
    const head = signed(entries);
    expect(verifySignedTrail(entries, { ...head, keyId: 'other' }, pem, now)).toMatchObject({
      code: 'trail-signature',
    });
    expect(verifySignedTrail(entries, { ...head, head: { ...head.head, number: 3 } }, pem, now)).toMatchObject({
      code: 'trail-signature',
    });
    expect(verifySignedTrail(trailOf(4, 77), head, pem, now)).toMatchObject({ code: 'trail-broken' });
    expect(parseAnchor(JSON.stringify(head))).toEqual({ kind: 'head', signed: head });
    expect(() => parseAnchor('{}')).toThrow('trail-malformed');
  });

  test('R77 a beginning that is gone passes when it was old enough, and not a moment earlier', () => {
    const entries = trailOf(5, 100 * DAY);
    const later = entries.slice(2);
    const old = entries[1]!.at + 396 * DAY;
    expect(verifyTrail(later, headOf(entries.at(-1), old), old)).toEqual({ ok: true, unsigned: 0 });
    expect(verifyTrail(later, headOf(entries.at(-1), old), old - 1)).toMatchObject({ code: 'trail-cut' });
    // An old head whose entry has just gone is held by the first that is left.
    expect(verifyTrail(later, headOf(entries[1], old), old)).toEqual({ ok: true, unsigned: 3 });
    expect(verifyTrail(later, headOf(entries[0], old), old)).toMatchObject({ code: 'trail-cut' });
  });
});

function changedBy(way: string, entries: readonly TrailEntry[], at: number, other: number): readonly TrailEntry[] {
  switch (way) {
    case 'delete':
      return entries.filter((_entry, index) => index !== at);
    case 'double':
      return [...entries.slice(0, at), entries[at]!, ...entries.slice(at)];
    case 'swap': {
      const copy = [...entries];
      [copy[at], copy[other]] = [copy[other]!, copy[at]!];
      return copy;
    }
    case 'cut-end':
      return entries.slice(0, at);
    case 'cut-start':
      return entries.slice(at + 1);
    case 'forge':
      return entries.map((entry, index) => (index === at ? { ...entry, by: operatorId('op-other') } : entry));
    default: {
      // The forger knows how entries are chained, and writes everything after the change anew.
      const forged: TrailEntry[] = [];
      for (const [index, entry] of entries.entries()) {
        const { number: _number, previous: _previous, previousAt: _at, ...told } = entry;
        forged.push(entryAfter(forged.at(-1), index === at ? { ...told, records: 99 } : told));
      }
      return forged;
    }
  }
}
