import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takesPlace } from '../../../shared/mail/contact.ts';
import { mailAddress } from '../../../shared/model/mail.ts';
import { Fault } from '../../../shared/verdict.ts';

function refusal(text: string): string | undefined {
  try {
    mailAddress(text);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : 'another error';
  }
}

describe('whose address counts', () => {
  test.each([
    [undefined, 'atlassian', true],
    [undefined, 'admin', true],
    ['atlassian', 'atlassian', true],
    ['atlassian', 'admin', true],
    ['admin', 'atlassian', false],
    ['admin', 'admin', true],
  ] as const)('M1 %s is there and %s comes: it takes the place: %s', (have, given, takes) => {
    expect(takesPlace(have, given)).toBe(takes);
  });
});

describe('an address', () => {
  test.each([
    ['jo@example.com', 'jo@example.com'],
    ['Jo.Doe+jira@Mail.EXAMPLE.co.uk', 'Jo.Doe+jira@mail.example.co.uk'],
    ["o'hara_1@a-b.example", "o'hara_1@a-b.example"],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('M2 of the plain form passes: %s', (given, passed) => {
    expect(mailAddress(given)).toBe(passed);
  });

  test.each([
    ['a line break', 'jo@example.com\r\nBcc: all@example.com'],
    ['a lone line feed', 'jo@example.com\n'],
    ['a carriage return', '\rjo@example.com'],
    ['two addresses', 'jo@example.com,ann@example.com'],
    ['a list with a semicolon', 'jo@example.com;ann@example.com'],
    ['a name in front', 'Jo <jo@example.com>'],
    ['brackets', '<jo@example.com>'],
    ['a quoted part', '"jo,ann"@example.com'],
    ['a comment', 'jo(ann)@example.com'],
    ['a route', '@evil.example:jo@example.com'],
    ['two signs', 'jo@ann@example.com'],
    ['a blank', 'jo @example.com'],
    ['an address literal', 'jo@[127.0.0.1]'],
    ['no domain', 'jo@localhost'],
    ['a number as the last label', 'jo@10.0.0.1'],
    ['dots beside each other', 'jo..ann@example.com'],
    ['a dot at the end', 'jo.@example.com'],
    ['a label that ends with a dash', 'jo@example-.com'],
    ['a letter of another alphabet', 'jo@ехample.com'],
    ['a sign that looks like the sign', 'jo＠example.com'],
    ['a full-width comma', 'jo，ann@example.com'],
    ['a line separator', 'jo@example.com\u2028Bcc:x'],
    ['a sign that turns the direction', 'jo\u202e@example.com'],
    ['a zero-width blank', 'jo\u200b@example.com'],
    ['an encoded word', '=?utf-8?q?jo=0d=0a?=@example.com>'],
    ['a zero byte', 'jo\0@example.com'],
    ['a word too long', `${'a'.repeat(65)}@example.com`],
    ['a whole too long', `jo@${'a.'.repeat(126)}com`],
    ['nothing', ''],
  ])('M2 with %s is refused', (_what, text) => {
    expect(refusal(text)).toBe('address-refused');
  });

  test('M2 that passes never holds a sign that could end a header or begin another address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.emailAddress(), fc.string()), (text) => {
        if (refusal(text) !== undefined) return;
        expect(mailAddress(text)).toMatch(/^[\x21\x23-\x27\x2a\x2b\x2d-\x39\x3d\x3f-\x5a\x5e-\x7e]+$/);
        expect(mailAddress(mailAddress(text))).toBe(mailAddress(text));
      }),
      { numRuns: 5_000 },
    );
  });
});
