/** The site's contact in the console: who sets it, what is stored, and what of a later life. */
import { beforeEach, expect, test } from 'vitest';
import { ownerOf, tenantKey } from '../../shared/model/ids.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';

const ADDRESS = 'keeper@customer.example';
let world: ConsoleWorld;
let alpha: Caller;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
});

test('an admin sets, sees, replaces and removes it; it is stored sealed and logged nowhere', async () => {
  expect(await world.api('GET', '/contact', alpha)).toMatchObject({ status: 200, body: {} });
  const set = await world.api('PUT', '/contact', alpha, { address: 'keeper@Customer.EXAMPLE' });
  expect(set.body).toEqual({ address: ADDRESS, source: 'admin', since: world.now });
  expect((await world.api('GET', '/contact', alpha)).body).toEqual(set.body);
  const stored = await world.store.read('contact', { tenant: alpha.tenant, generation: '1' });
  expect(stored?.row).toMatchObject({ owners: [ownerOf(alpha.tenant, 1)], source: 'admin', by: 'boss' });
  expect(world.traces()).not.toContain('keeper');

  world.now += 1;
  const other = await world.api('PUT', '/contact', alpha, { address: 'other@customer.example' });
  expect(other.body).toEqual({ address: 'other@customer.example', source: 'admin', since: world.now });
  expect((await world.api('DELETE', '/contact', alpha)).body).toEqual({});
  expect((await world.api('GET', '/contact', alpha)).body).toEqual({});
});

test.each(['jo@example.com\r\nBcc: x@example.com', 'jo@example.com,ann@example.com', 'jo@ехample.com'])(
  'M2 what is not one plain mailbox is refused and changes nothing: %j',
  async (address) => {
    const refused = await world.api('PUT', '/contact', alpha, { address });
    expect(refused).toMatchObject({ status: 422, body: { code: 'address-refused' } });
    expect(refused.text).not.toContain('example.com');
    expect((await world.api('GET', '/contact', alpha)).body).toEqual({});
  },
);

test('a later life of the site does not see it, and a site that left cannot set it', async () => {
  await world.api('PUT', '/contact', alpha, { address: ADDRESS });
  const owner = ownerOf(alpha.tenant, 2);
  await world.keys.make(tenantKey(owner), [owner]);
  await world.change(alpha.tenant, { generation: 2, owners: [owner] });
  expect((await world.api('GET', '/contact', { ...alpha, generation: 2 })).body).toEqual({});
  await world.change(alpha.tenant, { state: 'marked' });
  const late = await world.api('PUT', '/contact', { ...alpha, generation: 2 }, { address: ADDRESS });
  expect(late).toMatchObject({ status: 409, body: { code: 'site-not-ready' } });
});
