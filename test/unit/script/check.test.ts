import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { ScriptProblem } from '../../../shared/model/script.ts';
import { ScriptPool } from '../../../shared/script/pool.ts';
import { ask, one, outgoing } from './kit.ts';

const pool = new ScriptPool();
afterAll(() => pool.close());

const problems = async (source: string): Promise<readonly string[]> => {
  const check = await pool.check(one, source);
  if (check.code !== 'done') return [check.code];
  return check.problems.map(({ code, line, column, name }: ScriptProblem) =>
    [code.replace('script-', ''), `${line}:${column}`, name].filter(Boolean).join(' '),
  );
};

const amiss: readonly [string, readonly string[]][] = [
  [outgoing('let a = ;'), ['syntax 2:9']],
  ['function outgoing( {', ['syntax 1:21']],
  ['import x from "y"; function outgoing() {}', ['syntax 1:8']],
  [outgoing('return Date.now();'), ['name-unknown 2:8 Date']],
  [
    outgoing('const now = new Date();\nsetTimeout(() => fetch(now), 1);'),
    ['name-unknown 2:17 Date', 'name-unknown 3:1 setTimeout', 'name-unknown 3:18 fetch'],
  ],
  [outgoing('return Math.random();'), ['name-unknown 2:13 Math.random']],
  [outgoing('const fs = require("fs"); process.exit(fs);'), ['name-unknown 2:12 require', 'name-unknown 2:27 process']],
  [outgoing('return replcia;'), ['name-unknown 2:8 replcia']],
  [
    outgoing('eval("1"); new Function("1"); import("x");'),
    ['name-unknown 2:1 eval', 'name-unknown 2:16 Function', 'name-unknown 2:31 import'],
  ],
  [outgoing('return Object.fromKeys({});'), ['name-unknown 2:15 Object.fromKeys']],
  [outgoing('total = 1;'), ['name-unknown 2:1 total']],
  ['function outgiong(issue, replica) {}', ['entry-missing 1:1', 'entry-unknown 1:10 outgiong']],
  [`${outgoing('return used();')}\nfunction used() {}\nfunction lost() {}`, ['entry-unknown 5:10 lost']],
  [
    outgoing('replica.sumary = issue.kee + issue.fields.descripton;'),
    ['field-unknown 2:9 sumary', 'field-unknown 2:24 kee', 'field-unknown 2:43 descripton'],
  ],
  [outgoing("return [1].map(() => replica['custom:colour:X']);"), ['field-unknown 2:30 custom:colour:X']],
  [
    'const incoming = (it, here, before) => { it.summary = before?.title ?? here.fields.x; };',
    ['field-unknown 1:63 title', 'field-unknown 1:84 x'],
  ],
  ['async function outgoing() {}', ['entry-odd 1:16 outgoing']],
  ['const incoming = function* () {};', ['entry-odd 1:7 incoming']],
  ['', ['entry-missing 1:1']],
  [`//${'x'.repeat(70_000)}`, ['too-large 1:1']],
  ['['.repeat(20_000), [expect.stringMatching(/^syntax 1:\d+$/) as string]],
];

const fine: readonly string[] = [
  outgoing(''),
  outgoing('return typeof Date === "undefined" ? replica : null;'),
  outgoing('const { summary: s } = replica; { const replica = { x: s }; return replica.x; }'),
  outgoing(
    "replica['custom:option:Severity'] = issue.fields.labels; replica.comments.toString(); replica[issue.key] = 1;",
  ),
  outgoing('return [{ x: 1 }].map((replica) => replica.x);'),
  outgoing('const { a, b: [c, ...d], ...e } = issue; return { a, c, d, e };'),
  outgoing('const Date = { now: () => 1 }; return Date.now();'),
  outgoing('out: for (const key of Object.keys(replica)) { if (key) continue out; }'),
  outgoing('try { skip(); } catch (e) { return e; } finally { replica.labels = [arguments.length]; }'),
  outgoing('class A { #x = 1; static y = 2; get x() { return this.#x; } } return { x: new A().x, Date: A.y };'),
  outgoing('const f = function g(n) { return n ? g(n - 1) : undefined; }; return f(NaN);'),
  'const outgoing = (issue, replica) => helper(replica);\nconst helper = ({ labels = [] }) => addLabels({ labels }, `x${labels.length}`);',
  'function incoming(replica, issue, previous) { return fieldChanged(previous, replica, "summary") ? replica : skip(); }',
];

describe('the check', () => {
  test.each(amiss)('X10 tells what is amiss in `%s`', async (source, expected) => {
    expect(await problems(source)).toEqual(expected);
  });

  test.each(fine)('X10 has nothing against `%s`', async (source) => {
    expect(await problems(source)).toEqual([]);
  });

  test('X10 runs nothing', async () => {
    expect(await problems(`for (;;) {}\n${outgoing('')}`)).toEqual([]);
  });

  test('X10 any text is checked and run to an ending', async () => {
    const pieces = [
      'function',
      ' outgoing',
      '(',
      ')',
      '{',
      '}',
      '[',
      ']',
      'x',
      '=>',
      '=',
      ';',
      '`',
      '${',
      '"',
      '/',
      '*',
      'class ',
      'async ',
      'yield ',
      'return ',
      '...',
      '#',
      '?.',
      '\\u{61}',
      '1n',
      '\n',
      'issue',
      '.fields',
      ' of ',
      'for',
      'let ',
      '\ud800',
      '\0',
    ];
    const texts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(texts, async (parts) => {
        const source = parts.join('');
        const check = await pool.check(one, source);
        const ending = await pool.run(ask(source));
        expect(check.code).toBe('done');
        expect(['done', 'script-skipped', 'script-syntax', 'script-error', 'script-timeout']).toContain(ending.code);
        if (ending.code === 'script-syntax') {
          expect(check.code === 'done' && check.problems.map(({ code }) => code)).toEqual(['script-syntax']);
        }
      }),
      { numRuns: 150 },
    );
  });
});
