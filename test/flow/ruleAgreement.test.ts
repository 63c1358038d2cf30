/** What one side may send is agreed by both: widening waits, narrowing does not. */
import { beforeEach, describe, expect, test } from 'vitest';
import { accountId, connectionId, connectionKey, ownerOf } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import { contractOf } from '../../shared/rules/contract.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { invitationMade, rulesView } from '../../shared/wire/console.ts';
import { agreementView, versionAnswer, versionPage } from '../../shared/wire/rules.ts';
import { contextOf, parseContract } from '../../shared/wire/stored.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Answer, Caller } from '../kit/consoleWorld.ts';

let world: ConsoleWorld;
let alpha: Caller;
let beta: Caller;
let connection: ConnectionId;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA', 'SECOND']);
  beta = await world.install('beta', ['BETA']);
  await connect(beta, 'BETA');
});

async function connect(by: Caller, projectKey: string): Promise<void> {
  const invited = await world.api('POST', '/invitations', alpha, { name: 'Alpha side', projectKey: 'ALPHA' });
  const made = invitationMade.parse(invited.body);
  connection = connectionId(made.connection);
  await world.api('POST', '/invitations/accept', by, { name: 'Beta side', projectKey, code: made.code });
}

const { version: _one, ...plain } = defaultRules();
const wider = {
  ...plain,
  fields: [...plain.fields, { field: 'custom:text:Geheim', target: 'custom:text:Ziel', policy: 'newest' }],
};
const wide = { ...plain, worklogs: true };
const less = { ...plain, comments: false };

const rules = (method: string, of: string, by: Caller = alpha, body?: unknown): Promise<Answer> =>
  world.api(method, `/connections/${connection}/rules${of}`, by, body);
const publish = (document: unknown, by: Caller = alpha): Promise<Answer> => rules('PUT', '', by, document);
const respond = (name: 'agree' | 'decline', version: number, revision = 0, by: Caller = beta): Promise<Answer> =>
  rules('POST', `/agreement/${name}`, by, { version, revision });
const agreement = async (by: Caller) => agreementView.parse((await rules('GET', '/agreement', by)).body);
const states = async (by: Caller = alpha) =>
  versionPage
    .parse((await rules('GET', '/versions', by)).body)
    .versions.map(({ version, state }) => `${version} ${state}`);
const active = async (by: Caller = alpha) => rulesView.parse((await rules('GET', '', by)).body).document.version;
const codeOf = (answer: Answer): readonly unknown[] => [answer.status, (answer.body as { code?: unknown }).code];

async function contract(side: 'a' | 'b') {
  const row = (await world.store.read('connection', { connection }))?.row;
  const sealed = side === 'a' ? row?.aContract : row?.bContract;
  if (row === undefined || sealed === undefined) return undefined;
  const key = connectionKey(connection, ownerOf(row.a.tenant, 1), ownerOf(row.b.tenant, 1));
  return parseContract(await world.keys.open(key, contextOf('connection.contract', connection, side), sealed));
}

describe('a version that widens', () => {
  test('U12 waits until the partner says yes; then it rules, and the contract follows', async () => {
    const asked = await publish(wide);
    expect(asked.status).toBe(202);
    expect(versionAnswer.parse(asked.body)).toMatchObject({
      version: 2,
      state: 'waiting',
      widens: [{ code: 'worklogs-leave' }],
    });
    expect(await active()).toBe(1);
    expect(await contract('a')).toMatchObject({ version: 1, worklogs: false });
    const { request } = await agreement(beta);
    expect(request).toEqual({
      version: 2,
      revision: 0,
      askedAt: world.now,
      widens: [{ code: 'worklogs-leave', says: 'Worklogs are sent.' }],
    });
    expect((await respond('agree', 2)).body).toEqual({ connection, version: 2, answer: 'agreed' });
    expect(await active()).toBe(2);
    expect(await contract('a')).toMatchObject({ version: 2, worklogs: true });
    expect((await agreement(beta)).request).toBeUndefined();
    expect(await states()).toEqual(['2 active', '1 older']);
  });

  test('U12 is shown to the partner by fields and kinds, without values', async () => {
    await publish({ ...wider, values: { status: { Vertraulich: 'Done' } } });
    const answer = await rules('GET', '/agreement', beta);
    expect(agreementView.parse(answer.body).request?.widens).toEqual([
      {
        code: 'field-leaves',
        says: 'A field is sent that was not sent before, or into another field of yours.',
        field: 'custom:text:Geheim',
        target: 'custom:text:Ziel',
        kind: 'text',
      },
    ]);
    expect(answer.text).not.toContain('Vertraulich');
  });

  test('U12 goes back to a draft when the partner declines, and can be changed and asked for again', async () => {
    await publish(wide);
    await respond('decline', 2);
    expect(await states()).toEqual(['2 draft', '1 active']);
    await rules('PUT', '/versions/2', alpha, { revision: 0, document: { ...wide, comments: false } });
    await rules('POST', '/versions/2/check');
    expect(codeOf(await rules('POST', '/versions/2/publish'))[0]).toBe(202);
    expect(codeOf(await respond('agree', 2, 0))).toEqual([409, 'store-changed']);
    expect((await respond('agree', 2, 1)).status).toBe(200);
    expect(await active()).toBe(2);
  });

  test('U12 may be withdrawn while it waits', async () => {
    await publish(wide);
    await rules('POST', '/versions/2/withdraw');
    expect(codeOf(await respond('agree', 2))).toEqual([409, 'store-changed']);
    expect(await states()).toEqual(['2 withdrawn', '1 active']);
  });

  test('U14 is taken back by another publication, and the partner’s yes comes too late', async () => {
    await publish(wide);
    await rules('POST', '/versions', alpha, less);
    await rules('POST', '/versions/3/check');
    expect((await rules('POST', '/versions/3/publish')).status).toBe(200);
    expect(codeOf(await respond('agree', 2))).toEqual([409, 'store-changed']);
    expect(await states()).toEqual(['3 active', '2 checked', '1 older']);
    expect(await contract('a')).toMatchObject({ version: 3, comments: false, worklogs: false });
  });

  test('U14 that is older comes back only with the partner’s yes', async () => {
    await publish(less);
    const restored = await rules('POST', '/versions/1/restore');
    expect(restored).toMatchObject({ status: 202, body: { state: 'waiting', widens: [{ code: 'comments-leave' }] } });
    await respond('agree', 3);
    expect(await active()).toBe(3);
  });
});

