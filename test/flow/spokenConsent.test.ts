/** Consent to news said in person: the command as it is typed, the local route, and the real notify function. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeMailing, sendMailing } from '../../functions/console/mailings.ts';
import { MAX_WISHES } from '../../functions/console/news.ts';
import { recordSpokenConsent } from '../../functions/console/spokenConsent.ts';
import { staffRoutes } from '../../infra/local/page/staff.ts';
import { listPlaces } from '../../shared/mail/tokens.ts';
import { operatorId, ownerOf, tenantKey } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import { readTrail } from '../../shared/trail.ts';
import { meaningOf, toFault } from '../../shared/verdict.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { commandLine } from '../kit/commandLine.ts';
import type { Answered, Asked, CommandLine } from '../kit/commandLine.ts';
import { NoticeWorld } from '../kit/noticeWorld.ts';
import { A, DAY } from '../kit/purgeWorld.ts';

const anna = operatorId('op-anna');
const ben = operatorId('op-ben');
const news = { mailKeys: [new Uint8Array(32).fill(9)], isMarketingOn: true };
const JO = 'jo@customer.example';
const COMMAND = ['news', 'record', JO, '--site', 'alpha', '--by', 'op-anna', '--ticket', 'FAIR-7'] as const;
let world: NoticeWorld;
let line: CommandLine;

beforeEach(async () => {
  world = await new NoticeWorld().open();
  line = await commandLine(answer);
});
afterEach(() => line.close());

async function answer({ url, text }: Asked): Promise<Answered> {
  const [, work] = staffRoutes.find(([pattern]) => pattern.test(url.replace('/local', ''))) ?? [];
  const baseUrl = (await world.store.read('tenant', { tenant: A.tenant }))?.row.baseUrl ?? '';
  try {
    const done = await work?.({ ports: world.ports }, JSON.parse(text), () => ({ baseUrl }));
    return { status: 200, text: JSON.stringify(done) };
  } catch (thrown) {
    const { code } = toFault(thrown);
    return { status: meaningOf(code).http, text: JSON.stringify({ code, says: meaningOf(code).says }) };
  }
}

const record = (address = JO) => recordSpokenConsent(world.ports, { ...A, by: anna, address, ticket: 'FAIR-7' });
const wishes = () => world.store.owned('consent', ownerOf(A.tenant, A.generation), { limit: MAX_WISHES });

/** Whom a mailing of now reaches. */
async function reached(subject: string): Promise<readonly string[]> {
  const written = { by: anna, ticket: 'NEWS-1', subject, paragraphs: ['Pairs are faster.'] };
  const { mailing, hash } = await writeMailing(world.ports, news, written);
  await sendMailing(world.ports, news, { by: ben, mailing, hash });
  await world.deliver();
  return world.letters().flatMap((letter) => (letter.subject === subject ? [letter.to] : []));
}

test('M26 who heard it is recorded with the ticket, no mail asks, and news go there until the owner unsubscribes', async () => {
  expect((await line.run(...COMMAND)).out).toMatch(/^n-\S+: gets news from now on, until its owner unsubscribes\.$/);
  expect(world.letters()).toEqual([]);
  const { items } = await wishes();
  expect(items.map(({ row: { source, operator, liveSince } }) => ({ source, operator, liveSince }))).toEqual([
    { source: 'in-person', operator: anna, liveSince: world.now },
  ]);
  const trail = await readTrail(world.store);
  expect(trail.map(({ act, by, about, ticket }) => [act, by, about, ticket])).toEqual([
    ['consent-recorded', anna, items[0]?.place.consent, 'FAIR-7'],
  ]);
  expect([...world.everything().values()].join()).not.toContain(JO);
  expect(await reached('First')).toEqual([JO]);
  const [address = ''] = listPlaces(news.mailKeys, mailAddress(JO));
  await world.store.create('suppression', { address }, { at: world.now + 1 });
  expect(await reached('Second')).toEqual([]);
  world.now += DAY;
  await record();
  expect(await reached('Third')).toEqual([JO]);
});

test('M26 an address that the site has entered already keeps its one wish, and gets nothing twice', async () => {
  const owner = ownerOf(A.tenant, A.generation);
  const consent = 'n-00000001';
  const sealed = await world.keys.seal(tenantKey(owner), contextOf('consent.address', A.tenant, consent), JO);
  const asked = { owners: [owner], address: sealed, source: 'double-opt-in', askedAt: world.now } as const;
  await world.store.create('consent', { tenant: A.tenant, consent }, { ...asked, expiresAt: world.now + DAY });
  expect((await record()).consent).toBe(consent);
  expect((await record('JO@customer.example')).consent).toBe(consent);
  expect((await record('bo@customer.example')).consent).not.toBe(consent);
  expect((await wishes()).items).toHaveLength(2);
  expect([...(await reached('First'))].sort()).toEqual(['JO@customer.example', 'bo@customer.example']);
  world.now += 2 * DAY;
  await world.tick();
  expect((await wishes()).items).toHaveLength(2);
});

test('M26 refuses an address that is none, one too many, a site that left, and a record that went meanwhile', async () => {
  await expect(record(`${JO},x@y.example`)).rejects.toThrow('address-refused');
  const wish = await record();
  const taken = world.store.transact.bind(world.store);
  world.store.transact = async (work) => {
    world.store.transact = taken;
    await taken(async (transaction) => transaction.remove('consent', { tenant: A.tenant, consent: wish.consent }));
    return taken(work);
  };
  await expect(record()).rejects.toThrow('store-changed');
  for (let n = 0; n < MAX_WISHES; n += 1) await record(`n${n}@customer.example`);
  await expect(record()).rejects.toThrow('too-many');
  const before = (await wishes()).items;
  const tenant = await world.store.read('tenant', { tenant: A.tenant });
  if (tenant === undefined) throw new Error('no tenant');
  await world.store.replace('tenant', tenant.place, { ...tenant.row, state: 'purging' }, tenant.version);
  await expect(record('n1@customer.example')).rejects.toThrow('site-not-ready');
  expect((await wishes()).items).toEqual(before);
});
