/** Everything that can be in an issue goes from one site to the other, goes wrong on the way, and is seen nowhere beside. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fieldKinds } from '../../shared/model/field.ts';
import { ScriptPool } from '../../shared/script/pool.ts';
import { conflictPage, conflictView } from '../../shared/wire/inbox.ts';
import { canariesIn, canary } from '../kit/canaries.ts';
import { lookedAt } from '../kit/canaryWatch.ts';
import type { Sink } from '../kit/canaryWatch.ts';
import { consoleOver } from '../kit/consoleOver.ts';
import { syncWorld } from '../kit/syncWorld.ts';
import type { SyncWorld, WorldOptions } from '../kit/syncWorld.ts';
import { ALL_FIELDS, ARRIVED, NAMES, ROLE, SITES, fieldsOfAll, nameOf, rulesOfAll } from './sites.ts';

const script = new ScriptPool();
let world: SyncWorld;
let ids: { readonly a: string; readonly b: string };

async function start(options: WorldOptions = {}): Promise<void> {
  world = await syncWorld({ sites: SITES, rules: { a: rulesOfAll(), b: rulesOfAll() }, ...options });
}
afterEach(async () => {
  expect(world.server.violations()).toEqual([]);
  await world.close();
});
afterAll(() => script.close());

const alpha = () => world.server.acts('alpha');
const beta = () => world.server.acts('beta');
const shownOn = (side: 'a' | 'b') => JSON.stringify(world.issues(side));

/** An epic, and an issue beneath it with everything in it and on it, brought over. */
async function bring(): Promise<void> {
  const epic = alpha().createIssue({ project: 'ALPHA', issuetype: 'Epic', summary: canary('summary', 'epic') });
  await world.settle();
  const { id, key } = alpha().createIssue({ project: 'ALPHA', ...fieldsOfAll(), parent: epic.key });
  alpha().transition(id, NAMES.status);
  alpha().comment(id, canary('comment', 'open'));
  alpha().comment(id, canary('comment', 'restricted'), { visibility: { type: 'role', value: ROLE } });
  alpha().logWork(id, { timeSpent: '1h', comment: canary('worklog') });
  alpha().attach(id, { filename: `${canary('filename')}.txt`, mimeType: 'text/plain', bytes: canary('filebytes') });
  alpha().link(key, NAMES.linkType, epic.key);
  const page = { url: `https://example.org/${canary('link', 'address')}`, title: canary('link', 'page') };
  alpha().remoteLink(id, { ...page, summary: canary('link', 'summary'), relationship: canary('link', 'words') });
  await world.settle();
  await world.wait(60_000);
  ids = { a: id, b: world.issues('b').find(({ fields }) => fields['summary'] === canary('summary'))?.id ?? '' };
}

/** What of the other site has to hold for a run to prove anything: the canaries have been everywhere. */
async function demandLooked(...seen: readonly Sink[]): Promise<void> {
  for (const sink of seen) expect(lookedAt()[sink], sink).toBeGreaterThan(0);
  // What is kept is sealed, but for names of fields and account ids, of which the catalogue knows.
  const stored = JSON.stringify([...world.store.everything('(default)')]);
  expect(canariesIn(stored).filter((kind) => kind !== 'fieldname' && kind !== 'account')).toEqual([]);
}

describe('an issue with a canary in every kind of field', () => {
  beforeEach(async () => {
    await start();
    await bring();
  });

  test('arrives whole: each kind has passed every place, and is seen at none', async () => {
    const there = shownOn('b');
    expect(fieldKinds.filter((kind) => there.includes(ARRIVED[kind]))).toEqual([...fieldKinds]);
    const more = [
      ...[
        canary('environment'),
        canary('description'),
        canary('component', 1),
        canary('version', 1),
        canary('version', 2),
      ],
      ...[canary('comment', 'open'), canary('comment', 'restricted'), canary('worklog'), canary('filename')],
      ...[canary('link', 'address'), NAMES.priorities[0]],
    ];
    for (const text of more) expect(there).toContain(text);
    const files = (side: 'a' | 'b') => world.issues(side).flatMap(({ attachments }) => attachments);
    expect(files('b').map(({ sha256 }) => sha256)).toEqual(files('a').map(({ sha256 }) => sha256));
    alpha().transition(ids.a, canary('option', 'done'));
    await world.settle();
    expect(shownOn('b')).toContain(NAMES.resolution);
    await demandLooked('log', 'message', 'row', 'path');
  });

  test('changes on both sides, comes and goes, is looked over by runs, and is seen nowhere', async () => {
    for (const [side, id] of [
      [alpha(), ids.a],
      [beta(), ids.b],
    ] as const) {
      side.editIssue(id, fieldsOfAll('changed'));
      const { id: comment } = side.comment(id, canary('comment', 'two'));
      side.editComment(id, comment, canary('comment', 'edited'));
      await world.settle();
      side.deleteComment(id, comment);
      await world.settle();
    }
    expect(shownOn('b')).toContain(canary('text', 'changed'));
    await world.wait(2 * 3_600_000);
    await world.wait(25 * 3_600_000);
    alpha().deleteIssue(ids.a, true);
    await world.settle();
    await demandLooked('log', 'message', 'row');
  });

  test('is refused by the other site in every way, again and again, and is seen nowhere', async () => {
    const met = new Set<string>();
    for (const status of [400, 401, 403, 404, 409, 413, 422, 429, 500, 503]) {
      for (const operation of ['editIssue', 'addComment', 'addAttachment', 'addWorklog', 'getIssue', undefined])
        world.server.faults.apiErrors.push({ ...(operation === undefined ? {} : { operation }), status, count: 1 });
      const nth = `refused-${status}`;
      alpha().editIssue(ids.a, { ...fieldsOfAll(nth), priority: NAMES.priorities[1] });
      alpha().comment(ids.a, canary('comment', nth));
      alpha().logWork(ids.a, { timeSpent: '2h', comment: canary('worklog', nth) });
      alpha().attach(ids.a, { filename: canary('filename', nth), bytes: canary('filebytes', nth) });
      for (const code of await world.settle()) met.add(code);
      for (let minute = 0; minute < 3; minute += 1) for (const code of await world.wait(60_000)) met.add(code);
      world.server.faults.apiErrors.length = 0;
      for (const { error, troubles } of await world.twins())
        for (const { code } of [...(error === undefined ? [] : [error]), ...(troubles ?? [])]) met.add(code);
    }
    expect(met.size).toBeGreaterThan(4);
    expect(lookedAt().fault).toBeGreaterThan(0);
    await demandLooked('log', 'message', 'row', 'fault');
  });
});

