import { expect, it, test } from 'vitest';
import { connectDoorId } from '../../../shared/auth/identity.ts';
import { keyServersOf, keyUrl } from '../../../shared/auth/installHosts.ts';
import { processorOf } from '../../../shared/retention/processors.ts';
import { toFault } from '../../../shared/verdict.ts';

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    return toFault(thrown).code;
  }
  return 'accepted';
}

test.each(['https://acme.atlassian.net', 'https://acme.jira.com', 'https://a-1.atlassian.net'])(
  '%s may install, and everything about it is on the register',
  (baseUrl) => {
    const servers = keyServersOf(baseUrl);
    expect(servers).toEqual([
      'https://asap-distribution.us-west-2.prod.atl-asap.net',
      'https://connect-install-keys.atlassian.com',
    ]);
    for (const url of [baseUrl, ...servers]) expect(processorOf(new URL(url).host)).toBeDefined();
  },
);

test.each([
  'http://acme.atlassian.net',
  'https://atlassian.net',
  'https://a.b.atlassian.net',
  'https://acme.atlassian.net/',
  'https://acme.atlassian.net/wiki',
  'https://acme.atlassian.net:443',
  'https://acme.atlassian.net.',
  'https://acme.atlassian.net.evil.com',
  'https://evil.com/acme.atlassian.net',
  'https://evil.com#.atlassian.net',
  'https://user@acme.atlassian.net',
  'https://ACME.atlassian.net',
  'https://acme.jira-dev.com',
  'https://acme.atlassian-us-gov-mod.net',
  'https://acme.atlassian-stg-fedm.net',
  'https://evilatlassian.net',
  'https://169.254.169.254',
  'https://acme.atlassian.net\n',
  '',
])('%j may not install', (baseUrl) => {
  expect(codeOf(() => keyServersOf(baseUrl))).toBe('host-refused');
});

test.each([
  ['2f1c0b6a-5d7e-4c3b-9a2d-1e0f9b8c7d6e', 'accepted'],
  ['key_1.2', 'accepted'],
  [undefined, 'token-key-unknown'],
  ['', 'token-key-unknown'],
  ['.', 'token-key-unknown'],
  ['..', 'token-key-unknown'],
  ['../other', 'token-key-unknown'],
  ['a/b', 'token-key-unknown'],
  ['a%2fb', 'token-key-unknown'],
  ['a\\b', 'token-key-unknown'],
  ['a?b', 'token-key-unknown'],
  ['a#b', 'token-key-unknown'],
  ['a b', 'token-key-unknown'],
  ['a\n', 'token-key-unknown'],
  ["x' UNION SELECT 'k", 'token-key-unknown'],
  ['|whoami', 'token-key-unknown'],
  ['@evil.com', 'token-key-unknown'],
  ['https:', 'token-key-unknown'],
  ['x'.repeat(129), 'token-key-unknown'],
])('the key id %j: %s', (keyId, code) => {
  expect(codeOf(() => keyUrl('https://keys.example', keyId))).toBe(code);
});

it('addresses a site by a hash, so that no client key can climb out of its place', () => {
  expect(connectDoorId('../../tenants/t-1')).toMatch(/^connect-[0-9a-f]{64}$/);
  expect(connectDoorId('a')).not.toBe(connectDoorId('b'));
});
