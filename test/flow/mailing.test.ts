/** A mailing of news by two persons: the commands as they are typed, the local routes, and the real notify function. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendMailing, writeMailing } from '../../functions/console/mailings.ts';
import { mailingRoutes } from '../../infra/local/page/mailings.ts';
import { listPlaces } from '../../shared/mail/tokens.ts';
import { operatorId, ownerOf, tenantKey } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import { readTrail } from '../../shared/trail.ts';
import { meaningOf, toFault } from '../../shared/verdict.ts';
import { mailingWrite } from '../../shared/wire/mailing.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { commandLine } from '../kit/commandLine.ts';
import type { Answered, Asked, CommandLine } from '../kit/commandLine.ts';
import { A, B, DAY } from '../kit/purgeWorld.ts';
import { NoticeWorld } from '../kit/noticeWorld.ts';

const anna = operatorId('op-anna');
const ben = operatorId('op-ben');
const KEYS = [new Uint8Array(32).fill(9)];
const news = { mailKeys: KEYS, isMarketingOn: true };
const LETTER = { subject: 'What is new – in March', paragraphs: ['Pairs are faster.', 'So are lists.'] };
let world: NoticeWorld;
let line: CommandLine;
let folder: string;

beforeEach(async () => {
  world = await new NoticeWorld().open();
  folder = await mkdtemp(join(tmpdir(), 'twinline-test-'));
  line = await commandLine(answer);
});
afterEach(() => line.close());

async function answer({ method, url, text }: Asked): Promise<Answered> {
  if (url === '/local/token') return { status: 200, text: JSON.stringify({ token: 'x' }) };
  // What the console itself answers is the matter of its own suites.
  if (url === '/console/api/news')
    return { status: 200, text: method === 'POST' ? '{"id":"n-00000001"}' : '{"wishes":[]}' };
  const [, work] = mailingRoutes.find(([pattern]) => pattern.test(url.replace('/local', ''))) ?? [];
  try {
    return { status: 200, text: JSON.stringify(await work?.({ ports: world.ports, news }, JSON.parse(text))) };
  } catch (thrown) {
    const { code } = toFault(thrown);
    return { status: meaningOf(code).http, text: JSON.stringify({ code, says: meaningOf(code).says }) };
  }
}

const run = (...typed: string[]) => line.run(...typed);

let count = 0;
/** A wish; live unless it is said otherwise. */
async function wish(ref: TenantRef, to: string, isLive = true): Promise<string> {
  const consent = `n-${String((count += 1)).padStart(8, '0')}`;
  const owner = ownerOf(ref.tenant, ref.generation);
  const address = await world.keys.seal(tenantKey(owner), contextOf('consent.address', ref.tenant, consent), to);
  const live = isLive ? { liveSince: world.now } : {};
  const row = { owners: [owner], address, source: 'double-opt-in', askedAt: world.now, ...live } as const;
  await world.store.create('consent', { tenant: ref.tenant, consent }, row);
  return consent;
}

async function unsubscribe(to: string): Promise<void> {
  const [address = ''] = listPlaces(KEYS, mailAddress(to));
  await world.store.create('suppression', { address }, { at: world.now + 1 });
}

const write = (by = anna) => writeMailing(world.ports, news, { by, ticket: 'NEWS-1', ...LETTER });
const send = ({ mailing, hash }: { readonly mailing: string; readonly hash: string }, by = ben) =>
  sendMailing(world.ports, news, { by, mailing, hash });
const reached = (): readonly string[] => world.letters().map(({ to }) => to);