describe('what the other site cannot hold', () => {
  test('of lists, people, texts, audiences and files is told by code, and is seen nowhere', async () => {
    const [full = SITES[0]!, poor = SITES[1]!] = SITES;
    const [project] = poor.projects;
    await start({
      sites: [
        full,
        {
          ...poor,
          users: poor.users?.slice(0, 1) ?? [],
          priorities: ['Low'],
          customFields: [],
          attachments: { uploadLimit: 3 },
          projects: [{ ...project!, components: [], versions: [], boards: [], roles: {}, offScreen: ['environment'] }],
        },
      ],
    });
    await bring();
    alpha().editIssue(ids.a, {
      summary: `${canary('summary')} ${'x'.repeat(200)}`,
      [nameOf('text')]: canary('text', 9),
    });
    await world.settle();
    const troubles = (await world.twins()).flatMap(({ troubles: some }) => some ?? []);
    expect(new Set(troubles.map(({ code }) => code)).size).toBeGreaterThan(2);
    await demandLooked('log', 'row');
  });
});

describe('a conflict', () => {
  beforeEach(async () => {
    const hold = rulesOfAll({ fields: ALL_FIELDS.map((field) => ({ field, policy: 'hold' })) });
    await start({ rules: { a: hold, b: hold } });
    await bring();
    alpha().editIssue(ids.a, { ...fieldsOfAll('of-a'), priority: NAMES.priorities[0] });
    beta().editIssue(ids.b, { ...fieldsOfAll('of-b'), priority: NAMES.priorities[1] });
    await world.settle();
  });

  test('shows its values to who may see them, refuses what is no answer, and is seen nowhere else', async () => {
    const call = consoleOver(world);
    const list = await call('a', 'GET', '/conflicts');
    expect(canariesIn(list.text).filter((kind) => kind !== 'fieldname')).toEqual([]);
    const [line] = conflictPage.parse(list.body).conflicts;
    const address = `/conflicts/${line?.twin}/summary`;
    const shown = await call('a', 'GET', address);
    expect(shown.text).toContain(canary('summary', 'of-a'));
    for (const body of [
      { pick: canary('summary') },
      { pick: 'edit', value: { deep: canary('summary') } },
      { pick: 'a', a: canary('secret'), b: 7 },
      { pick: 'edit', value: canary('summary', 'x').repeat(90), a: 'x', b: 'y' },
      canary('words'),
    ])
      expect((await call('a', 'POST', address, body)).status).toBeGreaterThanOrEqual(400);
    const { a, b } = conflictView.parse(shown.body);
    expect((await call('a', 'POST', address, { pick: 'b', a: a.hash, b: b.hash })).status).toBeLessThan(300);
    await world.settle();
    expect((await call('a', 'GET', `/twins/${line?.twin}/explain?field=summary`)).status).toBe(200);
    await demandLooked('log', 'row', 'answer');
  });
});

describe('a script', () => {
  const OUT = canary('script', 'out');

  test.each([
    ['writes', `function outgoing(issue, replica) { replica.summary = '${OUT}'; }`, true],
    ['throws what it has read', 'function outgoing(issue, replica) { throw new Error(JSON.stringify(issue)); }', false],
    ['throws an object', `function outgoing(issue, replica) { throw { code: '${OUT}', name: '${OUT}' }; }`, false],
    ['has an error in its text', `function outgoing(${OUT} {`, false],
    ['calls what is not there', `function outgoing(issue) { issue.fields['${OUT}'].x(); console.log(issue); }`, false],
    [
      'writes a value of another kind',
      `function outgoing(issue, replica) { replica.priority = { '${OUT}': 1 }; }`,
      false,
    ],
    ['writes a field of another name', `function outgoing(issue, replica) { replica['${OUT}'] = '${OUT}'; }`, false],
    ['never ends', `function outgoing() { for (;;) '${OUT}'; }`, false],
  ] as const)('that %s shows nothing of it', async (_what, source, isSynced) => {
    await start({ script, rules: { a: rulesOfAll({ script: `// ${canary('script')}\n${source}` }), b: rulesOfAll() } });
    alpha().createIssue({ project: 'ALPHA', ...fieldsOfAll() });
    await world.settle();
    await world.wait(60_000);
    expect(shownOn('b').includes(OUT)).toBe(isSynced);
    await demandLooked('row', 'path');
  });
});
