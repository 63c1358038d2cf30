import { beforeEach, describe, expect, test } from 'vitest';
import { connectionId, issueId, ownerOf, receiptId, twinId } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { connectionPage, connectionView, invitationMade, twinPage } from '../../shared/wire/console.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Answer, Caller } from '../kit/consoleWorld.ts';

let world: ConsoleWorld;
let alpha: Caller;
let beta: Caller;
let gamma: Caller;
let connection: ConnectionId;
let path: string;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
  beta = await world.install('beta', ['BETA']);
  gamma = await world.install('gamma', ['GAMMA']);
  const invited = await world.api('POST', '/invitations', alpha, { name: 'Alpha side', projectKey: 'ALPHA' });
  const { code, connection: id } = invitationMade.parse(invited.body);
  connection = connectionId(id);
  path = `/connections/${id}`;
  await world.api('POST', '/invitations/accept', beta, { name: 'Beta side', projectKey: 'BETA', code });
  world.jira.sites.get(alpha.tenant)?.issues.set('ALPHA-1', '10001').set('SECRET-1', '10002');
});

/** Every route that names a connection, with a body that would do. */
const routesOfOne = (of: string): readonly (readonly [method: string, path: string, body?: unknown])[] => [
  ['GET', of],
  ['POST', `${of}/pause`],
  ['POST', `${of}/resume`],
  ['POST', `${of}/end`],
  ['GET', `${of}/rules`],
  ['PUT', `${of}/rules`, defaultRules()],
  ['GET', `${of}/rules/versions`],
  ['POST', `${of}/rules/versions`, defaultRules()],
  ['GET', `${of}/rules/versions/1`],
  ['PUT', `${of}/rules/versions/1`, { revision: 0, document: defaultRules() }],
  ['GET', `${of}/rules/versions/1/difference`],
  ['POST', `${of}/rules/versions/1/check`],
  ['POST', `${of}/rules/versions/1/publish`],
  ['POST', `${of}/rules/versions/1/withdraw`],
  ['POST', `${of}/rules/versions/1/restore`],
  ['POST', `${of}/rules/preview`, { issues: ['ALPHA-1'] }],
  ['GET', `${of}/rules/agreement`],
  ['POST', `${of}/rules/agreement/agree`, { version: 1, revision: 0 }],
  ['POST', `${of}/rules/agreement/decline`, { version: 1, revision: 0 }],
  ['POST', `${of}/sync`, { issue: 'ALPHA-1' }],
  ['GET', `${of}/twins`],
  ['GET', `${of}/budget`],
];
const routesOfAll = [
  ['POST', '/invitations', { name: 'x', projectKey: 'ALPHA' }],
  ['POST', '/invitations/accept', { name: 'x', projectKey: 'ALPHA', code: 'x' }],
  ['GET', '/connections'],
  ['GET', '/budget'],
] as const;
const allRoutes = () => [...routesOfAll, ...routesOfOne(path)];

function everything(): string {
  return JSON.stringify([...world.store.everything('(default)')]);
}

describe('who may call', () => {
  test('nobody without a token', async () => {
    for (const [method, route, body] of allRoutes()) {
      const answer = await world.call(method, `/console/api${route}`, undefined, body);
      expect(answer).toMatchObject({ status: 401, body: { code: 'token-missing' } });
    }
  });

  test('nobody who does not administer the site, on any route, and nothing changes', async () => {
    const before = everything();
    for (const [method, route, body] of allRoutes()) {
      const answer = await world.api(method, route, { ...alpha, account: 'visitor' }, body);
      expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    }
    expect(everything()).toBe(before);
    expect(world.published).toEqual([]);
  });

  test('an administrator of one site is nobody on another', async () => {
    world.jira.sites.get(gamma.tenant)?.admins.add('chief');
    expect((await world.api('GET', '/connections', { ...gamma, account: 'chief' })).status).toBe(200);
    expect((await world.api('GET', '/connections', { ...alpha, account: 'chief' })).status).toBe(403);
  });

  test('who loses the permission is refused within a minute, and Jira is not asked each time', async () => {
    const site = world.jira.sites.get(alpha.tenant);
    if (site === undefined) throw new Error('no site');
    const asked = site.asked;
    world.now += 60_000;
    for (let times = 0; times < 10; times += 1) await world.api('GET', '/connections', alpha);
    expect(site.asked).toBe(asked + 1);
    site.admins.delete('boss');
    world.now += 60_000;
    expect((await world.api('GET', '/connections', alpha)).status).toBe(403);
  });

  test('a site whose Jira does not answer waits', async () => {
    world.jira.sites.delete(alpha.tenant);
    expect(await world.api('GET', '/connections', alpha)).toMatchObject({
      status: 503,
      body: { code: 'jira-unavailable' },
    });
  });
});

