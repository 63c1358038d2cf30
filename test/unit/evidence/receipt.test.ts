import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyReceiptFile } from '../../../infra/cli/receipt.ts';
import { canonical } from '../../../shared/evidence/canonical.ts';
import { receiptHash, receiptOf, signedText, verifyReceipt } from '../../../shared/evidence/receipt.ts';
import type { PurgeFacts } from '../../../shared/evidence/receipt.ts';
import { keyName, receiptId } from '../../../shared/model/ids.ts';
import type { SignedReceipt } from '../../../shared/model/receipt.ts';
import { parseReceipt } from '../../../shared/wire/receipt.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();

const facts: PurgeFacts = {
  id: receiptId('r-00000001'),
  subject: 'ab'.repeat(32),
  generation: 2,
  trigger: 'uninstalled',
  markedAt: 1_000,
  dueAt: 2_000,
  startedAt: 3_000,
  deletedAt: 4_000,
  verifiedAt: 5_000,
  counts: {
    twin: { before: 3, deleted: 3, foundA: 0, foundB: 0 },
    copy: { before: 6, deleted: 6, foundA: 0, foundB: 0 },
  },
  keys: [keyName('t-00000001#2')],
  destroyedAt: 6_000,
  sampleRefused: true,
  commit: 'abc',
  previous: '',
};

function signedBy(key: typeof privateKey, changes: Partial<PurgeFacts> = {}): SignedReceipt {
  const receipt = receiptOf({ ...facts, ...changes });
  const signature = sign(null, Buffer.from(signedText(receipt, 'key-1')), key).toString('base64');
  return { receipt, keyId: 'key-1', signature };
}

describe('a receipt', () => {
  test('is genuine as it was signed', () => {
    expect(verifyReceipt(signedBy(privateKey), pem)).toEqual({ ok: true });
  });

  test('is the same for the same facts, whatever their order', () => {
    const { twin, copy } = facts.counts;
    expect(twin && copy).toBeDefined();
    const other = receiptOf({ ...facts, counts: { copy: copy!, twin: twin! } });
    expect(receiptHash(other)).toBe(receiptHash(receiptOf(facts)));
  });

  test('is refused when any byte of it is another', () => {
    const text = canonical(signedBy(privateKey));
    for (let at = 0; at < text.length; at += 1) {
      for (const bit of [1, 2, 4, 8, 16, 32, 64]) {
        const flipped = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ bit) + text.slice(at + 1);
        expect(isGenuine(flipped), `byte ${at}, bit ${bit}`).toBe(false);
      }
    }
  });

  test.each([
    [
      'a second verification that found something',
      { counts: { twin: { before: 3, deleted: 2, foundA: 0, foundB: 1 } } },
    ],
    [
      'a first verification that found something',
      { counts: { twin: { before: 3, deleted: 2, foundA: 1, foundB: 0 } } },
    ],
    ['a sample that was not refused', { sampleRefused: false }],
    ['a verification before the deletion', { verifiedAt: 3_999 }],
    ['keys destroyed before the verification', { destroyedAt: 4_999 }],
    ['a purge before the mark', { startedAt: 999 }],
  ])('is refused with %s, even when it is signed', (_what, changes) => {
    expect(verifyReceipt(signedBy(privateKey, changes), pem)).toEqual({ ok: false, code: 'receipt-inconsistent' });
  });

  test('is refused when another key signed it, or the key is no Ed25519 key', () => {
    const other = generateKeyPairSync('ed25519');
    expect(verifyReceipt(signedBy(other.privateKey), pem)).toEqual({ ok: false, code: 'receipt-signature' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
    expect(verifyReceipt(signedBy(privateKey), rsa.toString())).toEqual({ ok: false, code: 'receipt-signature' });
    expect(verifyReceipt(signedBy(privateKey), 'no key')).toEqual({ ok: false, code: 'receipt-signature' });
  });

  test('with a member more than a receipt has is malformed', () => {
    const signed = signedBy(privateKey);
    expect(() => parseReceipt(JSON.stringify({ ...signed, note: 'x' }))).toThrow('receipt-malformed');
    const more = { ...signed, receipt: { ...signed.receipt, note: 'x' } };
    expect(() => parseReceipt(JSON.stringify(more))).toThrow('receipt-malformed');
  });
});

describe('the check on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'receipt-'));
  const put = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const key = put('key.pem', pem);

  test.each([
    ['a genuine receipt', put('good', canonical(signedBy(privateKey))), 0, 'GENUINE  receipt r-00000001'],
    ['the same, printed for people', put('pretty', JSON.stringify(signedBy(privateKey), null, 2)), 0, 'GENUINE  '],
    [
      'a changed one',
      put('bad', canonical(signedBy(privateKey)).replace('"before":3', '"before":4')),
      1,
      'NOT GENUINE',
    ],
    ['something else', put('else', '{}'), 1, 'NOT GENUINE'],
    ['no file', join(folder, 'absent'), 2, 'Cannot read'],
  ])('says of %s what it is', async (_what, file, exit, text) => {
    const lines: string[] = [];
    expect(await verifyReceiptFile({ file, key, say: (line) => lines.push(line) })).toBe(exit);
    expect(lines[0]).toContain(text);
  });
});

function isGenuine(text: string): boolean {
  try {
    return verifyReceipt(parseReceipt(text), pem).ok;
  } catch {
    return false;
  }
}
