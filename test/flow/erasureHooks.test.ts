/** R102, R103, R105: an erasure reaches the desk and support persons, for one person and for a customer as a whole. */
import { beforeEach, expect, test } from 'vitest';
import { endCopy, linkToBundle, openCopies, takeBundle } from '../../functions/console/support.ts';
import { accountId, operatorId, ownerOf, reportId, tenantKey } from '../../shared/model/ids.ts';
import type { ReportId } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { CALL_BACK_DAYS } from '../../shared/retention/supportCopies.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { NoticeWorld } from '../kit/noticeWorld.ts';
import { GONE, STAYS } from '../kit/peopled.ts';
import { A, DAY } from '../kit/purgeWorld.ts';

const OF_GONE = reportId('s-00000001');
const NAMING = reportId('s-00000002');
const OF_OTHERS = reportId('s-00000003');
const SHOWING = reportId('s-00000004');
const anna = operatorId('op-anna');
const owner = ownerOf(A.tenant, A.generation);
let world: NoticeWorld;

beforeEach(async () => {
  world = await new NoticeWorld().open();
  world.settings = { ...world.settings, ticketMs: 4 * 3_600_000 };
  await report(OF_GONE, { by: GONE });
  await report(NAMING, { message: `see what ${GONE} did` });
  await report(OF_OTHERS, {});
  await report(SHOWING, { content: JSON.stringify({ assignee: GONE }) });
});

interface Given {
  readonly by?: string;
  readonly message?: string;
  readonly content?: string;
  readonly row?: Partial<RecordOf<'report'>>;
}

/** A report with an open ticket and a bundle. */
async function report(id: ReportId, { by = STAYS, message = 'words', content = '{}', row = {} }: Given): Promise<void> {
  const onBehalfOf = mailAddress('ann@customer.example');
  const opened = await world.desk.open({
    marker: id,
    isFirst: true,
    onBehalfOf,
    summary: `report ${id}`,
    text: message,
  });
  if (opened === 'desk-refused') throw new Error('refused');
  const seal = (name: Parameters<typeof contextOf>[0], value: string) =>
    world.keys.seal(tenantKey(owner), contextOf(name, A.tenant, id), value);
  const place = { tenant: A.tenant, report: id };
  await world.store.create('report', place, {
    ...{ owners: [owner], state: 'open', by: accountId(by), hash: 'h', shownAt: 0, tries: 1, ticket: opened.ticket },
    address: await seal('report.address', onBehalfOf),
    message: await seal('report.message', message),
    ...row,
  });
  await world.store.create(
    'bundle',
    { ...place, bundle: 'shown' },
    { owners: [owner], content: await seal('bundle.content', content) },
  );
}

/** A support person fetches a bundle. */
async function fetched(id: ReportId): Promise<string> {
  const ticket = (await world.store.read('report', { tenant: A.tenant, report: id }))?.row.ticket ?? '';
  const link = await linkToBundle(world.ports, { ...A, report: id, by: anna, ticket });
  const [, , , tenant = '', generation = '', token = ''] = link.path.split('/');
  await takeBundle(world.ports, { params: { tenant, generation, token } } as never);
  return link.copy;
}

async function erase(): Promise<void> {
  const row = {
    owners: [owner],
    kind: 'erase',
    account: GONE,
    askedAt: world.now,
    acknowledgeBy: 0,
    dueAt: 0,
  } as const;
  await world.store.create('request', { tenant: A.tenant, request: 'q-1' }, { ...row, by: STAYS });
  await world.handle({ kind: 'walk-people', ...A, askedAt: world.now });
  await world.drain();
  await world.deliver();
}

const markers = () => world.desk.tickets.map(({ marker }) => marker).sort();
const reports = async () =>
  (await world.store.owned('report', owner, { limit: 10 })).items.map(({ place }) => place.report).sort();
const bundles = async () => (await world.store.owned('bundle', owner, { limit: 10 })).items.length;
const copies = async () =>
  (await openCopies(world.ports)).map(({ copy, isCalledBack, isLate }) => [copy, isCalledBack, isLate]);

