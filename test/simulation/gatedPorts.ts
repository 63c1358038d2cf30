/** The ports of one process: each call stands at a gate first, and goes wrong there when the scheduler says so. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Http, HttpAnswer, HttpAsk } from '../../shared/http.ts';
import { MemoryIds } from '../../shared/memory/clock.ts';
import type { Bus, Clock, Ids, Keys, Store, Transaction, Vault } from '../../shared/ports.ts';
import { NONCE_BYTES, openSealed, sealValue } from '../../shared/seal.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import type { JiraInside } from '../../infra/local/inside.ts';
import type { GateKind, Grant, Process, Scheduler } from './scheduler.ts';

/** Stands at a gate, then has the effect, unless the process ends before or after it. */
export async function through<T>(
  scheduler: Scheduler,
  process: Process,
  kind: GateKind,
  effect: (grant: Grant) => Promise<T>,
): Promise<T> {
  const grant = await scheduler.gate(process, kind);
  const value = await effect(grant);
  if (grant.fault === 'crash') {
    scheduler.kill(process);
    return new Promise(() => undefined);
  }
  return value;
}

/** The true time, as this process's clock shows it. */
export function gatedClock(scheduler: Scheduler, process: Process): Clock {
  return {
    now: () => scheduler.now + process.skewMs,
    sleep: async (ms) => {
      await scheduler.gate(process, 'sleep', Math.max(0, ms));
    },
  };
}

/** A store call that has no effect. */
function refuseStore({ fault }: Grant): void {
  if (fault === 'store-unavailable') throw new Fault('store-unavailable', { reason: 'asked' });
  if (fault === 'store-changed') throw new Fault('store-changed', { reason: 'asked' });
}

/** A store call that had its effect, and whose answer does not arrive. */
function loseStoreAnswer({ fault }: Grant): void {
  if (fault === 'store-timeout') throw new Fault('store-unavailable', { reason: 'answer-lost' });
}

async function storeCall<T>(grant: Grant, effect: () => Promise<T>): Promise<T> {
  refuseStore(grant);
  const value = await effect();
  loseStoreAnswer(grant);
  return value;
}

/** The store behind gates. In a transaction each read has one, and the commit has one. */
export function gatedStore(scheduler: Scheduler, process: Process, store: Store): Store {
  const read = <T>(effect: () => Promise<T>): Promise<T> =>
    through(scheduler, process, 'store-read', (grant) => storeCall(grant, effect));
  const write = <T>(effect: () => Promise<T>): Promise<T> =>
    through(scheduler, process, 'store-write', (grant) => storeCall(grant, effect));
  return {
    read: (category, place) => read(() => store.read(category, place)),
    create: (category, place, row) => write(() => store.create(category, place, row)),
    replace: (category, place, row, version) => write(() => store.replace(category, place, row, version)),
    remove: (category, place) => write(() => store.remove(category, place)),
    removeAll: (records) => write(() => store.removeAll(records)),
    batch: (writes) => write(() => store.batch(writes)),
    removeAt: (paths) => write(() => store.removeAt(paths)),
    ownedCount: (category, owner) => read(() => store.ownedCount(category, owner)),
    ownedSeen: (category, owner, page) => read(() => store.ownedSeen(category, owner, page)),
    list: (category, shelf, page) => read(() => store.list(category, shelf, page)),
    owned: (category, owner, page) => read(() => store.owned(category, owner, page)),
    due: (category, field, until, limit) => read(() => store.due(category, field, until, limit)),
    scan: (category, page) => read(() => store.scan(category, page)),
    beneath: (path, limit) => read(() => store.beneath(path, limit)),
    walk: (path, page) => read(() => store.walk(path, page)),
    transact: async (work) => {
      let commit: Grant | undefined;
      const value = await store.transact(async (transaction) => {
        const gated: Transaction = {
          ...transaction,
          read: (category, place) => read(() => transaction.read(category, place)),
        };
        const result = await work(gated);
        // Nobody runs between this gate and the commit itself.
        commit = await scheduler.gate(process, 'store-write');
        refuseStore(commit);
        return result;
      });
      if (commit?.fault === 'crash') {
        scheduler.kill(process);
        return new Promise(() => undefined);
      }
      if (commit !== undefined) loseStoreAnswer(commit);
      return value;
    },
  };
}

/** What a call of a site meets, by fault: a status that the stand-in answers instead of working. */
const PLANNED: Readonly<Record<string, number>> = {
  'jira-401': 401,
  'jira-403': 403,
  'jira-404': 404,
  'jira-409': 409,
  'jira-413': 413,
  'jira-429': 429,
  'jira-500': 500,
  'jira-503': 503,
};
/** What a 429 asks for, in seconds: within a function's patience, beyond it, and for long. */
const RETRY_SECONDS = [1, 2, 20, 600] as const;
/** A slow answer still comes within the client's own deadline. */
const SLOW_MS = 12_000;

