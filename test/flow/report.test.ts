/** A report from the first look to its end: what is shown is what is kept, and nothing leaves before the yes. */
import { beforeEach, describe, expect, test } from 'vitest';
import { notifyHandler } from '../../functions/notify/event.ts';
import { purgeHandler } from '../../functions/purge/event.ts';
import { MemoryDesk } from '../../shared/memory/desk.ts';
import { MemoryMail } from '../../shared/memory/mail.ts';
import { operatorId, reportId, tenantKey } from '../../shared/model/ids.ts';
import { readTrail } from '../../shared/trail.ts';
import { endCopy, linkToBundle, openCopies } from '../../functions/console/support.ts';
import type { Message } from '../../shared/model/message.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { catalogue } from '../../shared/retention/catalogue.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { reportShown } from '../../shared/wire/report.ts';
import type { ReportShown } from '../../shared/wire/report.ts';
import { contextOf, parseMessageText } from '../../shared/wire/stored.ts';
import { consoleSettings } from '../kit/consoleSettings.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MAIL = 'ann@customer.example';
const desks = { ...consoleSettings, parties: { desk: { name: 'Desk' } } };
let world: ConsoleWorld;
let desk: MemoryDesk;
let alpha: Caller;

beforeEach(async () => {
  world = new ConsoleWorld({}, desks);
  desk = new MemoryDesk();
  alpha = await world.install('alpha', ['ALPHA']);
  world.jira.sites.get(alpha.tenant)?.mails.set('boss', MAIL);
});

async function shown(body: Record<string, unknown> = {}, by: Caller = alpha): Promise<ReportShown> {
  const answer = await world.api('POST', '/reports', by, { message: 'It does not sync.', ...body });
  expect(answer.status).toBe(201);
  return reportShown.parse(answer.body);
}

const yes = ({ report, hash }: ReportShown, by: Caller = alpha) =>
  world.api('POST', `/reports/${report}/send`, by, { hash });

function ports() {
  const clock = { now: () => world.now, sleep: async () => undefined };
  const ids = { next: () => 'x'.repeat(12), bytes: (length: number) => new Uint8Array(length) };
  const log = {
    work: () => undefined,
    note: () => undefined,
    fault: (name: string, code: string) => void world.logged.push(`${name} ${code}`),
  };
  const bus = { publish: async (topic: string, message: Message) => void world.published.push({ topic, ...message }) };
  const { store, keys, ledger, signer, jira } = world;
  return { clock, ids, store, keys, ledger, signer, jira, bus, log, mail: new MemoryMail(), desk };
}

/** Delivers what waits for the notify function; what fails is left for the sweep. */
async function deliver(): Promise<readonly string[]> {
  const endings: string[] = [];
  const handle = notifyHandler(ports(), {
    baseUrl: 'https://twinline.example',
    copyDays: 30,
    mailKeys: [new Uint8Array(32).fill(9)],
    planned: () => [],
  });
  const mine = world.published.splice(0).filter((one): one is Message => isFor(one));
  for (const message of mine) endings.push(await handle(message).then(codeOf, codeOf));
  return endings;
}

const isFor = (one: unknown): boolean =>
  typeof one === 'object' && one !== null && 'kind' in one && (one.kind === 'report' || one.kind === 'erase-ticket');
const codeOf = (ending: Verdict | { readonly code?: string }): string => ending.code ?? 'unknown';

async function sweep(): Promise<void> {
  const settings = { liveDays: 120, copyDays: 30, fenceMs: 0, commit: 'test' };
  await purgeHandler(ports(), settings)({ kind: 'sweep', askedAt: world.now });
}

async function rowOf({ report }: ReportShown): Promise<RecordOf<'report'> | undefined> {
  return (await world.store.read('report', { tenant: alpha.tenant, report }))?.row;
}

