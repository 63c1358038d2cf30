import { describe, expect, test } from 'vitest';
import { invitationCode, invitationHashOf } from '../../shared/auth/invitationCode.ts';
import { connectionId, connectionKey, halfOf, ownerOf } from '../../shared/model/ids.ts';
import { Fault } from '../../shared/verdict.ts';
import { connectionLine, invitationMade } from '../../shared/wire/console.ts';
import type { InvitationMade } from '../../shared/wire/console.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Answer, Caller } from '../kit/consoleWorld.ts';

const HOUR_MS = 3_600_000;
const UNKNOWN = {
  code: 'invitation-unknown',
  says: 'The invitation code is not valid: unknown, used or expired.',
  help: '/help/invitation-unknown',
};
const alphaSide = { name: 'To the supplier', projectKey: 'ALPHA' };
const betaSide = { name: 'To the customer', projectKey: 'BETA', scope: 'labels = shared' };

interface Pair {
  readonly world: ConsoleWorld;
  readonly alpha: Caller;
  readonly beta: Caller;
}

async function pair(world = new ConsoleWorld()): Promise<Pair> {
  const alpha = await world.install('alpha', ['ALPHA', 'OTHER']);
  const beta = await world.install('beta', ['BETA']);
  return { world, alpha, beta };
}

async function invited({ world, alpha }: Pair): Promise<InvitationMade> {
  const answer = await world.api('POST', '/invitations', alpha, alphaSide);
  expect(answer.status).toBe(201);
  return invitationMade.parse(answer.body);
}

const accept = ({ world }: Pair, by: Caller, code: string, body: object = betaSide): Promise<Answer> =>
  world.api('POST', '/invitations/accept', by, { ...body, code });

async function connected(): Promise<Pair & { readonly path: string; readonly id: string }> {
  const both = await pair();
  const { code, connection } = await invited(both);
  expect((await accept(both, both.beta, code)).status).toBe(201);
  return { ...both, id: connection, path: `/connections/${connection}` };
}

const stateOf = ({ body }: Answer): unknown => (body as { readonly state: unknown }).state;