describe('nobody is asked', () => {
  test('U12 about a version that narrows', async () => {
    expect((await publish(less)).status).toBe(200);
    expect(await active()).toBe(2);
    expect(await contract('a')).toEqual(contractOf({ ...less, version: 2 }));
    expect(await contract('b')).toEqual(contractOf(defaultRules()));
  });

  test('U12 while nobody has accepted; what rules then is what the partner accepts', async () => {
    const invited = await world.api('POST', '/invitations', alpha, { name: 'x', projectKey: 'ALPHA' });
    const made = invitationMade.parse(invited.body);
    connection = connectionId(made.connection);
    expect((await publish(wide)).status).toBe(200);
    await world.api('POST', '/invitations/accept', beta, { name: 'y', projectKey: 'BETA', code: made.code });
    expect(await contract('a')).toMatchObject({ version: 2, worklogs: true });
    expect((await agreement(beta)).theirs).toMatchObject({ version: 2, worklogs: true });
  });

  test('U12 inside one site', async () => {
    await connect(alpha, 'SECOND');
    expect((await rules('PUT', '?side=b', alpha, wide)).status).toBe(200);
    expect(await contract('b')).toMatchObject({ worklogs: true });
  });
});

describe('the partner’s answer', () => {
  test('U12 is the partner’s alone', async () => {
    await publish(wide);
    expect(codeOf(await respond('agree', 2, 0, alpha))).toEqual([404, 'not-found']);
    expect(codeOf(await respond('agree', 2, 0, { ...beta, account: 'visitor' }))).toEqual([403, 'not-allowed']);
    expect(codeOf(await respond('agree', 1))).toEqual([409, 'store-changed']);
    expect(codeOf(await respond('agree', 7))).toEqual([404, 'not-found']);
    expect(await states()).toEqual(['2 waiting', '1 active']);
  });

  test('U4 names the person on the partner’s side only', async () => {
    await publish(wide);
    world.jira.sites.get(beta.tenant)?.admins.add('chief-of-beta');
    await respond('agree', 2, 0, { ...beta, account: 'chief-of-beta' });
    const shown = await rules('GET', '/versions', alpha);
    expect(versionPage.parse(shown.body).versions[0]?.steps.at(-1)).toEqual({ step: 'agreed', at: world.now });
    expect(shown.text).not.toContain('chief-of-beta');
    const kept = await world.store.owned('answer', ownerOf(beta.tenant, 1), { limit: 5 });
    expect(kept.items.map(({ row }) => row)).toEqual([
      {
        ...{ owners: [ownerOf(beta.tenant, 1)], version: 2, revision: 0, answer: 'agreed' },
        ...{ at: world.now, by: accountId('chief-of-beta') },
      },
    ]);
    expect((await world.store.owned('answer', ownerOf(alpha.tenant, 1), { limit: 5 })).items).toEqual([]);
  });

  test('U14 two answers at the same moment become one', async () => {
    await publish(wide);
    const answers = await Promise.all([respond('agree', 2), respond('decline', 2)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

test('U13 contracts are sealed', async () => {
  await publish(wider);
  await respond('agree', 2);
  expect(await contract('a')).toMatchObject({ fields: { 'custom:text:Ziel': 'both' } });
  expect(world.traces()).not.toMatch(/Geheim|Ziel/);
});
