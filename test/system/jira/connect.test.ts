import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalRequest, queryHash } from '../../../infra/local/jira/http/qsh.ts';
import { isSignedHs256, isSignedRs256, openToken, signHs256 } from '../../../infra/local/jira/http/token.ts';
import { describeWithSharedData, sharedJson } from './sharedData.ts';
import type { Received, Rig } from './standIn.ts';
import { APP_BASE_URL, DESCRIPTOR, START, doc, standIn } from './standIn.ts';

interface HashCase {
  readonly name: string;
  readonly method: string;
  readonly url: string;
  readonly baseUrl: string;
  /** Null where the source gives only the hash. */
  readonly canonical: string | null;
  readonly qsh: string;
}

/** What there is of published cases; none where the public material is not there. */
function hashCases(): readonly HashCase[] {
  return sharedJson('qsh/cases.json') as HashCase[];
}

function tokenOf(received: Received): string {
  return received.headers.authorization!.slice('JWT '.length);
}

/** Calls alpha as the add-on; `token` may replace the good one. */
async function call(
  rig: Rig,
  method: string,
  target: string,
  options: { body?: unknown; token?: string; trace?: string } = {},
) {
  const alpha = rig.jira.sites[0]!;
  const signer = rig.jira.sign('alpha');
  const token =
    options.token ?? signer.hs256(signer.claims(method, target, { iss: DESCRIPTOR.key, aud: [alpha.clientKey] }));
  return fetch(alpha.address + target, {
    method,
    headers: {
      authorization: `JWT ${token}`,
      'content-type': 'application/json',
      ...(options.trace === undefined ? {} : { 'x-atlassian-webhook-trace': options.trace }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
}

describeWithSharedData('the query hash', () => {
  it.each(hashCases())('of $name is the published one', ({ method, url, baseUrl, canonical, qsh }) => {
    const whole = new URL(url, baseUrl);
    const base = new URL(baseUrl).pathname.replace(/\/$/, '');
    const target = (whole.pathname + whole.search).slice(base.length);
    if (canonical !== null) expect(canonicalRequest(method, target)).toBe(canonical);
    expect(queryHash(method, target)).toBe(qsh);
  });
});

describe('an add-on’s life', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await standIn();
  });
  afterAll(() => rig.close());

  const last = (target: string): Received => rig.addon.received.findLast((one) => one.target === target)!;

  it('begins with a signed install whose key the key server publishes, then enabled with the new secret', async () => {
    expect(await rig.jira.install('alpha')).toEqual({ status: 204 });
    const opened = openToken(tokenOf(last('/installed')))!;
    const pem = await (await fetch(`${rig.jira.keyServer.address}/${String(opened.header['kid'])}`)).text();
    expect(isSignedRs256(opened, createPublicKey(pem))).toBe(true);
    const { clientKey } = rig.jira.sites[0]!;
    expect(opened.claims).toMatchObject({ iss: clientKey, aud: [APP_BASE_URL], qsh: queryHash('POST', '/installed') });
    expect(Number(opened.claims['exp'])).toBe(START / 1000 + 180);
    const { body } = last('/installed');
    expect(body).toMatchObject({
      key: DESCRIPTOR.key,
      clientKey,
      baseUrl: 'https://alpha.atlassian.net',
      eventType: 'installed',
    });
    expect(isSignedHs256(openToken(tokenOf(last('/enabled')))!, body.sharedSecret)).toBe(true);
    expect(last('/enabled').body).not.toHaveProperty('sharedSecret');
    expect((await fetch(`${rig.jira.keyServer.address}/no-such-kid`)).status).toBe(404);
  });

  it('goes on with a rotated secret: the old one no longer opens anything', async () => {
    const old = rig.jira.sign('alpha').sharedSecret;
    await rig.jira.rotateSecret('alpha');
    const signer = rig.jira.sign('alpha');
    expect(signer.sharedSecret).not.toBe(old);
    const target = '/rest/api/3/myself';
    const claims = signer.claims('GET', target, { iss: DESCRIPTOR.key, aud: undefined });
    expect((await call(rig, 'GET', target, { token: signer.hs256(claims, old) })).status).toBe(401);
    expect((await call(rig, 'GET', target, { token: signer.hs256(claims) })).status).toBe(200);
  });

  it('refuses calls with 403 while disabled and 401 after uninstalling, and comes back', async () => {
    const status = async () => (await call(rig, 'GET', '/rest/api/3/myself')).status;
    await rig.jira.disable('alpha');
    expect([await status(), rig.jira.sites[0]!.installationState()]).toEqual([403, 'disabled']);
    await rig.jira.enable('alpha');
    expect(await status()).toBe(200);
    await rig.jira.uninstall('alpha', { disabledWithoutToken: true });
    expect(await status()).toBe(401);
    expect(last('/disabled').headers.authorization).toBeUndefined();
    expect(openToken(tokenOf(last('/uninstalled')))!.header['alg']).toBe('RS256');
    const { clientKey } = rig.jira.sites[0]!;
    await rig.jira.install('alpha');
    expect(last('/installed').body.clientKey).toBe(clientKey);
    expect(await status()).toBe(200);
  });

  it('is told from a person’s page by a context token for fifteen minutes', () => {
    const opened = openToken(rig.jira.contextToken('alpha', 'someone'))!;
    expect(opened.claims).toMatchObject({ sub: 'someone', qsh: 'context-qsh', exp: START / 1000 + 900 });
    expect(isSignedHs256(opened, rig.jira.sign('alpha').sharedSecret)).toBe(true);
  });

  const target = '/rest/api/3/issue/1?fields=summary';
  const seconds = START / 1000;
  const refused: readonly (readonly [why: string, token: (signer: ReturnType<Rig['jira']['sign']>) => string])[] = [
    ['another secret', (signer) => signer.hs256(signer.claims('GET', target, { iss: DESCRIPTOR.key }), 'other')],
    ['no algorithm', (signer) => signer.forge({ alg: 'none' }, signer.claims('GET', target, { iss: DESCRIPTOR.key }))],
    ['the install key', (signer) => signer.rs256(signer.claims('GET', target, { iss: DESCRIPTOR.key }))],
    ['another issuer', (signer) => signer.hs256(signer.claims('GET', target, { aud: undefined }))],
    [
      'another audience',
      (signer) => signer.hs256(signer.claims('GET', target, { iss: DESCRIPTOR.key, aud: ['other'] })),
    ],
    [
      'an end in the past',
      (signer) => signer.hs256(signer.claims('GET', target, { iss: DESCRIPTOR.key, aud: undefined, exp: seconds })),
    ],
    [
      'no end',
      (signer) => signer.hs256(signer.claims('GET', target, { iss: DESCRIPTOR.key, aud: undefined, exp: undefined })),
    ],
    [
      'a beginning in the future',
      (signer) =>
        signer.hs256(signer.claims('GET', target, { iss: DESCRIPTOR.key, aud: undefined, iat: seconds + 90 })),
    ],
    [
      'the hash of another query',
      (signer) => signer.hs256(signer.claims('GET', '/rest/api/3/issue/1', { iss: DESCRIPTOR.key, aud: undefined })),
    ],
    [
      'the hash of another method',
      (signer) => signer.hs256(signer.claims('PUT', target, { iss: DESCRIPTOR.key, aud: undefined })),
    ],
    [
      'the constant of a page',
      (signer) =>
        signer.hs256(signer.claims('GET', target, { iss: DESCRIPTOR.key, aud: undefined, qsh: 'context-qsh' })),
    ],
    ['no token at all', () => 'nonsense'],
  ];
  it.each(refused)('refuses with 401 a call signed with %s', async (_why, token) => {
    const response = await call(rig, 'GET', target, { token: token(rig.jira.sign('alpha')) });
    expect(response.status).toBe(401);
  });
});

describe('a call that leaves the contract', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await standIn();
    await rig.jira.install('alpha');
  });
  afterAll(() => rig.close());

  const calls: readonly (readonly [why: string, method: string, target: string, body: unknown, status: number])[] = [
    ['an operation nobody declared', 'GET', '/rest/api/3/dashboard/1', undefined, 404],
    ['an unknown query parameter', 'GET', '/rest/api/3/issue/1?colour=red', undefined, 400],
    ['an unknown member', 'POST', '/rest/api/3/issue/1/comment', { body: doc('x'), colour: 'red' }, 400],
    ['a string for a document', 'POST', '/rest/api/3/issue/1/comment', { body: 'x' }, 400],
    ['a missing body', 'POST', '/rest/api/3/search/jql', undefined, 400],
  ];
  it.each(calls)('%s fails loudly and is counted', async (_why, method, target, body, status) => {
    const before = rig.jira.violations().length;
    const response = await call(rig, method, target, { body });
    expect(response.status).toBe(status);
    expect(response.headers.get('x-standin-violation')).not.toBeNull();
    expect(rig.jira.violations().length).toBeGreaterThan(before);
  });

  it('gets Jira’s own words for a rich text that is a string', async () => {
    const fields = { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: 'x', description: 'text' };
    const response = await call(rig, 'POST', '/rest/api/3/issue', { body: { fields } });
    expect(await response.json()).toEqual({
      errorMessages: [],
      errors: { description: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)' },
    });
  });

  it('is refused for want of a scope without being counted', async () => {
    const narrow = await standIn();
    try {
      const before = narrow.jira.violations().length;
      await narrow.jira.install('alpha');
      narrow.jira.faults.permissionLost.push({ site: 'alpha', project: 'ALPHA', permission: 'CREATE_ISSUES' });
      const fields = { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: 'x' };
      expect((await call(narrow, 'POST', '/rest/api/3/issue', { body: { fields } })).status).toBe(403);
      expect(narrow.jira.violations().length).toBe(before);
    } finally {
      await narrow.close();
    }
  });
});

