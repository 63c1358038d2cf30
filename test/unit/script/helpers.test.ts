import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { plainText } from '../../../shared/adf/text.ts';
import type { AdfDoc } from '../../../shared/model/adf.ts';
import { ScriptPool } from '../../../shared/script/pool.ts';
import { ask, outgoing } from './kit.ts';

const pool = new ScriptPool();
afterAll(() => pool.close());

/** The value of an expression over `replica`. */
async function valueOf(expression: string, replica: unknown = {}): Promise<unknown> {
  const ending = await pool.run(ask(outgoing(`return { is: ${expression} };`), { replica }));
  return ending.code === 'done' ? (ending.value as { is?: unknown }).is : ending;
}

const rich: AdfDoc = {
  type: 'doc',
  version: 1,
  content: [
    { type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: 'Head' }] },
    {
      type: 'bulletList',
      content: [
        { type: 'listItem', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'one' }] }] },
        {
          type: 'listItem',
          content: [
            {
              type: 'paragraph',
              content: [
                { type: 'mention', attrs: { id: 'a', text: '@Ada' } },
                { type: 'hardBreak' },
                { type: 'emoji', attrs: { shortName: ':x:' } },
                { type: 'unknownInline', attrs: { text: 'hidden' } },
              ],
            },
          ],
        },
      ],
    },
    { type: 'blockCard', attrs: { url: 'https://example.org' } },
    { type: 'rule' },
    { type: 'paragraph' },
  ],
};

const paragraph = (words: string): object => ({ type: 'paragraph', content: [{ type: 'text', text: words }] });

const values: readonly [string, unknown, unknown?][] = [
  ['text(null)', ''],
  ['text("a")', 'a'],
  ['adf("a\\n\\nb")', { type: 'doc', version: 1, content: [paragraph('a'), paragraph('b')] }],
  ['adf("")', { type: 'doc', version: 1, content: [] }],
  ['text(append(adf("a"), "b"))', 'a\nb'],
  ['text(append(null, adf("b")))', 'b'],
  ['text(prepend(adf("a"), "b"))', 'b\na'],
  ['mapText("a", (it) => it + "!")', 'a!'],
  ['mapText(null, (it) => it)', null],
  ['text(mapText(adf("a\\nb"), (it) => it.toUpperCase()))', 'A\nB'],
  ['mapText(adf("a"), () => "")', { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [] }] }],
  ['hideMails("a@b.example, c@d")', '[e-mail], c@d'],
  ['hideMails("a@b.example", "***")', '***'],
  ['hideMails("$& a@b.example", "$&")', '$& $&'],
  ['truncate("abcdef", 6)', 'abcdef'],
  ['truncate("abcdefg", 6)', 'abcde…'],
  ['truncate("abcd efg", 6)', 'abcd …'],
  ['truncate("\ud83d\ude00\ud83d\ude00\ud83d\ude00", 2, "")', '\ud83d\ude00\ud83d\ude00'],
  ['[null, undefined, "", [], adf(""), adf(" ")].map(isEmpty)', [true, true, true, true, true, true]],
  ['[0, false, "a", [0], adf("a"), {}].map(isEmpty)', [false, false, false, false, false, false]],
  ['combine(" / ", "a", null, adf("b"), "", 3, undefined)', 'a / b / 3'],
  ['addLabels({ labels: ["b"] }, "c", "a", "b")', { labels: ['a', 'b', 'c'] }],
  ['addLabels({}, "a")', { labels: ['a'] }],
  ['removeLabels({ labels: ["a", "b"] }, "a", "x")', { labels: ['b'] }],
  ['removeLabels({}, "a")', {}],
  ['keepLabels({ labels: ["a", "b"] }, (it) => it > "a")', { labels: ['b'] }],
  ['addTo({}, "components", "UI")', { components: ['UI'] }],
  ['removeFrom({ components: ["UI"] }, "components", "UI")', { components: [] }],
  ['keepIn({ fixVersions: ["1", "2"] }, "fixVersions", (it) => it === "2")', { fixVersions: ['2'] }],
  ['keepComments({ comments: [{ id: "1" }, { id: "2" }] }, ({ id }) => id === "2")', { comments: [{ id: '2' }] }],
  [
    'mapComments({ comments: [{ id: "1" }] }, (it) => ({ ...it, body: null }))',
    { comments: [{ id: '1', body: null }] },
  ],
  ['mapComments({}, (it) => it)', {}],
  ['mapValue({ a: "b" }, "a")', 'b'],
  ['mapValue({ a: "b" }, "c")', 'c'],
  ['mapValue({ a: "b" }, "toString", "x")', 'x'],
  ['mapValue({ a: "b" }, null, "x")', 'x'],
  ['same({ a: [1, { b: null }], c: 2 }, { c: 2, a: [1, { b: null }] })', true],
  ['same([1, 2], [2, 1]) || same({ a: 1 }, { b: 1 }) || same([], {}) || same(null, {})', false],
  ['fieldChanged(null, { a: 1 }, "a")', true],
  ['fieldChanged(null, { a: null }, "a")', false],
  ['fieldChanged({ a: ["x"] }, { a: ["x"] }, "a")', false],
  ['changedFields({ a: 1, b: 2, c: 3 }, { b: 3, c: 3, d: 1 })', ['a', 'b', 'd']],
  ['only({ a: 1, b: 2 }, "b", "x")', { b: 2 }],
  ['without({ a: 1, b: 2 }, "b", "x")', { a: 1 }],
  ['nameOf({ people: { x: "Ada" } }, "x")', 'Ada'],
  ['nameOf({}, "x", "nobody")', 'nobody'],
  ['nameOf({ people: {} }, "constructor")', ''],
  ['addDays("2026-02-27", 3)', '2026-03-02'],
  ['addDays("2024-02-28", 1)', '2024-02-29'],
  ['addDays("2026-01-01", -1)', '2025-12-31'],
  ['addDays("2026-11-25T15:20:00.000Z", 1)', '2026-11-26'],
  ['daysBetween("2024-01-01", "2025-01-01")', 366],
  ['daysBetween("1970-01-01", "1969-12-31")', -1],
];

