/** Sites that come through the Connect door: real tokens, a real key server on loopback, and all functions behind the edge. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpEdge } from '../../functions/edge.ts';
import { lifecycleRoutes } from '../../functions/lifecycle/http.ts';
import { webhookRoutes } from '../../functions/webhook/http.ts';
import { createConnectDoor } from '../../shared/doors/connect/door.ts';
import { createHttp } from '../../shared/http.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import { MemoryVault } from '../../shared/memory/vault.ts';
import type { ConnectDoor } from '../../shared/ports.ts';
import { processors } from '../../shared/retention/processors.ts';
import { Fault } from '../../shared/verdict.ts';
import { callEdge } from './callEdge.ts';
import { canary, canaryAddress } from './canaries.ts';
import { countingIds, memoryPorts } from './memoryPorts.ts';
import { claimsFor, rsaKeys, signShared, signWithKey } from './tokens.ts';
import type { Json, KeyPair } from './tokens.ts';

export const settings = { baseUrl: 'https://twinline.example', addonKey: 'app.twinline', liveDays: 120 };
export const START = Date.UTC(2026, 10, 23, 9);
export const KEY_ID = '2f1c0b6a-5d7e-4c3b-9a2d-1e0f9b8c7d6e';

/** One Jira site as Atlassian sees it. */
export interface TestSite {
  readonly clientKey: string;
  readonly baseUrl: string;
  readonly secret: string;
}

export const acme = testSite('acme');
export const beta = testSite('beta');

function testSite(name: string): TestSite {
  const clientKey = canary('site', name);
  return { clientKey, baseUrl: `https://${clientKey}.atlassian.net`, secret: canary('secret', name).padEnd(64, name) };
}

/** The stand-in for Atlassian's key servers: two listeners, so that one can fail. */
export class KeyServers {
  readonly keys: KeyPair = rsaKeys();
  /** Addresses that were asked for, in order. */
  readonly asked: string[] = [];
  /** What each of the two answers; by default the first does not know the key. */
  answers: [primary: KeyAnswer, fallback: KeyAnswer] = ['unknown', 'known'];
  readonly #servers: Server[] = [];
  origins: [string, string] = ['', ''];

