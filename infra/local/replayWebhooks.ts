/** Signs and posts recorded webhook bodies as the stand-in's site would, and tells what became of each. */
import { readFile, readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { connectSites } from './opening.ts';
import type { Stack } from './stack.ts';

const WEBHOOK_PATH = '/webhook/jira';
const SETTLE_MS = 60_000;

export interface ReplayResult {
  readonly ok: boolean;
  /** A table for people. */
  readonly lines: readonly string[];
  /** One JSON object for machines. */
  readonly summary: Readonly<Record<string, unknown>>;
}

interface Row {
  readonly file: string;
  readonly verdict: 'accepted' | 'ignored' | 'refused' | 'failed';
  readonly code: string;
  readonly status: number;
}

const answer = z.object({ code: z.string() });

/** Posts every `.json` file below a folder, `INDEX.json` aside; a body that is no JSON is posted as it is. */
export async function replayWebhooks(stack: Stack, folder: string): Promise<ReplayResult> {
  await stack.install('alpha');
  await stack.install('beta');
  await connectSites(stack);
  const files = (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith('.json') && basename(name) !== 'INDEX.json')
    .sort();
  const rows: Row[] = [];
  for (const name of files)
    rows.push(await post(stack, relative(folder, join(folder, name)), await readFile(join(folder, name))));
  await stack.settled(SETTLE_MS);
  const trouble = stack.timeline
    .all()
    .filter((event) => event.tone === 'bad' || event.what === 'process died' || event.source === 'queue');
  const count = (verdict: Row['verdict']): number => rows.filter((row) => row.verdict === verdict).length;
  const summary = {
    ok: files.length > 0 && count('failed') === 0 && trouble.length === 0,
    files: files.length,
    accepted: count('accepted'),
    ignored: count('ignored'),
    refused: count('refused'),
    serverErrors: count('failed'),
    faults: trouble.length,
    verdicts: rows,
  };
  return { ok: summary.ok, lines: table(rows), summary };
}

async function post(stack: Stack, file: string, body: Buffer): Promise<Row> {
  const signer = stack.jira.sign('alpha');
  const token = signer.hs256(signer.claims('POST', WEBHOOK_PATH));
  const response = await fetch(`${stack.address}${WEBHOOK_PATH}`, {
    method: 'POST',
    headers: { authorization: `JWT ${token}`, 'content-type': 'application/json' },
    body: new Uint8Array(body),
  });
  return { file, status: response.status, ...verdictOf(response.status, await response.text()) };
}

function verdictOf(status: number, text: string): Pick<Row, 'verdict' | 'code'> {
  const code = codeOf(text);
  if (status >= 500) return { verdict: 'failed', code: code ?? 'unknown' };
  // The functions framework itself refuses a body that is no JSON before any of our code runs.
  if (status >= 400) return { verdict: 'refused', code: code ?? 'body-malformed' };
  return { verdict: code === 'accepted' ? 'accepted' : 'ignored', code: code ?? 'unknown' };
}

function codeOf(text: string): string | undefined {
  try {
    return answer.parse(JSON.parse(text)).code;
  } catch {
    return undefined;
  }
}

function table(rows: readonly Row[]): readonly string[] {
  const width = Math.max(4, ...rows.map(({ file }) => file.length));
  return [
    `${'file'.padEnd(width)}  verdict   code`,
    ...rows.map(({ file, verdict, code }) => `${file.padEnd(width)}  ${verdict.padEnd(8)}  ${code}`),
  ];
}
