import { describe, expect, test } from 'vitest';
import { sealed } from '../../shared/model/ids.ts';
import { openSealed, sealValue } from '../../shared/seal.ts';

const key = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(12).fill(9);
const context = 'copy/c-12345678/a';
const value = { summary: 'Grüße 👋', labels: ['b', 'a'], description: null, depth: { n: 1.5, yes: true } };
const envelope = sealValue(key, nonce, context, value);
const bytes = Buffer.from(envelope, 'base64');

describe('an envelope', () => {
  test.each([[value], [null], ['text'], [0], [[]], [{}], ['x'.repeat(500_000)]])(
    'gives back what was sealed',
    (one) => {
      expect(openSealed(key, context, sealValue(key, nonce, context, one))).toEqual(one);
    },
  );

  test('is the same for the same value in another order of keys', () => {
    expect(sealValue(key, nonce, context, { b: 1, a: { d: 1, c: 2 } })).toBe(
      sealValue(key, nonce, context, { a: { c: 2, d: 1 }, b: 1 }),
    );
  });

  test('shows nothing of its content', () => {
    expect(bytes.toString('latin1')).not.toContain('summary');
  });

  test('does not open when any one byte is changed', () => {
    for (const [index, byte] of bytes.entries()) {
      const changed = Buffer.from(bytes);
      changed[index] = byte ^ 1;
      expect(() => openSealed(key, context, sealed(changed.toString('base64'))), `byte ${index}`).toThrow(
        expect.objectContaining({ code: 'seal-broken' }),
      );
    }
  });

  test('does not open when it is cut anywhere or continued', () => {
    for (let length = 1; length < bytes.length; length += 1)
      expect(() => openSealed(key, context, sealed(bytes.subarray(0, length).toString('base64')))).toThrow(
        expect.objectContaining({ code: 'seal-broken' }),
      );
    expect(() => openSealed(key, context, sealed(Buffer.concat([bytes, Buffer.of(0)]).toString('base64')))).toThrow(
      expect.objectContaining({ code: 'seal-broken' }),
    );
  });

  test.each([
    ['another context', key, 'copy/c-12345678/b'],
    ['no context', key, ''],
    ['another key', new Uint8Array(32).fill(8), context],
  ])('does not open with %s', (_what, otherKey, otherContext) => {
    expect(() => openSealed(otherKey, otherContext, envelope)).toThrow(
      expect.objectContaining({ code: 'seal-broken' }),
    );
  });

  test.each([
    [new Uint8Array(16), nonce],
    [key, new Uint8Array(16)],
  ])('is not made with a key or a nonce of the wrong length', (oddKey, oddNonce) => {
    expect(() => sealValue(oddKey, oddNonce, context, 1)).toThrow(expect.objectContaining({ code: 'bug' }));
  });
});
