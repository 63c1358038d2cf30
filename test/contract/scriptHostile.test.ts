import { afterAll, describe, expect, test } from 'vitest';
import { BUDGET } from '../../shared/script/budget.ts';
import { ScriptPool } from '../../shared/script/pool.ts';
import { hostile } from '../fixtures/scripts/hostile.ts';
import { ask, other, outgoing } from '../unit/script/kit.ts';

const pool = new ScriptPool();
afterAll(() => pool.close());

/**
 * Processor time that this thread may use beside a run: it writes texts, sets timers and starts the next worker. A script that ran
 * here, or blocked this thread, would show its whole budget.
 */
const MAIN_MS = BUDGET.cpuMs / 2;

const inMs = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

/** What a script could have changed in this process. */
const surroundings = (): unknown => ({
  globals: Object.getOwnPropertyNames(globalThis),
  environment: { ...process.env },
  prototypes: [Object, Array, String, Function, Promise, Error].map((kind) =>
    Object.getOwnPropertyNames(kind.prototype),
  ),
  folder: process.cwd(),
  exitCode: process.exitCode,
});

const probe = outgoing(`
  replica.labels = [...replica.labels].sort();
  replica.seen = [text(adf(replica.summary)), typeof polluted, JSON.stringify({ a: [1] }), Object.keys(issue).join()];`);
const probed =
  '{"summary":"Printer on fire","labels":["a","b"],"seen":["Printer on fire","undefined","{\\"a\\":[1]}","key,projectKey,fields"]}';

describe('hostile scripts', () => {
  test('are a hundred and more, each with a name of its own', () => {
    expect(new Set(hostile.map(({ name }) => name)).size).toBe(hostile.length);
    expect(hostile.length).toBeGreaterThanOrEqual(100);
  });

  test.each(hostile)('X8 a script that $name is stopped and harms nobody', async ({ source, ends, found }) => {
    const before = surroundings();
    const [start, all] = [process.threadCpuUsage(), process.cpuUsage()];
    const ending = await pool.run(ask(source));
    const [main, total] = [inMs(process.threadCpuUsage(start)), inMs(process.cpuUsage(all))];

    expect(ends).toContain(ending.code);
    if (found !== undefined) expect(ending).toMatchObject({ value: { found } });
    expect(ending.usage.cpuMs).toBeLessThanOrEqual(2 * BUDGET.cpuMs);
    expect(main).toBeLessThan(MAIN_MS);
    // All threads of the process, until the worker is ended: what was not counted inside counts here.
    expect(total).toBeLessThan(2 * BUDGET.cpuMs + MAIN_MS);
    expect(JSON.stringify(ending)).not.toMatch(/secret|31337|99999/);
    expect(surroundings()).toEqual(before);

    const next = await pool.run(ask(probe, { tenant: other }));
    expect(next.code === 'done' ? JSON.stringify(next.value) : next).toBe(probed);
  });
});
