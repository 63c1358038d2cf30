/** A report to support of a site where everything is a canary: what was shown leaves, in the person's own name, and nothing beside. */
import { expect, test } from 'vitest';
import { notifyHandler } from '../../functions/notify/event.ts';
import { MemoryDesk } from '../../shared/memory/desk.ts';
import { MemoryLog } from '../../shared/memory/log.ts';
import { MemoryMail } from '../../shared/memory/mail.ts';
import type { Message } from '../../shared/model/message.ts';
import { connectionId } from '../../shared/model/ids.ts';
import { invitationMade } from '../../shared/wire/console.ts';
import { reportShown } from '../../shared/wire/report.ts';
import { canariesIn, canary, canaryAddress } from '../kit/canaries.ts';
import { lookedAt } from '../kit/canaryWatch.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import { twinRow } from '../kit/rows.ts';

const PERSON = canary('account', 'boss');

test('a report shows what will leave, sends that and no more, and keeps it sealed', async () => {
  const world = new ConsoleWorld({}, { ...consoleSettings, parties: { desk: { name: 'Desk' } } });
  const sites = await Promise.all(['alpha', 'beta'].map((name) => world.install(name, [name.toUpperCase()])));
  const [alpha, beta] = sites.map(({ tenant }) => {
    world.jira.sites.get(tenant)?.admins.add(PERSON);
    world.jira.sites.get(tenant)?.mails.set(PERSON, canaryAddress(tenant));
    return { tenant, generation: 1, account: PERSON };
  });
  const half = { name: canary('setting'), projectKey: 'ALPHA', scope: `summary ~ "${canary('jql')}"` };
  const { code, connection } = invitationMade.parse((await world.api('POST', '/invitations', alpha!, half)).body);
  const theirs = { name: canary('secret', 'theirs'), projectKey: 'BETA', code };
  expect((await world.api('POST', '/invitations/accept', beta!, theirs)).status).toBeLessThan(300);
  const pair = twinRow({ connection: connectionId(connection) });
  await world.store.create('twin', { connection: pair.connection, twin: pair.twin }, pair);

  // Nothing ticked: ids, codes and times.
  const message = `It says ${canary('words')} and stops.`;
  const bare = reportShown.parse((await world.api('POST', '/reports', alpha!, { message })).body);
  expect(canariesIn(bare.bundle)).toEqual([]);
  // What the person ticks is shown, the partner's never.
  const ticked = { message, ticked: ['half.settings'] };
  const open = reportShown.parse((await world.api('POST', '/reports', alpha!, ticked)).body);
  expect(new Set(canariesIn(open.bundle))).toEqual(new Set(['setting', 'jql']));
  expect(canariesIn(`${open.ticket.summary} ${open.ticket.text}`)).toEqual(['words']);

  const said = { hash: open.hash };
  expect((await world.api('POST', `/reports/${open.report}/send`, alpha!, said)).status).toBe(202);
  const desk = new MemoryDesk();
  const log = new MemoryLog();
  const { store, keys } = world;
  const ports = {
    ...{ store, keys, log, desk, mail: new MemoryMail() },
    clock: { now: () => world.now, sleep: async () => undefined },
    ids: { next: () => 'x', bytes: (length: number) => new Uint8Array(length) },
    bus: { publish: async () => undefined },
  };
  const settings = {
    baseUrl: 'https://twinline.example',
    copyDays: 30,
    mailKeys: [new Uint8Array(32)],
    planned: () => [],
  };
  const asked = world.published.filter((one) => JSON.stringify(one).includes('"kind":"report"')) as Message[];
  expect(asked).toHaveLength(1);
  for (const one of asked) await notifyHandler(ports, settings)(one);
  const { onBehalfOf, summary, text } = open.ticket;
  expect(desk.tickets).toMatchObject([{ onBehalfOf, summary, text }]);
  expect(onBehalfOf).toBe(canaryAddress(alpha!.tenant));
  // The account id of who reports is the one thing in the open; the catalogue says so.
  expect(canariesIn(JSON.stringify([...store.everything('(default)')])).toSorted()).toEqual(['account', 'site']);
  expect(canariesIn(world.logged.join(' '))).toEqual([]);
  for (const sink of ['ticket', 'message', 'row', 'log'] as const) expect(lookedAt()[sink], sink).toBeGreaterThan(0);
});
