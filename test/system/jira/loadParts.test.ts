import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { judgeResponse } from '../../../infra/local/jira/contract/judge.ts';
import { readDump } from '../../../infra/local/jira/http/dumpFile.ts';
import { parseDumpLine, parseDumpWorklog } from '../../../infra/local/jira/model/dump.ts';
import type { DumpIssue } from '../../../infra/local/jira/model/dump.ts';
import { isRecord } from '../../../infra/local/jira/model/richText.ts';
import { wikiToAdf } from '../../../infra/local/jira/model/wiki.ts';
import type { Rig } from './standIn.ts';
import { standIn } from './standIn.ts';
import { describeWithSharedData, sharedFile } from './sharedData.ts';

const AT = '2026-03-02T08:00:00.000+0000';
const ada = { key: 'ada', displayName: 'Ada Brook', active: true };
const BLOCKS = { id: '1', name: 'Blocks', inward: 'is blocked by', outward: 'blocks' };

function dumped(key: string, fields: Record<string, unknown>): DumpIssue {
  const base = {
    issuetype: { id: '1', name: 'Bug', subtask: false },
    status: { name: 'Open' },
    reporter: ada,
    created: AT,
    updated: AT,
  };
  return parseDumpLine(JSON.stringify({ id: key.slice(2), key, fields: { ...base, ...fields } }), 1);
}

describe('a loaded dump', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await standIn({ indexLagMs: 0 });
  });
  afterEach(() => rig.close());

  it('has its files, links, worklogs and restrictions', async () => {
    const visibility = { type: 'role', value: 'Wizards' };
    rig.jira.load(
      'alpha',
      'OLD',
      [
        dumped('XX-1', {
          attachment: [{ id: '5', filename: 'a.png', author: ada, created: AT, size: 100_000, mimeType: 'image/png' }],
          issuelinks: [
            { id: '9', type: BLOCKS, outwardIssue: { key: 'XX-2' } },
            { id: '8', type: BLOCKS, outwardIssue: { key: 'YY-1' } },
          ],
          worklog: {
            worklogs: [{ author: ada, comment: '*dug*', created: AT, updated: AT, started: AT, timeSpentSeconds: 60 }],
          },
          comment: { comments: [{ id: '1', author: ada, body: 'x', created: AT, updated: AT, visibility }] },
        }),
        dumped('XX-2', { issuelinks: [{ id: '9', type: BLOCKS, inwardIssue: { key: 'XX-1' } }] }),
      ],
      { announce: false },
    );
    const [one, two] = rig.jira.snapshot('alpha').issues;
    expect(one).toMatchObject({
      attachments: [{ filename: 'a.png', sizeBytes: 100_000, sha256: null }],
      links: [{ words: 'blocks', other: 'OLD-2' }],
      worklogs: [{ spentSeconds: 60, text: 'dug', startedAt: Date.parse('2026-03-02T08:00:00Z') }],
      comments: [{ visibility: { type: 'role', value: 'Administrators' } }],
    });
    expect(two).toMatchObject({ links: [{ words: 'is blocked by', other: 'OLD-1' }] });

    // Bytes that the dump does not have are made up: as many as it says, and the same every time.
    const { address, users } = rig.jira.sites[0]!;
    const basic = Buffer.from(`${users[0]!.emailAddress}:${users[0]!.apiToken}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    const url = `${address}/rest/api/3/attachment/content/${one!.attachments[0]!.id}?redirect=false`;
    const whole = Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
    const part = await fetch(url, { headers: { ...headers, range: 'bytes=65530-65545' } });
    expect(whole.length).toBe(100_000);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(65_530, 65_546))).toBe(true);
  });
});

function lines(path: string): readonly Record<string, unknown>[] {
  const text = gunzipSync(readFileSync(sharedFile(path))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describeWithSharedData('recorded worklogs, links and files', () => {
  test('worklogs of a real Cloud site fit the contract, and load', () => {
    const worklogs = lines('issues/devlake-worklogs.jsonl.gz');
    // Recorded by REST v2: comments are markup.
    const asV3 = worklogs.map(({ comment, ...rest }) => {
      return { ...rest, ...(typeof comment === 'string' ? { comment: wikiToAdf(comment) } : {}) };
    });
    expect(worklogs.length).toBeGreaterThan(20);
    expect(asV3.flatMap((one) => judgeResponse('getWorklog', 200, one))).toEqual([]);
    const parsed = worklogs.map((one, index) => parseDumpWorklog(JSON.stringify(one), index + 1));
    expect(parsed.every(({ author, spentSeconds }) => author !== null && spentSeconds > 0)).toBe(true);
  });

  test('remote links of a real Cloud site fit the contract', () => {
    const links = lines('issues/devlake-remotelinks.jsonl.gz');
    expect(links.length).toBeGreaterThan(100);
    expect(links.flatMap((one) => judgeResponse('getRemoteIssueLinkById', 200, one))).toEqual([]);
  });

  test('a public dump loads with its files and links', async () => {
    const issues: DumpIssue[] = [];
    for await (const issue of readDump(sharedFile('issues/tidev-MOD.jsonl.gz'))) issues.push(issue);
    const rig = await standIn({ indexLagMs: 0 });
    rig.jira.load('alpha', 'OLD', issues, { announce: false });
    const { issues: loaded } = rig.jira.snapshot('alpha');
    const keys = new Set(issues.map(({ key }) => key));
    const links = new Set(
      issues.flatMap(({ links: own }) => own.filter(({ otherKey }) => keys.has(otherKey)).map(({ id }) => id)),
    );
    const files = issues.reduce((sum, { attachments }) => sum + attachments.length, 0);
    console.log(`${issues.length} issues, ${files} files, ${links.size} links among them`);
    expect(loaded.reduce((sum, { attachments }) => sum + attachments.length, 0)).toBe(files);
    expect(loaded.reduce((sum, one) => sum + one.links.length, 0)).toBe(2 * links.size);
    expect(files).toBeGreaterThan(50);
    expect(links.size).toBeGreaterThan(20);
    expect(isRecord(loaded[0]?.fields)).toBe(true);
    await rig.close();
  });
});