describe('another tenant’s connection', () => {
  const unknown = ['/connections/c-000000009999', '/connections/..', '/connections/c-%2e%2e', '/connections/x'];

  test('is answered exactly like one that never was, on every route', async () => {
    const before = everything();
    const answers = new Set<string>();
    for (const of of [path, ...unknown])
      for (const [method, route, body] of routesOfOne(of)) {
        const { status, text } = await world.api(method, route, gamma, body);
        answers.add(`${status} ${text}`);
      }
    expect([...answers]).toEqual([
      `404 ${JSON.stringify({ code: 'not-found', says: 'There is no such thing.', help: '/help/not-found' })}`,
    ]);
    expect(everything()).toBe(before);
  });

  test('is not in the list', async () => {
    const list = await world.api('GET', '/connections', gamma);
    expect(connectionPage.parse(list.body)).toEqual({ connections: [] });
  });

  test('is not that of a later life of the same tenant either', async () => {
    await world.change(beta.tenant, { generation: 2, owners: [ownerOf(beta.tenant, 2)] });
    const next: Caller = { ...beta, generation: 2 };
    expect((await world.api('GET', path, next)).status).toBe(404);
    expect(connectionPage.parse((await world.api('GET', '/connections', next)).body)).toEqual({ connections: [] });
  });
});

describe('a tenant that is not active', () => {
  test.each(['marked', 'purging', 'purged'] as const)('writes nothing while %s', async (state) => {
    await world.change(alpha.tenant, { state });
    const before = everything();
    const writing = [...routesOfOne(path)].filter(
      ([method, route]) => method !== 'GET' && !/\/(sync|preview)$/.test(route),
    );
    for (const [method, route, body] of [...writing, routesOfAll[0]]) {
      const answer = await world.api(method, route, alpha, body);
      expect([route, answer.body]).toMatchObject([route, { code: 'site-not-ready' }]);
    }
    expect(everything()).toBe(before);
  });
});

describe('what a side sees', () => {
  test('is its own half, and of the other neither name, project, site nor tenant', async () => {
    for (const [by, other, own] of [
      [alpha, beta, 'Alpha side'],
      [beta, alpha, 'Beta side'],
    ] as const) {
      const texts = await Promise.all(
        ['/connections', path, `${path}/rules`, `${path}/twins`].map((route) => world.api('GET', route, by)),
      );
      const text = texts.map((answer) => answer.text).join();
      expect(text).toContain(own);
      const name = by === alpha ? /beta/i : /alpha/i;
      expect(text).not.toMatch(name);
      expect(text).not.toContain(other.tenant);
    }
  });

  test('is a list in pages, each connection once', async () => {
    for (let more = 0; more < 30; more += 1) {
      if (more % 15 === 14) world.now += 73 * 3_600_000;
      await world.api('POST', '/invitations', alpha, { name: `n${more}`, projectKey: 'ALPHA' });
    }
    const first = connectionPage.parse((await world.api('GET', '/connections', alpha)).body);
    expect(first.connections).toHaveLength(25);
    const rest = await world.api('GET', `/connections?after=${first.next ?? ''}`, alpha);
    const second = connectionPage.parse(rest.body);
    expect(second.next).toBeUndefined();
    const seen = [...first.connections, ...second.connections].map((line) => line.connection);
    expect(new Set(seen).size).toBe(31);
  });

  test.each(['tenants/t-beta0000/halves/x', '..', 'c-1', ' '])('refuses the cursor %j', async (after) => {
    const answer = await world.api('GET', `/connections?after=${encodeURIComponent(after)}`, alpha);
    expect(answer).toMatchObject({ status: 400, body: { code: 'body-invalid' } });
  });
});