const refused: readonly string[] = [
  'text(1)',
  'adf(null)',
  'append({}, "x")',
  'mapText("a", () => 1)',
  'truncate(null, 3)',
  'combine(1, "a", "b")',
  'addLabels({}, 1)',
  'addLabels(null, "a")',
  'mapValue(null, "a")',
  'addDays("tomorrow", 1)',
  'addDays("2026-01-01", 0.5)',
];

describe('the helpers', () => {
  test('X11 are those of the declarations', async () => {
    const told = readFileSync(join(import.meta.dirname, '../../../shared/script/examples/rule.d.ts'), 'utf8');
    const declared = [...told.matchAll(/^declare function (\w+)/gm)].map(([, name]) => name);
    const code = readFileSync(join(import.meta.dirname, '../../../shared/script/helpers.js'), 'utf8');
    const [, list = ''] = /const helpers = \{([^}]*)\}/.exec(code) ?? [];
    const helpers = list
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    expect([...new Set(declared)].sort()).toEqual([...helpers].sort());
    expect(await valueOf(`[${helpers.join(', ')}].every((it) => typeof it === 'function')`)).toBe(true);
  });

  test.each(values)('X11 %s', async (expression, value) => {
    expect(await valueOf(expression)).toEqual(value);
  });

  test.each(refused)('X11 %s is refused with its place', async (expression) => {
    expect(await valueOf(expression)).toMatchObject({
      code: 'script-error',
      reason: 'helper-refused',
      at: { line: 2 },
    });
  });

  test('X11 `text` reads a document as the engine does', async () => {
    expect(await valueOf('text(replica)', rich)).toBe(plainText(rich));
  });

  test.each([1896, 1968, 1996, 2024, 2096, 2396])(
    'X11 from %d on, each of six years has the days that it has',
    async (year) => {
      const body = `
        let day = '${year}-01-01';
        const steps = daysBetween(day, '${year + 6}-01-01');
        for (let n = 0; n < steps; n++) {
          const next = addDays(day, 1);
          if (next <= day || daysBetween(day, next) !== 1) return { day };
          day = next;
        }
        return { steps, day };`;
      const steps = (Date.UTC(year + 6, 0, 1) - Date.UTC(year, 0, 1)) / 86_400_000;
      expect(await pool.run(ask(outgoing(body)))).toMatchObject({ value: { steps, day: `${year + 6}-01-01` } });
    },
  );

  test('X11 a long text without an address costs `hideMails` no more than its length', async () => {
    expect(await valueOf('hideMails("a".repeat(32767)).length')).toBe(32767);
  });
});
