/** Every route of the console's API, also one that is new: nobody gets in who may not, and a stranger learns nothing. */
import { beforeEach, describe, expect, test } from 'vitest';
import { consoleRoutes } from '../../functions/console/http.ts';
import type { Route } from '../../functions/edge.ts';
import { runId } from '../../shared/model/drift.ts';
import { connectionId } from '../../shared/model/ids.ts';
import { invitationMade } from '../../shared/wire/console.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';
import { twinRow } from '../kit/rows.ts';
import { mailRoutes } from '../../functions/console/mailPages.ts';
import { trustRoutes } from '../../functions/console/trust.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';

const routes = consoleRoutes({} as never, consoleSettings, {} as never);
const guarded = routes.filter(({ policy }) => policy === 'person');
const TWIN = `w-${'0'.repeat(32)}`;

let world: ConsoleWorld;
let alpha: Caller;
let beta: Caller;
let gamma: Caller;
let connection: string;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
  beta = await world.install('beta', ['BETA']);
  gamma = await world.install('gamma', ['GAMMA']);
  const made = await world.api('POST', '/invitations', alpha, { name: 'One', projectKey: 'ALPHA' });
  const { code, connection: id } = invitationMade.parse(made.body);
  await world.api('POST', '/invitations/accept', beta, { name: 'Two', projectKey: 'BETA', code });
  connection = id;
  // There is something to be found, for whoever may find it.
  const row = twinRow({ connection: connectionId(id) });
  await world.store.create('twin', { connection: row.connection, twin: row.twin }, row);
});

const named = ({ path }: Route): string =>
  path
    .replace('{connection}', connection)
    .replace('{twin}', TWIN)
    .replace('{version}', '1')
    .replace('{job}', 'share')
    .replace('{run}', runId(1, 'full'))
    .replace('{field}', 'summary');
const titles = (list: readonly Route[]) => list.map((route) => [`${route.method} ${route.path}`, route] as const);

describe('every route of the API', () => {
  test.each(titles(guarded))(
    '%s refuses a call without a token and a person who is no admin',
    async (_title, route) => {
      expect((await world.send(route.method, named(route))).status).toBe(401);
      const person = { ...alpha, account: 'nobody-in-particular' };
      expect((await world.call(route.method, named(route), person, {})).status).toBe(403);
    },
  );

  test.each(titles(guarded.filter(({ path }) => path.includes('{connection}'))))(
    '%s tells a stranger that there is nothing, and changes nothing',
    async (_title, route) => {
      const before = JSON.stringify([...world.store.everything('(default)')]);
      const { status, text } = await world.call(route.method, named(route), gamma, {});
      expect([400, 404]).toContain(status);
      expect(text).not.toContain('ALPHA');
      expect(JSON.stringify([...world.store.everything('(default)')])).toBe(before);
    },
  );

  test('is one of those that everybody may call, or guarded', () => {
    const open = routes.filter(({ policy }) => policy !== 'person').map(({ path }) => path);
    const trust = trustRoutes(consoleSettings).map(({ path }) => path);
    const mail = mailRoutes({} as never, []).map(({ path }) => path);
    expect(mail.every((path) => path.startsWith('/mail/'))).toBe(true);
    expect(open).toEqual([
      '/console/health',
      ...trust,
      ...mail,
      '/console/support/{tenant}/{generation}/{token}',
      '/help/{code}',
      '/receipts/key',
      '/receipts/{receipt}',
    ]);
    expect(trust.every((path) => path.startsWith('/trust'))).toBe(true);
  });
});
