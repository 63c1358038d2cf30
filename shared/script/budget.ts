/**
 * What one run of a rule script may use. All of it bounds a single run in a WebAssembly instance of its own; settings may only
 * shorten it.
 */
export interface ScriptBudget {
  /** Processor time of the run. */
  readonly cpuMs: number;
  /** Time until the run is ended whatever it used, for a machine that gives it no processor. */
  readonly wallMs: number;
  /** Looks of the engine at its own fence, one per about 10,000 jumps and calls: the same loop ends at the same step everywhere. */
  readonly steps: number;
  /** All memory of the instance: the maximum of its own `WebAssembly.Memory`. */
  readonly memoryBytes: number;
  /** The engine's own stack; deeper recursion is an error of the script. */
  readonly stackBytes: number;
  /** Of the arguments together, as JSON in UTF-8. */
  readonly inputBytes: number;
  /** Of the result, as JSON in UTF-8. */
  readonly outputBytes: number;
  /** Of the script's text in UTF-8. */
  readonly sourceBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** WebAssembly counts memory in pages; the engine's build starts with 256 of them and takes no fewer. */
export const PAGE_BYTES = 64 * KIB;
export const FIRST_PAGES = 256;

/**
 * The longest budget.
 * - cpu: twice what the largest input takes a rule that reads all of it (200 ms; a 50 kB issue takes 10 ms), and short beside the
 *   60 s of a function; wall: ten times that.
 * - steps: 1,000 looks are 40–250 ms of loops, calls or regular expressions on the machine that measured them.
 * - memory: 32 MiB stopped a memory bomb at 116 ms. @see PERFORMANCE.md §B7
 * - stack: the engine's default; native recursion at 256 KiB stays inside {@link WORKER_STACK_MB}.
 * - input and output: an issue and two replicas of the largest size that one stored record takes (1 MiB), and one replica.
 */
export const BUDGET: ScriptBudget = {
  cpuMs: 400,
  wallMs: 4_000,
  steps: 1_000,
  memoryBytes: 32 * MIB,
  stackBytes: 256 * KIB,
  inputBytes: 3 * MIB,
  outputBytes: MIB,
  sourceBytes: 64 * KIB,
};

/** Deepest nesting of a result: the same as of a body at the door. @see shared/wire/body.ts */
export const MAX_DEPTH = 64;

/** The stack of a worker's thread: what 256 KiB of the engine's stack need at most, measured with deep source texts. */
export const WORKER_STACK_MB = 8;

/** The JavaScript heap of a worker holds texts only: source, arguments and result, each a few times over. */
export const WORKER_HEAP_MB = 64;

/** The budget with settings over it: each bound is the smaller of the two, and memory holds at least what the engine starts with. */
export function budgetWith(settings: Partial<ScriptBudget>): ScriptBudget {
  const bound = (name: keyof ScriptBudget): number => Math.min(BUDGET[name], settings[name] ?? BUDGET[name]);
  return {
    cpuMs: bound('cpuMs'),
    wallMs: bound('wallMs'),
    steps: bound('steps'),
    memoryBytes: Math.max(bound('memoryBytes'), FIRST_PAGES * PAGE_BYTES),
    stackBytes: bound('stackBytes'),
    inputBytes: bound('inputBytes'),
    outputBytes: bound('outputBytes'),
    sourceBytes: bound('sourceBytes'),
  };
}
