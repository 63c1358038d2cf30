/**
 * A part of a set: JSON lines of one category, sealed under the set's key. Each record of a customer is sealed under the data keys of
 * all its owners before that, so that the destruction of any of them makes it unreadable in every backup at once. Pure.
 * @see SPEC.md B6–B8
 */
import { createHash } from 'node:crypto';
import type { BackupLine } from '../model/backup.ts';
import type { SetId } from '../model/ids.ts';
import { openBytes, sealBytes } from '../seal.ts';

/**
 * Lines of so many bytes are one part; with one record more, at 1 MiB sealed twice, it stays far below the 16 MiB of one envelope. A
 * part is what is in memory at a time.
 */
export const PART_BYTES = 4 * 1024 * 1024;

/** The text of one line, with its end. */
export function lineOf(value: BackupLine): string {
  return `${JSON.stringify(value)}\n`;
}

/** What a record of a customer is sealed for; it opens in no other set. */
export function recordContext(set: SetId): string {
  return `backup:${set}`;
}

/** Seals the lines of a part. The file's name is bound: a part put under another name does not open. */
export function sealPart(ask: {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly set: SetId;
  readonly file: string;
  readonly lines: readonly string[];
}): Uint8Array {
  return sealBytes(ask.key, ask.nonce, contextOf(ask.set, ask.file), Buffer.from(ask.lines.join('')));
}

/** Opens a part: its lines as texts. @throws Fault `seal-broken` */
export function openPart(ask: {
  readonly key: Uint8Array;
  readonly set: SetId;
  readonly file: string;
  readonly bytes: Uint8Array;
}): readonly string[] {
  const text = Buffer.from(openBytes(ask.key, contextOf(ask.set, ask.file), ask.bytes)).toString('utf8');
  return text.split('\n').filter((one) => one !== '');
}

/** SHA-256 of a file, hex. */
export function fileHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function contextOf(set: SetId, file: string): string {
  return `backup-part:${set}.${file}`;
}