describe('the first look', () => {
  test('R64 sends nothing: no message, no call of the desk; after an hour it is as if it had never been', async () => {
    const one = await shown();
    expect(world.published.filter(isFor)).toEqual([]);
    expect(desk.asked).toBe(0);
    expect(world.traces()).not.toMatch(/does not sync|ann@customer/);
    await sweep();
    await deliver();
    expect(desk.asked).toBe(0);
    expect((await rowOf(one))?.state).toBe('shown');
    world.now += HOUR;
    expect(await yes(one)).toMatchObject({ status: 404 });
    await sweep();
    expect(await rowOf(one)).toBeUndefined();
    expect(await world.store.ownedCount('bundle', `${alpha.tenant}#1` as never)).toBe(0);
    expect(desk.asked).toBe(0);
  });

  test('R61 holds what the catalogue flags, and nothing of the partner, of a secret or of who somebody is', async () => {
    const beta = await world.install('beta', ['BETA']);
    const made = await world.api('POST', '/invitations', alpha, { name: 'Name of ours', projectKey: 'ALPHA' });
    const { code } = made.body as { code: string };
    await world.api('POST', '/invitations/accept', beta, { name: 'Name of theirs', projectKey: 'BETA', code });
    const { bundle } = await shown();
    const { kept } = JSON.parse(bundle) as { kept: Record<string, unknown[]> };
    for (const category of Object.keys(kept)) expect(catalogue[category as 'tenant'].inSupportBundle).toBe(true);
    expect(kept['half']).toHaveLength(1);
    expect(kept['connection']).toHaveLength(1);
    for (const hidden of ['Name of', 'alpha.example', 'key-of-alpha', 'boss', code])
      expect(bundle).not.toContain(hidden);
    const open = await shown({ ticked: ['half.settings'] });
    expect(open.bundle).toContain('Name of ours');
    expect(open.bundle).not.toContain('Name of theirs');
  });

  test('R65 the address is that of the person at its site; nobody can name one, nor send what another was shown', async () => {
    const one = await shown();
    expect(one.ticket.onBehalfOf).toBe(MAIL);
    for (const name of ['onBehalfOf', 'address', 'email', 'by']) {
      const forged = await world.api('POST', '/reports', alpha, { message: 'x', [name]: 'boss@other.example' });
      expect(forged).toMatchObject({ status: 400, body: { code: 'body-invalid' } });
    }
    world.jira.sites.get(alpha.tenant)?.admins.add('other');
    expect(await yes(one, { ...alpha, account: 'other' })).toMatchObject({ status: 404 });
    const unknown = await world.api('POST', '/reports', { ...alpha, account: 'other' }, { message: 'x' });
    expect(unknown).toMatchObject({ status: 422, body: { code: 'mail-unknown' } });
    const beta = await world.install('beta', ['BETA']);
    expect(await yes(one, beta)).toMatchObject({ status: 404 });
    expect((await rowOf(one))?.state).toBe('shown');
  });

  test('R60 a card number in the words is refused, and nothing of it stays', async () => {
    const answer = await world.api('POST', '/reports', alpha, { message: 'I paid with 4111 1111 1111 1111' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'card-number-refused', path: 'message' } });
    expect(answer.text + world.traces()).not.toContain('4111');
  });

  test('R64 without a desk there is nothing to look at', async () => {
    const bare = new ConsoleWorld();
    const site = await bare.install('alpha', ['ALPHA']);
    const answer = await bare.api('POST', '/reports', site, { message: 'x' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'desk-off' } });
  });
});

describe('the yes', () => {
  test('R66 is to what was shown; that very text is kept, and the ticket says just what was shown', async () => {
    const one = await shown();
    expect(await yes({ ...one, hash: 'f'.repeat(64) })).toMatchObject({
      status: 409,
      body: { code: 'report-changed' },
    });
    expect((await yes(one)).status).toBe(202);
    expect(await deliver()).toEqual(['ticket-opened']);
    const { onBehalfOf, summary, text } = one.ticket;
    expect(desk.tickets).toMatchObject([{ marker: one.report, onBehalfOf, summary, text }]);
    expect(JSON.stringify(desk.tickets)).not.toContain('twinline-support');
    const kept = await world.store.read('bundle', { tenant: alpha.tenant, report: one.report, bundle: 'shown' });
    const context = contextOf('bundle.content', alpha.tenant, one.report);
    const owner = kept?.row.owners[0];
    if (kept === undefined || owner === undefined) throw new Error('no bundle');
    expect(parseMessageText(await world.keys.open(tenantKey(owner), context, kept.row.content))).toBe(one.bundle);
    expect(await world.api('GET', '/reports', alpha)).toMatchObject({
      body: { reports: [{ report: one.report, state: 'open', ticket: 'SUP-1' }] },
    });
  });

  test('R66 said twice, and delivered many times, makes one ticket', async () => {
    const one = await shown();
    await yes(one);
    await yes(one);
    const again = [...world.published];
    await deliver();
    world.published.push(...again);
    await deliver();
    expect(desk.tickets).toHaveLength(1);
  });

  test('R68 reaches a desk that was away when it is back, with the sweep, once', async () => {
    const one = await shown();
    desk.trouble = 'down';
    await yes(one);
    expect(await deliver()).toEqual(['desk-unavailable']);
    expect((await rowOf(one))?.state).toBe('waiting');
    world.now += HOUR;
    await sweep();
    expect(await deliver()).toEqual(['desk-unavailable']);
    desk.trouble = undefined;
    world.now += HOUR;
    await sweep();
    expect(await deliver()).toEqual(['ticket-opened']);
    expect(desk.tickets).toHaveLength(1);
  });

  test('R68 opens no ticket once the purge has begun: nobody would erase it', async () => {
    const one = await shown();
    await yes(one);
    const life = await world.store.read('tenant', { tenant: alpha.tenant });
    if (life === undefined) throw new Error('no tenant');
    await world.store.replace('tenant', life.place, { ...life.row, state: 'purging' }, life.version);
    expect(await deliver()).toEqual(['nothing-to-do']);
    expect(desk.tickets).toEqual([]);
  });

  test('R68 a message that got lost is made up for by the sweep', async () => {
    const one = await shown();
    world.isBusDown = true;
    expect((await yes(one)).status).toBe(503);
    world.isBusDown = false;
    await sweep();
    expect(await deliver()).toEqual(['ticket-opened']);
    expect((await rowOf(one))?.state).toBe('open');
  });
});