describe('limits and failures of the interface', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await standIn();
    await rig.jira.install('alpha');
  });
  afterAll(() => rig.close());

  it('allow 20 writes on one issue in two seconds, then answer 429 with every header until the time is over', async () => {
    const { id } = rig.jira.acts('alpha').createIssue({ project: 'ALPHA', summary: 'x' });
    const write = () => call(rig, 'PUT', `/rest/api/3/issue/${id}`, { body: { fields: { summary: 'y' } } });
    for (let count = 0; count < 20; count += 1) expect((await write()).status).toBe(204);
    const response = await write();
    expect(response.status).toBe(429);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'retry-after': '2',
      'ratelimit-reason': 'jira-per-issue-on-write',
      'x-ratelimit-limit': '20',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-nearlimit': 'true',
    });
    rig.clock.at += 2_000;
    expect((await write()).status).toBe(204);
  });

  it('lose an answer after the work is done when told so', async () => {
    rig.jira.faults.apiErrors.push({ operation: 'createIssue', status: 503, count: 1, when: 'after' });
    const fields = { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: 'lost answer' };
    const before = rig.jira.snapshot('alpha').issues.length;
    expect((await call(rig, 'POST', '/rest/api/3/issue', { body: { fields } })).status).toBe(503);
    expect(rig.jira.snapshot('alpha').issues.length).toBe(before + 1);
  });

  it('take the permission to see from the add-on: its issues are gone for it', async () => {
    const { id } = rig.jira.acts('alpha').createIssue({ project: 'ALPHA', summary: 'x' });
    expect((await call(rig, 'GET', `/rest/api/3/issue/${id}`)).status).toBe(200);
    rig.jira.faults.permissionLost.push({ site: 'alpha', project: 'ALPHA', permission: 'BROWSE_PROJECTS' });
    expect((await call(rig, 'GET', `/rest/api/3/issue/${id}`)).status).toBe(404);
    rig.jira.faults.permissionLost.splice(0);
  });

  it('answer 403 to a GET with a body', async () => {
    const { address } = rig.jira.sites[0]!;
    const signer = rig.jira.sign('alpha');
    const token = signer.hs256(signer.claims('GET', '/rest/api/3/myself', { iss: DESCRIPTOR.key, aud: undefined }));
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(
        `${address}/rest/api/3/myself`,
        { method: 'GET', headers: { authorization: `JWT ${token}`, 'content-length': 2 } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      sent.on('error', reject);
      sent.end('{}');
    });
    expect(status).toBe(403);
  });

  it('tell an add-on about itself', async () => {
    const response = await call(rig, 'GET', `/rest/atlassian-connect/1/addons/${DESCRIPTOR.key}`);
    expect(await response.json()).toMatchObject({ key: DESCRIPTOR.key, state: 'ENABLED', license: { active: true } });
  });
});

