import { JiraProblem } from '../model/problem.ts';
import { type Random, uuid } from '../model/random.ts';
import { matchesJql } from '../model/search.ts';
import type { Act, Happening, Site, WebhookModule } from '../model/types.ts';
import type { Listener } from './events.ts';
import type { Faults } from './faults.ts';
import { callAddon } from './outgoing.ts';
import { queryHash } from './qsh.ts';
import { signHs256 } from './token.ts';
import { webhookBody } from './webhookBody.ts';

/** Deliveries in flight per tenant. @see ATLASSIAN.md §5 */
const IN_FLIGHT = { Primary: 20, Secondary: 10 } as const;
/** Attempts after the first. @see ATLASSIAN.md §5 */
const RETRIES = 5;
const RETRIED = new Set([0, 408, 409, 425, 429]);
/** Jira waits 5–15 minutes between attempts; the shortest of them unless told otherwise. */
export const RETRY_GAP_MS = 300_000;
/** Deliveries waiting at once, all tenants; a demo's bulk load stays far below. */
const QUEUE_LIMIT = 200_000;
/** How long webhooks are held back to overtake each other. */
const REORDER_HOLD_MS = 400;
/** A larger payload is dropped. @see ATLASSIAN.md §5 */
const PAYLOAD_LIMIT = 25_000_000;
/** How long a token lives. */
const TOKEN_SECONDS = 180;

interface Delivery {
  readonly site: Site;
  readonly module: WebhookModule;
  readonly url: string;
  readonly happening: Happening;
  readonly body: string | undefined;
  readonly identifier: string;
  attempt: number;
}

/** What sending needs from outside. */
export interface Sending {
  readonly clock: { now(): number };
  readonly random: Random;
  readonly faults: Faults;
  readonly appBaseUrl: string;
  readonly retryGapMs: number;
  readonly resolve: (origin: string) => string;
  readonly tell: Listener;
}

