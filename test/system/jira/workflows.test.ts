import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '../../../infra/local/jira/http/serve.ts';
import type { Caller } from './caller.ts';
import { callerOf } from './caller.ts';
import type { Rig } from './standIn.ts';
import { doc, standIn } from './standIn.ts';

const SPEC: readonly SiteSpec[] = [
  {
    name: 'alpha',
    statuses: [
      { name: 'New', category: 'new' },
      { name: 'Working', category: 'indeterminate' },
      { name: 'Checking', category: 'indeterminate' },
      { name: 'Finished', category: 'done' },
    ],
    issueTypes: [
      { name: 'Initiative', hierarchyLevel: 2 },
      { name: 'Epic', hierarchyLevel: 1 },
      { name: 'Story', hierarchyLevel: 0 },
      { name: 'Sub-task', hierarchyLevel: -1 },
    ],
    priorities: ['P1', 'P2'],
    resolutions: ['Fixed', 'Rejected'],
    customFields: [
      { name: 'Cause', type: 'select', options: ['Code', { name: 'Weather', disabled: true }] },
      { name: 'Region', type: 'textfield', id: 12_345 },
    ],
    workingTime: { hoursPerDay: 6, daysPerWeek: 4 },
    projects: [
      {
        key: 'FLOW',
        components: ['API'],
        versions: [{ name: '1.0', releaseDate: '2026-01-05' }, '2.0'],
        workflow: {
          initial: 'New',
          transitions: [
            { name: 'Begin', from: ['New'], to: 'Working' },
            { name: 'Check', from: ['Working'], to: 'Checking', screen: ['assignee'] },
            {
              name: 'Finish',
              from: ['Checking'],
              to: 'Finished',
              screen: ['resolution', 'Cause'],
              required: ['resolution', 'Cause'],
            },
            { name: 'Reject', from: ['Checking'], to: 'Working', permission: 'ADMINISTER_PROJECTS' },
            { name: 'Restart', from: 'any', to: 'New' },
          ],
        },
      },
      {
        key: 'MIX',
        workflow: { initial: 'New', transitions: [{ name: 'Work', from: 'any', to: 'Working' }] },
        workflows: {
          Epic: {
            initial: 'Checking',
            transitions: [{ name: 'Done', from: 'any', to: 'Finished', resolution: 'keep' }],
          },
          Initiative: { initial: 'New', transitions: [{ name: 'Work', from: 'any', to: 'Working' }] },
        },
      },
      { key: 'OTHER', workflow: { initial: 'New', transitions: [] } },
    ],
  },
  { name: 'beta', projects: [{ key: 'BETA' }] },
];

interface Transition {
  readonly id: string;
  readonly name: string;
  readonly hasScreen: boolean;
  readonly isGlobal: boolean;
  readonly isConditional: boolean;
  readonly isAvailable: boolean;
  readonly fields?: Readonly<
    Record<string, { readonly required: boolean; readonly allowedValues?: readonly { readonly value?: string }[] }>
  >;
}