const twinRow = (index: number, change: Partial<RecordOf<'twin'>>): RecordOf<'twin'> => ({
  owners: [ownerOf(alpha.tenant, 1), ownerOf(beta.tenant, 1)],
  connection,
  twin: twinId(`w-${index.toString(16).padStart(32, '0')}`),
  originSide: 'a',
  a: issueId(`${1_000 + index}`),
  b: issueId(`${2_000 + index}`),
  dirty: false,
  attempts: 0,
  settledAt: 5,
  fields: {},
  ...change,
});

async function addTwins(changes: readonly Partial<RecordOf<'twin'>>[]): Promise<void> {
  for (const [index, change] of changes.entries()) {
    const row = twinRow(index, change);
    await world.store.create('twin', { connection, twin: row.twin }, row);
  }
}

describe('twins', () => {
  test('are counted by state, and their errors grouped by cause', async () => {
    const error = { code: 'issue-gone', at: 7 } as const;
    await addTwins([
      {},
      {},
      { dirty: true },
      { error },
      { error: { ...error, at: 9 } },
      { fields: { status: { blocked: 'status-unreachable' } } },
    ]);
    const view = connectionView.parse((await world.api('GET', path, alpha)).body);
    expect(view.twins).toEqual({
      byState: { 'in-step': 2, working: 1, blocked: 3, paused: 0, new: 0 },
      counted: 6,
      hasMore: false,
    });
    expect(view.errors).toEqual([
      { code: 'issue-gone', says: 'One of the two issues is gone or no longer visible.', count: 2, lastAt: 9 },
      { code: 'status-unreachable', says: 'No transition of the workflow leads to the wanted status.', count: 1 },
    ]);
  });

  test('are listed in pages, each side with its own issue first', async () => {
    await addTwins(Array.from({ length: 60 }, () => ({})));
    const first = twinPage.parse((await world.api('GET', `${path}/twins`, beta)).body);
    expect(first.twins[3]).toEqual({
      twin: twinRow(3, {}).twin,
      state: 'in-step',
      issue: '2003',
      otherIssue: '1003',
      errors: [],
      settledAt: 5,
    });
    const rest = await world.api('GET', `${path}/twins?after=${first.next ?? ''}`, beta);
    expect([first.twins.length, twinPage.parse(rest.body).twins.length]).toEqual([50, 10]);
  });
});

