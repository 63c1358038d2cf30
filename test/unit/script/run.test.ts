import { afterAll, describe, expect, test } from 'vitest';
import type { ScriptEnding } from '../../../shared/model/script.ts';
import { BUDGET, budgetWith } from '../../../shared/script/budget.ts';
import type { ScriptBudget } from '../../../shared/script/budget.ts';
import { ScriptPool } from '../../../shared/script/pool.ts';
import { ask, one, other, outgoing } from './kit.ts';

const pools: ScriptPool[] = [];
function poolOf(settings: Partial<ScriptBudget> = {}): ScriptPool {
  const made = new ScriptPool(settings);
  pools.push(made);
  return made;
}
const pool = poolOf();
afterAll(async () => {
  await Promise.all(pools.map((made) => made.close()));
});

const valueOf = (ending: ScriptEnding): unknown => (ending.code === 'done' ? ending.value : ending);
const run = async (body: string): Promise<ScriptEnding> => pool.run(ask(outgoing(body)));

describe('a run', () => {
  test('X1 the same ask gives the same bytes, in the same worker and in another', async () => {
    const source = outgoing(`
      const words = replica.summary.split(' ').sort((a, b) => a.localeCompare(b));
      return { words, keys: Object.keys(globalThis), sum: Math.sin(1) * Math.exp(1.5), hash: [...new Set(words)].join(''),
        error: (() => { try { null.x; } catch (e) { return e.stack; } })() };`);
    const texts = [];
    for (const each of [pool, pool, poolOf(), poolOf()]) {
      texts.push(JSON.stringify(valueOf(await each.run(ask(source)))));
    }
    expect(texts[0]).toContain('Printer');
    expect(new Set(texts).size).toBe(1);
  });

  test('X2 a run leaves nothing to the next one, of the same tenant or another', async () => {
    const leave =
      'globalThis.left = 1; Object.prototype.left = 1; Array.prototype.left = 1; text.left = 1; Math.left = 1;';
    const look =
      'return { left: [globalThis.left, ({}).left, [].left, text.left, Math.left].filter((it) => it !== undefined) };';
    expect((await run(leave)).code).toBe('done');
    for (const tenant of [one, other]) {
      expect(valueOf(await pool.run(ask(outgoing(look), { tenant })))).toEqual({ left: [] });
    }
  });

  const results: readonly [string, string, unknown][] = [
    ['changes its replica', 'replica.summary += "!"; delete replica.labels;', { summary: 'Printer on fire!' }],
    ['returns another value', 'return { summary: issue.key };', { summary: 'PAY-1' }],
    ['does nothing', '', { summary: 'Printer on fire', labels: ['b', 'a'] }],
    ['leaves members undefined', 'return { a: undefined, b: null };', { b: null }],
  ];
  test.each(results)('X3 a script that %s', async (_what, body, value) => {
    expect(valueOf(await run(body))).toEqual(value);
  });

  test.each(['return null;', 'return skip();', 'skip();', 'const deep = () => skip(); [1].forEach(deep);'])(
    'X3 `%s` sends nothing',
    async (body) => {
      expect((await run(body)).code).toBe('script-skipped');
    },
  );

  test('X3 `incoming` gets the replica, the issue and the previous replica, which is null at first', async () => {
    const source = 'const incoming = (replica, issue, previous) => ({ replica, key: issue.key, previous });';
    const first = ask(source, { entry: 'incoming', replica: { summary: 'b' } });
    expect(valueOf(await pool.run(first))).toEqual({ replica: { summary: 'b' }, key: 'PAY-1', previous: null });
    const second = { ...first, previous: { summary: 'a' } };
    expect(valueOf(await pool.run(second))).toMatchObject({ previous: { summary: 'a' } });
  });

  test('X3 a script without the entry point changes nothing', async () => {
    expect(valueOf(await pool.run(ask('function incoming() { return null; }')))).toEqual(ask('').replica);
  });

  test.each(['issue.key = "B-1";', 'issue.fields.labels.sort();', 'delete issue.key;', 'issue.more = 1;'])(
    'X4 `%s` is refused with its place',
    async (body) => {
      expect(await run(body)).toMatchObject({ code: 'script-error', at: { line: 2 } });
    },
  );

  test('X4 `previous` is read only too', async () => {
    const source = 'function incoming(replica, issue, previous) {\n  previous.summary = "x";\n}';
    expect(await pool.run(ask(source, { entry: 'incoming', previous: { summary: 'a' } }))).toMatchObject({
      code: 'script-error',
      reason: 'read-only',
      at: { line: 2, column: 11 },
    });
  });

  test('X5 a result 64 deep is a value, a deeper one is odd', async () => {
    const deep = (levels: number): string => `let a = 1; for (let i = 0; i < ${levels}; i++) a = [a]; return a;`;
    expect((await run(deep(64))).code).toBe('done');
    expect((await run(deep(65))).code).toBe('script-output-odd');
  });

  test('X5 texts come through as they are', async () => {
    const summary = 'a\u0000b\u2028c\ud83d\ude00 "\\" \ud800 ünï';
    const ending = await pool.run(ask(outgoing('replica.copy = replica.summary;'), { replica: { summary } }));
    expect(valueOf(ending)).toEqual({ summary, copy: summary });
  });

  const failures: readonly [string, object][] = [
    ['return replica.x.y;', { code: 'script-error', reason: 'reads-nothing', at: { line: 2, column: 17 } }],
    ['return replica.x();', { code: 'script-error', reason: 'not-a-function', at: { line: 2, column: 1 } }],
    ['return summary;', { code: 'script-error', reason: 'name-unknown', at: { line: 2, column: 8 } }],
    ['\n\n  adf(1);', { code: 'script-error', reason: 'helper-refused', at: { line: 4, column: 6 } }],
    ['throw new Error(replica.summary);', { code: 'script-error', reason: 'thrown', at: { line: 2, column: 16 } }],
    ['throw replica.summary;', { code: 'script-error', reason: 'thrown' }],
    ['const f = () => f() + 1; f();', { code: 'script-error', reason: 'too-deep', at: { line: 2, column: 18 } }],
    ['let x = ;', { code: 'script-syntax', reason: 'syntax', at: { line: 2, column: 9 } }],
    ['JSON.parse("{" + replica.summary);', { code: 'script-error', reason: 'thrown', at: { line: 2, column: 11 } }],
  ];
  test.each(failures)('X6 `%s` fails with a place and a reason, and with nothing else', async (body, expected) => {
    const { usage, ...told } = await run(body);
    expect(told).toEqual(expected);
    expect(JSON.stringify(told)).not.toContain('Printer');
    expect(Object.keys(usage)).toEqual(['cpuMs']);
  });

  test('X6 a place that a script makes up outside its own text is none', async () => {
    const body = 'const e = new Error("x"); e.stack = "at f (rule.js:31337:1)"; throw e;';
    expect(await run(body)).not.toHaveProperty('at');
  });

  test('X7 settings shorten a bound and never widen it', () => {
    const more = Object.fromEntries(Object.entries(BUDGET).map(([name, bound]) => [name, bound * 2]));
    expect(budgetWith(more)).toEqual(BUDGET);
    const less = Object.fromEntries(Object.entries(BUDGET).map(([name, bound]) => [name, Math.ceil(bound / 2)]));
    expect(budgetWith(less)).toEqual(less);
  });

  test.each([{ cpuMs: 20 }, { wallMs: 30 }])('X7 %j ends a loop of the engine itself', async (settings) => {
    const { code, usage } = await poolOf(settings).run(ask(outgoing('new Array(4294967295).indexOf(1);')));
    expect(code).toBe('script-timeout');
    expect(usage.cpuMs).toBeLessThan(BUDGET.cpuMs);
  });

  const bounds: readonly [Partial<ScriptBudget>, string, ScriptEnding['code']][] = [
    [{ steps: 10 }, 'for (let i = 0; i < 1e6; i++) {}', 'script-timeout'],
    [{ cpuMs: 5 }, 'for (let i = 0; i < 1e6; i++) {}', 'script-timeout'],
    [{ memoryBytes: 0 }, 'new Uint8Array(14e6);', 'script-memory'],
    [{ stackBytes: 32_768 }, 'const f = (n) => (n === 0 ? 0 : 1 + f(n - 1)); f(1000);', 'script-error'],
    [{ inputBytes: 100 }, '', 'script-input-large'],
    [{ outputBytes: 100 }, 'return { s: "x".repeat(100) };', 'script-output-large'],
    [{ outputBytes: 100 }, 'return { s: "ü".repeat(60) };', 'script-output-large'],
    [{ sourceBytes: 20 }, '', 'script-too-large'],
  ];
  test.each(bounds)('X7 %j bounds `%s`', async (settings, body, code) => {
    expect((await run(body)).code).toBe('done');
    expect((await poolOf(settings).run(ask(outgoing(body)))).code).toBe(code);
  });

  test('X9 a tenant holds one worker at most: others pass one that always uses all of its time', async () => {
    const own = poolOf();
    const order: string[] = [];
    const slow = [1, 2, 3].map(async () => {
      await own.run(ask(outgoing('for (;;) {}')));
      order.push('slow');
    });
    const quick = (async () => {
      expect((await own.run(ask(outgoing(''), { tenant: other }))).code).toBe('done');
      order.push('quick');
    })();
    await Promise.all([...slow, quick]);
    expect(order.indexOf('quick')).toBeLessThan(2);
  });

  test('X9 who waits beyond the bound is told so, and everybody else is served', async () => {
    const own = poolOf();
    const endings = await Promise.all(Array.from({ length: 70 }, () => own.run(ask(outgoing('')))));
    const count = (code: string): number => endings.filter((ending) => ending.code === code).length;
    expect([count('done'), count('script-busy')]).toEqual([65, 5]);
  });

  test('X9 a worker that was ended is replaced', async () => {
    const own = poolOf({ cpuMs: 20 });
    for (const body of ['new Array(4294967295).indexOf(1);', 'new Array(4294967295).indexOf(1);']) {
      expect((await own.run(ask(outgoing(body)))).code).toBe('script-timeout');
    }
    expect((await own.run(ask(outgoing('return { a: 1 };')))).code).toBe('done');
  });
});
