import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { adfProblems } from '../../../infra/local/jira/contract/adf.ts';
import { readDump } from '../../../infra/local/jira/http/dumpFile.ts';
import type { DumpIssue } from '../../../infra/local/jira/model/dump.ts';
import { accountIdOf, parseDumpLine } from '../../../infra/local/jira/model/dump.ts';
import { linear } from './linear.ts';
import { describeWithSharedData, sharedFile } from './sharedData.ts';

const folder = mkdtempSync(join(tmpdir(), 'twinline-dump-'));
afterAll(() => rmSync(folder, { recursive: true }));

const samples = resolve(import.meta.dirname, '../../../infra/local/samples/issues.jsonl');

async function all(path: string, limit?: number): Promise<DumpIssue[]> {
  const issues: DumpIssue[] = [];
  for await (const issue of readDump(path, limit)) issues.push(issue);
  return issues;
}

const ada = { name: 'ada', key: 'ada', displayName: 'Ada Brook', active: true };
const line = (fields: Record<string, unknown> = {}): string =>
  JSON.stringify({
    id: '7',
    key: 'FERRY-7',
    fields: {
      summary: 'Boat',
      issuetype: { id: '1', name: 'Bug', subtask: false },
      status: { name: 'Open', statusCategory: { key: 'new' } },
      labels: ['a'],
      reporter: ada,
      created: '2026-03-02T08:00:00.000+0100',
      updated: '2026-03-02T08:00:00.000Z',
      ...fields,
    },
  });

