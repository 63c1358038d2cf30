import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  confirmRef,
  confirmToken,
  listPlaces,
  unsubscribePlace,
  unsubscribeToken,
} from '../../../shared/mail/tokens.ts';
import { tenantId } from '../../../shared/model/ids.ts';
import { mailAddress } from '../../../shared/model/mail.ts';

const [first, second, third] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array, Uint8Array];
const jo = mailAddress('Jo@customer.example');
const ref = { tenant: tenantId('t-00000001'), generation: 3, consent: 'n-00000001' };

describe('links in mails', () => {
  test('M17 name no address and lead to the place on the list', () => {
    const token = unsubscribeToken([first], jo);
    expect(token).not.toMatch(/jo|customer|example/i);
    expect(unsubscribePlace([first], token)).toBe(listPlaces([first], jo)[0]);
    expect(confirmRef([first], confirmToken([first], ref))).toEqual(ref);
  });

  test('M17 stay good under newer keys, and the place is found with any of them', () => {
    const old = unsubscribeToken([first], jo);
    const place = unsubscribePlace([third, second, first], old);
    expect(place).toBeDefined();
    expect(listPlaces([third, second, first], jo)).toContain(place);
    expect(unsubscribeToken([second, first], jo)).not.toBe(old);
    expect(confirmRef([second, first], confirmToken([first], ref))).toEqual(ref);
    // Without its key it is nobody's.
    expect(unsubscribePlace([third, second], old)).toBeUndefined();
    expect(confirmRef([third], confirmToken([first], ref))).toBeUndefined();
  });

  test('M17 cannot be made up, changed or used for something else', () => {
    const token = unsubscribeToken([first], jo);
    const confirm = confirmToken([first], ref);
    const flipped = (text: string, at: number): string =>
      text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
    for (let at = 0; at < token.length; at += 1) expect(unsubscribePlace([first], flipped(token, at))).toBeUndefined();
    for (let at = 0; at < confirm.length; at += 1) expect(confirmRef([first], flipped(confirm, at))).toBeUndefined();
    expect(unsubscribePlace([first], confirm)).toBeUndefined();
    expect(confirmRef([first], token)).toBeUndefined();
    expect(unsubscribePlace([first], `${token}.${token}`)).toBeUndefined();
    const hex = (): string => randomBytes(32).toString('hex');
    for (let times = 0; times < 1_000; times += 1)
      expect(unsubscribePlace([first, second], `${hex()}.${hex()}`)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => unsubscribePlace([first], text) === undefined));
    fc.assert(fc.property(fc.string(), (text) => confirmRef([first], text) === undefined));
  });

  test('M18 lead to one place for every spelling of an address', () => {
    expect(listPlaces([first], mailAddress('JO@Customer.Example'))).toEqual(listPlaces([first], jo));
    expect(listPlaces([first], mailAddress('jo2@customer.example'))).not.toEqual(listPlaces([first], jo));
  });
});