describe('a workflow of a site’s specification', () => {
  let rig: Rig;
  let ada: Caller;
  let ben: Caller;
  let cause: string;

  beforeAll(async () => {
    rig = await standIn({ sites: SPEC });
    ada = callerOf(rig, 'alpha');
    ben = callerOf(rig, 'alpha', 1);
    const fields = (await ada.get('/rest/api/3/field')) as { id: string; name: string }[];
    cause = fields.find(({ name }) => name === 'Cause')!.id;
  });
  afterAll(() => rig.close());

  const create = async (fields: Record<string, unknown> = {}): Promise<string> => {
    const all = { project: { key: 'FLOW' }, issuetype: { name: 'Story' }, summary: 'x', ...fields };
    return ((await ada.post('/rest/api/3/issue', { fields: all })) as { key: string }).key;
  };
  const offered = async (who: Caller, key: string, query = ''): Promise<Transition[]> =>
    ((await who.get(`/rest/api/3/issue/${key}/transitions${query}`)) as { transitions: Transition[] }).transitions;
  const go = async (key: string, name: string, body: Record<string, unknown> = {}): Promise<void> => {
    const { id } = (await offered(ada, key)).find((one) => one.name === name)!;
    await ada.post(`/rest/api/3/issue/${key}/transitions`, { ...body, transition: { id } });
  };
  const read = async (key: string): Promise<Record<string, unknown>> =>
    ((await ada.get(`/rest/api/3/issue/${key}`)) as { fields: Record<string, unknown> }).fields;

  it('offers only the steps that start at the present status', async () => {
    const key = await create();
    const names = async (): Promise<string[]> => (await offered(ada, key)).map(({ name }) => name);
    expect(await names()).toEqual(['Begin', 'Restart']);
    await go(key, 'Begin');
    expect(await names()).toEqual(['Check', 'Restart']);
    await go(key, 'Check');
    expect(await names()).toEqual(['Finish', 'Reject', 'Restart']);
    const all = await offered(ada, key);
    expect(all.map(({ name, hasScreen, isGlobal }) => [name, hasScreen, isGlobal])).toEqual([
      ['Finish', true, false],
      ['Reject', false, false],
      ['Restart', false, true],
    ]);
  });

  it('tells the fields of a screen, misses the required ones by name, and takes them with a comment', async () => {
    const key = await create();
    await go(key, 'Begin');
    await go(key, 'Check');
    const [finish] = await offered(ada, key, '?expand=transitions.fields');
    expect(Object.entries(finish!.fields!).map(([id, meta]) => [id, meta.required])).toEqual([
      ['resolution', true],
      [cause, true],
    ]);
    // An option that was disabled is not offered.
    expect(finish!.fields![cause]!.allowedValues!.map(({ value }) => value)).toEqual(['Code']);
    const path = `/rest/api/3/issue/${key}/transitions`;
    const missing = await ada.refused('POST', path, { transition: { id: finish!.id } });
    expect(missing).toMatchObject({
      status: 400,
      body: { errors: { resolution: 'Resolution is required.', [cause]: 'Cause is required.' } },
    });
    const off = await ada.refused('POST', path, {
      transition: { id: finish!.id },
      fields: { summary: 'y', resolution: { name: 'Rejected' }, [cause]: { value: 'Code' } },
    });
    expect(Object.keys(off.body.errors)).toEqual(['summary']);
    const disabled = await ada.refused('POST', path, {
      transition: { id: finish!.id },
      fields: { resolution: { name: 'Rejected' }, [cause]: { value: 'Weather' } },
    });
    expect(disabled.body.errors).toEqual({ [cause]: "Option value 'Weather' is not valid" });
    expect((await read(key))['status']).toMatchObject({ name: 'Checking' });
    await go(key, 'Finish', {
      fields: { resolution: { name: 'Rejected' }, [cause]: { value: 'Code' } },
      update: { comment: [{ add: { body: doc('No wind') } }] },
    });
    expect(await read(key)).toMatchObject({
      status: { name: 'Finished' },
      resolution: { name: 'Rejected' },
      resolutiondate: expect.any(String),
      [cause]: { value: 'Code' },
      comment: { total: 1 },
    });
    await go(key, 'Restart');
    expect(await read(key)).toMatchObject({ resolution: null, resolutiondate: null });
    expect(rig.jira.violations()).toEqual([]);
  });

  it('hides a step from who lacks its permission, unless asked for all', async () => {
    const key = await create();
    await go(key, 'Begin');
    await go(key, 'Check');
    expect((await offered(ben, key)).map(({ name }) => name)).toEqual(['Finish', 'Restart']);
    const all = await offered(ben, key, '?includeUnavailableTransitions=true');
    const reject = all.find(({ name }) => name === 'Reject')!;
    expect(reject).toMatchObject({ isConditional: true, isAvailable: false });
    const path = `/rest/api/3/issue/${key}/transitions`;
    expect(await ben.refused('POST', path, { transition: { id: reject.id } })).toMatchObject({ status: 400 });
  });

  it('offers nothing to who may not move issues at all', async () => {
    const key = await create();
    rig.jira.faults.permissionLost.push({
      site: 'alpha',
      project: 'FLOW',
      permission: 'TRANSITION_ISSUES',
      accountId: benId(),
    });
    expect(await offered(ben, key)).toEqual([]);
  });

  const benId = (): string => rig.jira.sites[0]!.users[1]!.accountId;

  it('may be another for each issue type', async () => {
    const [story, epic] = await Promise.all(
      ['Story', 'Epic'].map((name) => create({ project: { key: 'MIX' }, issuetype: { name } })),
    );
    expect((await read(story!))['status']).toMatchObject({ name: 'New' });
    expect((await read(epic!))['status']).toMatchObject({ name: 'Checking' });
    expect((await offered(ada, epic!)).map(({ name }) => name)).toEqual(['Done']);
    await go(epic!, 'Done');
    expect(await read(epic!)).toMatchObject({ status: { name: 'Finished' }, resolution: null });
    const types = (await ada.get('/rest/api/3/project/MIX/statuses')) as {
      name: string;
      statuses: { name: string }[];
    }[];
    expect(types.map(({ name, statuses }) => [name, statuses.map((status) => status.name).join()])).toEqual([
      ['Initiative', 'New,Working'],
      ['Epic', 'Checking,Finished'],
      ['Story', 'New,Working'],
      ['Sub-task', 'New,Working'],
    ]);
    await ada.put(`/rest/api/3/issue/${story!}`, { fields: { issuetype: { name: 'Initiative' } } });
    const { body } = await ada.refused('PUT', `/rest/api/3/issue/${story!}`, {
      fields: { issuetype: { name: 'Epic' } },
    });
    expect(body.errors).toEqual({ issuetype: 'The issue type selected is invalid.' });
  });

  it('puts parents one level above, and sub-tasks beside theirs', async () => {
    const parent = (key: string, type: string): Record<string, unknown> => ({
      issuetype: { name: type },
      parent: { key },
    });
    const initiative = await create({ issuetype: { name: 'Initiative' } });
    const epic = await create(parent(initiative, 'Epic'));
    const story = await create(parent(epic, 'Story'));
    const task = await create(parent(story, 'Sub-task'));
    expect((await read(task))['parent']).toMatchObject({ key: story, fields: { issuetype: { hierarchyLevel: 0 } } });
    const wrong = async (fields: Record<string, unknown>): Promise<Record<string, string>> => {
      const all = { project: { key: 'FLOW' }, issuetype: { name: 'Story' }, summary: 'x', ...fields };
      return (await ada.refused('POST', '/rest/api/3/issue', { fields: all })).body.errors;
    };
    const far = { project: { key: 'OTHER' }, ...parent(story, 'Sub-task') };
    for (const fields of [parent(initiative, 'Story'), parent(epic, 'Sub-task'), parent(story, 'Story'), far])
      expect(await wrong(fields)).toEqual({
        parentId: 'Given parent work item does not belong to appropriate hierarchy.',
      });
    const turned = await ada.refused('PUT', `/rest/api/3/issue/${task}`, { fields: { issuetype: { name: 'Story' } } });
    expect(turned.body.errors).toEqual({ issuetype: 'The issue type selected is invalid.' });
    await ada.put(`/rest/api/3/issue/${story}`, { fields: { parent: null } });
    expect(await read(story)).not.toHaveProperty('parent');
    const log = (await ada.get(`/rest/api/3/issue/${story}/changelog`)) as { values: { items: unknown[] }[] };
    expect(log.values.at(-1)!.items).toEqual([
      {
        field: 'IssueParentAssociation',
        fieldtype: 'jira',
        from: expect.any(String),
        fromString: epic,
        to: null,
        toString: null,
      },
    ]);
  });

  it('counts days and weeks as the site does', async () => {
    const key = await create({ timetracking: { originalEstimate: '1w 1d' } });
    expect(await read(key)).toMatchObject({
      timeoriginalestimate: 5 * 6 * 3_600,
      timetracking: { originalEstimate: '1w 1d' },
    });
    expect(await ada.get('/rest/api/3/configuration')).toMatchObject({
      timeTrackingConfiguration: { workingHoursPerDay: 6, workingDaysPerWeek: 4 },
    });
  });

  it('lists what the site and its projects have to choose from', async () => {
    const names = async (path: string): Promise<string[]> =>
      ((await ada.get(`/rest/api/3/${path}`)) as { name: string }[]).map(({ name }) => name);
    expect(await names('resolution')).toEqual(['Fixed', 'Rejected']);
    expect(await names('status')).toEqual(['New', 'Working', 'Checking', 'Finished']);
    expect(await names('priority')).toEqual(['P1', 'P2']);
    expect(await names('issuetype')).toEqual(['Initiative', 'Epic', 'Story', 'Sub-task']);
    const { id } = (await ada.get('/rest/api/3/project/FLOW')) as { id: string };
    expect(await names(`issuetype/project?projectId=${id}&level=-1`)).toEqual(['Sub-task']);
    expect(await ada.get('/rest/api/3/project/FLOW/components')).toMatchObject([{ name: 'API', project: 'FLOW' }]);
    expect(await ada.get('/rest/api/3/project/FLOW/versions')).toMatchObject([
      { name: '1.0', released: false, releaseDate: '2026-01-05', overdue: true },
      { name: '2.0' },
    ]);
    expect(await ada.refused('GET', '/rest/api/3/project/NONE/versions')).toMatchObject({ status: 404 });
    const fields = (await ada.get('/rest/api/3/field')) as { id: string; name: string }[];
    expect(fields.find(({ name }) => name === 'Region')!.id).toBe('customfield_12345');
    expect(rig.jira.violations()).toEqual([]);
  });

  it('a specification that names what is not there does not start', async () => {
    const odd = (project: SiteSpec['projects'][number]): Promise<Rig> =>
      standIn({ sites: [{ name: 'odd', projects: [project] }] });
    await expect(odd({ key: 'A', createScreen: ['nothing'] })).rejects.toThrow(/unknown field nothing/);
    await expect(odd({ key: 'A', workflow: { initial: 'Nowhere', transitions: [] } })).rejects.toThrow(
      /unknown status Nowhere/,
    );
  });
});

