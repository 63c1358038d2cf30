import { otherSide, type Side } from '../model/connection.ts';
import type { ValueHash } from '../model/ids.ts';

/** What one thing hashes to on each side; an absent hash was never seen there, or never travelled from there. */
export interface Hashes {
  readonly a?: ValueHash | undefined;
  readonly b?: ValueHash | undefined;
}

/** What the memory holds of one thing that exists on both sides. */
export interface Remembered extends Hashes {
  readonly aSent?: ValueHash | undefined;
  readonly bSent?: ValueHash | undefined;
  readonly pending?: Side | undefined;
  /** With `pending`: the changelog of the issue that we made tells of a later change. */
  readonly isTouched?: boolean;
  /** With `aSent` or `bSent`: the sides whose changelog says that what they show was put there by a person. */
  readonly byPeople?: readonly Side[];
}

/**
 * The hashes to hold the present against. Two memories are read as if the write had been settled:
 * - a value that still has to travel: the other side stands as it is, this one counts as changed;
 * - a write whose end was unknown and which is met now: it did arrive, and the side it came from has still to be compared. When the
 *   changelog says that a person wrote the very same, it is that person's change and no arrival.
 */
export function standing(memory: Remembered, now: Hashes): Hashes {
  if (memory.pending !== undefined) return born(memory, otherSide(memory.pending), now);
  if (memory.aSent !== undefined && memory.aSent === now.a && isOurs(memory, 'a', now)) return arrived('a', now);
  if (memory.bSent !== undefined && memory.bSent === now.b && isOurs(memory, 'b', now)) return arrived('b', now);
  return hashes(memory.a, memory.b);
}

/** Which sides show something else than when they were last settled. A side that shows nothing has not changed. */
export function changedSides(base: Hashes, now: Hashes): Readonly<Record<Side, boolean>> {
  return { a: now.a !== undefined && now.a !== base.a, b: now.b !== undefined && now.b !== base.b };
}

/** Both hashes, absent where there is none. */
export function hashes(a: ValueHash | undefined, b: ValueHash | undefined): { a?: ValueHash; b?: ValueHash } {
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

/** The hashes with one side's set. */
export function withSide(base: Hashes, side: Side, hash: ValueHash | undefined): { a?: ValueHash; b?: ValueHash } {
  return side === 'a' ? hashes(hash, base.b) : hashes(base.a, hash);
}

/** The memory of a write to `side` whose end is not known. */
export function sentTo(side: Side, hash: ValueHash): { aSent?: ValueHash; bSent?: ValueHash } {
  return side === 'a' ? { aSent: hash } : { bSent: hash };
}

/**
 * What stands on the side that we made. As long as its changelog tells of no change, that is what it was born with: a worker that
 * died may have sent an older value than the one that is remembered. What was changed there since is held against what we wrote, when
 * that is known; else it stands for itself.
 */
function born(memory: Remembered, side: Side, now: Hashes): Hashes {
  const sent = side === 'a' ? memory.aSent : memory.bSent;
  return withSide({}, side, memory.isTouched === true ? sent : now[side]);
}

function isOurs(memory: Remembered, side: Side, now: Hashes): boolean {
  return now[side] !== memory[side] && memory.byPeople?.includes(side) !== true;
}

function arrived(side: Side, now: Hashes): Hashes {
  return side === 'a' ? hashes(now.a, undefined) : hashes(undefined, now.b);
}
