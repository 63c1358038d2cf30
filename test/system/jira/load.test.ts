import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readDump } from '../../../infra/local/jira/http/dumpFile.ts';
import type { DumpIssue } from '../../../infra/local/jira/model/dump.ts';
import { parseDumpLine } from '../../../infra/local/jira/model/dump.ts';
import { callerOf } from './caller.ts';
import { describeWithSharedData, sharedFile } from './sharedData.ts';
import type { Rig } from './standIn.ts';
import { START, standIn } from './standIn.ts';

const folder = mkdtempSync(join(tmpdir(), 'twinline-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

function dumped(key: string, type: Record<string, unknown>, fields: Record<string, unknown> = {}): DumpIssue {
  const at = '2026-03-02T08:00:00.000+0000';
  const base = { summary: key, issuetype: { id: '1', subtask: false, ...type }, created: at, updated: at };
  const status = { name: 'Closed', statusCategory: { key: 'done' } };
  return parseDumpLine(JSON.stringify({ id: '7', key, fields: { ...base, status, ...fields } }), 1);
}

const ISSUES: readonly DumpIssue[] = [
  dumped('FERRY-4', { name: 'Sub-task', subtask: true }, { parent: { key: 'FERRY-3' } }),
  dumped('FERRY-3', { name: 'Story' }, { epic: { key: 'FERRY-1' } }),
  dumped('FERRY-1', { name: 'Epic' }),
  dumped('FERRY-5', { name: 'Sub-task', subtask: true }, { parent: { key: 'FERRY-99' } }),
  dumped('FERRY-6', { name: 'Unterfall', subtask: true, hierarchyLevel: -1 }, { parent: { key: 'FERRY-3' } }),
  dumped(
    'FERRY-7',
    { name: 'Bug' },
    {
      environment: '*Deck* 3',
      duedate: '2026-12-01',
      resolution: { name: 'Duplicate' },
      resolutiondate: '2026-04-01T10:00:00.000+0200',
      components: [{ name: 'Hull' }, { name: 'Mast' }],
      versions: [{ name: '1.0', released: true, archived: true, releaseDate: '2025-01-01' }],
      fixVersions: [{ name: '2.0', released: false, archived: false }],
      timeoriginalestimate: 14_400,
      timeestimate: 0,
      timespent: 36_000,
    },
  ),
  dumped('FERRY-8', { name: 'Bug' }, { resolution: { name: '完成' }, components: [{ name: 'Hull' }] }),
];

async function read(rig: Rig, key: string): Promise<Record<string, unknown>> {
  return ((await callerOf(rig, 'alpha').get(`/rest/api/3/issue/${key}`)) as { fields: Record<string, unknown> }).fields;
}

describe('loaded issues', () => {
  it('have their parents, components, versions, days, estimates and resolutions', async () => {
    const rig = await standIn();
    const loaded = rig.jira.load('alpha', 'OLD', ISSUES, { announce: false });
    const keyOf = (dumpKey: string): string => loaded.find((one) => one.dumpKey === dumpKey)!.key;
    const placed = async (dumpKey: string): Promise<unknown[]> => {
      const fields = await read(rig, keyOf(dumpKey));
      const { name } = fields['issuetype'] as { name: string };
      return [name, (fields['parent'] as { key: string } | undefined)?.key ?? null];
    };
    expect(await placed('FERRY-3')).toEqual(['Story', keyOf('FERRY-1')]);
    expect(await placed('FERRY-4')).toEqual(['Sub-task', keyOf('FERRY-3')]);
    expect(await placed('FERRY-5')).toEqual(['Task', null]);
    expect(await placed('FERRY-6')).toEqual(['Sub-task', keyOf('FERRY-3')]);
    expect(await read(rig, keyOf('FERRY-7'))).toMatchObject({
      environment: { type: 'doc' },
      duedate: '2026-12-01',
      resolution: { name: 'Duplicate' },
      resolutiondate: '2026-04-01T08:00:00.000+0000',
      components: [{ name: 'Hull' }, { name: 'Mast' }],
      versions: [{ name: '1.0', released: true, archived: true, releaseDate: '2025-01-01' }],
      fixVersions: [{ name: '2.0' }],
      timetracking: { originalEstimate: '4h', remainingEstimate: '0m', timeSpent: '1d 2h' },
    });
    // A resolution the site does not have becomes its first; none stays none, though the issue is closed.
    expect(await read(rig, keyOf('FERRY-8'))).toMatchObject({ resolution: { name: 'Done' } });
    expect(await read(rig, keyOf('FERRY-1'))).toMatchObject({ resolution: null, status: { name: 'Closed' } });
    const components = (await callerOf(rig, 'alpha').get('/rest/api/3/project/OLD/components')) as { name: string }[];
    expect(components.map(({ name }) => name)).toEqual(['Hull', 'Mast']);
    rig.jira.adopt('beta', 'BETA', ISSUES);
    const versions = (await callerOf(rig, 'beta').get('/rest/api/3/project/BETA/versions')) as { name: string }[];
    expect(versions.map(({ name }) => name)).toEqual(['1.0', '2.0']);
    expect(rig.jira.violations()).toEqual([]);
    await rig.close();
  });
});

describe('a kept world', () => {
  it('has the same fields, sprints and workflows after a restart', async () => {
    const statePath = join(folder, 'world.json');
    const sites = [
      {
        name: 'alpha',
        projects: [
          {
            key: 'ALPHA',
            components: ['API'],
            workflow: {
              initial: 'Open',
              transitions: [
                {
                  name: 'Go',
                  from: ['Open'],
                  to: 'Closed',
                  required: ['resolution'],
                  permission: 'EDIT_ISSUES' as const,
                },
              ],
            },
            boards: [{ name: 'B', sprints: [{ name: 'One', state: 'active' as const, startAt: START }] }],
          },
        ],
      },
    ];
    const first = await standIn({ statePath, sites });
    const { key } = first.jira.acts('alpha').createIssue({
      project: 'ALPHA',
      summary: 'x',
      Sprint: 'One',
      Region: 'Europe > Madrid',
      Platforms: ['iOS'],
      'Go-live': '2026-12-24T18:00:00.000+0000',
      timetracking: { originalEstimate: '3h' },
      components: ['API'],
    });
    const look = async (rig: Rig): Promise<unknown[]> => [
      await read(rig, key),
      await callerOf(rig, 'alpha').get(`/rest/api/3/issue/${key}/transitions?expand=transitions.fields`),
      await callerOf(rig, 'alpha').get('/rest/agile/1.0/board'),
      rig.jira.snapshot('alpha'),
    ];
    const before = await look(first);
    await first.close();
    const second = await standIn({ statePath, sites });
    expect(await look(second)).toEqual(before);
    await second.close();
  });
});

describeWithSharedData('the public dumps, loaded', () => {
  it.each([
    ['tidev-MOD.jsonl.gz', { components: 292, fixVersions: 139, versions: 44, environment: 119, resolution: 272 }],
    ['tidev-DAEMON.jsonl.gz', { components: 309, fixVersions: 263, versions: 63, environment: 35, resolution: 287 }],
    ['tidev-big.jsonl.gz', { components: 19, fixVersions: 13, versions: 13, environment: 21, resolution: 24 }],
    [
      'devlake-cloud-changelogs.jsonl.gz',
      { duedate: 1, fixVersions: 12, resolution: 20, timeoriginalestimate: 8, timeestimate: 10, timespent: 4 },
    ],
  ])('%s keeps every field that the file has', async (file, counts) => {
    const rig = await standIn();
    const issues: DumpIssue[] = [];
    for await (const issue of readDump(sharedFile(`issues/${file}`))) issues.push(issue);
    rig.jira.load('alpha', 'OLD', issues, { announce: false });
    const held = rig.jira.snapshot('alpha').issues.map(({ fields }) => fields);
    const count = (field: string): number =>
      held.filter(({ [field]: value }) => value !== null && !(Array.isArray(value) && value.length === 0)).length;
    expect(Object.fromEntries(Object.keys(counts).map((field) => [field, count(field)]))).toEqual(counts);
    await rig.close();
  });
});
