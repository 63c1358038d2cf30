/**
 * The trail of what staff did: entries in a hash chain, and a signed head that lies with the backups. Pure.
 *
 * Entries leave it at their age, the oldest first. Each names the time of the one before it: a trail that begins later shows by its own
 * first entry that what is missing was old enough to go.
 * @see ../retention/SPEC.md R75–R79, THREATS.md T14
 */
import { createPublicKey, verify } from 'node:crypto';
import type { SignedHead, Told, TrailEntry, TrailHead } from '../model/staff.ts';
import { TRAIL_DAYS } from '../retention/catalogue.ts';
import type { Code } from '../verdict.ts';
import { canonical, hashOf } from './canonical.ts';
import { brokenAt } from './chain.ts';

const DAY_MS = 86_400_000;

/** The entry that follows another one. A clock that goes back does not make the trail go back. */
export function entryAfter(last: TrailEntry | undefined, told: Told): TrailEntry {
  return {
    ...told,
    at: Math.max(told.at, last?.at ?? 0),
    number: (last?.number ?? 0) + 1,
    previous: last === undefined ? '' : hashOf(last),
    previousAt: last?.at ?? 0,
  };
}

/** The head of a trail that ends with this entry. */
export function headOf(last: TrailEntry | undefined, at: number): TrailHead {
  return { version: 1, number: last?.number ?? 0, hash: last === undefined ? '' : hashOf(last), at };
}

/** The text that is signed; it names the key. */
export function headText(head: TrailHead, keyId: string): string {
  return canonical({ head, keyId });
}

export type TrailProblem = Extract<Code, 'trail-signature' | 'trail-broken' | 'trail-cut'>;

/** How a check ends; `number` is the entry that does not follow, `unsigned` how many came after the head. */
export type TrailCheck =
  | { readonly ok: true; readonly unsigned: number }
  | { readonly ok: false; readonly code: TrailProblem; readonly number?: number };

/**
 * Checks a trail against one head: every entry follows from the one before, what is missing at the beginning was old enough to go, and the
 * entry that the head names is there as it was. What came after the head is held by its chain alone until the next head.
 */
export function verifyTrail(
  entries: readonly TrailEntry[],
  head: Pick<TrailHead, 'number' | 'hash'>,
  now: number,
): TrailCheck {
  const gap = gapIn(entries);
  if (gap !== undefined) return { ok: false, code: 'trail-broken', number: gap };
  const [first] = entries;
  if (first === undefined) return head.number === 0 ? { ok: true, unsigned: 0 } : { ok: false, code: 'trail-cut' };
  if (!beginsWell(first, now)) return { ok: false, code: 'trail-cut', number: first.number };
  const last = first.number + entries.length - 1;
  if (head.number > last || head.number < first.number - 1) return { ok: false, code: 'trail-cut', number: last };
  const named = entries[head.number - first.number];
  const hash = named === undefined ? first.previous : hashOf(named);
  if (hash !== head.hash) return { ok: false, code: 'trail-broken', number: head.number };
  return { ok: true, unsigned: last - head.number };
}

/** The same with a signed head and our public key (SPKI PEM): the signature first. */
export function verifySignedTrail(
  entries: readonly TrailEntry[],
  signed: SignedHead,
  publicKeyPem: string,
  now: number,
): TrailCheck {
  if (!isSignedBy(signed, publicKeyPem)) return { ok: false, code: 'trail-signature' };
  return verifyTrail(entries, signed.head, now);
}

/** The number of the first entry that is not where it belongs. */
function gapIn(entries: readonly TrailEntry[]): number | undefined {
  const [first] = entries;
  if (first === undefined) return undefined;
  const broken = brokenAt(entries, first.previous);
  const odd = entries.findIndex((entry, index) => {
    const before = entries[index - 1];
    return entry.number !== first.number + index || (before !== undefined && entry.previousAt !== before.at);
  });
  const at = [broken ?? -1, odd].filter((index) => index >= 0);
  return at.length === 0 ? undefined : first.number + Math.min(...at);
}

function beginsWell(first: TrailEntry, now: number): boolean {
  if (first.number === 1) return first.previous === '' && first.previousAt === 0;
  return first.previousAt + TRAIL_DAYS * DAY_MS <= now;
}

function isSignedBy({ head, keyId, signature }: SignedHead, publicKeyPem: string): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.toString('base64') !== signature) return false;
  try {
    const key = createPublicKey(publicKeyPem);
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(headText(head, keyId), 'utf8'), key, bytes);
  } catch {
    return false;
  }
}
