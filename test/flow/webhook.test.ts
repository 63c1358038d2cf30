import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { meaningOf } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { ConnectWorld, KeyServers, START, acme, change } from '../kit/connectWorld.ts';

const MINUTE = 60_000;
const servers = new KeyServers();
let world: ConnectWorld;

beforeAll(() => servers.start());
afterAll(() => servers.stop());
beforeEach(async () => {
  world = new ConnectWorld(servers);
  await world.install(acme);
  world.published.length = 0;
});

it('publishes ids and times, and says that it is accepted', async () => {
  expect(await world.webhook(acme)).toMatchObject({ status: 200, code: 'accepted' });
  expect(world.published).toEqual([
    {
      topic: 'issue-changes',
      message: {
        kind: 'issue-change',
        tenant: 't-00000001',
        generation: 1,
        issue: '10001',
        what: 'updated',
        eventAt: START - 500,
        receivedAt: START,
      },
    },
  ]);
});

it('publishes no word of an issue', async () => {
  const secret = 'a word that must not travel';
  const issue = { id: '10001', key: secret, self: secret, fields: { summary: secret, description: secret } };
  const body = { ...change, issue, user: { displayName: secret }, changelog: { items: [{ toString: secret }] } };
  expect((await world.webhook(acme, body)).code).toBe('accepted');
  expect(world.dump() + JSON.stringify(world.logged)).not.toContain(secret);
});

it('needs no store while it knows the site, and answers 503 when it does not', async () => {
  await world.webhook(acme);
  world.isStoreDown = true;
  expect((await world.webhook(acme)).code).toBe('accepted');
  world.now += 5 * MINUTE;
  expect(await world.webhook(acme)).toMatchObject({ status: 503, code: 'store-unavailable' });
  world.reboot();
  expect(await world.webhook(acme)).toMatchObject({ status: 503, code: 'store-unavailable' });
  world.isStoreDown = false;
  expect((await world.webhook(acme)).code).toBe('accepted');
});

it('asks for a repeat when the publish is not confirmed', async () => {
  world.isBusDown = true;
  expect(await world.webhook(acme)).toMatchObject({ status: 503, code: 'publish-failed' });
  expect(world.published).toEqual([]);
});

it('notices within the next call that a tenant is active again', async () => {
  await world.setEnabled(acme, 'disabled');
  world.reboot();
  expect(await world.webhook(acme)).toMatchObject({ status: 200, code: 'tenant-not-active' });
  await world.setEnabled(acme, 'enabled');
  expect((await world.webhook(acme)).code).toBe('accepted');
});

test.each([
  ['nothing', null, 200, 'event-unknown'],
  ['an event of another kind', { webhookEvent: 'sprint_started' }, 200, 'event-unknown'],
  ['no issue', { webhookEvent: 'jira:issue_updated' }, 200, 'event-without-issue'],
])('%s is answered and goes nowhere', async (_what, body, status, code) => {
  expect(await world.webhook(acme, body)).toMatchObject({ status, code });
  expect(world.published).toEqual([]);
});

const folder = new URL('../../../shared/data/', import.meta.url);
const index = new URL('jira-webhooks/INDEX.json', folder);
const isThere = existsSync(index);

describe.skipIf(!isThere && process.env['CI'] === undefined)('the recorded bodies', () => {
  const files = isThere ? z.array(z.object({ file: z.string() })).parse(JSON.parse(readFileSync(index, 'utf8'))) : [];

  it('all 82 are accepted or ignored with a reason, and each accepted one is published', async () => {
    expect(files).toHaveLength(82);
    let accepted = 0;
    for (const { file } of files) {
      const body: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
      const { status, code } = await world.webhook(acme, body);
      expect([file, status]).toEqual([file, 200]);
      expect(['done', 'ignored']).toContain(meaningOf(code as Code).kind);
      if (code === 'accepted') accepted += 1;
    }
    expect(world.published).toHaveLength(accepted);
    expect(accepted).toBe(73);
  });
});
