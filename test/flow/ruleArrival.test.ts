/** What arrives is looked at once more: what the two sides have not agreed does not get in, whatever the sender's rules say. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Contract } from '../../shared/model/contract.ts';
import { connectionKey, ownerOf } from '../../shared/model/ids.ts';
import { contractOf } from '../../shared/rules/contract.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

let world: SyncWorld;
beforeEach(async () => {
  world = await syncWorld();
});
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});

const alpha = () => world.server.acts('alpha');

/** Stores what side a may send, as the console would. */
async function agree(change: Partial<Contract>): Promise<void> {
  const owners = [TENANTS.a, TENANTS.b].map(({ tenant, generation }) => ownerOf(tenant, generation)) as [never, never];
  const contract = { ...contractOf(defaultRules()), ...change };
  const context = contextOf('connection.contract', CONNECTION, 'a');
  const aContract = await world.ports.keys.seal(connectionKey(CONNECTION, ...owners), context, contract);
  const stored = await world.store.read('connection', { connection: CONNECTION });
  if (stored === undefined) throw new Error('no connection');
  await world.store.replace('connection', { connection: CONNECTION }, { ...stored.row, aContract }, stored.version);
}

test('U13 a contract that covers the rules changes nothing', async () => {
  await agree({});
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One', labels: ['x'], priority: 'High' });
  alpha().comment(id, 'hello');
  await world.settle();
  const [made] = world.issues('b');
  expect(made?.fields).toMatchObject({ summary: 'One', labels: ['x'], priority: 'High' });
  expect(made?.comments).toHaveLength(1);
  expect((await world.twins())[0]?.error).toBeUndefined();
});

test('U13 a field, a set and comments that were not agreed do not arrive; the rest does, and the field is named', async () => {
  const { priority: _priority, labels: _labels, ...fields } = contractOf(defaultRules()).fields;
  await agree({ fields, comments: false });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One', labels: ['x'], priority: 'High' });
  alpha().comment(id, 'hello');
  await world.settle();
  const [made] = world.issues('b');
  expect(made?.fields).toMatchObject({ summary: 'One', labels: [] });
  expect(made?.fields['priority']).not.toBe('High');
  expect(made?.comments).toEqual([]);
  expect((await world.twins())[0]?.fields['priority']?.blocked).toBe('contract-refused');
});

test('U13 a field that was agreed for creation only is not written later', async () => {
  await agree({ fields: { ...contractOf(defaultRules()).fields, summary: 'create' } });
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  alpha().editIssue(id, { summary: 'Two', priority: 'Low' });
  await world.settle();
  expect(world.issues('b')[0]?.fields).toMatchObject({ summary: 'One', priority: 'Low' });
});

test('U13 without an agreed summary no issue is made', async () => {
  const { summary: _summary, ...fields } = contractOf(defaultRules()).fields;
  await agree({ fields });
  alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  await world.settle();
  expect(world.issues('b')).toEqual([]);
});