describe('points', () => {
  it('are one pool for both sites, counted per object, and come back with the hour', async () => {
    const limits = { pointsPerHour: 5, burst: { read: 100, write: 50, getIssue: 150, changelog: 200 }, perIssue: [] };
    const rig = await standIn({ limits });
    try {
      await rig.jira.install('alpha');
      const { id } = rig.jira.acts('alpha').createIssue({ project: 'ALPHA', summary: 'x' });
      const read = () => call(rig, 'GET', `/rest/api/3/issue/${id}`);
      const first = await read();
      expect(first.headers.get('x-ratelimit-remaining')).toBe('3');
      await read();
      await read();
      const response = await read();
      expect([response.status, response.headers.get('ratelimit-reason')]).toEqual([429, 'jira-quota-global-based']);
      expect(response.headers.get('retry-after')).toBe('3600');
      rig.clock.at += 3_600_000;
      expect((await read()).status).toBe(200);
    } finally {
      await rig.close();
    }
  });
});

describe('a token', () => {
  it('is signed as any other implementation would sign it', async () => {
    const { default: jwt } = await import('jsonwebtoken');
    expect(
      jwt.verify(signHs256({ iss: 'a', exp: 9_999_999_999 }, 'secret'), 'secret', { algorithms: ['HS256'] }),
    ).toMatchObject({ iss: 'a' });
  });
});