/** Sends webhooks the way Jira does: at least once, unordered, again after failures. */
export class Webhooks {
  readonly #sending: Sending;
  readonly #queues = new Map<string, Delivery[]>();
  readonly #inFlight = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #waiting = 0;
  #closed = false;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  /** Deliveries that are neither done nor given up. */
  pending(): number {
    const queued = [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
    const flying = [...this.#inFlight.values()].reduce((sum, count) => sum + count, 0);
    return this.#waiting + queued + flying;
  }

  /** Sends what a happening is worth to the installed add-on. `act` is the add-on's own view of the site. */
  send(act: Act, happening: Happening): void {
    const installation = act.site.installation;
    if (installation?.state !== 'enabled') return;
    for (const module of installation.webhooks) {
      if (module.event !== happening.event || !passes(act, module, happening)) continue;
      this.#start(act, module, happening);
    }
  }

  /** Forgets everything that waits. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#queues.clear();
    this.#waiting = 0;
  }

  #start(act: Act, module: WebhookModule, happening: Happening): void {
    const { faults, random } = this.#sending;
    const body =
      module.excludeBody === true ? undefined : JSON.stringify(webhookBody(act, happening, module.propertyKeys));
    const delivery: Delivery = {
      site: act.site,
      module,
      url: this.#sending.appBaseUrl + fill(module.url, happening, act.site),
      happening,
      body,
      identifier: uuid(random),
      attempt: 0,
    };
    const tooLarge = body !== undefined && Buffer.byteLength(body) > PAYLOAD_LIMIT;
    if (tooLarge || random() < faults.loseWebhook || this.pending() >= QUEUE_LIMIT) {
      this.#report(delivery, 'lost', { status: 0, ms: 0 });
      return;
    }
    const copies = random() < faults.doubleWebhook ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const holdMs = faults.delayMs + (faults.reorder ? Math.floor(random() * REORDER_HOLD_MS) : 0);
      this.#enqueueAfter({ ...delivery }, holdMs);
    }
  }

  #enqueueAfter(delivery: Delivery, holdMs: number): void {
    if (holdMs <= 0) {
      this.#enqueue(delivery);
      return;
    }
    this.#waiting += 1;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#waiting -= 1;
      this.#enqueue(delivery);
    }, holdMs);
    this.#timers.add(timer);
  }

  #enqueue(delivery: Delivery): void {
    if (this.#closed) return;
    const lane = laneOf(delivery);
    const queue = this.#queues.get(lane) ?? [];
    this.#queues.set(lane, queue);
    queue.push(delivery);
    this.#pump(lane, delivery.happening.flow);
  }

  #pump(lane: string, flow: Happening['flow']): void {
    const queue = this.#queues.get(lane) ?? [];
    while (queue.length > 0 && (this.#inFlight.get(lane) ?? 0) < IN_FLIGHT[flow]) {
      const next = queue.shift();
      if (next === undefined) return;
      this.#inFlight.set(lane, (this.#inFlight.get(lane) ?? 0) + 1);
      void this.#deliver(next).finally(() => {
        this.#inFlight.set(lane, (this.#inFlight.get(lane) ?? 1) - 1);
        this.#pump(lane, flow);
      });
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { faults } = this.#sending;
    const installation = delivery.site.installation;
    if (installation?.state !== 'enabled') {
      this.#report(delivery, 'failed', { status: 0, ms: 0 });
      return;
    }
    if (faults.refuse !== null && faults.refuse.count > 0) {
      faults.refuse.count -= 1;
      this.#settle(delivery, { status: faults.refuse.status, ms: 0 });
      return;
    }
    const { resolve } = this.#sending;
    const answered = await callAddon(resolve, delivery.url, {
      method: 'POST',
      headers: this.#headers(delivery, installation.sharedSecret),
      ...(delivery.body === undefined ? {} : { body: delivery.body }),
    });
    this.#settle(delivery, answered);
  }

  #headers(delivery: Delivery, secret: string): Record<string, string> {
    const { happening, site, identifier, attempt } = delivery;
    const now = Math.floor(this.#sending.clock.now() / 1000);
    const target = targetWithin(this.#sending.appBaseUrl, delivery.url);
    const claims = { iss: site.clientKey, iat: now, exp: now + TOKEN_SECONDS, qsh: queryHash('POST', target) };
    return {
      'content-type': 'application/json',
      authorization: `JWT ${signHs256(claims, secret)}`,
      'x-atlassian-webhook-identifier': identifier,
      'x-atlassian-webhook-flow': happening.flow,
      ...(attempt > 0 ? { 'x-atlassian-webhook-retry': String(attempt) } : {}),
      ...(happening.trace === undefined ? {} : { 'x-atlassian-webhook-trace': happening.trace }),
    };
  }

  #settle(delivery: Delivery, answered: { readonly status: number; readonly ms: number }): void {
    if (this.#closed) return;
    const { status } = answered;
    if (status >= 200 && status < 300) {
      this.#report(delivery, 'delivered', answered);
      return;
    }
    if ((RETRIED.has(status) || status >= 500) && delivery.attempt < RETRIES) {
      this.#report(delivery, 'retrying', answered);
      delivery.attempt += 1;
      this.#enqueueAfter(delivery, Math.max(1, this.#sending.retryGapMs));
      return;
    }
    this.#report(delivery, 'failed', answered);
  }

  #report(
    delivery: Delivery,
    outcome: 'delivered' | 'retrying' | 'failed' | 'lost',
    answered: { readonly status: number; readonly ms: number },
  ): void {
    const { happening, site, identifier, attempt } = delivery;
    this.#sending.tell({
      kind: 'webhook',
      at: this.#sending.clock.now(),
      site: site.name,
      event: happening.event,
      identifier,
      flow: happening.flow,
      issueId: happening.issue.id,
      attempt,
      outcome,
      ...(answered.status === 0 ? {} : { status: answered.status }),
      ms: answered.ms,
    });
  }
}

function laneOf(delivery: Delivery): string {
  return `${delivery.site.name} ${delivery.happening.flow}`;
}

/** The path and query of a URL below the add-on's base URL: what its query hash is over. */
export function targetWithin(appBaseUrl: string, url: string): string {
  return url.startsWith(appBaseUrl) ? url.slice(appBaseUrl.length) : url;
}

/** A filter that is no JQL lets nothing pass: Jira would not have taken the descriptor. */
function passes(act: Act, module: WebhookModule, happening: Happening): boolean {
  if (module.filter === undefined || module.filter === '') return true;
  try {
    return matchesJql(act, module.filter, happening.issue);
  } catch (problem) {
    if (problem instanceof JiraProblem) return false;
    throw problem;
  }
}

/** Puts ids in place of the context parameters of a module's address. */
function fill(url: string, happening: Happening, site: Site): string {
  const { issue } = happening;
  const values: Readonly<Record<string, string>> = {
    'issue.id': issue.id,
    'issue.key': issue.key,
    'project.id': issue.projectId,
    'project.key': issue.key.slice(0, issue.key.lastIndexOf('-')),
    clientKey: site.clientKey,
  };
  return url.replaceAll(/\$?\{([\w.]+)\}/g, (_whole, name: string) => encodeURIComponent(values[name] ?? ''));
}
