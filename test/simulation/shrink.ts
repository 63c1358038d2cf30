/** Makes a failing history short: decisions are taken out as long as the same kind of thing still goes wrong. */
import { runScript } from './run.ts';
import type { RunResult } from './run.ts';
import type { Decision, Script } from './script.ts';

/** Runs that shrinking one history may cost. */
const MAX_RUNS = 150;

/** A short history, and what came of it. */
export interface Shrunk {
  readonly script: Script;
  readonly result: RunResult;
  readonly runs: number;
}

/** Takes out halves, quarters and so on down to single decisions (ddmin), while a violation of one of the same kinds stays. */
export async function shrink(script: Script, failed: RunResult): Promise<Shrunk> {
  const kinds = new Set(failed.violations.map(({ kind }) => kind));
  let best: Shrunk = { script, result: failed, runs: 0 };
  let runs = 0;
  const fails = async (decisions: readonly Decision[]): Promise<boolean> => {
    runs += 1;
    const tried = { ...script, decisions };
    const result = await runScript(tried);
    if (!result.violations.some(({ kind }) => kinds.has(kind))) return false;
    best = { script: tried, result, runs };
    return true;
  };
  for (let size = Math.ceil(script.decisions.length / 2); size >= 1; ) {
    let isShorter = false;
    for (let from = 0; from < best.script.decisions.length && runs < MAX_RUNS; ) {
      const without = best.script.decisions.toSpliced(from, size);
      if (without.length > 0 && (await fails(without))) isShorter = true;
      else from += size;
    }
    if (runs >= MAX_RUNS || (size === 1 && !isShorter)) break;
    if (!isShorter || size > 1) size = Math.max(1, Math.floor(size / 2));
  }
  return { ...best, runs };
}
