import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenAt } from '../../../shared/evidence/chain.ts';
import { canonical, hashOf } from '../../../shared/evidence/canonical.ts';

const json = fc.jsonValue({ stringUnit: 'grapheme' });

describe('canonical JSON', () => {
  test('says the same value, and says it again the same way', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonical(value);
        // JSON has no negative zero; both spellings are the number zero.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), json), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonical(turned)).toBe(canonical(value));
      }),
    );
  });

  // The example of RFC 8785, §3.2.2 and §3.2.3.
  test('orders names by their UTF-16 code units', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\u{1F600}': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const names = [...canonical(value).matchAll(/"([^"]+)":"/g)].map(([, name]) => name);
    expect(names).toEqual(['\\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1F600}', '\ufb33']);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', () => 1])('refuses what JSON cannot say', (value) => {
    expect(() => canonical({ value })).toThrow('bug');
  });

  test('writes numbers as ECMAScript does', () => {
    expect(canonical([333333333.33333329, 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    );
  });
});

describe('a chain', () => {
  const links = [{ n: 1, previous: '' }];
  for (const n of [2, 3, 4]) links.push({ n, previous: hashOf(links.at(-1)) });

  test('is whole as it was made', () => {
    expect(brokenAt(links)).toBeUndefined();
  });

  test('breaks where a link was changed, taken out, or put elsewhere', () => {
    const [one, two, three, four] = links;
    expect(brokenAt([one!, { ...two!, n: 9 }, three!, four!])).toBe(2);
    expect(brokenAt([one!, three!, four!])).toBe(1);
    expect(brokenAt([two!, three!])).toBe(0);
    expect(brokenAt([one!, three!, two!, four!])).toBe(1);
  });
});
