/** A side's rules: their versions, from draft to active and back, by admins of both sides at once. */
import { withoutUsage } from '../kit/unused.ts';
import { beforeEach, describe, expect, test } from 'vitest';
import { accountId, connectionId } from '../../shared/model/ids.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { invitationMade, rulesView } from '../../shared/wire/console.ts';
import { differenceView, versionAnswer, versionPage, versionView } from '../../shared/wire/rules.ts';
import type { VersionAnswer, VersionPage } from '../../shared/wire/rules.ts';
import { projectRulesWith } from '../kit/adminJira.ts';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Answer, Caller } from '../kit/consoleWorld.ts';

let world: ConsoleWorld;
let alpha: Caller;
let beta: Caller;
let path: string;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
  beta = await world.install('beta', ['BETA']);
  world.jira.sites.get(alpha.tenant)?.admins.add('chief');
  const invited = await world.api('POST', '/invitations', alpha, { name: 'Alpha side', projectKey: 'ALPHA' });
  const { code, connection } = invitationMade.parse(invited.body);
  path = `/connections/${connectionId(connection)}`;
  await world.api('POST', '/invitations/accept', beta, { name: 'Beta side', projectKey: 'BETA', code });
});

const less = { ...defaultRules(), comments: false };
const { version: _one, ...plain } = defaultRules();
const summary = { field: 'summary', policy: 'newest' };

const rules = (method: string, of: string, by: Caller = alpha, body?: unknown): Promise<Answer> =>
  world.api(method, `${path}/rules${of}`, by, body);
const chief = (): Caller => ({ ...alpha, account: 'chief' });
async function draft(document: unknown = less, by: Caller = alpha): Promise<VersionAnswer> {
  return versionAnswer.parse((await rules('POST', '/versions', by, document)).body);
}
async function step(name: string, version: number, by: Caller = alpha, body?: unknown): Promise<VersionAnswer> {
  return versionAnswer.parse((await rules('POST', `/versions/${version}/${name}`, by, body)).body);
}
async function list(by: Caller = alpha): Promise<VersionPage> {
  return versionPage.parse((await rules('GET', '/versions', by)).body);
}
async function active(by: Caller = alpha) {
  return rulesView.parse((await rules('GET', '', by)).body).document;
}
const codeOf = (answer: Answer): unknown => [answer.status, (answer.body as { code?: unknown }).code];

