/** What arrives is looked at once more: what the two sides have not agreed does not get in, whatever the sender's rules say. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Contract } from '../../shared/model/contract.ts';
import { connectionKey, ownerOf } from '../../shared/model/ids.ts';
import { contractOf } from '../../shared/rules/contract.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { CONNECTION, syncWorld, TENANTS } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

/** The one role that apps are in. */
const ROLE = 'atlassian-addons-project-access';

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

/** What the twin's record says was not agreed: a side's field, or how many of its comments, worklogs and files. */
async function refused(): Promise<readonly string[]> {
  const troubles = (await world.twins())[0]?.troubles ?? [];
  return troubles
    .filter(({ code }) => code === 'contract-refused')
    .map(({ side, field, part, count }) => (field === undefined ? `${side} ${part} ${count}` : `${side} ${field}`))
    .toSorted();
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
  expect(await refused()).toEqual(['b labels', 'b priority', 'a comment 1'].toSorted());
});

test('U13 a set and comments of a pair that is there are refused by name, changed and deleted ones too, until they are agreed', async () => {
  await agree({});
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One', labels: ['x'] });
  const kept = alpha().comment(id, 'stays as it was');
  const gone = alpha().comment(id, 'stays there');
  await world.settle();
  const { labels: _labels, ...fields } = contractOf(defaultRules()).fields;
  await agree({ fields, comments: false });
  alpha().editIssue(id, { labels: ['x', 'y'], summary: 'Two' });
  alpha().editComment(id, kept.id, 'changed');
  alpha().deleteComment(id, gone.id);
  alpha().comment(id, 'new');
  await world.settle();
  const copy = () => world.issues('b')[0];
  expect(copy()?.fields).toMatchObject({ labels: ['x'], summary: 'Two' });
  expect(copy()?.comments.map(({ text }) => text)).toEqual(['stays as it was', 'stays there']);
  expect(await refused()).toEqual(['b labels', 'a comment 2', 'b comment 1'].toSorted());
  await agree({});
  alpha().editIssue(id, { summary: 'Three' });
  await world.settle();
  expect(copy()?.fields).toMatchObject({ labels: ['x', 'y'], summary: 'Three' });
  expect(copy()?.comments.map(({ text }) => text)).toEqual(['changed', 'new']);
  expect(await refused()).toEqual([]);
});

test('U13 worklogs, files and restricted comments that were not agreed are named one by one', async () => {
  await world.close();
  const rules = { ...defaultRules(), worklogs: true, attachments: {}, visibility: { [`role:${ROLE}`]: 'public' } };
  const roles = { [ROLE]: ['712020:00000000-0000-4000-8000-00000000000a'] };
  const sites = [
    { name: 'alpha', projects: [{ key: 'ALPHA', roles }] },
    { name: 'beta', projects: [{ key: 'BETA' }] },
  ];
  world = await syncWorld({ rules: { a: rules, b: defaultRules() }, sites });
  await agree({});
  const { id } = alpha().createIssue({ project: 'ALPHA', summary: 'One' });
  alpha().logWork(id, { timeSpent: '1h' });
  alpha().logWork(id, { timeSpent: '2h' });
  alpha().attach(id, { filename: 'one.txt', mimeType: 'text/plain', bytes: Buffer.from('one') });
  alpha().comment(id, 'for some', { visibility: { type: 'role', value: ROLE } });
  await world.settle();
  expect(world.issues('b')[0]).toMatchObject({ worklogs: [], attachments: [], comments: [] });
  expect(await refused()).toEqual(['a worklog 2', 'a attachment 1', 'a comment 1'].toSorted());
  await agree(contractOf(rules));
  alpha().editIssue(id, { summary: 'Two' });
  await world.settle();
  expect(world.issues('b')[0]?.worklogs).toHaveLength(2);
  expect(world.issues('b')[0]?.attachments).toHaveLength(1);
  expect(world.issues('b')[0]?.comments.map(({ text }) => text)).toEqual(['for some']);
  expect(await refused()).toEqual([]);
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
