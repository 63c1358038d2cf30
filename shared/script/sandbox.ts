/** One run of one script in a WebAssembly instance of its own. Runs in the worker; `pool.ts` is what the house uses. */
import { readFileSync } from 'node:fs';
import build from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import type { QuickJSContext, QuickJSHandle, QuickJSSyncVariant } from 'quickjs-emscripten-core';
import type { ScriptPlace, ScriptProblem, ScriptReason } from '../model/script.ts';
import type { Outcome } from '../wire/script.ts';
import { FIRST_PAGES, MAX_DEPTH, PAGE_BYTES } from './budget.ts';
import type { ScriptBudget } from './budget.ts';
import { namesAmiss } from './names.ts';
import type { KnownNames } from './names.ts';
import type { CheckOrder, RunOrder } from './order.ts';

/** What every run starts from: code only, no state. Compiled once per worker. */
export interface Engine {
  readonly module: WebAssembly.Module;
  readonly helpers: string;
}

/** The package's types describe its CommonJS form; what is imported is the other one. */
const variant = build as unknown as QuickJSSyncVariant;
/** How a script is called in its own errors; places are looked for under this name only. */
const FILE = 'rule.js';
/** What the engine keeps back of the instance's memory, so that an error can still be told when a script has used the rest. */
const RESERVE_BYTES = 4 * 1024 * 1024;
/** Everything of the language but `Date`: no clock. */
const INTRINSICS = {
  BaseObjects: true,
  Date: false,
  Eval: true,
  StringNormalize: true,
  RegExp: true,
  RegExpCompiler: true,
  JSON: true,
  Proxy: true,
  MapSet: true,
  TypedArrays: true,
  Promise: true,
  BigInt: true,
} as const;

