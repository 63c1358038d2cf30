import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundlePage } from '../../infra/local/page/bundle.ts';
import type { IssueView } from '../../infra/local/page/api.ts';
import { startStack } from '../../infra/local/stack.ts';
import type { Stack } from '../../infra/local/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ port: 0, backend: 'memory' });
}, 60_000);
afterAll(() => stack.stop());

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${stack.address}/local${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

test('the page’s server logs work, attaches and links, shows each and takes it away again', async () => {
  const issues = '/sites/alpha/issues';
  const [one, two] = [
    await ask<{ id: string }>('POST', issues, { summary: 'x', type: 'Task' }),
    await ask<{ id: string }>('POST', issues, { summary: 'y', type: 'Task' }),
  ];
  const path = `${issues}/${one.id}`;
  const { key } = await ask<IssueView>('GET', `${issues}/${two.id}`);
  await ask('POST', `${path}/worklogs`, { timeSpent: '2h 30m', wiki: 'dug' });
  await ask('POST', `${path}/files`, { name: 'a.txt', type: 'text/plain', base64: btoa('Hi') });
  await ask('POST', `${path}/links`, { type: 'Blocks', other: key });
  const { parts } = await ask<IssueView>('GET', path);
  expect(parts).toMatchObject({
    worklogs: [{ timeSpent: '2h 30m' }],
    files: [{ name: 'a.txt', bytes: 2 }],
    links: [{ words: 'blocks', other: key }],
  });
  await ask('DELETE', `${path}/worklogs/${parts.worklogs[0]!.id}`);
  await ask('DELETE', `/sites/alpha/files/${parts.files[0]!.id}`);
  await ask('DELETE', `/sites/alpha/links/${parts.links[0]!.id}`);
  expect((await ask<IssueView>('GET', path)).parts).toEqual({ worklogs: [], files: [], links: [] });
  expect(stack.jira.violations()).toEqual([]);
}, 60_000);

test('the page with all of it is bundled', async () => {
  const { js } = await bundlePage();
  expect(Buffer.from(js).toString()).toContain('Log work');
}, 60_000);
