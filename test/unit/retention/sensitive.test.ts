/** What nobody should give us, and what only looks like it. */
import { describe, expect, test } from 'vitest';
import { sensitiveIn, sensitiveInAll } from '../../../shared/retention/sensitive.ts';

/** Numbers that the issuers publish for tests. */
const cards = [
  '4111111111111111',
  '4111 1111 1111 1111',
  '4012-8888-8888-1881',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '3782 822463 10005',
  '30569309025904',
  '6011111111111117',
  '3530111333300000',
  '6200000000000005',
];
const others = [
  'DE89 3704 0044 0532 0130 00',
  'GB82WEST12345698765432',
  '-----BEGIN RSA PRIVATE KEY-----',
  `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`,
  `ATATT3xFfGF0${'x'.repeat(40)}`,
  `AKIA${'ABCDEFGH'.repeat(2)}`,
  `ghp_${'a1B2'.repeat(9)}`,
  'my password: hunter2hunter2',
];
const harmless = [
  '4111111111111112',
  'customfield_10016',
  '1764112689000',
  '5b10ac8d82e05b22cc7d4ef5',
  '712020:4111aaaa-4111-1111-1111-111111111111',
  'ABC-4111',
  'x4111111111111111',
  '4111111111111111a',
  '00000000000000000000',
  'project = ALPHA AND updated > -1d',
  'the password field is required',
  'reset password = yes',
  'DE89 3704 0044 0532 0130 01',
];

describe('R60 what is not for us is found by its form', () => {
  test.each(cards)('R60 a card: %s', (text) => {
    expect(sensitiveIn(text)).toBe('card-number-refused');
    expect(sensitiveIn(`please charge ${text}, thanks`)).toBe('card-number-refused');
  });
  test.each(others)('R60 another secret: %s', (text) => {
    expect(sensitiveIn(`it is ${text} I think`)).toBe('sensitive-refused');
  });
  test.each(harmless)('R60 nothing of the kind: %s', (text) => {
    expect(sensitiveIn(text)).toBeUndefined();
  });

  test('R60 the place is told, and content never', () => {
    const body = { rules: [{ name: 'plain' }, { '4111111111111111': 1 }] };
    expect(sensitiveInAll(body)).toEqual({ code: 'card-number-refused', path: 'rules.1.*' });
    expect(sensitiveInAll({ a: { b: others[0] } })).toEqual({ code: 'sensitive-refused', path: 'a.b' });
    expect(sensitiveInAll({ a: [1, null, true, 'x'] })).toBeUndefined();
  });
});