test('R102 reports by an erased person, and those whose words name it, go with bundle and ticket; others stay', async () => {
  await erase();
  expect(await reports()).toEqual([OF_OTHERS, SHOWING]);
  expect(markers()).toEqual([OF_OTHERS, SHOWING]);
  expect(await bundles()).toBe(2);
  world.now += 3_600_000;
  await world.handle({ kind: 'walk-people', ...A, askedAt: world.now });
  const asked = await world.store.read('request', { tenant: A.tenant, request: 'q-1' });
  expect(asked?.row).toMatchObject({ doneAt: world.now, isLeft: false });
});

test('R102 a desk that is away erases when it is back, and a ticket that is just being opened follows with a later walk', async () => {
  const opening = reportId('s-00000005');
  await report(opening, { by: GONE, row: { state: 'waiting', tries: 1, wakeAt: world.now + 60_000 } });
  world.desk.trouble = 'down';
  await erase();
  expect(await reports()).toEqual([OF_OTHERS, SHOWING, opening]);
  expect(markers()).toHaveLength(5);
  world.desk.trouble = undefined;
  const stored = await world.store.read('report', { tenant: A.tenant, report: opening });
  if (stored === undefined) throw new Error('it is gone');
  const { wakeAt: _over, ...row } = stored.row;
  await world.store.replace('report', stored.place, { ...row, state: 'open' }, stored.version);
  for (let hours = 0; hours < 3; hours += 1) await world.hour();
  expect(await reports()).toEqual([OF_OTHERS, SHOWING]);
  expect(markers()).toEqual([OF_OTHERS, SHOWING]);
});

test('R103 copies of what named the person are called back, and late after three days; another’s copy is not', async () => {
  const [own, showing, other] = [await fetched(OF_GONE), await fetched(SHOWING), await fetched(OF_OTHERS)];
  await erase();
  expect(await copies()).toEqual(
    [
      [own, true, false],
      [showing, true, false],
      [other, false, false],
    ].sort(),
  );
  world.now += CALL_BACK_DAYS * DAY + 1;
  expect((await copies()).filter(([, , isLate]) => isLate)).toHaveLength(2);
  await endCopy(world.ports, own);
  await endCopy(world.ports, showing);
  expect(await copies()).toEqual([[other, false, false]]);
});

test('R103 a customer’s purge calls back every copy of its bundles', async () => {
  const copy = await fetched(OF_OTHERS);
  await world.leave(A, 'requested');
  world.now += 2 * DAY;
  for (let hours = 0; hours < 12; hours += 1) await world.hour();
  expect(world.desk.tickets).toEqual([]);
  expect(await copies()).toEqual([[copy, true, false]]);
});

/** So often somebody is woken about a copy within some days. */
async function woken(days: number): Promise<number> {
  world.faults.length = 0;
  await world.days(days);
  return world.faults.filter((code) => code === 'copy-late').length;
}

test('R105 somebody is woken a day before a copy’s last instant, and each day until it is said to be deleted or forgotten', async () => {
  const [kept, deleted] = [await fetched(OF_OTHERS), await fetched(SHOWING)];
  await world.days(10);
  await endCopy(world.ports, deleted);
  expect(await woken(18.75)).toBe(0);
  expect(await woken(0.5)).toBe(1);
  expect(await woken(1)).toBe(1);
  expect(await world.store.read('supportCopy', { copy: kept })).toBeUndefined();
  expect(await woken(3)).toBe(0);
});

test('R105 a copy that is called back is told of within its three days, not at its own end', async () => {
  const copy = await fetched(OF_GONE);
  await erase();
  expect(await woken(1.75)).toBe(0);
  expect(await woken(0.5)).toBe(1);
  expect(await woken(2)).toBe(2);
  await endCopy(world.ports, copy);
  expect(await woken(3)).toBe(0);
});

test('R105 a link that nobody used wakes nobody', async () => {
  const ticket = (await world.store.read('report', { tenant: A.tenant, report: OF_OTHERS }))?.row.ticket ?? '';
  await linkToBundle(world.ports, { ...A, report: OF_OTHERS, by: anna, ticket });
  expect(await woken(35)).toBe(0);
});