describe('support', () => {
  const by = operatorId('op-ann');
  test('R72 gets the bundle once, by a link for the very ticket, in the trail, for 15 minutes and no longer', async () => {
    const one = await shown();
    await yes(one);
    await deliver();
    const report = reportId(one.report);
    const ask = { tenant: alpha.tenant, generation: 1, report, by, ticket: 'SUP-1' };
    await expect(linkToBundle(ports(), { ...ask, ticket: 'SUP-2' })).rejects.toMatchObject({ code: 'not-found' });
    expect(await readTrail(world.store)).toEqual([]);
    const [link, late] = [await linkToBundle(ports(), ask), await linkToBundle({ ...ports(), ids: other }, ask)];
    expect(link.until - world.now).toBeLessThanOrEqual(15 * 60_000);
    expect(await readTrail(world.store)).toMatchObject([{ act: 'read', by, ticket: 'SUP-1' }, { act: 'read' }]);
    const fetched = await world.call('GET', link.path);
    expect(fetched).toMatchObject({ status: 200, text: one.bundle });
    expect((await world.call('GET', link.path)).status).toBe(404);
    expect((await world.call('GET', `${link.path.slice(0, -4)}AAAA`)).status).toBe(404);
    world.now = late.until;
    expect((await world.call('GET', late.path)).status).toBe(404);
  });

  test('R73 leaves a copy on the register, with its last day, until it is deleted', async () => {
    const one = await shown();
    await yes(one);
    await deliver();
    const report = reportId(one.report);
    const ask = { tenant: alpha.tenant, generation: 1, report, by, ticket: 'SUP-1' };
    const link = await linkToBundle(ports(), ask);
    expect(await openCopies(ports())).toEqual([]);
    await world.call('GET', link.path);
    const until = world.now + 30 * DAY;
    expect(await openCopies(ports())).toMatchObject([{ copy: link.copy, by, ticket: 'SUP-1', until }]);
    await endCopy(ports(), link.copy);
    expect(await openCopies(ports())).toEqual([]);
    world.now = until;
    await sweep();
    expect(await world.store.read('supportCopy', { copy: link.copy })).toBeUndefined();
  });
});

const other = { next: () => 'y'.repeat(12), bytes: (length: number) => new Uint8Array(length).fill(1) };

describe('the end', () => {
  test('R69 thirty days after the ticket is closed, report and bundle go and the ticket is erased', async () => {
    const one = await shown();
    await yes(one);
    await deliver();
    world.now += 5 * DAY;
    const [ticket] = desk.tickets;
    if (ticket === undefined) throw new Error('no ticket');
    ticket.closedAt = world.now - DAY;
    await sweep();
    expect(await deliver()).toEqual(['done']);
    expect(await rowOf(one)).toMatchObject({ state: 'closed', removeAt: world.now + 29 * DAY });
    world.now += 29 * DAY - 1;
    await sweep();
    expect(await rowOf(one)).toBeDefined();
    world.now += 1;
    await sweep();
    expect(await rowOf(one)).toBeUndefined();
    expect(await world.store.ownedCount('bundle', `${alpha.tenant}#1` as never)).toBe(0);
    await sweep();
    await deliver();
    expect(desk.tickets).toEqual([]);
    world.now += 30 * DAY;
    await sweep();
    expect(await world.store.read('ticket', { report: one.report })).toBeUndefined();
  });

  test('R70 a ticket that the desk keeps is asked for again and wakes somebody', async () => {
    const one = await shown();
    await yes(one);
    await deliver();
    await world.store.create(
      'ticket',
      { report: one.report },
      { key: 'SUP-1', state: 'erasing', tries: 0, wakeAt: world.now },
    );
    desk.trouble = 'refuses';
    for (let hours = 0; hours < 4; hours += 1) {
      await sweep();
      await deliver();
      world.now += HOUR;
    }
    expect(world.logged.filter((line) => line.includes('ticket-not-erased')).length).toBeGreaterThan(0);
    desk.trouble = undefined;
    await sweep();
    await deliver();
    expect(await world.store.read('ticket', { report: one.report })).toMatchObject({ row: { state: 'erased' } });
  });
});