  async start(): Promise<void> {
    this.origins = [await this.#listen(0), await this.#listen(1)];
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  reset(): void {
    this.asked.length = 0;
    this.answers = ['unknown', 'known'];
  }

  async #listen(index: 0 | 1): Promise<string> {
    const server = createServer((request, response) => {
      this.asked.push(`${index} ${request.url ?? ''}`);
      const answer = this.answers[index];
      const isKnown = answer === 'known' && request.url === `/${KEY_ID}`;
      if (answer === 'down') request.socket.destroy();
      else if (answer === 'failing') response.writeHead(500).end();
      else if (answer === 'redirect') response.writeHead(302, { location: 'https://evil.example/' }).end();
      else if (answer === 'huge') response.writeHead(200).end('x'.repeat(20_000));
      else if (typeof answer === 'object') response.writeHead(200).end(answer.pem);
      else if (isKnown) response.writeHead(200, { 'content-type': 'text/plain' }).end(this.keys.publicPem);
      else response.writeHead(404).end('not found');
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}

export type KeyAnswer = 'known' | 'unknown' | 'down' | 'failing' | 'redirect' | 'huge' | { readonly pem: string };

export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly target: string;
  readonly authorization?: string | undefined;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly code: string;
  readonly text: string;
  readonly headers: Json;
}

/** Thrown by a hook: the process ends here, whatever the code does about it. */
export class Stop extends Error {}

/** A whole world; every part of it may be looked at. */
export class ConnectWorld {
  now = START;
  readonly published: { readonly topic: string; readonly message: unknown }[] = [];
  readonly logged: unknown[][] = [];
  isBusDown = false;
  isStoreDown = false;
  /** Store and bus calls are counted; the process stops before or after the one with this number. */
  stopAt: { readonly call: number; readonly when: 'before' | 'after' } | undefined;
  /** Work that somebody else does, from beginning to end, just before the store call with this number. */
  between: { readonly call: number; readonly work: () => Promise<unknown> } | undefined;
  calls = 0;
  #isDead = false;
  readonly store: MemoryStore;
  ports: ReturnType<typeof memoryPorts>;
  readonly #ids = countingIds();
  readonly #vault = new MemoryVault(this.#ids);
  readonly #servers: KeyServers;
  #functions: Readonly<Record<'lifecycle' | 'webhook', ReturnType<typeof httpEdge>>>;
  door: ConnectDoor;

  constructor(servers: KeyServers) {
    this.#servers = servers;
    this.store = new MemoryStore({
      onCall: async () => {
        if (this.isStoreDown) throw new Fault('store-unavailable');
        this.#before();
        const { between } = this;
        if (between?.call !== this.calls) return;
        this.between = undefined;
        await between.work();
      },
      onDone: () => this.#after(),
    });
    [this.ports, this.door, this.#functions] = this.#boot();
  }

  /** A new process: what an instance had in memory is gone. */
  reboot(): void {
    this.stopAt = undefined;
    this.#isDead = false;
    [this.ports, this.door, this.#functions] = this.#boot();
  }

  #boot() {
    const { store } = this;
    const ports = memoryPorts({ store, vault: this.#vault, ids: this.#ids }, () => this.now);
    const [primary, fallback] = this.#servers.origins;
    const localHosts = {
      'https://asap-distribution.us-west-2.prod.atl-asap.net': primary,
      'https://connect-install-keys.atlassian.com': fallback,
    };
    const http = createHttp({ register: processors, localHosts });
    const door = createConnectDoor({ store, keys: ports.keys, http, clock: ports.clock }, settings);
    const bus = {
      publish: async (topic: string, message: unknown) => {
        this.#before();
        if (this.isBusDown) throw new Fault('publish-failed');
        this.published.push({ topic, message });
        this.#after();
      },
    };
    const add = (...parts: unknown[]): void => void this.logged.push(parts);
    const log = { work: add, note: add, fault: add };
    const all = { ...ports, store, bus, log, doors: { connect: door } };
    const functions = {
      lifecycle: httpEdge('lifecycle', all, lifecycleRoutes(all, settings)),
      webhook: httpEdge('webhook', all, webhookRoutes(all)),
    };
    return [ports, door, functions] as const;
  }

  /** Did the work between two calls run? */
  wasInterrupted(): boolean {
    return this.between === undefined;
  }

  async call(name: 'lifecycle' | 'webhook', { method = 'POST', target, authorization, body }: Call): Promise<Answer> {
    const answer = await callEdge(this.#functions[name], { method, target, authorization, body });
    return { ...answer, code: codeIn(this.logged) };
  }

  signInstall(site: TestSite, target: string, more: Json = {}): string {
    const claims = claimsFor({ method: 'POST', target, issuer: site.clientKey, now: this.now });
    return `JWT ${signWithKey({ ...claims, aud: [settings.baseUrl], ...more }, this.#servers.keys.privateKey, KEY_ID)}`;
  }

  signSite(site: TestSite, target: string, more: Json = {}): string {
    const claims = claimsFor({ method: 'POST', target, issuer: site.clientKey, now: this.now });
    return `JWT ${signShared({ ...claims, ...more }, site.secret)}`;
  }

  install(site: TestSite, more: Json = {}): Promise<Answer> {
    return this.#signed(site, 'installed', { ...more, sharedSecret: site.secret });
  }

  uninstall(site: TestSite): Promise<Answer> {
    return this.#signed(site, 'uninstalled', {});
  }

  #signed(site: TestSite, event: string, more: Json): Promise<Answer> {
    const target = `/lifecycle/${event}?user_id=1`;
    const body = { ...bodyOf(site), eventType: event, ...more };
    return this.call('lifecycle', { target, authorization: this.signInstall(site, target), body });
  }

  setEnabled(site: TestSite, event: 'enabled' | 'disabled'): Promise<Answer> {
    const target = `/lifecycle/${event}`;
    const authorization = this.signSite(site, target);
    return this.call('lifecycle', { target, authorization, body: { ...bodyOf(site), eventType: event } });
  }

  webhook(site: TestSite, body: unknown = change): Promise<Answer> {
    const target = '/webhook/jira?user_id=1';
    return this.call('webhook', { target, authorization: this.signSite(site, target), body });
  }

  /** Everything that is stored or published, for a comparison of before and after. */
  dump(): string {
    const stored = (['(default)', 'vault', 'ledger', 'identity'] as const).map((database) => [
      ...this.store.everything(database),
    ]);
    return JSON.stringify([stored, this.published]);
  }

  /** Records of a collection, in the order of their paths. */
  rows(database: '(default)' | 'vault' | 'ledger', prefix: string): readonly Json[] {
    return [...this.store.everything(database)]
      .filter(([path]) => path.startsWith(prefix))
      .map(([, row]) => row as Json);
  }

  #before(): void {
    this.calls += 1;
    this.#perhapsStop('before');
  }

  #after(): void {
    this.#perhapsStop('after');
  }

  /** A process that has stopped reaches nothing any more, however it deals with the first failure. */
  #perhapsStop(when: 'before' | 'after'): void {
    if (this.stopAt?.when === when && this.calls === this.stopAt.call) this.#isDead = true;
    if (this.#isDead) throw new Stop();
  }
}

/** The newest work line's code. */
function codeIn(logged: readonly unknown[][]): string {
  const last = logged.at(-1)?.[1];
  return typeof last === 'object' && last !== null && 'code' in last ? String(last.code) : '';
}

/** What the sites of this world call their contract. */
export const SEN = `SEN-${canary('site', 'entitlement')}`;

/** A change as Jira tells it, with everything in it that nobody but its issue may know. */
export const change = {
  webhookEvent: 'jira:issue_updated',
  timestamp: START - 500,
  user: { accountId: canary('account'), displayName: canary('name'), emailAddress: canaryAddress() },
  issue: {
    id: '10001',
    key: canary('issuekey'),
    fields: { summary: canary('summary'), description: canary('description'), labels: [canary('label')] },
  },
  changelog: { items: [{ field: 'summary', fromString: canary('summary', 1), toString: canary('summary') }] },
};

export function bodyOf(site: TestSite): Json {
  return {
    key: settings.addonKey,
    clientKey: site.clientKey,
    baseUrl: site.baseUrl,
    productType: 'jira',
    serviceEntitlementNumber: SEN,
  };
}