describe('rules', () => {
  const put = (by: Caller, document: unknown): Promise<Answer> => world.api('PUT', `${path}/rules`, by, document);
  const less = { ...defaultRules(), fields: [{ field: 'summary', policy: 'hold' }] };

  test('start as the default, and a new version is active at once for its own side only', async () => {
    expect((await world.api('GET', `${path}/rules`, alpha)).body).toEqual({
      connection,
      side: 'a',
      document: defaultRules(),
    });
    expect((await put(alpha, less)).status).toBe(200);
    expect((await world.api('GET', `${path}/rules`, alpha)).body).toMatchObject({ document: { ...less, version: 2 } });
    expect((await world.api('GET', `${path}/rules`, beta)).body).toMatchObject({ document: defaultRules() });
    expect(
      [...world.store.everything('(default)').keys()].filter(
        (one) => one.includes(`${alpha.tenant}/halves`) && one.includes('rules'),
      ),
    ).toHaveLength(2);
  });

  test('that are wrong are refused with all their problems, and the old ones stay', async () => {
    const { version: _version, ...rest } = less;
    const answer = await put(alpha, { ...rest, fields: [{ field: 'colour', policy: 'x' }] });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'body-invalid', problems: [{ path: 'fields.0.field' }, { path: 'fields.0.policy' }] },
    });
    expect((await world.api('GET', path, alpha)).body).toMatchObject({ rulesVersion: 1 });
  });

  test('of which somebody else stored a version meanwhile are refused', async () => {
    expect((await put(alpha, { ...less, version: 1 })).status).toBe(200);
    expect(await put(alpha, { ...less, version: 1 })).toMatchObject({ status: 409, body: { code: 'store-changed' } });
  });

  test('posted twice at the same moment become one version', async () => {
    const answers = await Promise.all([put(alpha, less), put(alpha, less)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('of an ended connection stay as they are', async () => {
    await world.api('POST', `${path}/end`, beta);
    expect(await put(alpha, less)).toMatchObject({ status: 409, body: { code: 'state-refused' } });
  });
});

describe('a sync by hand', () => {
  const sync = (issue: unknown, by = alpha): Promise<Answer> => world.api('POST', `${path}/sync`, by, { issue });

  test.each(['ALPHA-1', '10001'])('asks for %s by its id', async (named) => {
    expect(await sync(named)).toMatchObject({ status: 202, body: { connection, issue: '10001' } });
    expect(world.published).toEqual([
      {
        topic: 'sync-jobs',
        kind: 'bring-under-sync',
        tenant: alpha.tenant,
        generation: 1,
        connection,
        issue: '10001',
        askedAt: world.now,
      },
    ]);
  });

  test.each([
    ['an issue of another project', 'SECRET-1', 400, 'body-invalid'],
    ['an issue that is not there', 'ALPHA-99', 404, 'not-found'],
    ['what is no issue', '../secret', 400, 'body-invalid'],
    ['a number', 7, 400, 'body-invalid'],
  ])('is refused for %s', async (_title, named, status, code) => {
    expect(await sync(named)).toMatchObject({ status, body: { code, path: 'issue' } });
    expect(world.published).toEqual([]);
  });

  test.each(['pause', 'end'])('is refused after %s', async (event) => {
    await world.api('POST', `${path}/${event}`, beta);
    expect(await sync('ALPHA-1')).toMatchObject({ status: 409, body: { code: 'state-refused' } });
    expect(world.published).toEqual([]);
  });
});

describe('what anybody may fetch', () => {
  test('a receipt, byte for byte, and the key that checks it', async () => {
    const receipt = receiptId('r-00000001');
    await world.store.create('receipt', { receipt }, { signed: '{ "receipt": 1}', issuedAt: 1 });
    expect(await world.call('GET', `/receipts/${receipt}`)).toMatchObject({ status: 200, text: '{ "receipt": 1}' });
    expect((await world.call('GET', '/receipts/key')).text).toBe(await world.signer.publicKey());
  });

  test.each(['/receipts/r-00000002', '/receipts/x', '/receipts/..'])('nothing at %s', async (route) => {
    expect(await world.call('GET', route)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  test('health, with the commit that runs', async () => {
    expect(await world.call('GET', '/console/health')).toMatchObject({ status: 200, body: { commit: 'c0ffee' } });
  });
});

test('the help of a code is a page of our own words, and of nothing else', async () => {
  const page = await world.call('GET', '/help/conflict-held');
  expect([page.status, page.text.slice(0, 15)]).toEqual([200, '<!doctype html>']);
  for (const odd of ['toString', '%3Cscript%3E', '__proto__', 'nothing']) {
    const { status, text } = await world.call('GET', `/help/${odd}`);
    expect([status, text.includes(odd)]).toEqual([404, false]);
  }
});

describe('what a connection waits for', () => {
  const waits = async (by: Caller = alpha) => connectionView.parse((await world.api('GET', path, by)).body).waits?.code;

  test('R39 is told: a partner that is marked, one that rests, one that is gone, and this side’s own licence', async () => {
    expect(await waits()).toBeUndefined();
    await world.change(beta.tenant, { licensed: false });
    expect(await waits()).toBe('partner-resting');
    expect(await waits(beta)).toBe('licence-inactive');
    await world.change(beta.tenant, { licensed: true, enabled: false });
    expect([await waits(), await waits(beta)]).toEqual(['partner-resting', 'app-disabled']);
    await world.change(beta.tenant, {
      enabled: true,
      state: 'marked',
      markedAt: 1,
      evidence: 'licence-ended',
      dueAt: 2,
    });
    const { text } = await world.api('GET', path, alpha);
    expect(connectionView.parse(JSON.parse(text)).waits).toEqual({
      code: 'partner-marked',
      says: 'The partner has left and may come back: the pairs wait, and go on when it returns.',
    });
    // Not why it left, nor when its data go.
    expect(text).not.toMatch(/licence-ended|dueAt|markedAt/);
    await world.change(beta.tenant, { state: 'purging' });
    expect(await waits()).toBe('partner-left');
    await world.change(beta.tenant, { state: 'active', generation: 2 });
    expect(await waits()).toBe('partner-left');
  });

  test('R39 is nothing once the connection was ended', async () => {
    await world.api('POST', `${path}/end`, alpha);
    await world.change(beta.tenant, { state: 'marked' });
    expect(await waits()).toBeUndefined();
  });
});