describe('a version', () => {
  test('U2 goes from draft to active, and the one before becomes an older one', async () => {
    expect(await draft()).toMatchObject({ version: 2, state: 'draft', basedOn: 1 });
    expect(codeOf(await rules('POST', '/versions/2/publish'))).toEqual([409, 'state-refused']);
    expect(await step('check', 2)).toMatchObject({ state: 'checked' });
    expect((await active()).version).toBe(1);
    expect(await step('publish', 2)).toMatchObject({ state: 'active' });
    expect(await active()).toEqual({ ...less, version: 2 });
    expect((await list()).versions.map(({ version, state }) => `${version} ${state}`)).toEqual(['2 active', '1 older']);
    expect(await active(beta)).toEqual(defaultRules());
  });

  test('U2 that was published is not edited or withdrawn, and publishing it again changes nothing', async () => {
    await rules('PUT', '', alpha, less);
    const before = JSON.stringify(withoutUsage(world.store.everything('(default)')));
    for (const version of [1, 2]) {
      const edited = await rules('PUT', `/versions/${version}`, alpha, { revision: 0, document: plain });
      expect(codeOf(edited)).toEqual([409, 'state-refused']);
      expect(codeOf(await rules('POST', `/versions/${version}/withdraw`))).toEqual([409, 'state-refused']);
    }
    expect(await step('publish', 2)).toMatchObject({ state: 'active' });
    expect(codeOf(await rules('POST', '/versions/1/publish', alpha, { over: 2 }))).toEqual([409, 'state-refused']);
    expect(JSON.stringify(withoutUsage(world.store.everything('(default)')))).toBe(before);
  });

  test('U3 that is older comes back as a new one with the same content', async () => {
    await rules('PUT', '', alpha, { ...plain, values: { status: { Done: 'To Do' } } });
    expect(await step('restore', 1)).toMatchObject({ version: 3, state: 'active', restoredFrom: 1, basedOn: 2 });
    expect(await active()).toEqual({ ...defaultRules(), version: 3 });
    expect(codeOf(await rules('POST', '/versions/3/restore'))).toEqual([409, 'state-refused']);
    await draft(plain);
    expect(codeOf(await rules('POST', '/versions/4/restore'))).toEqual([409, 'state-refused']);
  });

  test('U4 tells who took which step, and when', async () => {
    await draft();
    world.now += 1_000;
    const body = { revision: 0, document: { ...plain, comments: false, worklogs: false } };
    await rules('PUT', '/versions/2', chief(), body);
    world.now += 1_000;
    await rules('PUT', '/versions/2', chief(), { ...body, revision: 1 });
    await step('check', 2, chief());
    await step('publish', 2);
    const [second, first] = (await list()).versions;
    const at = world.now;
    expect(second?.steps).toEqual([
      { step: 'drafted', at: at - 2_000, by: 'boss' },
      { step: 'edited', at, by: 'chief' },
      { step: 'checked', at, by: 'chief' },
      { step: 'checked', at, by: 'boss' },
      { step: 'published', at, by: 'boss' },
    ]);
    expect(first?.steps).toEqual([{ step: 'published', at: at - 2_000, by: 'boss' }]);
    expect(accountId(second?.steps[0]?.by ?? '')).toBe('boss');
  });

  test('U5 is not edited over somebody else’s edit', async () => {
    await draft();
    const body = { revision: 0, document: plain };
    expect((await rules('PUT', '/versions/2', alpha, body)).status).toBe(200);
    expect(codeOf(await rules('PUT', '/versions/2', chief(), { ...body, document: less }))).toEqual([
      409,
      'store-changed',
    ]);
    const shown = versionView.parse((await rules('GET', '/versions/2')).body);
    expect(shown).toMatchObject({ revision: 1, document: { comments: true, version: 2 } });
  });

  test('U5 is not published over a version that nobody has looked at, unless its admin says so', async () => {
    await draft();
    await step('check', 2);
    await draft({ ...plain, worklogs: false }, chief());
    await step('check', 3, chief());
    await step('publish', 3, chief());
    expect(codeOf(await rules('POST', '/versions/2/publish'))).toEqual([409, 'store-changed']);
    expect((await active()).version).toBe(3);
    expect(codeOf(await rules('POST', '/versions/2/publish', alpha, { over: 1 }))).toEqual([409, 'store-changed']);
    expect(await step('publish', 2, alpha, { over: 3 })).toMatchObject({ state: 'active' });
  });

  test('U5 an edit between check and publish needs another check', async () => {
    await draft();
    await step('check', 2);
    await rules('PUT', '/versions/2', chief(), { revision: 0, document: plain });
    expect(codeOf(await rules('POST', '/versions/2/publish'))).toEqual([409, 'state-refused']);
  });

  test('U5 two drafts at the same moment get one number each, or one of them is refused', async () => {
    const answers = await Promise.all([
      rules('POST', '/versions', alpha, less),
      rules('POST', '/versions', chief(), plain),
    ]);
    const made = answers.filter(({ status }) => status === 201).map(({ body }) => versionAnswer.parse(body).version);
    expect(new Set(made).size).toBe(made.length);
    expect(answers.map(({ status }) => status).sort()[0]).toBe(201);
    expect((await list()).versions).toHaveLength(1 + made.length);
  });

  test('U6 is compared with the active one, or with any other', async () => {
    await draft();
    const rows = async (of: string) => differenceView.parse((await rules('GET', `/versions/2/difference${of}`)).body);
    const row = { path: ['comments'], change: 'changed', before: true, after: false };
    expect(await rows('')).toEqual({ from: 1, to: 2, rows: [row] });
    expect((await rows('?with=2')).rows).toEqual([]);
    expect(codeOf(await rules('GET', '/versions/2/difference?with=9'))).toEqual([404, 'not-found']);
    expect(codeOf(await rules('GET', '/versions/2/difference?with=x'))).toEqual([400, 'body-invalid']);
  });

  test('U7 with an error is not published, goes back to a draft and says why', async () => {
    const wrong = { ...plain, fields: [summary, { field: 'dueDate', policy: 'a', transform: { kind: 'upper' } }] };
    await draft(wrong);
    const problems = [{ path: 'fields.1.transform', code: 'transform-unfit', severity: 'error' }];
    expect(await step('check', 2)).toMatchObject({ state: 'draft', problems });
    expect(codeOf(await rules('POST', '/versions/2/publish'))).toEqual([409, 'state-refused']);
    expect(await rules('PUT', '', alpha, wrong)).toMatchObject({
      status: 400,
      body: { code: 'body-invalid', problems },
    });
    expect((await list()).versions).toHaveLength(2);
    expect((await active()).version).toBe(1);
  });

  test('U7 that passed once is checked again when it is published', async () => {
    await draft({ ...plain, fields: [summary, { field: 'custom:option:X', target: 'priority', policy: 'newest' }] });
    await rules('PUT', '', beta, { ...plain, fields: [] });
    expect(await step('check', 2)).toMatchObject({ state: 'checked' });
    await rules('PUT', '', beta, { ...plain, fields: [{ field: 'priority', policy: 'newest' }] });
    await rules('POST', '/agreement/agree', alpha, { version: 3, revision: 0 });
    const refused = await rules('POST', '/versions/2/publish');
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'rules-invalid', problems: [{ code: 'lane-collides' }] },
    });
    expect((await list()).versions[0]?.state).toBe('draft');
  });

  test('U8 that could not be read again is not stored', async () => {
    const wrong = { ...plain, fallbackIssueType: '', values: { status: { '': 'Geheim' } } };
    const answer = await rules('POST', '/versions', alpha, wrong);
    const problems = [{ path: 'values.status.0.from' }, { path: 'fallbackIssueType', code: 'name-empty' }];
    expect(answer).toMatchObject({ status: 400, body: { code: 'body-invalid', problems } });
    expect(answer.text).not.toContain('Geheim');
  });

  test('U19 is checked against both sites', async () => {
    const site = world.jira.sites.get(alpha.tenant);
    if (site === undefined) throw new Error('no site');
    site.rules = projectRulesWith({ options: { priority: ['High', 'Eilig'] } });
    await draft({ ...plain, fields: [...plain.fields, { field: 'custom:text:Fehlt', policy: 'a' }] });
    const { state, problems } = await step('check', 2);
    expect(state).toBe('draft');
    expect(problems.filter(({ code }) => code !== 'personal-data')).toEqual([
      { path: 'fields.8.target', code: 'target-missing', severity: 'error', says: 'The other site has no such field.' },
      {
        ...{ path: 'values.priority', code: 'value-unmapped', severity: 'warning', names: ['Eilig'] },
        says: 'The other project does not know these names and no row translates them.',
      },
    ]);
    expect(JSON.stringify(world.logged)).not.toMatch(/Eilig|Fehlt/);
  });

  test('U22 has the script’s problems with their places', async () => {
    world.scriptCheck = { code: 'done', problems: [{ code: 'script-name-unknown', name: 'foo', line: 3, column: 7 }] };
    const answer = await rules('PUT', '', alpha, { ...plain, fields: [summary], script: 'x' });
    expect(answer).toMatchObject({
      status: 400,
      body: { problems: [{ path: 'script', code: 'script-problem', line: 3, column: 7, names: ['foo'] }] },
    });
  });

  test('U10 is checked beside the partner’s rules, and shows nothing of them', async () => {
    await rules('PUT', '', beta, { ...plain, fields: [{ field: 'priority', policy: 'newest' }] });
    const row = { field: 'custom:option:Geheim', target: 'priority', policy: 'newest' };
    const answer = await rules('PUT', '', alpha, { ...plain, fields: [summary, row] });
    expect(answer).toMatchObject({ status: 400, body: { problems: [{ path: 'fields.1', code: 'lane-collides' }] } });
    expect(answer.text).not.toContain('Geheim');
  });
});

