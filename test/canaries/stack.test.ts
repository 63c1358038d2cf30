/** The product as it is composed, over sockets in this process: its own log lines, its backups on disk, its timeline, and no canary in any. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeMemory } from '../../functions/compose.ts';
import { receiptFileOf } from '../../infra/local/aftermath.ts';
import { asAdmin, connectSites } from '../../infra/local/opening.ts';
import { startStack } from '../../infra/local/stack.ts';
import type { Stack } from '../../infra/local/stack.ts';
import { canariesIn, canariesInValue, canary } from '../kit/canaries.ts';
import { lookedAt, sinks } from '../kit/canaryWatch.ts';

const DAY = 86_400_000;
const SETTLE_MS = 60_000;
/** As the demo has it: fence, deletion, two verifications. */
const MAX_TICKS = 60;

let folder: string;
let stack: Stack;
const lines: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'twinline-canaries-'));
  composeMemory().onLine((line) => lines.push(line));
  stack = await startStack({ port: 0, backend: 'memory', persist: folder });
  for (const { name } of stack.sites) await stack.install(name);
}, 120_000);
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

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

test('a site comes, works, is backed up, leaves and is purged', { timeout: 300_000 }, async () => {
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
  const receipt = await leave();
  expect(canariesIn(receipt)).toEqual([]);

  expect(lines.length).toBeGreaterThan(50);
  expect(lines.flatMap((line) => canariesIn(line))).toEqual([]);
  expect(canariesInValue(stack.timeline.all())).toEqual([]);
  const seldom = ['letter', 'ticket', 'output'];
  for (const sink of sinks.filter((one) => !seldom.includes(one))) expect(lookedAt()[sink], sink).toBeGreaterThan(0);
});
