/** What admins see of the reconcile runs, and how they set and start them. */
import { beforeEach, describe, expect, test } from 'vitest';
import { runId } from '../../shared/model/drift.ts';
import { connectionId, issueId, ownerOf, twinId } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import { invitationMade } from '../../shared/wire/console.ts';
import { driftPage, runPage } from '../../shared/wire/drift.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';

const HOUR = 3_600_000;
const TWIN = twinId(`w-${'0'.repeat(32)}`);

let world: ConsoleWorld;
let alpha: Caller;
let beta: Caller;
let gamma: Caller;
let connection: ConnectionId;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
  beta = await world.install('beta', ['BETA']);
  gamma = await world.install('gamma', ['GAMMA']);
  const made = await world.api('POST', '/invitations', alpha, { name: 'One', projectKey: 'ALPHA' });
  const { code, connection: id } = invitationMade.parse(made.body);
  await world.api('POST', '/invitations/accept', beta, { name: 'Two', projectKey: 'BETA', code });
  connection = connectionId(id);
});

const path = () => `/connections/${connection}`;

async function put(startedAt: number, repaired: boolean): Promise<string> {
  const run = runId(startedAt, 'full');
  const owners = [ownerOf(alpha.tenant, 1), ownerOf(beta.tenant, 1)];
  const times = { since: 0, startedAt, endedAt: startedAt + 5, removeAt: startedAt + 9 };
  const counts = { issues: 3, twins: 2, fresh: 0, aPoints: 11, bPoints: 12 };
  const row = { owners, connection, run, how: 'full', stage: 'done', ...times, ...counts } as const;
  await world.store.create('run', { connection, run }, row);
  const code = repaired ? {} : ({ code: 'conflict-held' } as const);
  const things = [{ ...({ side: 'b', what: 'summary', why: 'webhook-lost' } as const), ...code }];
  const found = { owners, twin: TWIN, a: issueId('10001'), b: issueId('10002'), foundAt: startedAt + 1 };
  const end = repaired ? { repairedAt: startedAt + 2 } : {};
  const place = { connection, run, twin: TWIN };
  await world.store.create('drift', place, { ...found, ...end, things, removeAt: startedAt + 9 });
  return run;
}

describe('the drift report', () => {
  test('shows both sides the runs, the newest first, with what they found and cost', async () => {
    const old = await put(1_000, true);
    const young = await put(2_000, false);
    for (const by of [alpha, beta]) {
      const { status, body } = await world.api('GET', `${path()}/drift`, by);
      expect(status).toBe(200);
      const page = runPage.parse(body);
      expect(page.runs.map(({ run, drifted, repaired }) => [run, drifted, repaired])).toEqual([
        [young, 1, 0],
        [old, 1, 1],
      ]);
      expect(page.runs[0]?.points).toEqual({ a: 11, b: 12 });
      expect(page).toMatchObject({ lightMinutes: 60, fullHours: 24, nextLightAt: world.now + HOUR });
    }
  });

  test('shows what one run found, with a sentence for what could not be repaired', async () => {
    const run = await put(2_000, false);
    const { body } = await world.api('GET', `${path()}/drift/${run}`, beta);
    const [drift] = driftPage.parse(body).drifts;
    expect(drift?.things).toMatchObject([{ side: 'b', what: 'summary', code: 'conflict-held' }]);
    expect(drift?.things[0]?.says).toContain('Both sides changed');
  });

  test('is nothing to a third site, and knows no other paths', async () => {
    const run = await put(2_000, true);
    for (const where of ['/drift', `/drift/${run}`])
      expect((await world.api('GET', `${path()}${where}`, gamma)).status).toBe(404);
    expect((await world.api('GET', `${path()}/drift/..%2F..%2Ftwins`, alpha)).status).toBe(404);
    expect((await world.api('GET', `${path()}/drift?after=..%2Fx`, alpha)).status).toBe(400);
    expect((await world.api('GET', `${path()}/drift/${run}?after=a%2Fb`, alpha)).status).toBe(400);
  });
});

describe('reconcile runs', () => {
  test('are started by hand, while the connection is active', async () => {
    expect((await world.api('POST', `${path()}/reconcile`, beta, { how: 'full' })).status).toBe(202);
    expect(world.published.at(-1)).toMatchObject({ kind: 'reconcile', connection, how: 'full', askedAt: world.now });
    await world.api('POST', `${path()}/pause`, alpha);
    expect((await world.api('POST', `${path()}/reconcile`, beta, { how: 'light' })).status).toBe(409);
    expect((await world.api('POST', `${path()}/reconcile`, beta, { how: 'other' })).status).toBe(400);
  });

  test('come as often as an admin says, within bounds', async () => {
    const body = { lightMinutes: 30, fullHours: 12 };
    expect((await world.api('PUT', `${path()}/reconcile`, alpha, body)).status).toBe(200);
    const page = runPage.parse((await world.api('GET', `${path()}/drift`, beta)).body);
    expect(page).toMatchObject({ ...body, nextLightAt: world.now + HOUR / 2, nextFullAt: world.now + 12 * HOUR });
    for (const odd of [{ lightMinutes: 1, fullHours: 12 }, { lightMinutes: 30, fullHours: 1 }, {}])
      expect((await world.api('PUT', `${path()}/reconcile`, alpha, odd)).status).toBe(400);
    expect((await world.api('PUT', `${path()}/reconcile`, gamma, body)).status).toBe(404);
  });
});
