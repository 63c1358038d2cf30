import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { compareInside } from '../../infra/local/compareInside.ts';
import type { Comparison, Said } from '../../infra/local/compareInside.ts';
import { adoptPlaces, joinPeople, loadIssues } from '../../infra/local/jira/model/load.ts';
import { seeded } from '../../infra/local/jira/model/random.ts';
import type { Issue, IssueRecord, Site } from '../../infra/local/jira/model/types.ts';
import { makeWorld } from '../../infra/local/jira/model/world.ts';
import { readIssues, SAMPLES } from '../../infra/local/opening.ts';
import { replayInside } from '../../infra/local/replayInside.ts';
import { describeWithSharedData, sharedFile } from './jira/sharedData.ts';

const replay = async (path: string, limit?: number): Promise<unknown> =>
  (await replayInside({ path, ...(limit === undefined ? {} : { limit }), tell: () => undefined })).summary;

const clean = {
  ...{ ok: true, unexplained: 0, missing: 0, duplicates: 0, failures: 0, deadLetters: 0, conformanceViolations: 0 },
};

test('the samples arrive whole, or with a reason that is true', { timeout: 60_000 }, async () => {
  expect(await replay(SAMPLES)).toMatchObject({ ...clean, issues: 41, comments: 82 });
});

/** One dump in both sites, as if the sync had been perfect. */
async function loadedTwice(): Promise<{
  readonly compare: (said?: readonly Said[]) => Promise<Comparison>;
  readonly here: Site;
  readonly there: Site;
}> {
  const issues = await readIssues(SAMPLES, 12);
  const world = makeWorld(
    ['one', 'two'].map((name) => ({ name, projects: [{ key: name.toUpperCase(), workflow: 'open' as const }] })),
    seeded(1),
    0,
  );
  const [from, to] = [...world.sites.values()];
  if (from === undefined || to === undefined) throw new Error('there are two sites');
  const [one, two] = [from, to].map((site) => {
    const [project] = site.projects.values();
    if (project === undefined) throw new Error('there is a project');
    joinPeople(world, site, issues);
    adoptPlaces(site, project, issues);
    return loadIssues(world, site, project, issues, { announce: false, now: 0 }).map(({ id }) => id);
  });
  const ids = one ?? [];
  const twins = new Map(ids.map((id, index) => [id, two?.[index] ?? '']));
  const digest = async (): Promise<string> => 'same';
  return {
    ...{ here: from, there: to },
    compare: (said = []) => compareInside({ world, from, to, twins, ids, digest, ask: async () => said }),
  };
}

function change(site: Site, values: Issue['values']): IssueRecord {
  const [record] = site.issues.values();
  if (record === undefined) throw new Error('there is an issue');
  record.issue = { ...record.issue, values: { ...record.issue.values, ...values } };
  return record;
}

test('two equal sites are equal in everything', async () => {
  const { compare } = await loadedTwice();
  const { tally, differences, missing } = await compare();
  expect({ differences, missing, equal: tally.equal }).toEqual({ differences: [], missing: [], equal: 12 });
});

test('a difference that nobody speaks of has no reason', async () => {
  const { compare, there } = await loadedTwice();
  change(there, { summary: 'something else' });
  expect((await compare()).differences).toEqual([{ issue: 'ONE-1', what: 'summary' }]);
});

test('a code that is not true of the two sites explains nothing', async () => {
  const { compare, there } = await loadedTwice();
  change(there, { assignee: null });
  const said = [{ what: 'assignee', code: 'user-not-assignable' }];
  expect((await compare(said)).differences).toEqual([
    { issue: 'ONE-1', what: 'assignee', untrue: 'user-not-assignable' },
  ]);
});

test('one unknown name of a set does not excuse that a known one is missing', async () => {
  const { compare, there, here } = await loadedTwice();
  const [project, other] = [here, there].map((site) => [...site.projects.values()][0]);
  if (project === undefined || other === undefined) throw new Error('there are projects');
  project.components.push({ id: '1', name: 'Pump' }, { id: '2', name: 'Valve' });
  other.components.push({ id: '3', name: 'Valve' });
  change(here, { components: ['1', '2'] });
  const said = [{ what: 'components', code: 'value-unknown' }];
  change(there, { components: ['3'] });
  expect((await compare(said)).differences).toMatchObject([{ what: 'components', reason: 'value-unknown' }]);
  change(there, { components: [] });
  expect((await compare(said)).differences).toMatchObject([{ what: 'components', untrue: 'value-unknown' }]);
});

test('a lost comment, one too many and an issue without a twin are found', async () => {
  const { compare, there } = await loadedTwice();
  const [id = ''] = there.comments.keys();
  const comment = there.comments.get(id);
  const record = there.issues.get(comment?.issueId ?? '');
  if (comment === undefined || record === undefined) throw new Error('there is a comment');
  record.commentIds.splice(record.commentIds.indexOf(id), 1, 'more');
  there.comments.set('more', { ...comment, id: 'more', visibility: { type: 'role', value: 'Administrators' } });
  expect((await compare()).differences.map(({ what }) => what)).toEqual(['comment', 'comment too many']);
  there.issues.delete(record.issue.id);
  expect((await compare()).missing).toHaveLength(1);
});

describeWithSharedData('public issues', () => {
  const file = (name: string): string => {
    const path = sharedFile(`issues/${name}.jsonl.gz`);
    if (!existsSync(path)) throw new Error(`${name} is not there`);
    return path;
  };

  /** The issues of a file that are wanted, as a file of their own. */
  const chosen = (folder: string, name: string, isWanted: (line: string) => boolean): string => {
    const lines = gunzipSync(readFileSync(file(name)))
      .toString('utf8')
      .split('\n')
      .filter(isWanted);
    const path = join(folder, `${name}.jsonl`);
    writeFileSync(path, lines.join('\n'));
    return path;
  };

  const folders: string[] = [];
  const makeFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'twinline-replay-'));
    folders.push(folder);
    return folder;
  };
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  test('a project arrives whole, or with a reason that is true', { timeout: 180_000 }, async () => {
    const summary = await replay(file('tidev-DAEMON'));
    expect(summary).toMatchObject({ ...clean, issues: 317, comments: 466, attachments: 92 });
  });

  test('issues of another cloud site arrive whole, or with a reason that is true', { timeout: 60_000 }, async () => {
    expect(await replay(file('devlake-cloud-changelogs'))).toMatchObject({ ...clean, issues: 22, worklogs: 5 });
  });

  test('of an issue of 3.3 MB only what Jira cannot take stays behind, by name', { timeout: 60_000 }, async () => {
    const path = chosen(makeFolder(), 'tidev-big', (line) => line.length > 3_000_000);
    const summary = await replay(path);
    expect(summary).toMatchObject({ ...clean, issues: 1, reasons: { 'comment: field-refused': 1 } });
  });

  test('texts with line separators that JSON allows and JavaScript splits at arrive as they are', async () => {
    const path = chosen(makeFolder(), 'tidev-MOD', (line) => /\u2028|\\u2028/u.test(line));
    const summary = (await replay(path)) as { readonly reasons: Record<string, number> };
    expect(summary).toMatchObject({ ...clean, issues: 4 });
    expect(Object.keys(summary.reasons).filter((reason) => /^(?:comment|description)/.test(reason))).toEqual([]);
  });
});
