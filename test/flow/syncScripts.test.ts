/** Rule scripts in the sync: what they give travels, and what they do wrong stops their own pair alone. */
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { ScriptPool } from '../../shared/script/pool.ts';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld } from '../kit/syncWorld.ts';

const script = new ScriptPool();
let world: SyncWorld;
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});
afterAll(() => script.close());

async function worldWith(sources: { readonly a?: string; readonly b?: string }): Promise<void> {
  const rules = (source: string | undefined) =>
    source === undefined ? defaultRules() : { ...defaultRules(), script: source };
  world = await syncWorld({ script, rules: { a: rules(sources.a), b: rules(sources.b) } });
}

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const summaries = (side: 'a' | 'b') => world.issues(side).map(({ fields }) => fields['summary']);

describe('a script', () => {
  test('S67 of the sender changes what leaves, at birth and later, and nothing comes back', async () => {
    await worldWith({
      a: "function outgoing(issue, replica) { replica.summary = '[' + issue.key + '] ' + replica.summary; }",
    });
    const issue = alpha().createIssue({ project: 'ALPHA', summary: 'Pump' });
    await world.settle();
    expect(summaries('b')).toEqual([`[${issue.key}] Pump`]);
    expect(summaries('a')).toEqual(['Pump']);
    world.clock.at += 60_000;
    alpha().editIssue(issue.id, { summary: 'Pump leaks' });
    await world.settle();
    expect(summaries('b')).toEqual([`[${issue.key}] Pump leaks`]);
    expect(summaries('a')).toEqual(['Pump leaks']);
    world.writes();
    await world.wait(60_000);
    expect(world.writes()).toEqual([]);
  });

  test('S67 reads other fields, and a change of those travels', async () => {
    await worldWith({
      a: "function outgoing(issue, replica) { replica.summary = issue.fields.priority + ': ' + replica.summary; }",
    });
    const issue = alpha().createIssue({ project: 'ALPHA', summary: 'Pump', priority: 'Low' });
    await world.settle();
    world.clock.at += 60_000;
    alpha().editIssue(issue.id, { priority: 'High' });
    await world.settle();
    expect(summaries('b')).toEqual(['High: Pump']);
  });

  test('S55 S67 that leaves the files of a text where they stand keeps them pictures', async () => {
    const source = 'function outgoing(issue, replica) { replica.description?.content.push({ type: "rule" }); }';
    const rules = { ...defaultRules(), attachments: {} };
    world = await syncWorld({ script, rules: { a: { ...rules, script: source }, b: rules } });
    const issue = alpha().createIssue({ project: 'ALPHA', summary: 'Pump' });
    const { mediaId: id } = alpha().attach(issue.id, {
      filename: 'a.png',
      mimeType: 'image/png',
      bytes: Buffer.from('a'),
    });
    const media = { type: 'media', attrs: { type: 'file', id, collection: '' } };
    const picture = { type: 'mediaSingle', attrs: { layout: 'center' }, content: [media] };
    alpha().editIssue(issue.id, { description: { type: 'doc', version: 1, content: [picture] } });
    await world.settle();
    const [copy] = world.issues('b');
    const there = { ...media.attrs, id: copy?.attachments[0]?.mediaId };
    expect(copy?.fields['description']).toEqual({
      ...{ type: 'doc', version: 1 },
      content: [{ ...picture, content: [{ ...media, attrs: there }] }, { type: 'rule' }],
    });
    world.writes();
    await world.wait(60_000);
    expect(world.writes()).toEqual([]);
  });

  test('of the receiver changes what arrives', async () => {
    await worldWith({
      b: 'function incoming(replica) { replica.labels = replica.labels.filter((one) => one !== "internal"); }',
    });
    alpha().createIssue({ project: 'ALPHA', summary: 'Pump', labels: ['internal', 'wet'] });
    await world.settle();
    expect(world.issues('b')[0]?.fields['labels']).toEqual(['wet']);
  });

  test('S67 never widens the allow-list', async () => {
    await worldWith({
      a: "function outgoing(issue, replica) { replica.dueDate = '2026-12-24'; replica.environment = null; }",
    });
    alpha().createIssue({ project: 'ALPHA', summary: 'Pump' });
    await world.settle();
    expect(world.issues('b')[0]?.fields['duedate'] ?? null).toBeNull();
  });

  test('that skips sends nothing', async () => {
    await worldWith({ a: "function outgoing(issue, replica) { if (replica.priority === 'Low') skip(); }" });
    alpha().createIssue({ project: 'ALPHA', summary: 'Unimportant', priority: 'Low' });
    alpha().createIssue({ project: 'ALPHA', summary: 'Important', priority: 'High' });
    await world.settle();
    expect(summaries('b')).toEqual(['Important']);
  });

  test('that fails for one issue parks that pair with its code; the others go on', async () => {
    await worldWith({
      a: "function outgoing(issue, replica) { if (replica.summary === 'Bad') replica.nothing.at.all = 1; }",
    });
    for (const summary of ['Good', 'Bad', 'Better']) alpha().createIssue({ project: 'ALPHA', summary });
    await world.settle();
    expect(summaries('b').sort()).toEqual(['Better', 'Good']);
    expect((await world.twins()).flatMap(({ error }) => (error === undefined ? [] : [error.code]))).toEqual([
      'script-error',
    ]);
  });

  test('that gives a field a value of another kind is refused', async () => {
    await worldWith({ a: 'function outgoing(issue, replica) { replica.summary = 7; }' });
    alpha().createIssue({ project: 'ALPHA', summary: 'Pump' });
    await world.settle();
    expect(summaries('b')).toEqual([]);
    expect((await world.twins())[0]?.error?.code).toBe('script-output-odd');
  });

  test('of both sides comes to rest after edits on either side', async () => {
    const suffix = (sign: string) =>
      `function outgoing(issue, replica) { replica.summary = replica.summary + ' ${sign}'; }`;
    await worldWith({ a: suffix('a'), b: suffix('b') });
    const issue = alpha().createIssue({ project: 'ALPHA', summary: 'Pump' });
    await world.settle();
    world.clock.at += 60_000;
    beta().editIssue(world.issues('b')[0]?.id ?? '', { summary: 'From beta' });
    await world.settle();
    world.clock.at += 60_000;
    alpha().editIssue(issue.id, { summary: 'From alpha' });
    await world.settle();
    world.writes();
    await world.wait(60_000);
    expect(world.writes()).toEqual([]);
  });
});
