/** What is on its way: messages and webhooks, each at least once, in no order, and late when the script says so. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { webhookRoutes } from '../../functions/webhook/http.ts';
import { syncHandler } from '../../functions/sync/event.ts';
import type { SyncPorts, SyncSettings } from '../../functions/sync/context.ts';
import { FENCE_MS, purgeHandler } from '../../functions/purge/event.ts';
import type { PurgePorts } from '../../functions/purge/progress.ts';
import type { Message, Topic } from '../../shared/model/message.ts';
import type { Principal } from '../../shared/model/tenant.ts';
import type { Bus } from '../../shared/ports.ts';
import { toFault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { parseMessage } from '../../shared/wire/message.ts';
import { TRACE_HEADER } from '../../shared/wire/webhook.ts';
import { between, chanceOf } from './chance.ts';
import type { Process, Scheduler, Source } from './scheduler.ts';

/** One message on its way. */
interface Post {
  readonly topic: Topic;
  /** JSON, as on the wire. */
  readonly text: string;
  readyAt: number;
  attempt: number;
}

/** One webhook on its way. */
interface Hook {
  readonly principal: () => Principal;
  readonly body: () => unknown;
  readonly headers: Readonly<Record<string, string>>;
  readyAt: number;
  attempt: number;
}

/** One process with its function, and what it works on. */
interface Worker {
  readonly process: Process;
  readonly handle: (topic: Topic, message: Message) => Promise<unknown>;
  readonly bus: Bus;
  readonly held: (Post | Hook)[];
}

/** The piece of work that the running code belongs to. */
export const workNow = new AsyncLocalStorage<object>();

/** As in the product, without the waits for letters and tickets. */
const PURGE = { liveDays: 120, copyDays: 30, fenceMs: FENCE_MS, commit: 'simulation' } as const;
const ELSEWHERE: readonly Message['kind'][] = ['probe-tenant', 'walk-people', 'report-people'];
/** Messages and webhooks that one process works on at once. */
const AT_ONCE = 2;
/** As in the topology's subscriptions. */
const MAX_ATTEMPTS = 20;
const FIRST_WAIT_MS = 10_000;
const LAST_WAIT_MS = 600_000;
/** A push that is not answered in this time comes again: the dead of a process is not told to the queue. */
const ACK_MS = 60_000;
/** Jira repeats a webhook this often, after this long. @see ATLASSIAN.md §5 */
const HOOK_ATTEMPTS = 6;
const HOOK_WAIT_MS = 300_000;
/** Share of the announcements of our own writes that come without the trace that was sent along. @see ATLASSIAN.md §5 */
const TRACES_LOST = 0.15;
/** Pub/Sub keeps a message for this long at most. */
const LATEST_MS = 31 * 86_400_000;
const DAY_MS = 86_400_000;

/** What the traffic needs. */
export interface TrafficNeeds {
  readonly scheduler: Scheduler;
  readonly processes: number;
  /** Share of webhooks that never arrive. */
  readonly lostWebhooks: number;
  readonly portsOf: (process: Process) => SyncPorts;
  /** The same ports with what a purge needs besides. */
  readonly purgeOf: (ports: SyncPorts) => PurgePorts;
  readonly settings: SyncSettings;
  /** Hears how each piece of work ended. */
  readonly onEnd: (what: string, code: Code, thrown: unknown) => void;
}

/** Carries messages and webhooks to processes. */
export class Traffic implements Source {
  readonly #needs: TrafficNeeds;
  readonly #posts: Post[] = [];
  readonly #hooks: Hook[] = [];
  readonly #workers: Worker[] = [];
  #born = 0;
  #sent = 0;
  /** All that was ever published, for what comes again a month later. */
  readonly published: { readonly topic: Topic; readonly text: string }[] = [];
  /** Messages that nobody could take. */
  deadLetters = 0;
  hooksGivenUp = 0;