describe('an invitation', () => {
  test('joins two sites, once', async () => {
    const both = await pair();
    const { code, connection } = await invited(both);
    expect(stateOf(await both.world.api('GET', `/connections/${connection}`, both.alpha))).toBe('pending');

    const joined = await accept(both, both.beta, code);
    expect(joined.status).toBe(201);
    expect(connectionLine.parse(joined.body)).toEqual({
      connection,
      side: 'b',
      state: 'active',
      name: betaSide.name,
      projectKey: 'BETA',
    });
    for (const by of [both.alpha, both.beta])
      expect(stateOf(await both.world.api('GET', `/connections/${connection}`, by))).toBe('active');
    expect((await accept(both, both.beta, code)).body).toEqual(UNKNOWN);
  });

  test('leaves a connection and its key with both owners', async () => {
    const { world, alpha, beta, id } = await connected();
    const connection = connectionId(id);
    const owners = [ownerOf(alpha.tenant, 1), ownerOf(beta.tenant, 1)] as const;
    const stored = await world.store.read('connection', { connection });
    expect(stored?.row).toMatchObject({ owners, state: 'active', activatedAt: world.now, watermarkAt: world.now });
    const key = await world.store.read('key', { key: connectionKey(connection, ...owners) });
    expect(key?.row.owners).toEqual(owners);
    expect([...world.store.everything('(default)').keys()].filter((path) => path.startsWith('invitations/'))).toEqual(
      [],
    );
  });

  test('is accepted by one of two redeemers, whoever of their steps comes first', async () => {
    for (let turns = 0; turns < 40; turns += 1) {
      const both = await pair();
      const gamma = await both.world.install('gamma', ['GAMMA']);
      const { code } = await invited(both);
      const late = async (): Promise<Answer> => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        return accept(both, gamma, code, { name: 'g', projectKey: 'GAMMA' });
      };
      const answers = await Promise.all([accept(both, both.beta, code), late()]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 404]);
      const halves = [...both.world.store.everything('(default)').keys()].filter((path) => /halves\/[^/]+$/.test(path));
      expect(halves).toHaveLength(2);
    }
  });

  test('is accepted until its 72 hours are over', async () => {
    const both = await pair();
    const first = await invited(both);
    const second = await invited(both);
    expect(first.expiresAt).toBe(both.world.now + 72 * HOUR_MS);
    both.world.now += 72 * HOUR_MS - 1;
    expect((await accept(both, both.beta, first.code)).status).toBe(201);
    both.world.now += 1;
    const late = await accept(both, both.beta, second.code);
    expect(late).toMatchObject({ status: 404, body: UNKNOWN });
  });

  test.each([
    ['was marked', { state: 'marked' }],
    ['is being purged', { state: 'purging' }],
    ['lives its next life', { generation: 2 }],
  ] as const)('of a tenant that %s is unknown', async (_title, change) => {
    const both = await pair();
    const { code } = await invited(both);
    await both.world.change(both.alpha.tenant, change);
    expect(await accept(both, both.beta, code)).toMatchObject({ status: 404, body: UNKNOWN });
  });

  test('is not met by any of 1,000 random codes, and every failure looks the same', async () => {
    const both = await pair();
    await invited(both);
    const answers = new Set<string>();
    for (let guess = 0; guess < 1_000; guess += 1) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      const { status, text } = await accept(both, both.beta, invitationCode(bytes));
      answers.add(`${status} ${text}`);
    }
    for (const odd of ['', 'x', '../../tenants', '0'.repeat(26), '💥'])
      answers.add(await accept(both, both.beta, odd).then(({ status, text }) => `${status} ${text}`));
    expect([...answers]).toEqual([`404 ${JSON.stringify(UNKNOWN)}`]);
  });

  test('is never stored, logged or published in clear', async () => {
    const both = await pair();
    const { code, connection } = await invited(both);
    await both.world.api('GET', `/connections/${connection}`, both.alpha);
    await accept(both, both.beta, `${code.slice(0, -1)}0`);
    const before = both.world.traces();
    await accept(both, both.beta, code);
    for (const text of [before, both.world.traces()])
      for (const secret of [code, code.replaceAll('-', ''), code.toLowerCase()]) expect(text).not.toContain(secret);
    expect(before).toContain(invitationHashOf(code));
  });

  test('keeps names and scopes sealed', async () => {
    const { world } = await connected();
    for (const content of [alphaSide.name, betaSide.name, betaSide.scope])
      expect(world.traces()).not.toContain(content);
  });

  test('may join two projects of one site, but no project with itself', async () => {
    const both = await pair();
    const own = await invited(both);
    const refused = await accept(both, both.alpha, own.code, alphaSide);
    expect(refused).toMatchObject({ status: 409, body: { code: 'invitation-own', path: 'projectKey' } });
    const joined = await accept(both, both.alpha, own.code, { name: 'inside', projectKey: 'OTHER' });
    expect(joined.status).toBe(201);
    const stored = await both.world.store.read('connection', { connection: own.connection });
    expect(stored?.row.owners).toEqual([ownerOf(both.alpha.tenant, 1)]);
    const path = `/connections/${own.connection}`;
    expect((await both.world.api('GET', `${path}?side=a`, both.alpha)).body).toMatchObject({ projectKey: 'ALPHA' });
    expect((await both.world.api('GET', `${path}?side=b`, both.alpha)).body).toMatchObject({ projectKey: 'OTHER' });
  });

  test.each([
    ['a project that is not there', { ...alphaSide, projectKey: 'NOPE' }, 400, 'body-invalid', 'projectKey'],
    ['a key that is none', { ...alphaSide, projectKey: 'a" OR "1' }, 400, 'body-invalid', 'projectKey'],
    ['an empty name', { ...alphaSide, name: ' ' }, 400, 'body-invalid', 'name'],
    [
      'a scope that leads out of the project',
      { ...alphaSide, scope: 'a = 1) OR (b = 2' },
      422,
      'query-refused',
      'scope',
    ],
    ['a scope with an order', { ...alphaSide, scope: 'a = 1 order by key' }, 422, 'query-refused', 'scope'],
    ['no body', undefined, 400, 'body-invalid', ''],
  ])('is refused with %s, and nothing is stored', async (_title, body, status, code, path) => {
    const { world, alpha } = await pair();
    const before = world.traces();
    const answer = await world.api('POST', '/invitations', alpha, body);
    expect(answer).toMatchObject({ status, body: { code, path } });
    world.logged.length = 0;
    expect(world.store.everything('(default)').size).toBe(2);
    expect(before).not.toContain('halves');
  });

  test('is one of twenty at most', async () => {
    const both = await pair();
    for (let open = 0; open < 20; open += 1) await invited(both);
    expect(await both.world.api('POST', '/invitations', both.alpha, alphaSide)).toMatchObject({
      status: 429,
      body: { code: 'too-many' },
    });
    both.world.now += 73 * HOUR_MS;
    await invited(both);
  });

  test('can be withdrawn by ending the pending connection', async () => {
    const both = await pair();
    const { code, connection } = await invited(both);
    expect((await both.world.api('POST', `/connections/${connection}/end`, both.alpha)).status).toBe(200);
    expect((await accept(both, both.beta, code)).body).toEqual(UNKNOWN);
    expect([...both.world.store.everything('(default)').keys()].join()).not.toContain('invitations/');
  });

  test('can be accepted again after the store failed at the last moment', async () => {
    let isFailing = false;
    const world = new ConsoleWorld({
      onCall: ({ op }) => {
        if (isFailing && op === 'transact') throw new Fault('store-unavailable');
      },
    });
    const both = await pair(world);
    const { code } = await invited(both);
    isFailing = true;
    expect((await accept(both, both.beta, code)).status).toBe(503);
    isFailing = false;
    expect((await accept(both, both.beta, code)).status).toBe(201);
  });
});

