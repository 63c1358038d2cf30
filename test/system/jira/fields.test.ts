import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '../../../infra/local/jira/http/serve.ts';
import type { Caller } from './caller.ts';
import { callerOf } from './caller.ts';
import type { Rig } from './standIn.ts';
import { START, doc, standIn } from './standIn.ts';

const ADA = '712020:00000000-0000-4000-8000-00000000000a';
const BEN = '712020:00000000-0000-4000-8000-00000000000b';

const SPEC: readonly SiteSpec[] = ['alpha', 'beta'].map((name) => ({
  name,
  projects: [
    {
      key: 'ALPHA',
      components: ['API', 'Web'],
      versions: ['1.0', { name: '0.9', released: true, releaseDate: '2026-01-05' }, { name: '0.1', archived: true }],
      boards: [
        {
          name: 'Board',
          sprints: [
            { name: 'Sprint 1', state: 'closed', startAt: START - 2_000_000, completedAt: START - 1_000_000 },
            { name: 'Sprint 2', state: 'active', startAt: START - 1_000_000, goal: 'Ship' },
            { name: 'Sprint 3', state: 'future' },
          ],
        },
        { name: 'Kanban', type: 'kanban' },
      ],
    },
    { key: 'TURN', components: ['API'] },
    { key: 'SLIM', offScreen: ['duedate', 'Severity'], requiredFields: ['components'], components: ['Core'] },
  ],
}));

interface FieldMeta {
  readonly key: string;
  readonly name: string;
  readonly required: boolean;
  readonly schema: { readonly type: string; readonly items?: string; readonly custom?: string };
  readonly operations: readonly string[];
  readonly allowedValues?: readonly { readonly id: string; readonly value?: string; readonly name?: string }[];
}