/** What one call did; `before` is told as soon as it is let through, so that effects have a worker. */
export interface HttpWatch {
  before(process: Process, ask: HttpAsk): Promise<void>;
  after(process: Process, ask: HttpAsk, answer: HttpAnswer | undefined, isAnswerLost: boolean): void;
}

/** POSTs that only ask. */
const ASKS = ['/search/jql', '/jql/match', '/comment/list', '/issue/bulkfetch', '/permissions/check'];

/** True for a call that changes something. */
export function isWriting({ method, url }: HttpAsk): boolean {
  return method !== 'GET' && !ASKS.some((path) => url.includes(path));
}

/** Calls of sites behind gates. */
export function gatedHttp(
  scheduler: Scheduler,
  process: Process,
  sites: Pick<JiraInside, 'answer' | 'open'>,
  watch: HttpWatch,
): Http {
  const call = (ask: HttpAsk, answer: typeof sites.answer): Promise<HttpAnswer> =>
    through(scheduler, process, isWriting(ask) ? 'jira-write' : 'jira-read', async ({ fault, seed }) => {
      if (fault === 'jira-reset') throw new Fault('outside-unavailable', { reason: 'no-answer' });
      await watch.before(process, ask);
      const status = PLANNED[fault ?? ''];
      const planned =
        status === undefined
          ? undefined
          : {
              status,
              ...(status === 429 ? { headers: { 'Retry-After': String(RETRY_SECONDS[seed % 4]) } } : {}),
            };
      const got = await answer(ask, planned);
      const isAnswerLost = fault === 'jira-timeout' || fault === 'crash';
      watch.after(process, ask, planned === undefined ? got : undefined, isAnswerLost);
      if (fault === 'jira-timeout') throw new Fault('outside-unavailable', { reason: 'broken-off' });
      if (fault === 'jira-slow') await scheduler.gate(process, 'sleep', SLOW_MS);
      return got;
    });
  // One gate for the whole answer: what breaks off half way is told like one that never came.
  const whole: typeof sites.answer = async (ask, planned) => {
    if (planned !== undefined) return sites.answer(ask, planned);
    const { status, headers, chunks } = await sites.open(ask);
    const read: Uint8Array[] = [];
    for await (const chunk of chunks) read.push(chunk);
    return { status, headers, body: Buffer.concat(read) };
  };
  return {
    send: (ask) => call(ask, sites.answer),
    open: async (ask) => {
      const { status, headers, body } = await call(ask, whole);
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body ?? ''));
      return { status, headers, chunks: Readable.from([bytes]) };
    },
  };
}

/** Messages behind gates. */
export function gatedBus(scheduler: Scheduler, process: Process, publish: Bus['publish']): Bus {
  return {
    publish: (topic, message) =>
      through(scheduler, process, 'publish', async ({ fault }) => {
        if (fault === 'publish-failed') throw new Fault('publish-failed');
        await publish(topic, message);
        if (fault === 'publish-timeout') throw new Fault('publish-failed');
      }),
  };
}

/** Keys made from their names: sealing is real, keeping is not what these runs are about. */
export function gatedKeys(scheduler: Scheduler, process: Process | undefined, chance: Ids): Keys {
  const keyOf = (name: string): Uint8Array => createHash('sha256').update(name).digest();
  const call = <T>(effect: () => T): Promise<T> => {
    if (process === undefined) return Promise.resolve(effect());
    return through(scheduler, process, 'key', ({ fault }) => {
      if (fault === 'key-unavailable') throw new Fault('key-unavailable' satisfies Code);
      return Promise.resolve(effect());
    });
  };
  return {
    make: () => call(() => undefined),
    seal: (name, context, value) =>
      call(() => sealValue(keyOf(name), chance.bytes(NONCE_BYTES) as Buffer, context, value)),
    open: (name, context, value) => call(() => openSealed(keyOf(name), context, value)),
    destroy: () => call(() => undefined),
  };
}

/** A vault behind gates: the one place of real keys that may be away. */
export function gatedVault(scheduler: Scheduler, process: Process, vault: Vault): Vault {
  const call = <T>(effect: () => Promise<T>): Promise<T> =>
    through(scheduler, process, 'key', ({ fault }) => {
      if (fault === 'key-unavailable') throw new Fault('key-unavailable' satisfies Code);
      return effect();
    });
  return {
    wrap: (key, context) => call(() => vault.wrap(key, context)),
    unwrap: (wrapped, context) => call(() => vault.unwrap(wrapped, context)),
  };
}

/** Ids of one process; two processes never make the same. */
export function idsOf(seed: number, process: string): Ids {
  return new MemoryIds(`${seed}/${process}`);
}
