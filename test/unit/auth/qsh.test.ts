import { existsSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { parse } from 'node:querystring';
import { createQueryStringHash } from 'atlassian-jwt';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { acceptedHashes, canonicalRequest, queryHash } from '../../../shared/auth/qsh.ts';

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Requests with the canonical text and the hash that Atlassian's own npm package gives them. @see ATLASSIAN.md §4.2 */
const vectors = [
  ['GET', '/', '', 'GET&/&', 'c88caad15a1c1a900b8ac08aa9686f4e8184539bea1deda36e2f649430df3239'],
  ['GET', '', '', 'GET&/&', 'c88caad15a1c1a900b8ac08aa9686f4e8184539bea1deda36e2f649430df3239'],
  ['GET', '/installed', '', 'GET&/installed&', 'e081bb94b11229fd4065234ad384f743994b63f0bbb45dc72d902054bf639cc5'],
  [
    'POST',
    '/webhooks/jira?user_id=1&jwt=abc',
    '',
    'POST&/webhooks/jira&user_id=1',
    '642714cecfb9682cba38398787c68f4f589af9c9e12e86a344545f3a12908685',
  ],
  [
    'GET',
    '/path/?b=2&a=1',
    '',
    'GET&/path&a=1&b=2',
    '4bc07596953ac35bed2a1aa2295053f363ac5fe9b259f3eeee34c5a6ddb95c45',
  ],
  ['GET', '/p?a=2&a=1&a=10', '', 'GET&/p&a=1,10,2', '9725faf4cba19fa4be23573c7b107a214637e17243e82b5d938c90ad7053d961'],
  [
    'GET',
    '/p?q=a%20b&q2=a+b',
    '',
    'GET&/p&q=a%20b&q2=a%20b',
    '70fb22a9267ed38479494b2cc8054ca937c22dc5dd9c1e5727b69de97efaf82c',
  ],
  [
    'GET',
    "/p?x=%2C,&y=*~!'()",
    '',
    'GET&/p&x=%2C%2C&y=%2A~%21%27%28%29',
    'adeb3ecfc7d9bb17e690c2e8a2bc85610091503ea56afb1267c44a601409ae5c',
  ],
  [
    'GET',
    '/p?A=1&a=2&_=3',
    '',
    'GET&/p&A=1&_=3&a=2',
    'dfea7d352ac80e86dba51fa1fe9f95c126638419276db19d21f18d91fa07a67e',
  ],
  [
    'GET',
    '/p?empty=&noeq',
    '',
    'GET&/p&empty=&noeq=',
    'e93511be1e4896540f5f728dd8dc90f29021a6fc106cd9943abba6bfcd184781',
  ],
  ['GET', '/a%26b/c?d=e', '', 'GET&/a%26b/c&d=e', '1e8ffce5a33157fe2590ceda71fb5ce7fa04d5da3f5a25f24b39e2d9385f300a'],
  [
    'GET',
    '/p?u=%C3%BC%E2%82%AC',
    '',
    'GET&/p&u=%C3%BC%E2%82%AC',
    'e953368b806b18a6ff7ad627b3e8199c8fd690869ef5654a8781085e1f4a1f5f',
  ],
  [
    'GET',
    '/ctx/rest/x?lic=active&tz=Europe%2FZurich',
    '/ctx',
    'GET&/rest/x&lic=active&tz=Europe%2FZurich',
    '175f47973ad018ac9b23ec39cb4233b5f9f76d3c918bdb9538996774c37b3736',
  ],
  [
    'GET',
    '/p/with;semi?k=1&K=2',
    '',
    'GET&/p/with;semi&K=2&k=1',
    '59d0807eedc2bf22451f117694e303e180e82fbfa5338dacd6ff236c6e7303c9',
  ],
  [
    'GET',
    '/p?a%20b=1&a=2',
    '',
    'GET&/p&a=2&a%20b=1',
    '8205b93dba5e7a979ca6eab164b1b54fe84febaae98e74a4a663be8ace265249',
  ],
] as const;

test.each(vectors)('%s %s hashes like the vendor', (method, target, basePath, canonical, hash) => {
  expect(canonicalRequest({ method, target, basePath })).toBe(canonical);
  expect(queryHash({ method, target, basePath })).toBe(hash);
});

it('a form body stands in for the query of a POST that has none', () => {
  const request = { method: 'POST', target: '/form', form: 'b=2&a=x y' };
  expect(canonicalRequest(request)).toBe('POST&/form&a=x%20y&b=2');
  expect(queryHash(request)).toBe('d05ef51dbfbb3750a16b366f090f2f856d1f23ac4a0dc891676b27fa8587f630');
  expect(canonicalRequest({ ...request, method: 'GET' })).toBe('GET&/form&');
});

it('accepts both spellings of an apostrophe in a path, and one hash for every other path', () => {
  const raw = hex("GET&/it's&a=b");
  const escaped = hex('GET&/it%27s&a=b');
  expect([...acceptedHashes({ method: 'GET', target: "/it's?a=b" })].sort()).toEqual([raw, escaped].sort());
  expect([...acceptedHashes({ method: 'GET', target: '/it%27s?a=b' })].sort()).toEqual([raw, escaped].sort());
  expect(acceptedHashes({ method: 'GET', target: "/its?a=b'" })).toHaveLength(1);
});

it('leaves the base path out only at a border of segments', () => {
  expect(canonicalRequest({ method: 'GET', target: '/ctxx/y', basePath: '/ctx' })).toBe('GET&/ctxx/y&');
  expect(canonicalRequest({ method: 'GET', target: '/ctx', basePath: '/ctx' })).toBe('GET&/&');
});

const casesFile = new URL('../../../../shared/data/qsh/cases.json', import.meta.url);
const isThere = existsSync(casesFile);
const caseSchema = z.array(
  z.object({
    name: z.string(),
    method: z.string(),
    url: z.string(),
    signedUrl: z.string().optional(),
    baseUrl: z.string(),
    canonical: z.string().nullable(),
    qsh: z.string(),
  }),
);

describe.skipIf(!isThere && process.env['CI'] === undefined)('the recorded cases of five other implementations', () => {
  const cases = isThere ? caseSchema.parse(JSON.parse(readFileSync(casesFile, 'utf8'))) : [];

  it('are 63', () => expect(cases).toHaveLength(63));

  test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const basePath = new URL(one.baseUrl).pathname.replace(/\/$/, '');
    for (const url of [one.url, one.signedUrl ?? one.url]) {
      // Cut by hand: an URL parser would rewrite what was sent.
      const target = url.replace(/^https?:\/\/[^/?]*/, '');
      expect(acceptedHashes({ method: one.method, target, basePath })).toContain(one.qsh);
      if (one.canonical !== null)
        expect(canonicalRequest({ method: one.method, target, basePath })).toBe(one.canonical);
    }
  });
});

it('agrees with the npm package on any path and query', () => {
  const part = fc.string({
    unit: fc.constantFrom(...Array.from('aB09-._~!$()*,;:@%/ +&=?"#[]{}|ü宮🦊')),
    maxLength: 12,
  });
  const path = fc
    .array(fc.string({ unit: fc.constantFrom(...Array.from('aB0-._~!$&()*+,;=:@%/')), maxLength: 10 }))
    .map((parts) => `/${parts.join('/')}`);
  const query = fc.array(fc.tuple(part, part), { maxLength: 8 });
  const method = fc.constantFrom('GET', 'POST', 'put', 'DELETE');
  fc.assert(
    fc.property(method, path, query, (verb, where, pairs) => {
      const search = new URLSearchParams(pairs).toString();
      const target = search === '' ? where : `${where}?${search}`;
      const oracle = createQueryStringHash(
        { method: verb, pathname: where, query: { ...parse(search) }, body: {} },
        false,
        'https://h',
      );
      expect(queryHash({ method: verb, target })).toBe(oracle);
    }),
    { numRuns: 1_000 },
  );
});
