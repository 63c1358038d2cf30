/**
 * The product as it is composed, over sockets: in this process, and as functions in processes of their own on the emulators. Their own log
 * lines, messages, stored records, backups on disk, the timeline, and no canary in any.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../infra/cli/twinline.ts';
import { receiptFileOf } from '../../infra/local/aftermath.ts';
import { findEmulators } from '../../infra/local/emulators.ts';
import { asAdmin, connectSites } from '../../infra/local/opening.ts';
import { startStack } from '../../infra/local/stack.ts';
import type { Stack } from '../../infra/local/stack.ts';
import { topics } from '../../infra/topology.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { Category } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { canariesIn, canariesInValue, canary } from '../kit/canaries.ts';
import { look, lookedAt, sinks, watch } from '../kit/canaryWatch.ts';

const DAY = 86_400_000;
const SETTLE_MS = 60_000;
/** As the demo has it: fence, deletion, two verifications. */
const MAX_TICKS = 60;
const PAGE = 500;

const emulators = findEmulators();
const why = 'missing' in emulators ? `${emulators.missing} is missing` : undefined;
if (why !== undefined) {
  if (process.env['CI'] !== undefined) throw new Error(`functions of their own processes cannot run: ${why}`);
  console.log(`functions in processes of their own are not watched: ${why}`);
}

let folder: string;
let stack: Stack;
let lines: string[];

async function open(backend: Stack['backend']): Promise<void> {
  lines = [];
  folder = mkdtempSync(join(tmpdir(), 'twinline-canaries-'));
  stack = await startStack({ port: 0, backend, persist: folder, onLine: (line) => lines.push(line) });
  expect(stack.backend).toBe(backend);
}

