/** R71: what a purge does about tickets at the desk, and what its receipt says of them. */
import { beforeEach, expect, test } from 'vitest';
import { hashOf } from '../../shared/evidence/canonical.ts';
import { verifyReceipt } from '../../shared/evidence/receipt.ts';
import { accountId, ownerOf, reportId, tenantKey } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { parseReceipt } from '../../shared/wire/receipt.ts';
import { NoticeWorld } from '../kit/noticeWorld.ts';
import { A, DAY } from '../kit/purgeWorld.ts';

const REPORT = reportId('s-00000001');
let world: NoticeWorld;

beforeEach(async () => {
  world = await new NoticeWorld().open();
  world.settings = { ...world.settings, ticketMs: 4 * 3_600_000 };
  const opened = await world.desk.open({
    ...{ marker: REPORT, isFirst: true, onBehalfOf: mailAddress('ann@customer.example'), summary: 'x', text: 'words' },
  });
  if (opened === 'desk-refused') throw new Error('refused');
  const owner = ownerOf(A.tenant, A.generation);
  const seal = (name: 'report.address' | 'report.message', value: string) =>
    world.keys.seal(tenantKey(owner), contextOf(name, A.tenant, REPORT), value);
  await world.store.create(
    'report',
    { tenant: A.tenant, report: REPORT },
    {
      ...{
        owners: [owner],
        state: 'open',
        by: accountId('boss'),
        hash: 'h',
        shownAt: 0,
        tries: 1,
        ticket: opened.ticket,
      },
      address: await seal('report.address', 'ann@customer.example'),
      message: await seal('report.message', 'words'),
    },
  );
});

async function purged(): Promise<void> {
  await world.leave(A);
  world.now += 120 * DAY - 12 * 3_600_000;
  for (let hours = 0; hours < 14; hours += 1) await world.hour();
}

async function receipt() {
  const { items } = await world.store.scan('receipt', { limit: 10 });
  const signed = items.map(({ row }) => parseReceipt(row.signed));
  expect(signed).toHaveLength(1);
  const [one] = signed;
  if (one?.receipt.covers !== 'stores') throw new Error('no receipt');
  expect(verifyReceipt(one, world.publicKey)).toEqual({ ok: true });
  return { receipt: one.receipt, signed: one };
}

test('R71 erases the tickets at the desk, and the receipt names each by its hash', async () => {
  await purged();
  expect(world.desk.tickets).toEqual([]);
  const { receipt: said, signed } = await receipt();
  expect(said.processors?.tickets).toEqual([hashOf('SUP-1')]);
  expect(JSON.stringify(said)).not.toContain('SUP-1');
  const changed = {
    ...signed,
    receipt: { ...said, processors: { tickets: ['0'.repeat(64)], erasedAt: said.verifiedAt } },
  };
  expect(verifyReceipt(changed, world.publicKey)).toMatchObject({ ok: false });
  expect(await world.store.read('report', { tenant: A.tenant, report: REPORT })).toBeUndefined();
});

test('R71 a ticket that the desk keeps keeps the line out of the receipt, wakes somebody, and goes when it can', async () => {
  world.desk.trouble = 'refuses';
  await purged();
  const { receipt: said } = await receipt();
  expect(said.processors).toBeUndefined();
  expect(said.key.destroyedAt).toBeLessThan(world.now);
  expect(world.faults).toContain('ticket-not-erased');
  expect(world.desk.tickets).toHaveLength(1);
  world.desk.trouble = undefined;
  await world.hour();
  expect(world.desk.tickets).toEqual([]);
});