describe('a line of a dump', () => {
  test('becomes an issue; what is missing is null', () => {
    expect(parseDumpLine(line(), 1)).toEqual({
      id: '7',
      key: 'FERRY-7',
      projectKey: 'FERRY',
      summary: 'Boat',
      description: null,
      environment: null,
      issueType: { id: '1', name: 'Bug', subtask: false, level: null },
      priority: null,
      status: { name: 'Open', category: 'new' },
      labels: ['a'],
      assignee: null,
      reporter: { accountId: accountIdOf('ada'), key: 'ada', displayName: 'Ada Brook', active: true },
      creator: null,
      createdAt: Date.UTC(2026, 2, 2, 7),
      updatedAt: Date.UTC(2026, 2, 2, 8),
      resolvedAt: null,
      resolution: null,
      dueDate: null,
      components: [],
      versions: [],
      fixVersions: [],
      originalEstimateSeconds: null,
      remainingEstimateSeconds: null,
      spentSeconds: null,
      parentKey: null,
      comments: [],
      attachments: [],
      links: [],
      worklogs: [],
    });
  });

  test('keeps a comment without a text, and one without an author', () => {
    const at = '2026-03-02T08:00:00.000+0000';
    const comments = [
      { id: '1', author: ada, created: at, updated: at },
      { id: '2', body: '*x*', created: at, updated: at },
    ];
    const issue = parseDumpLine(line({ comment: { comments } }), 1);
    expect(issue.comments.map(({ author, body }) => [author?.key ?? null, body && linear(body)])).toEqual([
      ['ada', null],
      [null, 'x'],
    ]);
  });

  test('has the same account for the same key, in the form of an account id', () => {
    expect(accountIdOf('ada')).toBe(accountIdOf('ada'));
    expect(accountIdOf('ada')).not.toBe(accountIdOf('bob'));
    expect(accountIdOf('ada')).toMatch(/^712020:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test.each<[string, string, string]>([
    ['is no JSON', '{"summary":"secret"', 'line 3: is no JSON'],
    ['is no issue', '{"secret":1}', 'line 3: id: invalid_type'],
    ['has a wrong member', line({ labels: 'secret' }), 'line 3: fields.labels: invalid_type'],
    ['has a wrong instant', line({ created: 'secret' }), 'line 3: fields.created: invalid_format'],
  ])('that %s is refused by number, without its content', (_, text, message) => {
    expect(() => parseDumpLine(text, 3)).toThrow(message);
    expect(() => parseDumpLine(text, 3)).not.toThrow(/secret/);
  });
});

describe('a dump file', () => {
  const text = [
    line({ summary: 'a\u2028b\u2029c\u0085d' }),
    '',
    line({ description: 'x'.repeat(300_000) }),
    line(),
  ].join('\n');

  test.each<[string, Buffer]>([
    ['plain.jsonl', Buffer.from(text)],
    ['packed.jsonl.gz', gzipSync(text)],
  ])('%s is read line by line', async (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const issues = await all(path);
    expect(issues.map(({ summary }) => summary)).toEqual(['a\u2028b\u2029c\u0085d', 'Boat', 'Boat']);
    expect(await all(path, 2)).toHaveLength(2);
    expect(await all(path, 0)).toHaveLength(0);
  });

  test('that is not there, is cut off, or has a bad line says so', async () => {
    const cut = join(folder, 'cut.jsonl.gz');
    writeFileSync(cut, gzipSync(text).subarray(0, 200));
    const bad = join(folder, 'bad.jsonl');
    writeFileSync(bad, `${line()}\n\n{}\n`);
    await expect(all(join(folder, 'none.jsonl'))).rejects.toThrow(/ENOENT/);
    await expect(all(join(folder, 'none.jsonl.gz'))).rejects.toThrow(/ENOENT/);
    await expect(all(cut)).rejects.toThrow(/unexpected end/);
    await expect(all(bad)).rejects.toThrow(/^line 3: /);
  });
});

describe('the sample issues', async () => {
  const issues = await all(samples);
  const texts = issues.flatMap(({ description, environment, comments }) => [
    description,
    environment,
    ...comments.map(({ body }) => body),
  ]);

  test('all become valid documents', () => {
    const docs = texts.filter((text) => text !== null);
    console.log(`${issues.length} sample issues, ${docs.length} texts`);
    expect(docs.flatMap(adfProblems)).toEqual([]);
    expect(docs.length).toBeGreaterThan(100);
  });

  test('show what an importer must cope with', () => {
    const has = (what: (issue: DumpIssue) => boolean): boolean => issues.some(what);
    const length = (issue: DumpIssue): number => (issue.description === null ? 0 : linear(issue.description).length);
    expect({
      empty: has((issue) => issue.description === null),
      long: has((issue) => length(issue) > 15_000),
      longSummary: has((issue) => issue.summary.length === 255),
      manyLabels: has((issue) => issue.labels.length > 40),
      manyComments: issues.filter((issue) => issue.comments.length >= 10).length,
      bodyless: has((issue) => issue.comments.some(({ body }) => body === null)),
      authorless: has((issue) => issue.comments.some(({ author }) => author === null)),
      inactive: has((issue) => issue.assignee?.active === false),
      unassigned: has((issue) => issue.assignee === null),
      separators: has((issue) => issue.description !== null && /[\u2028\u2029\u0085]/.test(linear(issue.description))),
      subtasks: issues.filter((issue) => issue.issueType.subtask).every((issue) => issue.parentKey !== null),
      parents: issues.every((issue) => issue.parentKey === null || has(({ key }) => key === issue.parentKey)),
      keys: new Set(issues.map(({ key }) => key)).size,
      types: new Set(issues.map(({ issueType }) => issueType.name)).size,
      statuses: new Set(issues.map(({ status }) => status.name)).size,
      priorities: new Set(issues.map(({ priority }) => priority)).size,
    }).toEqual({
      empty: true,
      long: true,
      longSummary: true,
      manyLabels: true,
      manyComments: 3,
      bodyless: true,
      authorless: true,
      inactive: true,
      unassigned: true,
      separators: true,
      subtasks: true,
      parents: true,
      keys: issues.length,
      types: 10,
      statuses: 9,
      priorities: 11,
    });
  });

  test('have no address outside the reserved domains', () => {
    const said = readFileSync(samples, 'utf8');
    const hosts = [...said.matchAll(/(?:https?:\/\/|@)([a-z0-9-]+(?:\.[a-z0-9-]+)+)/g)].map((found) => found[1] ?? '');
    expect(hosts.filter((host) => !host.endsWith('.example'))).toEqual([]);
  });
});

describeWithSharedData('the public dumps', () => {
  test.each([
    ['tidev-MOD.jsonl.gz', 367, 1443],
    ['tidev-DAEMON.jsonl.gz', 317, 475],
    ['tidev-big.jsonl.gz', 24, 461],
  ])('%s is read whole', async (file, count, comments) => {
    const issues = await all(sharedFile(`issues/${file}`));
    expect(issues).toHaveLength(count);
    expect(issues.flatMap((issue) => issue.comments)).toHaveLength(comments);
  });
});
