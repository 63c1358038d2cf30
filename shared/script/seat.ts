/** One worker as it looks from outside: given an order, it answers or is ended. */
import { Worker } from 'node:worker_threads';
import { Fault } from '../verdict.ts';
import { workerAnswer } from '../wire/script.ts';
import type { WorkerAnswer } from '../wire/script.ts';
import { WORKER_HEAP_MB, WORKER_STACK_MB } from './budget.ts';
import type { Order } from './order.ts';

/** Longest start of a worker; it takes 35 ms on a free machine. */
const START_MS = 10_000;
/** The outer fence stands a little behind the inner one, which can still tell the place in the script. */
const OUTER = 1.2;
/** Shortest wait between two looks at a worker. */
const LOOK_MS = 5;

/** How an order ended. `killed`: ended from outside; `died`: the worker fell over by itself. */
export type Reply =
  | Exclude<WorkerAnswer, { kind: 'ready' }>
  | { readonly kind: 'killed'; readonly cpuMs: number }
  | { readonly kind: 'died'; readonly code: 'script-memory' | 'script-error' };

export class Seat {
  private readonly worker: Worker;
  /** Processor time of the worker when it fell idle; an idle thread uses none. */
  private idleMs = 0;

  private constructor() {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'script',
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB, stackSizeMb: WORKER_STACK_MB },
    });
  }

  /** A worker that is ready. @throws Fault `outside-unavailable` */
  static async start(): Promise<Seat> {
    const seat = new Seat();
    const answer = await seat.hear(START_MS);
    if (answer.kind === 'ready') {
      seat.idleMs = answer.totalMs;
      seat.worker.unref();
      return seat;
    }
    await seat.end();
    throw new Fault('outside-unavailable', { service: 'script-worker', ended: answer.kind });
  }

  /** Gives an order and waits for its end: at the latest when the worker has used the budget's processor time, or its time is over. */
  async carryOut(order: Order): Promise<Reply> {
    this.worker.ref();
    this.worker.postMessage(order);
    const { cpuMs, wallMs } = order.budget;
    const answer = await this.hear(wallMs, cpuMs * OUTER);
    this.worker.unref();
    if (answer.kind === 'ready') return { kind: 'died', code: 'script-error' };
    if ('totalMs' in answer) this.idleMs = answer.totalMs;
    return answer;
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private async hear(wallMs: number, cpuMs?: number): Promise<WorkerAnswer | Reply> {
    const { worker } = this;
    const timers = new Set<NodeJS.Timeout>();
    let usedMs = 0;
    try {
      return await new Promise((resolve) => {
        const after = (ms: number, act: () => void): void => {
          timers.add(setTimeout(act, ms));
        };
        const kill = (): void => {
          resolve({ kind: 'killed', cpuMs: Math.ceil(usedMs) });
        };
        const look = async (): Promise<void> => {
          usedMs = (await this.totalMs()) - this.idleMs;
          if (cpuMs === undefined) return;
          if (usedMs >= cpuMs) kill();
          else after(Math.max(LOOK_MS, cpuMs - usedMs), () => void look());
        };
        worker.once('message', (told: unknown) => {
          const answer = workerAnswer.safeParse(told);
          resolve(answer.success ? answer.data : { kind: 'died', code: 'script-error' });
        });
        worker.once('error', (error: NodeJS.ErrnoException) => {
          resolve({ kind: 'died', code: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'script-memory' : 'script-error' });
        });
        worker.once('exit', () => {
          resolve({ kind: 'died', code: 'script-error' });
        });
        after(wallMs, kill);
        if (cpuMs !== undefined) after(cpuMs, () => void look());
      });
    } finally {
      for (const timer of timers) clearTimeout(timer);
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      // An error event without a listener would end the process.
      worker.on('error', () => undefined);
    }
  }

  /** Asked of the thread itself, which answers between two instructions; no answer counts as nothing used, and the wall time ends it. */
  private async totalMs(): Promise<number> {
    try {
      const { user, system } = await this.worker.cpuUsage();
      return (user + system) / 1000;
    } catch {
      return this.idleMs;
    }
  }
}