/** Reads and compiles the engine: about 5 ms, once per worker. */
export async function loadEngine(): Promise<Engine> {
  const wasm = readFileSync(new URL(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm')));
  return {
    module: await WebAssembly.compile(wasm),
    helpers: readFileSync(new URL('./helpers.js', import.meta.url), 'utf8'),
  };
}

/** A run's room: a fresh instance with its fences up. Nothing is freed by hand; the whole instance is dropped. */
interface Room {
  readonly context: QuickJSContext;
  /** What `helpers.js` gives the worker. */
  readonly ours: QuickJSHandle;
  isStopped(): boolean;
  isFull(): boolean;
}

async function enter({ module, helpers }: Engine, budget: ScriptBudget): Promise<Room> {
  const memory = new WebAssembly.Memory({
    initial: FIRST_PAGES,
    maximum: Math.floor(budget.memoryBytes / PAGE_BYTES),
  });
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(variant, { wasmModule: module, wasmMemory: memory }),
  );
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(budget.memoryBytes - RESERVE_BYTES);
  runtime.setMaxStackSize(budget.stackBytes);
  const stop = fence(budget);
  runtime.setInterruptHandler(stop.look);
  const context = runtime.newContext({ intrinsics: INTRINSICS });
  const ours = context.unwrapResult(context.evalCode(helpers, 'helpers.js', { type: 'global', strict: true }));
  return {
    context,
    ours,
    isStopped: stop.isStopped,
    isFull: () => memory.buffer.byteLength + RESERVE_BYTES >= budget.memoryBytes,
  };
}

/** The inner fence: the engine looks at it at jumps, calls and in regular expressions. Native loops do not; the pool ends those. */
function fence({ steps, cpuMs }: ScriptBudget): { look: () => boolean; isStopped: () => boolean } {
  const used = stopwatch();
  let looks = 0;
  let stopped = false;
  return {
    look: () => {
      looks += 1;
      stopped ||= looks > steps || used() >= cpuMs;
      return stopped;
    },
    isStopped: () => stopped,
  };
}

/** Processor time of this thread from now on, in milliseconds: what other threads and programs do does not count. */
export function stopwatch(): () => number {
  const start = threadMs();
  return () => threadMs() - start;
}

/** Processor time of this thread since it began, in milliseconds. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** What a run or a check came to. `isSpent`: the instance broke down, so the worker should not go on. */
export interface Ran<T> {
  readonly came: T;
  readonly isSpent: boolean;
}

/** Runs one script once. Never throws for what a script does. */
export async function runScript(engine: Engine, order: RunOrder): Promise<Ran<Outcome>> {
  const room = await enter(engine, order.budget);
  try {
    return { came: within(room, order), isSpent: false };
  } catch (thrown) {
    return { came: broken(room, thrown), isSpent: true };
  }
}

/** The engine itself gave up: its host's stack ended first, or the instance trapped. */
function broken(room: Room, thrown: unknown): Outcome {
  if (room.isStopped()) return { code: 'script-timeout' };
  if (room.isFull()) return { code: 'script-memory' };
  return { code: 'script-error', reason: thrown instanceof RangeError ? 'too-deep' : 'engine' };
}

function within(room: Room, { source, isOutgoing, texts, budget }: RunOrder): Outcome {
  const { context, ours } = room;
  const loaded = context.evalCode(source, FILE, { type: 'global', strict: true });
  if (loaded.error) return failure(room, loaded.error, source);
  const name = isOutgoing ? 'outgoing' : 'incoming';
  const found = context.evalCode(`typeof ${name} === 'function' ? ${name} : undefined`, 'entry.js', {
    type: 'global',
    strict: true,
  });
  if (found.error) return failure(room, found.error, source);
  if (context.typeof(found.value) !== 'function') return { code: 'done', json: texts[0] };
  const given = context.newArray();
  texts.forEach((text, at) => context.setProp(given, at, context.newString(text)));
  const ended = context.callFunction(context.getProp(ours, 'drive'), context.undefined, [
    found.value,
    isOutgoing ? context.true : context.false,
    given,
    context.newNumber(MAX_DEPTH),
    context.newNumber(budget.outputBytes),
  ]);
  if (ended.error) return failure(room, ended.error, source);
  return outcomeOf(room, context.getString(ended.value));
}

function outcomeOf(room: Room, text: string): Outcome {
  if (room.isStopped()) return { code: 'script-timeout' };
  switch (text[0]) {
    case 'v':
      return { code: 'done', json: text.slice(1) };
    case 's':
      return { code: 'script-skipped' };
    case 'l':
      return { code: 'script-output-large' };
    default:
      return { code: 'script-output-odd' };
  }
}

function failure(room: Room, thrown: QuickJSHandle, source: string): Outcome {
  const told = describe(room, thrown);
  if (room.isStopped()) return withPlace({ code: 'script-timeout' }, told, source);
  if (told.kind === '' && room.isFull()) return { code: 'script-memory' };
  if (told.kind === 'InternalError' && told.message.startsWith('out of memory')) {
    return withPlace({ code: 'script-memory' }, told, source);
  }
  if (isOfParser(told)) return withPlace({ code: 'script-syntax', reason: 'syntax' }, told, source);
  return withPlace({ code: 'script-error', reason: reasonOf(told) }, told, source);
}

interface Told {
  readonly kind: string;
  readonly message: string;
  readonly stack: string;
}

/** What was thrown, read without running any of it; empty when there is no memory left to tell it. */
function describe({ context, ours }: Room, thrown: QuickJSHandle): Told {
  const told = context.callFunction(context.getProp(ours, 'describe'), context.undefined, [thrown]);
  if (told.error) return { kind: '', message: '', stack: '' };
  const [kind = '', message = '', stack = ''] = JSON.parse(context.getString(told.value)) as string[];
  return { kind, message, stack };
}

/** The parser's own errors name the place without a function around it. */
function isOfParser({ kind, stack }: Told): boolean {
  return (
    kind === 'SyntaxError' && new RegExp(`^\\s*at ${FILE}:\\d+:\\d+\\s*$`, 'm').test(stack.split('\n', 1)[0] ?? '')
  );
}

/** The engine's messages, and what they mean in words that hold nothing of the script's data. */
const meanings: readonly (readonly [message: RegExp, reason: ScriptReason])[] = [
  [/^cannot (read|set) property .* of (undefined|null)$/s, 'reads-nothing'],
  [/^not a function$/, 'not-a-function'],
  [/ is not (defined|initialized)$/, 'name-unknown'],
  [/ is read-only$|^no setter for property|^object is not extensible|not configurable$/, 'read-only'],
  [/^stack overflow$/, 'too-deep'],
];

function reasonOf({ kind, message }: Told): ScriptReason {
  if (kind === 'HelperRefused') return 'helper-refused';
  if (kind === '') return 'thrown';
  return meanings.find(([pattern]) => pattern.test(message))?.[1] ?? 'thrown';
}

function withPlace(outcome: Exclude<Outcome, { code: 'done' }>, { stack }: Told, source: string): Outcome {
  const at = placeIn(stack, source);
  return at === undefined ? outcome : ({ ...outcome, at } as Outcome);
}

/** The first place in the script that a stack names. A script can write a stack itself: places outside of its text are none. */
function placeIn(stack: string, source: string): ScriptPlace | undefined {
  const [, line, column] = /rule\.js:(\d{1,6}):(\d{1,6})/.exec(stack) ?? [];
  const text = source.split('\n')[Number(line) - 1];
  if (text === undefined || Number(column) < 1 || Number(column) > text.length + 1) return undefined;
  return { line: Number(line), column: Number(column) };
}

/** What cannot work in a script's text. Compiles it, runs nothing. */
export async function checkSource(
  engine: Engine,
  { source, budget }: CheckOrder,
): Promise<Ran<readonly ScriptProblem[] | Outcome>> {
  const room = await enter(engine, budget);
  try {
    const compiled = room.context.evalCode(source, FILE, { type: 'global', strict: true, compileOnly: true });
    if (compiled.error) return { came: syntaxOf(failure(room, compiled.error, source)), isSpent: false };
    const known = room.context.callFunction(room.context.getProp(room.ours, 'names'), room.context.undefined, []);
    const names = JSON.parse(room.context.getString(room.context.unwrapResult(known))) as KnownNames;
    return { came: namesAmiss(source, names), isSpent: false };
  } catch (thrown) {
    return { came: syntaxOf(broken(room, thrown)), isSpent: true };
  }
}

/** Whatever stopped the parser but the budget is a problem of the text. */
function syntaxOf(outcome: Outcome): readonly ScriptProblem[] | Outcome {
  if (outcome.code !== 'script-syntax' && outcome.code !== 'script-error') return outcome;
  return [{ code: 'script-syntax', ...(outcome.at ?? { line: 1, column: 1 }) }];
}