describe('versions', () => {
  test('are listed in pages, by number', async () => {
    for (let more = 0; more < 30; more += 1) await draft();
    const first = await list();
    expect(first.versions.map(({ version }) => version)).toEqual(Array.from({ length: 25 }, (_, index) => 31 - index));
    const rest = versionPage.parse((await rules('GET', `/versions?after=${first.next ?? ''}`)).body);
    expect(rest.versions.map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(rest.next).toBeUndefined();
  });

  test.each(['0', '-1', 'x', '1e3', '..', '9999999'])('there is none called %s', async (name) => {
    expect(codeOf(await rules('GET', `/versions/${encodeURIComponent(name)}`))).toEqual([404, 'not-found']);
  });

  test('of an ended connection stay as they are', async () => {
    await draft();
    await world.api('POST', `${path}/end`, beta);
    const before = JSON.stringify(withoutUsage(world.store.everything('(default)')));
    for (const [method, of, body] of [
      ['POST', '/versions', less],
      ['PUT', '/versions/2', { revision: 0, document: plain }],
      ['POST', '/versions/2/check'],
      ['POST', '/versions/2/withdraw'],
    ] as const)
      expect(codeOf(await rules(method, of, alpha, body))).toEqual([409, 'state-refused']);
    expect(JSON.stringify(withoutUsage(world.store.everything('(default)')))).toBe(before);
  });

  test('are sealed: no name of theirs is stored in the clear', async () => {
    await draft({ ...plain, values: { status: { Geheim: 'Secret' } } });
    expect(world.traces()).not.toMatch(/Geheim/);
  });
});