describe('a connection', () => {
  test('is paused by each side for itself, and catches up when both want it again', async () => {
    const { world, alpha, beta, path, id } = await connected();
    world.now += HOUR_MS;
    const pausedAt = world.now;
    expect(stateOf(await world.api('POST', `${path}/pause`, alpha))).toBe('paused');
    expect((await world.api('GET', path, beta)).body).toMatchObject({ isPausedHere: false, isPausedThere: true });
    world.now += HOUR_MS;
    expect(stateOf(await world.api('POST', `${path}/pause`, beta))).toBe('paused');
    expect(stateOf(await world.api('POST', `${path}/resume`, alpha))).toBe('paused');
    expect(world.published).toEqual([]);
    expect(stateOf(await world.api('POST', `${path}/resume`, beta))).toBe('active');
    const [job] = world.published as { readonly since: number }[];
    expect(job).toMatchObject({ topic: 'sync-jobs', kind: 'reconcile', connection: id, askedAt: world.now });
    expect(job?.since).toBeLessThanOrEqual(pausedAt);
    expect(job?.since).toBeGreaterThan(pausedAt - HOUR_MS);
  });

  test('catches up although the first publish failed', async () => {
    const { world, alpha, path } = await connected();
    await world.api('POST', `${path}/pause`, alpha);
    world.isBusDown = true;
    expect((await world.api('POST', `${path}/resume`, alpha)).status).toBe(503);
    world.isBusDown = false;
    expect((await world.api('POST', `${path}/resume`, alpha)).status).toBe(200);
    expect(world.published).toHaveLength(1);
  });

  test('is ended by either side for both, and never lives again', async () => {
    const { world, alpha, beta, path, id } = await connected();
    await world.api('POST', `${path}/pause`, alpha);
    expect(stateOf(await world.api('POST', `${path}/end`, beta))).toBe('ended');
    for (const by of [alpha, beta]) {
      expect(stateOf(await world.api('GET', path, by))).toBe('ended');
      expect(stateOf(await world.api('POST', `${path}/end`, by))).toBe('ended');
      for (const event of ['pause', 'resume'])
        expect(await world.api('POST', `${path}/${event}`, by)).toMatchObject({
          status: 409,
          body: { code: 'state-refused' },
        });
    }
    expect((await world.store.read('connection', { connection: connectionId(id) }))?.row.state).toBe('ended');
    expect(world.published).toEqual([]);
  });

  test('whose partner has left can only be ended', async () => {
    const { world, beta, path, id } = await connected();
    const connection = connectionId(id);
    const agreed = await world.store.read('connection', { connection });
    if (agreed === undefined) throw new Error('the connection is gone');
    await world.store.replace('connection', { connection }, { ...agreed.row, state: 'partner-left' }, agreed.version);
    for (const event of ['pause', 'resume'])
      expect((await world.api('POST', `${path}/${event}`, beta)).body).toMatchObject({ code: 'state-refused' });
    expect(stateOf(await world.api('POST', `${path}/end`, beta))).toBe('ended');
  });

  test('whose partner was purged can still be seen and ended', async () => {
    const { world, alpha, beta, path, id } = await connected();
    const connection = connectionId(id);
    await world.store.remove('connection', { connection });
    await world.store.remove('half', { tenant: alpha.tenant, half: halfOf(connection, 'a') });
    const place = { tenant: beta.tenant, half: halfOf(connection, 'b') };
    const own = await world.store.read('half', place);
    if (own === undefined) throw new Error('the half is gone');
    await world.store.replace('half', place, { ...own.row, state: 'partner-left' }, own.version);
    expect(await world.api('GET', path, beta)).toMatchObject({ status: 200, body: { state: 'partner-left' } });
    expect((await world.api('POST', `${path}/resume`, beta)).status).toBe(409);
    expect(stateOf(await world.api('POST', `${path}/end`, beta))).toBe('ended');
    expect(await world.store.read('connection', { connection })).toBeUndefined();
  });
});