  constructor(needs: TrafficNeeds) {
    this.#needs = needs;
    for (let number = 0; number < needs.processes; number += 1) this.#workers.push(this.#bear());
    needs.scheduler.whenCrashed((process) => this.#bury(process));
  }

  /** Takes a message; it may be lost, doubled or late. */
  publish: Bus['publish'] = async (topic, message) => {
    const { scheduler } = this.#needs;
    // Mail, probes and the walks over people are none of these runs' business: lives/ is about them.
    if (topic === 'notices' || ELSEWHERE.includes(message.kind)) return;
    const text = JSON.stringify(message);
    this.published.push({ topic, text });
    // What tells a tenant's life is published once and by a person's deed: it may be late, but the queue does not lose it.
    if (topic !== 'tenant-lifecycle' && scheduler.takeArmed('message-lost') !== undefined) return;
    const late = scheduler.takeArmed('message-late');
    const copies = scheduler.takeArmed('message-twice') === undefined ? 1 : 2;
    const delay = late === undefined ? 0 : lateness(late.seed);
    for (let copy = 0; copy < copies; copy += 1)
      this.#posts.push({ topic, text, readyAt: scheduler.now + delay * (copy === 0 ? 1 : 2), attempt: 1 });
  };

  /** Takes a webhook of a site; it may be lost, doubled or late. */
  send(principal: () => Principal, body: () => unknown, trace: string | undefined): void {
    const { scheduler } = this.#needs;
    this.#sent += 1;
    const isLost = chanceOf(this.#sent + scheduler.startedAt)() < this.#needs.lostWebhooks;
    if (isLost) scheduler.count('webhook-lost');
    if (isLost || scheduler.takeArmed('webhook-lost') !== undefined) return;
    const late = scheduler.takeArmed('webhook-late');
    const copies = scheduler.takeArmed('webhook-twice') === undefined ? 1 : 2;
    const isTraced = trace !== undefined && chanceOf(this.#sent * 31 + scheduler.startedAt)() > TRACES_LOST;
    const headers: Hook['headers'] = isTraced ? { [TRACE_HEADER]: trace } : {};
    // Jira delivers up to half an hour late.
    const delay = late === undefined ? 0 : late.seed % 1_800_000;
    for (let copy = 0; copy < copies; copy += 1)
      this.#hooks.push({ principal, body, headers, readyAt: scheduler.now + delay, attempt: 1 });
  }

  ready(now: number): readonly (() => void)[] {
    const choices: (() => void)[] = [];
    const free = this.#workers.filter(({ held, process }) => held.length < AT_ONCE && process.frozenUntil <= now);
    const [worker] = free.length > 1 ? [free[this.#needs.scheduler.step % free.length]] : free;
    if (worker === undefined) return choices;
    for (const post of this.#posts) if (post.readyAt <= now) choices.push(() => this.#deliver(worker, post));
    for (const hook of this.#hooks) if (hook.readyAt <= now) choices.push(() => this.#receive(worker, hook));
    return choices;
  }

  nextAt(): number | undefined {
    const instants = [...this.#posts, ...this.#hooks].map(({ readyAt }) => readyAt);
    const free = this.#workers.filter(({ held }) => held.length < AT_ONCE).map(({ process }) => process.frozenUntil);
    if (instants.length === 0 || free.length === 0) return undefined;
    return Math.max(Math.min(...instants), Math.min(...free));
  }

  /** Brings a message once more that was published long ago. */
  again({ topic, text }: Traffic['published'][number]): void {
    this.#posts.push({ topic, text, readyAt: this.#needs.scheduler.now, attempt: 1 });
  }

  /** Ends all processes, as a change of the store under them does; others take their work over. */
  endAll(): void {
    for (const { process } of [...this.#workers]) this.#needs.scheduler.kill(process);
  }

  /** True when a tick waits or is being worked on. */
  isWaking(): boolean {
    return this.isUnderWay('wake');
  }

  /** True when a message of this kind waits or is being worked on. */
  isUnderWay(kind: Message['kind']): boolean {
    const held = this.#workers.flatMap((worker) => worker.held);
    return [...this.#posts, ...held].some((one) => 'text' in one && one.text.startsWith(`{"kind":"${kind}"`));
  }

  #bear(): Worker {
    const { portsOf, purgeOf, settings } = this.#needs;
    this.#born += 1;
    // Clocks of two instances differ by less than the product counts on.
    const skewMs = (this.#born * 137) % 400;
    const process: Process = { name: `p${this.#born}`, isDead: false, frozenUntil: 0, skewMs };
    const ports = portsOf(process);
    const sync = syncHandler(ports, settings);
    const purge = purgeHandler(purgeOf(ports), PURGE);
    const handle: Worker['handle'] = (topic, message) => (topic === 'purge-jobs' ? purge(message) : sync(message));
    return { process, bus: ports.bus, held: [], handle };
  }

  /** What a dead process worked on comes again, when the queue has waited for its answer. */
  #bury(process: Process): void {
    const index = this.#workers.findIndex((worker) => worker.process === process);
    const worker = this.#workers[index];
    if (worker === undefined) return;
    for (const one of worker.held.splice(0)) {
      one.readyAt = this.#needs.scheduler.now + ACK_MS;
      one.attempt += 1;
      if ('text' in one) this.#posts.push(one);
      else this.#hooks.push(one);
    }
    this.#workers[index] = this.#bear();
  }

  #deliver(worker: Worker, post: Post): void {
    this.#posts.splice(this.#posts.indexOf(post), 1);
    worker.held.push(post);
    const message = parseMessage(JSON.parse(post.text));
    void this.#work(
      worker,
      post,
      message.kind,
      () => worker.handle(post.topic, message),
      () => this.#again(post),
    );
  }

  #receive(worker: Worker, hook: Hook): void {
    this.#hooks.splice(this.#hooks.indexOf(hook), 1);
    worker.held.push(hook);
    const [route] = webhookRoutes({ bus: worker.bus });
    if (route === undefined || route.policy !== 'site') throw new Error('the webhook function has another shape');
    const { scheduler } = this.#needs;
    const request = {
      ...{
        method: 'POST',
        target: route.path,
        path: route.path,
        query: new URLSearchParams(),
        headers: hook.headers,
        params: {},
      },
      ...{ body: hook.body(), receivedAt: scheduler.now },
    };
    void this.#work(
      worker,
      hook,
      'webhook',
      async () => (await route.handle(request, hook.principal())).verdict,
      () => this.#hookAgain(hook),
    );
  }

  async #work(
    worker: Worker,
    item: Post | Hook,
    what: string,
    work: () => Promise<unknown>,
    again: () => void,
  ): Promise<void> {
    const { onEnd } = this.#needs;
    try {
      const ended = (await workNow.run({}, work)) as { readonly code: Code };
      worker.held.splice(worker.held.indexOf(item), 1);
      onEnd(what, ended.code, undefined);
    } catch (thrown) {
      worker.held.splice(worker.held.indexOf(item), 1);
      onEnd(what, toFault(thrown).code, thrown);
      again();
    }
  }

  #again(post: Post): void {
    if (post.attempt >= MAX_ATTEMPTS) {
      this.deadLetters += 1;
      return;
    }
    post.readyAt = this.#needs.scheduler.now + Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** (post.attempt - 1));
    post.attempt += 1;
    this.#posts.push(post);
  }

  #hookAgain(hook: Hook): void {
    if (hook.attempt >= HOOK_ATTEMPTS) {
      this.hooksGivenUp += 1;
      return;
    }
    hook.readyAt = this.#needs.scheduler.now + HOOK_WAIT_MS;
    hook.attempt += 1;
    this.#hooks.push(hook);
  }
}

/** Seconds mostly, days sometimes, a month at the most. */
function lateness(seed: number): number {
  const chance = chanceOf(seed);
  const most = chance() < 0.6 ? 120_000 : chance() < 0.6 ? DAY_MS : LATEST_MS / 2;
  return between(chance, 1, most);
}
