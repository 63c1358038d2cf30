/**
 * The thread in which scripts run: one order at a time, from its seat. It has no environment and no arguments; whoever stands
 * outside may end it at any instruction.
 */
import { parentPort } from 'node:worker_threads';
import type { WorkerAnswer } from '../wire/script.ts';
import type { Order } from './order.ts';
import { checkSource, loadEngine, runScript, stopwatch, threadMs } from './sandbox.ts';

const seat = parentPort;
if (seat === null) throw new Error('This file runs as a worker only.');
const say = (answer: WorkerAnswer): void => {
  seat.postMessage(answer);
};

const engine = await loadEngine();
seat.on('message', (order: Order) => {
  void carryOut(order).then(say);
});
say({ kind: 'ready', totalMs: threadMs() });

async function carryOut(order: Order): Promise<WorkerAnswer> {
  const used = stopwatch();
  if (order.kind === 'run') {
    const { came, isSpent } = await runScript(engine, order);
    return { kind: 'ran', outcome: came, isSpent, cpuMs: Math.ceil(used()), totalMs: threadMs() };
  }
  const { came, isSpent } = await checkSource(engine, order);
  return { kind: 'checked', found: came, isSpent, totalMs: threadMs() };
}
