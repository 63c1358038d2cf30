/** Invitation codes: how they are made, read back from a person's typing, and hashed. The code itself is never stored. */
import { createHash } from 'node:crypto';
import { invitationHash } from '../model/ids.ts';
import type { InvitationHash } from '../model/ids.ts';

/** 128 bits: guessing is hopeless without any lock. @see THREATS.md T07 */
export const CODE_BYTES = 16;

/** Crockford's base32: no I, L, O, U, so that a code survives being read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 26 digits of 5 bits hold 128. */
const DIGITS = 26;
const CODE = new RegExp(`^[${ALPHABET}]{${DIGITS}}$`);
const GROUP = /.{5}(?=.{5})/g;

/** The code of {@link CODE_BYTES} random bytes: 26 digits in groups of five, the last one of six. */
export function invitationCode(bytes: Uint8Array): string {
  let rest = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let digits = '';
  for (let index = 0; index < DIGITS; index += 1) {
    digits = (ALPHABET[Number(rest % 32n)] ?? '') + digits;
    rest /= 32n;
  }
  return digits.replace(GROUP, '$&-');
}

/**
 * The hash under which an invitation is stored. Case, spaces, dashes and the usual misreadings do not matter.
 * Undefined for what cannot be a code.
 */
export function invitationHashOf(typed: string): InvitationHash | undefined {
  const digits = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (!CODE.test(digits)) return undefined;
  return invitationHash(createHash('sha256').update(digits).digest('hex'));
}
