/** A store that notes what each of its calls takes, by the stage that the purge is in. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { Store } from '../../shared/ports.ts';

/** Calls of one kind in one stage, and how long they took together; calls side by side each count. */
export interface Calls {
  readonly stage: string;
  readonly op: string;
  readonly calls: number;
  readonly ms: number;
}

/** The store, and what was seen of it so far. */
export interface Watched {
  readonly store: Store;
  readonly seen: () => readonly Calls[];
  /** How long each stage was the present one, in milliseconds. */
  readonly stages: () => Readonly<Record<string, number>>;
}

export function watched(inner: Store): Watched {
  const seen = new Map<string, { calls: number; ms: number }>();
  const stages: Record<string, number> = {};
  let stage = 'sweep';
  let since = performance.now();
  const enter = (next: string): void => {
    stages[stage] = (stages[stage] ?? 0) + performance.now() - since;
    since = performance.now();
    stage = next;
  };
  const note = (op: string, ms: number): void => {
    const key = `${stage} ${op}`;
    const one = seen.get(key) ?? { calls: 0, ms: 0 };
    seen.set(key, { calls: one.calls + 1, ms: one.ms + ms });
  };
  const store = new Proxy(inner, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      return async (...given: unknown[]) => {
        const from = performance.now();
        const result: unknown = await Reflect.apply(value, target, given);
        note(name, performance.now() - from);
        const next = stageIn(name, given);
        if (next !== undefined && next !== stage) enter(next);
        return result;
      };
    },
  });
  return {
    store,
    seen: () =>
      [...seen].map(([key, { calls, ms }]) => {
        const [at = '', op = ''] = key.split(' ');
        return { stage: at, op, calls, ms: Math.round(ms) };
      }),
    stages: () => {
      enter(stage);
      return Object.fromEntries(Object.entries(stages).map(([name, ms]) => [name, Math.round(ms)]));
    },
  };
}

/** The stage that a written purge record is in. */
function stageIn(op: string, given: readonly unknown[]): string | undefined {
  if ((op !== 'create' && op !== 'replace') || given[0] !== 'purge') return undefined;
  const row = given[2];
  if (typeof row !== 'object' || row === null || !('stage' in row)) return undefined;
  return typeof row.stage === 'string' ? row.stage : undefined;
}

/** Ticks of a processor in a second, as Linux tells them to programs. */
const TICKS = 100;

/** Processor time of this process and of those that it started, in milliseconds; `undefined` where the system does not tell. */
export function processorMs(): number | undefined {
  if (!existsSync('/proc/self/stat')) return undefined;
  const { user, system } = process.cpuUsage();
  const ticks = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(name))
    .filter(({ parent }) => parent === process.pid)
    .reduce((sum, one) => sum + one.ticks, 0);
  return (user + system) / 1_000 + (ticks * 1_000) / TICKS;
}

/** Fields 4 (parent), 14 and 15 (time in user and kernel mode) of proc(5). A process may end meanwhile. */
function statOf(name: string): { readonly parent: number; readonly ticks: number } {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return { parent: 0, ticks: 0 };
  }
}