describe('what queries mean', () => {
  let rig: Rig;
  let ada: Caller;
  beforeAll(async () => {
    rig = await standIn({ sites: SPEC });
    ada = callerOf(rig, 'alpha');
  });
  afterAll(() => rig.close());

  const parse = async (validation: string, queries: readonly string[]): Promise<readonly Record<string, unknown>[]> => {
    const path = `/rest/api/3/jql/parse?validation=${validation}`;
    return ((await ada.post(path, { queries })) as { queries: Record<string, unknown>[] }).queries;
  };

  it('is told as a tree', async () => {
    const jql =
      'project = FLOW AND (labels in (a, "b c") OR NOT assignee = currentUser()) AND due is EMPTY ORDER BY created DESC';
    expect((await parse('strict', [jql]))[0]).toEqual({
      query: jql,
      structure: {
        where: {
          operator: 'and',
          clauses: [
            {
              field: { name: 'project', encodedName: 'project' },
              operator: '=',
              operand: { value: 'FLOW', encodedValue: 'FLOW' },
            },
            {
              operator: 'or',
              clauses: [
                {
                  field: { name: 'labels', encodedName: 'labels' },
                  operator: 'in',
                  operand: {
                    values: [
                      { value: 'a', encodedValue: 'a' },
                      { value: 'b c', encodedValue: '"b c"' },
                    ],
                    encodedOperand: '(a, "b c")',
                  },
                },
                {
                  operator: 'not',
                  clauses: [
                    {
                      field: { name: 'assignee', encodedName: 'assignee' },
                      operator: '=',
                      operand: { function: 'currentUser', arguments: [], encodedOperand: 'currentUser()' },
                    },
                  ],
                },
              ],
            },
            { field: { name: 'due', encodedName: 'due' }, operator: 'is', operand: { keyword: 'empty' } },
          ],
        },
        orderBy: { fields: [{ field: { name: 'created', encodedName: 'created' }, direction: 'desc' }] },
      },
    });
    expect(rig.jira.violations()).toEqual([]);
  });

  it('wrong queries are named one by one, as strictly as asked', async () => {
    const queries = ['project = FLOW', 'universe = 42', 'project = INVALID', 'summary = test', 'invalid query'];
    const errors = (all: readonly Record<string, unknown>[]): unknown[] =>
      all.map((one) => one['errors'] ?? one['warnings'] ?? null);
    const told = [
      null,
      ["Field 'universe' does not exist or you do not have permission to view it."],
      ["The value 'INVALID' does not exist for the field 'project'."],
      ["The operator '=' is not supported by the 'summary' field."],
      [expect.stringContaining('Error in the JQL Query')],
    ];
    const strict = await parse('strict', queries);
    expect(errors(strict)).toEqual(told);
    expect(strict.map((one) => 'structure' in one)).toEqual([true, false, false, false, false]);
    const warned = await parse('warn', queries);
    expect(errors(warned)).toEqual(told);
    expect(warned.map((one) => 'structure' in one)).toEqual([true, true, true, true, false]);
    expect(errors(await parse('none', queries)).slice(0, 4)).toEqual([null, null, null, null]);
  });
});
