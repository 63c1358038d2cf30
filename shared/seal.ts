/**
 * Envelopes for content and secrets: AES-256-GCM over deflated JSON. Pure: the key and the nonce are given.
 *
 *     byte 0        version of the format, 1
 *     bytes 1–12    nonce
 *     bytes 13–28   tag
 *     the rest      ciphertext
 */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { sealed } from './model/ids.ts';
import type { Sealed } from './model/ids.ts';
import { Fault } from './verdict.ts';

const FORMAT = 1;
const KEY_BYTES = 32;
/** A nonce of this length is used as it is; others would be hashed first. @see NIST SP 800-38D §5.2.1.1 */
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;
/** What one envelope may hold when it is unpacked. A stored record is at most 1 MiB; text deflates about tenfold at best. */
const MAX_PLAIN_BYTES = 16_777_216;

/**
 * Seals a value. It must survive JSON; the order of its keys does not matter for the sealed bytes.
 * `context` names the place: the envelope opens nowhere else. The nonce must never be used twice with one key.
 * @throws Fault `bug` for a key or nonce of the wrong length, `row-too-large` for a value above 16 MiB
 */
export function sealValue(key: Uint8Array, nonce: Uint8Array, context: string, value: unknown): Sealed {
  const plain = Buffer.from(JSON.stringify(sorted(value ?? null)));
  return sealed(Buffer.from(sealBytes(key, nonce, context, plain)).toString('base64'));
}

/** The same for bytes, in an envelope of bytes: what goes into files. @throws Fault as {@link sealValue} */
export function sealBytes(key: Uint8Array, nonce: Uint8Array, context: string, plain: Uint8Array): Uint8Array {
  if (nonce.byteLength !== NONCE_BYTES) throw new Fault('bug', { nonceBytes: nonce.byteLength });
  if (plain.byteLength > MAX_PLAIN_BYTES) throw new Fault('row-too-large', { bytes: plain.byteLength });
  const cipher = createCipheriv('aes-256-gcm', keyOf(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(context));
  const body = Buffer.concat([cipher.update(deflateRawSync(plain)), cipher.final()]);
  return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), body]);
}

/**
 * Opens an envelope.
 * @throws Fault `seal-broken` when the key, the context or any byte is another than at sealing
 */
export function openSealed(key: Uint8Array, context: string, envelope: Sealed): unknown {
  const bytes = Buffer.from(envelope, 'base64');
  // Only one spelling opens: otherwise spare bits of the last character could be changed unseen.
  if (bytes.toString('base64') !== envelope) throw new Fault('seal-broken', { why: 'encoding' });
  const plain = openBytes(key, context, bytes);
  try {
    return JSON.parse(Buffer.from(plain).toString('utf8')) as unknown;
  } catch {
    throw new Fault('seal-broken', { why: 'key-or-content' });
  }
}

/** Opens an envelope of bytes. @throws Fault `seal-broken` */
export function openBytes(key: Uint8Array, context: string, bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength < HEAD_BYTES || bytes[0] !== FORMAT) throw new Fault('seal-broken', { why: 'format' });
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const cipher = createDecipheriv('aes-256-gcm', keyOf(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(context));
  cipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, HEAD_BYTES));
  try {
    const packed = Buffer.concat([cipher.update(bytes.subarray(HEAD_BYTES)), cipher.final()]);
    return inflateRawSync(packed, { maxOutputLength: MAX_PLAIN_BYTES });
  } catch {
    // The cause would tell nothing but the library's words.
    throw new Fault('seal-broken', { why: 'key-or-content' });
  }
}

/** As Node wants it: of bare bytes it finds out by an exception of its own that they are no key object, five times the cost of this. */
function keyOf(key: Uint8Array): KeyObject {
  if (key.byteLength !== KEY_BYTES) throw new Fault('bug', { keyBytes: key.byteLength });
  return createSecretKey(key);
}

/** The format is bound too, so that no later format can be passed off as this one. */
function boundTo(context: string): Buffer {
  return Buffer.from(`${FORMAT}:${context}`);
}

/** The same value with sorted keys, so that equal values have equal plain bytes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}
