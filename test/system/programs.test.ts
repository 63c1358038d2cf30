/** The programs that people start, typed wrongly: one sentence, exit code 2, and nothing has begun. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly problem: string;
}

function run(script: string, words: readonly string[]): Promise<Ended> {
  const [, file = ''] = /^node (\S+)$/.exec(scripts[script] ?? '') ?? [];
  return new Promise((done) => {
    execFile(process.execPath, [join(root, file), ...words], { cwd: root }, (error, out, problem) =>
      done({ exit: typeof error?.code === 'number' ? error.code : 0, out, problem }),
    );
  });
}

test.each([
  ['start', ['--bad'], "Unknown option '--bad'."],
  ['start', ['--port', 'x'], '--port is a whole number of at least 0.'],
  ['demo', ['--kills', '-1'], "Option '--kills' argument is ambiguous."],
  ['demo', ['--kills', 'many'], '--kills is a whole number of at least 0.'],
  ['replay', ['--issues', 'nowhere.jsonl'], 'There is nothing at nowhere.jsonl.'],
  ['bench', ['quickly'], 'There is no bench “quickly”'],
  ['bench', ['purge', '--documents', '1.5'], '--documents is a whole number of at least 1.'],
  ['plan', ['--everything'], "Unknown option '--everything'."],
  ['documents', ['--everything'], "Unknown option '--everything'."],
  ['simulate', ['--seeds', '0'], '--seeds is a whole number of at least 1.'],
  ['simulate', ['--lives', '--tenants', 'all'], '--tenants is a whole number of at least 1.'],
  ['mutants', ['--only', 'no such build'], 'No broken build of the list has “no such build” in it.'],
  ['promises', ['--everything'], "Unknown option '--everything'."],
])('npm run %s -- %j', { timeout: 60_000 }, async (script, words, says) => {
  const { exit, out, problem } = await run(script, words);
  expect([exit, out, problem.trim()]).toEqual([2, '', expect.stringContaining(says)]);
  expect(problem.trim().split('\n')).toHaveLength(1);
});
