import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { clientKeyIn, parseSite } from '../../../shared/wire/lifecycle.ts';
import { toFault } from '../../../shared/verdict.ts';

const body = {
  key: 'app.twinline',
  clientKey: 'site-1',
  sharedSecret: 's'.repeat(64),
  baseUrl: 'https://acme.atlassian.net',
  productType: 'jira',
  eventType: 'installed',
};

it('reads what the catalogue keeps and nothing else', () => {
  const more = {
    ...body,
    publicKey: 'x',
    serverVersion: '1',
    description: 'text',
    displayUrl: 'https://x.example',
    cloudId: 'c',
    oauthClientId: null,
    serviceEntitlementNumber: '',
  };
  expect(parseSite(more)).toEqual({
    clientKey: 'site-1',
    baseUrl: 'https://acme.atlassian.net',
    addonKey: 'app.twinline',
    productType: 'jira',
    sharedSecret: body.sharedSecret,
    cloudId: 'c',
  });
});

it('takes one slash off the address', () => {
  expect(parseSite({ ...body, baseUrl: `${body.baseUrl}/` }).baseUrl).toBe(body.baseUrl);
});

test.each([
  ['key', { ...body, key: undefined }],
  ['clientKey', { ...body, clientKey: undefined }],
  ['clientKey', { ...body, clientKey: '' }],
  ['clientKey', { ...body, clientKey: { $ne: '' } }],
  ['baseUrl', { ...body, baseUrl: 1 }],
  ['productType', { ...body, productType: 'confluence' }],
  ['sharedSecret', { ...body, sharedSecret: 'short' }],
  ['', []],
  ['', null],
  ['', undefined],
])('refuses a body by its field %j', (field, of) => {
  let facts: unknown;
  try {
    parseSite(of);
  } catch (thrown) {
    facts = { code: toFault(thrown).code, ...toFault(thrown).facts };
  }
  expect(facts).toEqual({ code: 'body-invalid', field });
});

it('finds the client key of a body that nobody signed, or nothing', () => {
  expect([body, {}, null, 'x', { clientKey: 1 }].map(clientKeyIn)).toEqual([
    'site-1',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

const folder = new URL('../../../../shared/data/lifecycle/', import.meta.url);
const isThere = existsSync(folder);
describe.skipIf(!isThere && process.env['CI'] === undefined)('the bodies built from documented fields', () => {
  const refused = ['installed-confluence.json', 'installed-no-client-key.json'];
  test.each(isThere ? readdirSync(folder) : [])('%s', (name) => {
    const of: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    if (refused.includes(name)) expect(() => parseSite(of)).toThrow('body-invalid');
    else expect(parseSite(of).clientKey).toBe('11111111-2222-3333-4444-555555555555');
  });
});
