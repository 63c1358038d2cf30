/** The Script port: a few workers, each run in an instance of its own. */
import type { TenantId } from '../model/ids.ts';
import type { ScriptAsk, ScriptCheck, ScriptEnding } from '../model/script.ts';
import type { Script } from '../ports.ts';
import { Fault } from '../verdict.ts';
import { parseBody } from '../wire/body.ts';
import type { Outcome } from '../wire/script.ts';
import { budgetWith } from './budget.ts';
import type { ScriptBudget } from './budget.ts';
import type { Order } from './order.ts';
import { Seat } from './seat.ts';
import type { Reply } from './seat.ts';

/** Workers at most: one for whoever is quick and one for whoever is not, on the two processors that a function has. */
const MAX_WORKERS = 2;
/** Orders that may wait: at the longest budget on two workers the last of them waits 13 s. */
const MAX_WAITING = 64;
/** Runs of one worker before a new one takes its place, so that nothing can pile up in it. */
const MAX_RUNS = 1_000;

interface Job {
  readonly tenant: TenantId;
  readonly order: Order;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (fault: Fault) => void;
}

/** A ready worker and the runs it has behind it. */
interface Spare {
  readonly seat: Promise<Seat>;
  readonly runs: number;
}

/**
 * Runs scripts in worker threads. The first run starts a worker; one stays warm afterwards and does not keep the process alive.
 * No tenant holds two workers, so one that always uses its whole budget leaves the other worker to everybody else.
 */
export class ScriptPool implements Script {
  private readonly budget: ScriptBudget;
  private readonly waiting: Job[] = [];
  private readonly served = new Set<TenantId>();
  private spare: Spare | undefined;
  private isClosed = false;

  /** Settings may only shorten the budget. */
  constructor(settings: Partial<ScriptBudget> = {}) {
    this.budget = budgetWith(settings);
  }

  async run({ tenant, source, entry, replica, issue, previous }: ScriptAsk): Promise<ScriptEnding> {
    const { budget } = this;
    const usage = { cpuMs: 0 };
    if (Buffer.byteLength(source) > budget.sourceBytes) return { code: 'script-too-large', usage };
    const texts = textsOf([replica, issue, previous], budget.inputBytes);
    if (texts === undefined) return { code: 'script-input-large', usage };
    const reply = await this.place(tenant, { kind: 'run', source, isOutgoing: entry === 'outgoing', texts, budget });
    return endingOf(reply, budget);
  }

  async check(tenant: TenantId, source: string): Promise<ScriptCheck> {
    const { budget } = this;
    if (Buffer.byteLength(source) > budget.sourceBytes) {
      return { code: 'done', problems: [{ code: 'script-too-large', line: 1, column: 1 }] };
    }
    const reply = await this.place(tenant, { kind: 'check', source, budget });
    if (reply === 'busy') return { code: 'script-busy' };
    if (reply.kind === 'checked' && Array.isArray(reply.found)) return { code: 'done', problems: reply.found };
    return { code: reply.kind === 'died' && reply.code === 'script-memory' ? 'script-memory' : 'script-timeout' };
  }

  /** Ends the warm worker. Runs under way end as they would. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { spare } = this;
    this.spare = undefined;
    await (await spare?.seat)?.end();
  }

  private place(tenant: TenantId, order: Order): Promise<Reply | 'busy'> {
    if (this.waiting.length >= MAX_WAITING) return Promise.resolve('busy');
    return new Promise((resolve, reject) => {
      this.waiting.push({ tenant, order, resolve, reject });
      this.turn();
    });
  }

  /** Gives free workers to those who wait, in order, but to no tenant twice. */
  private turn(): void {
    while (this.served.size < MAX_WORKERS) {
      const at = this.waiting.findIndex(({ tenant }) => !this.served.has(tenant));
      const [job] = at === -1 ? [] : this.waiting.splice(at, 1);
      if (job === undefined) return;
      this.served.add(job.tenant);
      void this.serve(job);
    }
  }

  private async serve(job: Job): Promise<void> {
    const spare = this.spare ?? { seat: Seat.start(), runs: 0 };
    if (spare === this.spare) this.spare = undefined;
    try {
      const seat = await spare.seat;
      const reply = await seat.carryOut(job.order);
      const isGood = (reply.kind === 'ran' || reply.kind === 'checked') && !reply.isSpent && spare.runs < MAX_RUNS;
      // Whoever is told of an end finds the thread ended.
      if (!isGood) await seat.end();
      job.resolve(reply);
      await this.leave(seat, isGood, spare.runs + 1);
    } catch (thrown) {
      job.reject(thrown instanceof Fault ? thrown : new Fault('bug', {}, thrown));
    } finally {
      this.served.delete(job.tenant);
      this.turn();
    }
  }

  /** Keeps one good worker warm and ends the rest; a bad one is replaced at once. */
  private async leave(seat: Seat, isGood: boolean, runs: number): Promise<void> {
    const isWanted = this.spare === undefined && !this.isClosed;
    if (isGood && isWanted) {
      this.spare = { seat: Promise.resolve(seat), runs };
      return;
    }
    if (isGood) await seat.end();
    if (!isGood && this.spare === undefined && !this.isClosed) this.spare = { seat: this.replacement(), runs: 0 };
  }

  /** A worker for the next run. When it does not start, that run learns of it. */
  private replacement(): Promise<Seat> {
    const seat = Seat.start();
    seat.catch(() => undefined);
    return seat;
  }
}

/** The arguments as JSON, if they fit. */
function textsOf(values: readonly [unknown, unknown, unknown], maxBytes: number): [string, string, string] | undefined {
  const [replica, issue, previous] = values.map((value) => JSON.stringify(value ?? null));
  if (replica === undefined || issue === undefined || previous === undefined) return undefined;
  const bytes = Buffer.byteLength(replica) + Buffer.byteLength(issue) + Buffer.byteLength(previous);
  return bytes > maxBytes ? undefined : [replica, issue, previous];
}

function endingOf(reply: Reply | 'busy', budget: ScriptBudget): ScriptEnding {
  if (reply === 'busy') return { code: 'script-busy', usage: { cpuMs: 0 } };
  switch (reply.kind) {
    case 'killed':
      return { code: 'script-timeout', usage: { cpuMs: reply.cpuMs } };
    case 'died':
      return { code: reply.code, reason: 'engine', usage: { cpuMs: 0 } };
    case 'checked':
      return { code: 'script-error', reason: 'engine', usage: { cpuMs: 0 } };
    case 'ran':
      return valued(reply.outcome, { cpuMs: reply.cpuMs }, budget);
  }
}

function valued(outcome: Outcome, usage: { readonly cpuMs: number }, { outputBytes }: ScriptBudget): ScriptEnding {
  if (outcome.code !== 'done') return { ...outcome, usage };
  try {
    return { code: 'done', value: parseBody(Buffer.from(outcome.json), outputBytes), usage };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return { code: thrown.code === 'body-too-large' ? 'script-output-large' : 'script-output-odd', usage };
  }
}