test('M22 the commands: written by one, shown with its numbers, sent by another to live wishes alone, with a way out', async () => {
  await wish(A, 'ann@customer.example');
  await wish(A, 'asked@customer.example', false);
  await wish(B, 'bo@other.example');
  await wish(B, 'gone@other.example');
  await unsubscribe('gone@other.example');
  const file = join(folder, 'news.txt');
  await writeFile(file, 'Subject: What is new – in March\n\nPairs are\nfaster.\n\nSo are lists.\n');
  expect((await run('mailing', 'write', join(folder, 'none'), '--by', 'op-anna', '--ticket', 'NEWS-1')).exit).toBe(2);
  const shown = await run('mailing', 'write', file, '--by', 'op-anna', '--ticket', 'NEWS-1');
  expect(shown.out).toContain('Subject: What is new – in March\n\nPairs are faster.');
  expect(shown.out).toContain(
    'It would go to 2 addresses (not to 1 unconfirmed, 1 unsubscribed, 0 of sites that left).',
  );
  expect(shown.out).not.toMatch(/@customer|@other/);
  const [, mailing = '', hash = ''] = /mailing send (\S+) --hash (\S+) --by/.exec(shown.out) ?? [];
  await world.deliver();
  expect(reached()).toEqual([]);
  const sending = ['mailing', 'send', mailing, '--hash', hash] as const;
  expect((await run(...sending, '--by', 'op-anna')).out).toContain('(second-person)');
  expect((await run('mailing', 'send', mailing, '--hash', 'f'.repeat(64), '--by', 'op-ben')).out).toContain(
    '(report-changed)',
  );
  expect((await run(...sending, '--by', 'op-ben')).out).toBe(`${mailing} goes to 2 addresses.`);
  await world.deliver();
  expect(reached()).toEqual(['ann@customer.example', 'bo@other.example']);
  expect(world.letters()[0]).toMatchObject({ subject: 'What is new – in March' });
  expect(world.letters()[0]?.text).toMatch(/https:\/\/twinline\.example\/mail\/unsubscribe\//);
  expect((await readTrail(world.store)).map(({ act, by, ticket, step }) => [act, by, ticket, step])).toEqual([
    ['mailing-written', anna, 'NEWS-1', hash],
    ['mailing-sent', ben, 'NEWS-1', hash],
  ]);
  expect((await run('news', 'ask', 'x@customer.example', '--site', 'alpha')).out).toContain('n-00000001: a mail asks');
  expect((await run('news', 'list', '--site', 'alpha')).out).toBe('Nobody wants news.');
});

test('M22 goes nowhere without the yes, after a day, when the stored text is another, or while news are off', async () => {
  const consent = await wish(A, 'ann@customer.example');
  const one = await write();
  const { mailing } = one;
  await world.notify({ kind: 'mailing', mailing, at: world.now });
  expect((await world.notify({ kind: 'news', ...A, consent, mailing, at: world.now })).code).toBe('nothing-to-do');
  await expect(
    sendMailing(world.ports, { ...news, isMarketingOn: false }, { by: ben, mailing, hash: one.hash }),
  ).rejects.toThrow('marketing-off');
  await expect(
    writeMailing(world.ports, { ...news, isMarketingOn: false }, { by: anna, ticket: 'N', ...LETTER }),
  ).rejects.toThrow('marketing-off');
  await expect(send({ ...one, mailing: 'm-nothing0' })).rejects.toThrow('not-found');
  const stored = await world.store.read('mailing', { mailing });
  if (stored === undefined) throw new Error('nothing is written');
  const version = await world.store.replace(
    'mailing',
    { mailing },
    { ...stored.row, paragraphs: ['Other'] },
    stored.version,
  );
  await expect(send(one)).rejects.toThrow('report-changed');
  await world.store.replace('mailing', { mailing }, stored.row, version);
  world.now += DAY;
  await expect(send(one)).rejects.toThrow('grant-ended');
  await world.deliver();
  expect(reached()).toEqual([]);
});

const LONG = 'x'.repeat(151);
test.each([
  ['a second header in the subject', { subject: 'News\r\nBcc: all@x.example' }],
  ['a direction sign in the subject', { subject: 'News \u202E txt' }],
  ['a subject too long', { subject: LONG }],
  ['no subject', { subject: ' ' }],
  ['a line break in a paragraph', { paragraphs: ['one\ntwo'] }],
  ['a control sign in a paragraph', { paragraphs: ['one\u0007'] }],
  ['no paragraph', { paragraphs: [] }],
  ['an empty paragraph', { paragraphs: [''] }],
  ['a recipient', { to: 'all@x.example' }],
  ['a header', { headers: { Bcc: 'all@x.example' } }],
] as const)('M23 refuses %s', async (_what, more) => {
  const body = { by: 'op-anna', ticket: 'NEWS-1', ...LETTER };
  expect(mailingWrite.safeParse(body).success).toBe(true);
  expect(mailingWrite.safeParse({ ...body, ...more }).success).toBe(false);
});

test('M24 reaches everybody once: over pages, begun again and with messages twice', async () => {
  for (let n = 0; n < 230; n += 1) await wish(n % 2 === 0 ? A : B, `p${n}@customer.example`);
  const one = await write();
  await send(one);
  const messages = [...world.notices];
  await world.deliver();
  world.notices.push(...messages, ...messages);
  await send(one);
  await world.deliver();
  expect(new Set(reached()).size).toBe(230);
  expect(reached()).toHaveLength(230);
});

test('M24 a message that comes after a newer mailing sends nothing', async () => {
  const consent = await wish(A, 'ann@customer.example');
  const old = await write();
  await send(old);
  world.notices.splice(0);
  world.now += 1_000;
  const newer = await writeMailing(world.ports, news, {
    by: anna,
    ticket: 'NEWS-2',
    subject: 'Newer',
    paragraphs: ['x'],
  });
  await send(newer);
  await world.deliver();
  expect((await world.notify({ kind: 'news', ...A, consent, mailing: old.mailing, at: world.now })).code).toBe(
    'already-done',
  );
  expect(world.letters().map(({ subject }) => subject)).toEqual(['Newer']);
});