describe('the fields of an issue', () => {
  let rig: Rig;
  let ada: Caller;
  /** Ids of custom fields by name. */
  let ids: Readonly<Record<string, string>>;

  beforeAll(async () => {
    rig = await standIn({ sites: SPEC, indexLagMs: 0 });
    ada = callerOf(rig, 'alpha');
    const fields = (await ada.get('/rest/api/3/field')) as { id: string; name: string; custom: boolean }[];
    ids = Object.fromEntries(fields.filter((one) => one.custom).map(({ name, id }) => [name, id]));
  });
  afterAll(() => rig.close());

  async function create(fields: Record<string, unknown> = {}): Promise<string> {
    const all = { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: 'Boat', ...fields };
    return ((await ada.post('/rest/api/3/issue', { fields: all })) as { key: string }).key;
  }

  async function read(key: string, field: string): Promise<unknown> {
    const issue = (await ada.get(`/rest/api/3/issue/${key}?fields=${field}`)) as { fields: Record<string, unknown> };
    return issue.fields[field];
  }

  async function lastItems(key: string): Promise<readonly unknown[]> {
    const log = (await ada.get(`/rest/api/3/issue/${key}/changelog`)) as { values: { items: unknown[] }[] };
    return log.values.at(-1)?.items ?? [];
  }

  /** Written, what is read afterwards, and how the changelog tells it. */
  const kinds: readonly (readonly [name: string, written: unknown, shown: unknown, logged: unknown])[] = [
    ['Story point estimate', 3.5, 3.5, { from: null, fromString: null, to: null, toString: '3.5' }],
    ['Customer', 'Acme', 'Acme', { from: null, to: null, toString: 'Acme' }],
    ['Acceptance criteria', doc('Floats'), doc('Floats'), { toString: 'Floats' }],
    ['Severity', { value: 'Serious' }, { value: 'Serious' }, { fromString: null, toString: 'Serious' }],
    ['Start date', '2026-06-12', '2026-06-12', { to: '2026-06-12', toString: '12/Jun/26' }],
    [
      'Go-live',
      '2026-07-22T17:25:29.121+0200',
      '2026-07-22T15:25:00.000+0000',
      { to: '2026-07-22T15:25:00+0000', toString: '22/Jul/26 3:25 PM' },
    ],
    ['Risk', { value: 'High' }, { value: 'High' }, { toString: 'High' }],
    [
      'Platforms',
      [{ value: 'iOS' }, { value: 'Android' }],
      [{ value: 'iOS' }, { value: 'Android' }],
      { toString: 'iOS,Android' },
    ],
    ['Checks', [{ value: 'Docs' }], [{ value: 'Docs' }], { toString: 'Docs' }],
    [
      'Region',
      { value: 'Europe', child: { value: 'Berlin' } },
      { value: 'Europe', child: { value: 'Berlin' } },
      { from: null, toString: expect.stringMatching(/^Parent values: Europe\(\d+\)Level 1 values: Berlin\(\d+\)$/) },
    ],
    ['Contact', { accountId: BEN }, { accountId: BEN, displayName: 'Ben Castro' }, { to: BEN, toString: 'Ben Castro' }],
    [
      'Reviewers',
      [{ accountId: BEN }, { accountId: ADA }],
      [{ accountId: BEN }, { accountId: ADA }],
      { to: `[${BEN}, ${ADA}]`, toString: '[Ben Castro, Ada Berg]' },
    ],
    ['Topics', ['sea', 'wind'], ['sea', 'wind'], { fromString: '', toString: 'sea wind' }],
    ['Website', 'https://boats.example/1', 'https://boats.example/1', { toString: 'https://boats.example/1' }],
  ];

  it.each(kinds)('%s is written, read, told in the changelog, and cleared', async (name, written, shown, logged) => {
    const id = ids[name]!;
    const key = await create();
    expect(await read(key, id)).toBeNull();
    await ada.put(`/rest/api/3/issue/${key}`, { fields: { [id]: written } });
    const held = await read(key, id);
    if (Array.isArray(shown)) expect(held).toHaveLength(shown.length);
    expect(held).toEqual(typeof shown === 'object' ? expectLike(shown) : shown);
    expect(await lastItems(key)).toMatchObject([
      { field: name, fieldId: id, fieldtype: 'custom', ...(logged as object) },
    ]);
    await ada.put(`/rest/api/3/issue/${key}`, { fields: { [id]: null } });
    expect(await read(key, id)).toBeNull();
    expect(rig.jira.violations()).toEqual([]);
  });

  it('a sprint is set by its number, read as a list, and the closed ones stay', async () => {
    const id = ids['Sprint']!;
    const key = await create();
    const { values: boards } = (await ada.get('/rest/agile/1.0/board?projectKeyOrId=ALPHA&type=scrum')) as {
      values: { id: number }[];
    };
    expect(boards).toHaveLength(1);
    const board = `/rest/agile/1.0/board/${boards[0]!.id}`;
    const { values: sprints } = (await ada.get(`${board}/sprint?state=active,future`)) as {
      values: { id: number; name: string }[];
    };
    expect(sprints.map(({ name }) => name)).toEqual(['Sprint 2', 'Sprint 3']);
    const [two, three] = sprints;
    await ada.put(`/rest/api/3/issue/${key}`, { fields: { [id]: two!.id } });
    expect(await read(key, id)).toEqual([
      {
        id: two!.id,
        name: 'Sprint 2',
        state: 'active',
        boardId: boards[0]!.id,
        goal: 'Ship',
        startDate: new Date(START - 1_000_000).toISOString(),
      },
    ]);
    rig.jira.setSprint('alpha', two!.id, 'closed');
    await ada.put(`/rest/api/3/issue/${key}`, { fields: { [id]: three!.id } });
    expect(await read(key, id)).toMatchObject([{ state: 'closed' }, { name: 'Sprint 3' }]);
    expect(await lastItems(key)).toMatchObject([
      { field: 'Sprint', from: String(two!.id), to: `${two!.id}, ${three!.id}`, toString: 'Sprint 2, Sprint 3' },
    ]);
    await ada.put(`/rest/api/3/issue/${key}`, { fields: { [id]: null } });
    expect(await read(key, id)).toMatchObject([{ state: 'closed' }]);
    expect(rig.jira.violations()).toEqual([]);
    expect(await ada.refused('GET', `/rest/agile/1.0/board/99/sprint`)).toMatchObject({ status: 404 });
  });

  const wrong: readonly (readonly [name: string, written: unknown, says: string | RegExp])[] = [
    ['Story point estimate', '3', 'Operation value must be a number'],
    ['Customer', 'x'.repeat(256), 'The entered text is too long. It exceeds the allowed limit of 255 characters.'],
    ['Customer', 3, 'Operation value must be a string'],
    [
      'Acceptance criteria',
      doc('x'.repeat(32_768)),
      'The entered text is too long. It exceeds the allowed limit of 32,767 characters.',
    ],
    [
      'Acceptance criteria',
      'text',
      'Operation value must be an Atlassian Document (see the Atlassian Document Format)',
    ],
    ['Severity', { id: '1' }, "Option id '1' is not valid"],
    ['Severity', { value: 'Awful' }, "Option value 'Awful' is not valid"],
    ['Severity', 'Minor', "Could not find valid 'id' or 'value' in the Parent Option object."],
    ['Platforms', { value: 'iOS' }, 'data was not an array'],
    ['Platforms', [{ value: 'iOS' }, { value: 'Amiga' }], "Option value 'Amiga' is not valid"],
    ['Region', { value: 'Europe', child: { value: 'Lima' } }, "Option value 'Lima' is not valid"],
    ['Start date', '12.06.2026', 'Error parsing date string: 12.06.2026'],
    ['Start date', '2026-02-31', 'Error parsing date string: 2026-02-31'],
    ['Go-live', '2026-07-22', 'Error parsing time: 2026-07-22'],
    ['Contact', { accountId: 'nobody' }, "User 'nobody' was not found in the system."],
    ['Reviewers', [{ accountId: 'nobody' }], "User 'nobody' was not found in the system."],
    ['Topics', ['a b'], "The label 'a b' contains spaces which is invalid."],
    ['Website', 'boats', 'Not a valid URL'],
    ['Sprint', '2', 'Number value expected as the Sprint id.'],
    ['Sprint', 9_999, "Sprint with id '9999' does not exist."],
    ['Sprint', 1, 'Issue can be assigned only active or future sprints.'],
  ];

  it.each(wrong)('%s refuses %j by name', async (name, written, says) => {
    const { body } = await ada.refused('POST', '/rest/api/3/issue', {
      fields: { project: { key: 'ALPHA' }, issuetype: { name: 'Task' }, summary: 'x', [ids[name]!]: written },
    });
    expect(body.errors).toEqual({ [ids[name]!]: says });
  });

  it('a person who left is refused in a custom field', async () => {
    rig.jira.addUser('alpha', { accountId: 'gone', displayName: 'Gone', active: false });
    const { body } = await ada.refused('POST', '/rest/api/3/issue', {
      fields: {
        project: { key: 'ALPHA' },
        issuetype: { name: 'Task' },
        summary: 'x',
        [ids['Contact']!]: { accountId: 'gone' },
      },
    });
    expect(body.errors).toEqual({ [ids['Contact']!]: "User 'gone' is not valid for this user picker." });
  });

  it('single options and persons are added and removed', async () => {
    const key = await create({ [ids['Platforms']!]: [{ value: 'iOS' }], [ids['Reviewers']!]: [{ accountId: BEN }] });
    await ada.put(`/rest/api/3/issue/${key}`, {
      update: {
        [ids['Platforms']!]: [{ add: { value: 'Windows' } }, { remove: { value: 'iOS' } }],
        [ids['Reviewers']!]: [{ add: { accountId: ADA } }],
        components: [{ add: { name: 'Web' } }],
        fixVersions: [{ set: [{ name: '1.0' }] }],
      },
    });
    expect(await read(key, ids['Platforms']!)).toMatchObject([{ value: 'Windows' }]);
    expect(await read(key, ids['Reviewers']!)).toMatchObject([{ accountId: BEN }, { accountId: ADA }]);
    expect(await read(key, 'fixVersions')).toMatchObject([{ name: '1.0', archived: false, released: false }]);
  });

  it('estimates are written in words, read in seconds and words, and kept apart', async () => {
    const key = await create({ timetracking: { originalEstimate: '1d 2h' } });
    expect(await read(key, 'timetracking')).toEqual({
      originalEstimate: '1d 2h',
      originalEstimateSeconds: 36_000,
      remainingEstimate: '1d 2h',
      remainingEstimateSeconds: 36_000,
    });
    await ada.put(`/rest/api/3/issue/${key}`, { update: { timetracking: [{ edit: { remainingEstimate: '30m' } }] } });
    expect([await read(key, 'timeoriginalestimate'), await read(key, 'timeestimate')]).toEqual([36_000, 1_800]);
    expect(await lastItems(key)).toEqual([
      {
        field: 'timeestimate',
        fieldId: 'timeestimate',
        fieldtype: 'jira',
        from: '36000',
        fromString: '36000',
        to: '1800',
        toString: '1800',
      },
    ]);
    await ada.put(`/rest/api/3/issue/${key}`, {
      fields: { timetracking: { originalEstimate: '', remainingEstimate: '' } },
    });
    expect(await read(key, 'timetracking')).toEqual({});
    const { body } = await ada.refused('PUT', `/rest/api/3/issue/${key}`, {
      fields: { timetracking: { originalEstimate: 'soon', remainingEstimate: '1h' } },
    });
    expect(body.errors).toEqual({ timetracking_originalestimate: 'The original estimate specified is not valid.' });
  });

  it('a field off the screen is refused, and one that is required is missed', async () => {
    const slim = { project: { key: 'SLIM' }, issuetype: { name: 'Task' }, summary: 'x' };
    const off = await ada.refused('POST', '/rest/api/3/issue', {
      fields: { ...slim, duedate: '2026-12-01', [ids['Severity']!]: { value: 'Minor' } },
    });
    expect(Object.values(off.body.errors)).toEqual([
      "Field 'duedate' cannot be set. It is not on the appropriate screen, or unknown.",
      `Field '${ids['Severity']!}' cannot be set. It is not on the appropriate screen, or unknown.`,
    ]);
    const missing = await ada.refused('POST', '/rest/api/3/issue', { fields: slim });
    expect(missing.body.errors).toEqual({ components: 'Components is required.' });
    const { key } = (await ada.post('/rest/api/3/issue', {
      fields: { ...slim, components: [{ name: 'Core' }] },
    })) as { key: string };
    const emptied = await ada.refused('PUT', `/rest/api/3/issue/${key}`, { fields: { components: [] } });
    expect(emptied.body.errors).toEqual({ components: 'Components is required.' });
  });

  it('names of other things are refused in Jira’s words', async () => {
    const { body } = await ada.refused('POST', '/rest/api/3/issue', {
      fields: {
        project: { key: 'ALPHA' },
        issuetype: { name: 'Task' },
        summary: 'x',
        components: [{ name: 'None' }],
        fixVersions: [{ id: '1' }],
        priority: { name: 'Soon' },
      },
    });
    expect(body.errors).toEqual({
      components: "Component name 'None' is not valid",
      fixVersions: "Version id '1' is not valid",
      priority: "Priority name 'Soon' is not valid",
    });
  });

  it('metadata says how each can be set', async () => {
    const types = (await ada.get('/rest/api/3/issue/createmeta/ALPHA/issuetypes')) as {
      issueTypes: { id: string; name: string; hierarchyLevel: number }[];
    };
    const metaOf = async (type: string): Promise<FieldMeta[]> => {
      const { id } = types.issueTypes.find(({ name }) => name === type)!;
      const path = `/rest/api/3/issue/createmeta/ALPHA/issuetypes/${id}?maxResults=200`;
      return ((await ada.get(path)) as { fields: FieldMeta[] }).fields;
    };
    const task = await metaOf('Task');
    const short = ({ schema, operations, allowedValues }: FieldMeta): unknown[] => [
      [schema.type, ...(schema.items === undefined ? [] : [schema.items])].join(' of '),
      schema.custom?.replace(/^.*:/, '') ?? null,
      operations.join(),
      allowedValues?.map((one) => one.value ?? one.name).join() ?? null,
    ];
    expect(Object.fromEntries(task.filter((one) => one.name in ids).map((one) => [one.name, short(one)]))).toEqual({
      'Story point estimate': ['number', 'float', 'set', null],
      Customer: ['string', 'textfield', 'set', null],
      'Acceptance criteria': ['string', 'textarea', 'set', null],
      Severity: ['option', 'select', 'set', 'Minor,Serious,Severe'],
      'Start date': ['date', 'datepicker', 'set', null],
      'Go-live': ['datetime', 'datetime', 'set', null],
      Risk: ['option', 'radiobuttons', 'set', 'Low,Medium,High'],
      Platforms: ['array of option', 'multiselect', 'add,set,remove', 'Android,iOS,Windows'],
      Checks: ['array of option', 'multicheckboxes', 'add,set,remove', 'Tests,Docs,Security'],
      Region: ['option-with-child', 'cascadingselect', 'set', 'Europe,America'],
      Contact: ['user', 'userpicker', 'set', null],
      Reviewers: ['array of user', 'multiuserpicker', 'add,set,remove', null],
      Topics: ['array of string', 'labels', 'add,set,remove', null],
      Website: ['string', 'url', 'set', null],
      Sprint: ['array of json', 'gh-sprint', 'set', null],
    });
    const versions = task.find(({ key }) => key === 'fixVersions')!;
    expect(versions.allowedValues!.map(({ name }) => name)).toEqual(['1.0', '0.9']);
    const parentOf = (fields: FieldMeta[]): boolean => fields.find(({ key }) => key === 'parent')!.required;
    expect([parentOf(task), parentOf(await metaOf('Sub-task'))]).toEqual([false, true]);
  });

  it('no id of a field or an option is the same on two sites', async () => {
    const beta = callerOf(rig, 'beta');
    const other = (await beta.get('/rest/api/3/field')) as { id: string; name: string; custom: boolean }[];
    const theirs = other.filter((one) => one.custom);
    expect(theirs.map(({ name }) => name)).toEqual(Object.keys(ids));
    expect(theirs.filter(({ id }) => Object.values(ids).includes(id))).toEqual([]);
  });

  it('a webhook tells the change with the field’s id', async () => {
    await rig.jira.install('alpha');
    const key = await create();
    await rig.quiet();
    rig.addon.received.splice(0);
    await ada.put(`/rest/api/3/issue/${key}`, { fields: { [ids['Severity']!]: { value: 'Minor' } } });
    await rig.quiet();
    const [hook] = rig.addon.webhooks('jira:issue_updated');
    expect(hook!.body.changelog.items).toMatchObject([{ field: 'Severity', fieldId: ids['Severity']! }]);
    expect(hook!.body.issue.fields[ids['Severity']!]).toMatchObject({ value: 'Minor' });
  });

  it('people may speak of fields and values by name', () => {
    const people = rig.jira.acts('alpha');
    const { key } = people.createIssue({
      project: 'ALPHA',
      summary: 'x',
      Region: 'America > Quito',
      Platforms: ['iOS'],
      Sprint: 'Sprint 3',
      components: ['API'],
    });
    const held = rig.jira.snapshot('alpha').issues.find((one) => one.key === key)!.fields;
    expect(held).toMatchObject({
      Region: ['America', 'Quito'],
      Platforms: ['iOS'],
      Sprint: ['Sprint 3'],
      components: ['API'],
    });
  });

  it('an administrator changes screens, options and lists while the site runs', async () => {
    const key = await create({
      project: { key: 'TURN' },
      [ids['Platforms']!]: [{ value: 'iOS' }],
      components: [{ name: 'API' }],
    });
    rig.jira.changeProject('alpha', 'TURN', {
      offScreen: ['Customer'],
      requiredFields: ['components'],
      components: ['Deck', 'API'],
      versions: ['9.9'],
      disabledOptions: { Platforms: ['iOS'] },
    });
    const path = `/rest/api/3/issue/${key}`;
    await ada.put(path, { fields: { components: [{ name: 'Deck' }], fixVersions: [{ name: '9.9' }] } });
    expect(await read(key, ids['Platforms']!)).toMatchObject([{ value: 'iOS' }]);
    const { body } = await ada.refused('PUT', path, {
      fields: { [ids['Platforms']!]: [{ value: 'iOS' }], [ids['Customer']!]: 'x' },
      update: { components: [{ remove: { name: 'Deck' } }] },
    });
    expect(body.errors).toEqual({
      [ids['Platforms']!]: "Option value 'iOS' is not valid",
      [ids['Customer']!]: `Field '${ids['Customer']!}' cannot be set. It is not on the appropriate screen, or unknown.`,
      components: 'Components is required.',
    });
    rig.jira.changeProject('alpha', 'TURN', {
      editScreen: ['summary', 'Customer'],
      createScreen: ['Customer'],
      requiredFields: [],
    });
    const { fields } = (await ada.get(`${path}/editmeta`)) as { fields: object };
    expect(Object.keys(fields)).toEqual(['summary', ids['Customer']!]);
  });
});

/** What was answered has more than what was written: ids and addresses. */
function expectLike(shown: unknown): unknown {
  if (Array.isArray(shown)) return shown.map(expectLike);
  if (typeof shown !== 'object' || shown === null) return shown;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, expectLike(value)])),
  );
}
