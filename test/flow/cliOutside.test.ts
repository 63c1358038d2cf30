/** What a person sees of mails and tickets on a local stack: real SMTP and HTTP on loopback, and the commands as they are typed. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { notifyHandler } from '../../functions/notify/event.ts';
import { outsideRoutes } from '../../infra/local/page/outside.ts';
import { openParties } from '../../infra/local/parties.ts';
import type { LocalParties } from '../../infra/local/parties.ts';
import { readConfig } from '../../shared/config.ts';
import { createHttp } from '../../shared/http.ts';
import type { Message } from '../../shared/model/message.ts';
import { createDesk } from '../../shared/outside/desk.ts';
import { createSmtp } from '../../shared/outside/smtp.ts';
import { processorOf, registerOf } from '../../shared/retention/processors.ts';
import { commandLine } from '../kit/commandLine.ts';
import type { Answered, Asked, CommandLine } from '../kit/commandLine.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';
import { ConsoleWorld, tokenOf } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';
import { A } from '../kit/purgeWorld.ts';
import { keeperOf, NoticeWorld } from '../kit/noticeWorld.ts';

const NOW = Date.UTC(2026, 11, 1, 9);
let parties: LocalParties;
let desktop: ConsoleWorld;
let alpha: Caller;
let line: CommandLine;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twinline-test-'));
  parties = await openParties({ now: () => NOW, statePath: join(folder, 'desk.json') });
  desktop = new ConsoleWorld({}, { ...consoleSettings, parties: settings().parties });
  alpha = await desktop.install('alpha', ['ALPHA']);
  desktop.jira.sites.get(alpha.tenant)?.mails.set('boss', 'ann@customer.example');
  line = await commandLine(answer);
});
afterEach(async () => {
  line.close();
  await parties.close();
  expect(parties.desk.violations).toEqual([]);
});

/** The settings that the stack hands to the functions. */
const settings = () =>
  readConfig({ ...parties.environment, TWINLINE_MODE: 'local', TWINLINE_BASE_URL: 'https://twinline.example' });

function adapters() {
  const { mail: smtp, desk } = settings();
  if (smtp === undefined || desk === undefined) throw new Error('the stack has no parties');
  const register = registerOf(settings());
  const { localPort = 0, ...mail } = smtp;
  const isRegistered = (host: string): boolean => processorOf(host, register, 'smtp') !== undefined;
  const http = createHttp({ register, localHosts: Object.fromEntries(parties.hosts) });
  return { mail: createSmtp({ ...mail, isRegistered, local: { port: localPort } }), desk: createDesk(http, desk) };
}

async function answer({ method, url, authorization, text }: Asked): Promise<Answered> {
  if (url === '/local/token') return { status: 200, text: JSON.stringify({ token: tokenOf(alpha) }) };
  if (!url.startsWith('/local')) {
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return desktop.send(method, url, authorization, body);
  }
  for (const [wanted, pattern, work] of outsideRoutes) {
    const found = pattern.exec(url.slice('/local'.length));
    if (found !== null && wanted === method)
      return { status: 200, text: JSON.stringify(work(parties, found[1] ?? '')) };
  }
  return { status: 404, text: '{}' };
}

const run = (...typed: string[]) => line.run(...typed);

test('notices are seen as they arrived: class, text, address and subject', async () => {
  expect((await run('mails')).out).toBe('No mail has arrived.');
  const world = await new NoticeWorld().open();
  world.mail = adapters().mail;
  await world.leave(A);
  await world.deliver();
  expect(await world.stateOf(A)).toEqual({ marked: 'sent' });
  const { out } = await run('mails');
  expect(out).toMatch(
    new RegExp(
      `^m-1 {2}2026-12-01 09:00 {2}transactional {2}marked +to ${keeperOf(A)} {2}Twinline: your data will be deleted by`,
    ),
  );
  expect(out).toContain('partner-left');
  const shown = (await run('mails', 'm-1')).out;
  expect(shown).toContain('X-Twinline-Template: marked');
  expect(shown).toContain('On ');
  expect(shown).toContain(`Twinline was uninstalled on ${A.tenant}.atlassian.net`);
  expect(shown).not.toMatch(/=\r|=3D|\r/);
  expect((await run('mails', 'm-1', 'm-2')).exit).toBe(2);
});

test('a report is shown, agreed to, and is a ticket at the desk that is there after a restart and can be closed', async () => {
  const file = join(folder, 'bundle.json');
  const words = ['It does not sync.', '--site', 'alpha'];
  expect((await run('report', 'show', ...words)).out).toContain('Bundle, for support to fetch:\n{');
  const { out } = await run('report', 'show', ...words, '--file', file);
  expect(out).toContain('Ticket, in the name of ann@customer.example: Twinline report s-');
  expect(out).toContain('  It does not sync.');
  expect(JSON.parse(await readFile(file, 'utf8'))).toHaveProperty('kept');
  expect((await run('tickets')).out).toBe('No tickets.');
  const [, report = '', hash = ''] = /report send (\S+) --site SITE --hash (\S+)/.exec(out) ?? [];
  expect((await run('report', 'send', report, '--site', 'alpha', '--hash', 'f'.repeat(64))).out).toContain(
    '(report-changed)',
  );
  expect((await run('report', 'send', report, '--site', 'alpha', '--hash', hash)).out).toBe(
    `${report} is on its way to support.`,
  );
  await deliverReports();
  expect((await run('report', 'list', '--site', 'alpha')).out).toMatch(new RegExp(`${report} {2}open {2}SUP-2`));
  expect((await run('tickets')).out).toMatch(/^SUP-2 {2}.* {2}open {2}for ann@customer.example {2}Twinline report s-/);
  expect((await run('tickets', 'SUP-2')).out).toContain('It does not sync.');
  await parties.close();
  parties = await openParties({ now: () => NOW, statePath: join(folder, 'desk.json') });
  expect((await run('ticket', 'close', 'SUP-2')).out).toContain('closed 2026-12-01');
});

/** What the console has asked of the notify function, with the real desk. */
async function deliverReports(): Promise<void> {
  const { store, keys, published } = desktop;
  const ports = {
    ...{ store, keys, ...adapters() },
    clock: { now: () => desktop.now, sleep: async () => undefined },
    ids: { next: () => 'x'.repeat(12), bytes: (length: number) => new Uint8Array(length) },
    bus: { publish: async () => undefined },
    log: { work: () => undefined, note: () => undefined, fault: () => undefined },
  };
  const handle = notifyHandler(ports, { ...settings(), mailKeys: [], planned: () => [] });
  for (const message of published.splice(0) as readonly Message[]) if (message.kind === 'report') await handle(message);
}
