import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CODE_BYTES, invitationCode, invitationHashOf } from '../../../shared/auth/invitationCode.ts';

const sixteenBytes = fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES });

test('a code has 26 digits in groups', () => {
  expect(invitationCode(new Uint8Array(CODE_BYTES))).toBe('00000-00000-00000-00000-000000');
  expect(invitationCode(new Uint8Array(CODE_BYTES).fill(255))).toBe('7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ');
});

test('two different secrets never share a code or a hash', () => {
  fc.assert(
    fc.property(sixteenBytes, sixteenBytes, (one, other) => {
      const isSame = Buffer.compare(one, other) === 0;
      expect(invitationCode(one) === invitationCode(other)).toBe(isSame);
      expect(invitationHashOf(invitationCode(one)) === invitationHashOf(invitationCode(other))).toBe(isSame);
    }),
  );
});

test.each([
  ['in lower case', (code: string) => code.toLowerCase()],
  ['without dashes', (code: string) => code.replaceAll('-', '')],
  ['with spaces around and inside', (code: string) => ` ${code.replaceAll('-', ' ')}\n`],
  ['with O for 0 and l for 1', (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'l')],
])('a code %s is the same code', (_title, typed) => {
  const code = invitationCode(Uint8Array.from({ length: CODE_BYTES }, (_, index) => index * 16 + 1));
  expect(invitationHashOf(typed(code))).toBe(invitationHashOf(code));
});

test.each(['', 'short', '7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZU', '0'.repeat(27), '../../tenants/t-1', '💥'.repeat(13)])(
  'what cannot be a code has no hash: %j',
  (typed) => {
    expect(invitationHashOf(typed)).toBeUndefined();
  },
);
