/**
 * `npm run promises`: runs the evidence of every promise and prints what it showed. With `--json` standard output is one JSON array of
 * `{id, evidence, kind, result}` and nothing else. Exit code 1 when a shown one fails or a row is empty.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { optionsOf } from '../../infra/cli/options.ts';
import { evidence } from './evidence.ts';
import { judge } from './judge.ts';
import type { TestEnd } from './judge.ts';

const root = resolve(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

const { values } = optionsOf({ options: { json: { type: 'boolean', default: false } } });

const files = [...new Set(Object.values(evidence).flatMap(({ tests = {} }) => Object.keys(tests)))];
const rows = judge(evidence, run(files));
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
else {
  for (const { id, kind, result, evidence: by } of rows) {
    console.log(`${id}  ${evidence[id]?.promise ?? ''}`);
    console.log(`      ${kind}, ${result}: ${by}`);
  }
  const of = (result: string): number => rows.filter((row) => row.result === result).length;
  console.log(`${rows.length} promises: ${of('kept')} shown now, ${of('by hand')} by hand, ${of('broken')} broken`);
}
process.exitCode = rows.some(({ result }) => result === 'broken') ? 1 : 0;

/** Runs test files once; their own output goes to standard error. */
function run(names: readonly string[]): readonly TestEnd[] {
  const folder = mkdtempSync(join(tmpdir(), 'twinline-promises-'));
  try {
    const file = join(folder, 'results.json');
    const paths = names.map((name) => `test/${name}.test.ts`);
    const how = ['run', '--config', 'test/vitest.config.ts', '--reporter=json', `--outputFile=${file}`];
    spawnSync(process.execPath, [vitest, ...how, ...paths], { cwd: root, stdio: ['ignore', 2, 2] });
    return endsIn(JSON.parse(readFileSync(file, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

function endsIn(report: Report): readonly TestEnd[] {
  return report.testResults.flatMap(({ name, assertionResults }) => {
    const file = name.slice(join(root, 'test/').length).replace(/\.test\.ts$/, '');
    return assertionResults.map(({ ancestorTitles, title, status }) => {
      return { file, groups: ancestorTitles, title, isPassed: status === 'passed', isSkipped: status === 'skipped' };
    });
  });
}