async function close(): Promise<void> {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function installAll(): Promise<void> {
  for (const { name } of stack.sites) await stack.install(name);
}

/** An issue on `alpha` with canaries, and what people do with it on both sides. */
async function work(): Promise<void> {
  const alpha = stack.jira.acts('alpha');
  const { id } = alpha.createIssue({
    ...{ project: 'ALPHA', summary: canary('summary'), description: `${canary('description')} *and* more` },
    labels: [canary('label')],
  });
  alpha.comment(id, canary('comment'));
  await stack.settled(SETTLE_MS);
  const [there] = stack.jira.snapshot('beta').issues;
  expect(JSON.stringify(there)).toContain(canary('comment'));
  const beta = stack.jira.acts('beta');
  beta.editIssue(there?.id ?? '', { summary: canary('summary', 'beta') });
  alpha.editIssue(id, { description: canary('description', 'again') });
  await stack.settled(SETTLE_MS);
  expect(JSON.stringify(stack.jira.snapshot('alpha'))).toContain(canary('summary', 'beta'));
  expect(JSON.stringify(stack.jira.snapshot('beta'))).toContain(canary('description', 'again'));
}

/** What lies at the place of backups shows nothing. It is gone again before the receipt comes. */
function demandSealed(): void {
  const backups = join(folder, 'backups');
  const files = readdirSync(backups, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(1);
  for (const { parentPath, name } of files)
    expect([name, canariesInValue(readFileSync(join(parentPath, name)))]).toEqual([name, []]);
}

/** `alpha` leaves, and is purged after its days; the receipt's text. */
async function leave(): Promise<string> {
  await stack.uninstall('alpha');
  await stack.settled(SETTLE_MS);
  stack.clock.advance(120 * DAY);
  for (let tick = 0; tick < MAX_TICKS; tick += 1) {
    await stack.tick('sweep');
    await stack.settled(SETTLE_MS);
    stack.clock.advance(60_000);
    const file = await receiptFileOf(stack);
    if (file !== undefined) return file;
  }
  throw new Error('no receipt came');
}

/** The whole of it; looks at what the functions print while it goes on, and answers with the receipt. */
async function play(): Promise<void> {
  const connection = await connectSites(stack);
  const odd = {
    document: { version: 1, [canary('fieldname')]: canary('table'), values: { priority: { [canary('option')]: 7 } } },
  };
  const refused = asAdmin(stack, stack.site('alpha'), 'POST', `/connections/${connection}/rules/versions`, odd);
  const answer = await refused.then(String, String);
  expect([answer.includes('40') || answer.includes('42'), canariesIn(answer)]).toEqual([true, []]);
  await work();
  await stack.tick('backup');
  await stack.settled(SETTLE_MS);
  demandSealed();
  if (stack.backend === 'emulators') await restoreTwice();
  for (const category of categories) await lookAtAll(category);
  const receipt = await leave();
  expect(canariesIn(receipt)).toEqual([]);

  expect(lines.length).toBeGreaterThan(50);
  expect(lines.flatMap((line) => canariesIn(line))).toEqual([]);
  expect(canariesInValue(stack.timeline.all())).toEqual([]);
}

/** As it is typed: each restore takes a database of its own, and one that is named has to be empty. */
async function restoreTwice(): Promise<void> {
  const typed = async (...words: readonly string[]): Promise<readonly [exit: number, said: string]> => {
    const said: string[] = [];
    const spies = (['log', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((line) => void said.push(String(line))),
    );
    const exit = await main(['restore', '--folder', folder, ...words]);
    for (const spy of spies) spy.mockRestore();
    expect(canariesIn(said.join('\n'))).toEqual([]);
    return [exit, said.join('\n')];
  };
  const [exit, first] = await typed();
  const [, into = ''] = /^RESTORED {2}\S+ into the database (\S+),/.exec(first) ?? [];
  expect([exit, first]).toEqual([0, expect.stringContaining('tenants   3 live')]);
  expect(first).toMatch(/tickets {3}reports of the last \d+ hours are lost/);
  expect(await typed()).toEqual([0, expect.stringContaining(`into the database ${into}-2,`)]);
  expect(await typed('--into', into)).toEqual([2, expect.stringContaining('holds records already')]);
  expect(await typed('--set', 'b-20200101-0400')).toEqual([1, expect.stringContaining('(not-found)')]);
}

/** Looks at each record of a category as it is stored, and at its path. */
async function lookAtAll(category: Category): Promise<void> {
  let after: string | undefined;
  do {
    const page = await stack.ports.store.scan(category, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { place, row } of page.items) {
      watch.path(pathOf(category, place));
      watch.row(category, rowOf(category).fields, row);
    }
    after = page.next;
  } while (after !== undefined);
}

describe('in this process', () => {
  beforeAll(async () => open('memory'), 120_000);
  afterAll(close);

  test('a site comes, works, is backed up, leaves and is purged', { timeout: 300_000 }, async () => {
    await installAll();
    await play();
    const seldom = ['letter', 'ticket', 'output'];
    for (const sink of sinks.filter((one) => !seldom.includes(one))) expect(lookedAt()[sink], sink).toBeGreaterThan(0);
  });
});

describe.skipIf(why !== undefined)('in processes of their own', () => {
  let client: PubSub;
  beforeAll(async () => {
    await open('emulators');
    client = new PubSub({ projectId: process.env['GOOGLE_CLOUD_PROJECT'] ?? '' });
  }, 120_000);
  afterAll(async () => {
    await client.close();
    await close();
  });

  /** Reads every topic beside the functions. Answers how many messages came. */
  async function overhear(): Promise<() => number> {
    let heard = 0;
    for (const topic of topics) {
      const [ear] = await client.topic(topic).createSubscription(`${topic}-ear`);
      ear.on('message', (message) => {
        heard += 1;
        look('message', topic, [message.data.toString(), message.attributes]);
        message.ack();
      });
      ear.on('error', () => undefined);
    }
    return () => heard;
  }

  test('a site comes, works, is backed up, leaves and is purged', { timeout: 300_000 }, async () => {
    const heard = await overhear();
    await installAll();
    const rows = lookedAt().row;
    await play();
    expect(heard()).toBeGreaterThan(20);
    expect(lookedAt().row - rows).toBeGreaterThan(50);
  });
});
