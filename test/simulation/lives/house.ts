/** The product's side of a world of lives: its real handlers over memory ports, a clock that leaps, and whatever fails around them. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { backupHandler } from '../../../functions/backup/event.ts';
import { notifyHandler } from '../../../functions/notify/event.ts';
import { FAREWELL_MS, FENCE_MS, purgeHandler, TICKET_MS } from '../../../functions/purge/event.ts';
import type { PurgePorts, PurgeSettings } from '../../../functions/purge/progress.ts';
import { Keyring } from '../../../shared/keyring.ts';
import { StoreLedger } from '../../../shared/ledger.ts';
import { MemoryBackup } from '../../../shared/memory/backup.ts';
import { MemoryDesk } from '../../../shared/memory/desk.ts';
import { MemoryMail } from '../../../shared/memory/mail.ts';
import { MemoryStore } from '../../../shared/memory/store.ts';
import type { StoreCall } from '../../../shared/memory/store.ts';
import { MemoryVault } from '../../../shared/memory/vault.ts';
import type { TenantId } from '../../../shared/model/ids.ts';
import type { Message } from '../../../shared/model/message.ts';
import type { AccountReport, ReportAnswer } from '../../../shared/model/people.ts';
import type { AddonFacts } from '../../../shared/model/tenant.ts';
import { Fault } from '../../../shared/verdict.ts';
import type { Code } from '../../../shared/verdict.ts';
import { unusedSite } from '../../kit/adminJira.ts';
import type { Chance } from '../chance.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** When every world begins. */
export const DAY_0 = 20_000 * DAY;

/** What may be away for hours or days. */
export const parts = ['store', 'ledger', 'vault', 'signer', 'place', 'bus', 'scheduler', 'mail', 'desk'] as const;
export type Part = (typeof parts)[number];

/** A stop of the process. No code of ours may catch it and go on. */
export class Stopped extends Error {}

/** What the bus does to a message: it comes so late, and as often as that. */
export type Passage = 'delivered' | 'lost' | { readonly lateMs: readonly number[] };

/** Topics whose messages come to functions that are here. */
const TOPICS: ReadonlySet<string> = new Set(['purge-jobs', 'backup-jobs', 'notices', 'tenant-lifecycle']);
/** What the notify function does; the rest is the purge's. */
const OF_NOTIFY: ReadonlySet<Message['kind']> = new Set(['tenant-change', 'notice', 'report', 'erase-ticket']);

/** One pair for all worlds of a process: nothing here is about making keys. */
const pair = generateKeyPairSync('ed25519');
export const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** What the house asks of the world around it. */
export interface Around {
  readonly chance: Chance;
  readonly site: (tenant: TenantId) => AddonFacts | Code;
  readonly passage: (message: Message) => Passage;
  /** What Atlassian says of accounts through this site. */
  readonly people: (tenant: TenantId, accounts: readonly AccountReport[]) => ReportAnswer | Code;
  /** Work of another process at the same life, in whose middle the message is handled; absent: there is none. */
  readonly writer: (message: Message) => (() => Promise<unknown>) | undefined;
  /** A file has come to the place of backups. */
  readonly kept: (set: string) => void;
}

export class House {
  now = DAY_0;
  /** What is away now. */
  readonly away = new Set<Part>();
  /** The call of the store, from now, before or after which the process stops. */
  stop: { calls: number; readonly when: 'before' | 'after' } | undefined;
  hasStopped = false;
  /** What happens right before the next commit of a transaction: somebody else's work. */
  between: (() => Promise<void>) | undefined;
  readonly desk = new MemoryDesk();
  readonly mail = new MemoryMail({ answer: () => (this.away.has('mail') ? 'down' : 'mail-sent') });
  readonly place = new MemoryBackup();
  readonly store: MemoryStore;
  readonly ports: PurgePorts;
  readonly settings: PurgeSettings = {
    ...{ liveDays: 120, copyDays: 30, fenceMs: FENCE_MS, farewellMs: FAREWELL_MS, ticketMs: TICKET_MS, commit: 'test' },
  };
  /** Messages for our own functions, with the time from which they come. */
  readonly queue: { readonly message: Message; readonly at: number }[] = [];
  /** What the rest of the house was told of lives. */
  readonly told: Message[] = [];
  /** Faults that the house has reported, by code. */
  readonly reported: Record<string, number> = {};
  steps = 0;
  #ids = 0;
  readonly #around: Around;
  readonly #notify: (message: Message) => Promise<unknown>;

  constructor(around: Around) {
    this.#around = around;
    const { chance } = around;
    const clock = { now: () => this.now, sleep: () => Promise.reject(new Error('nobody sleeps')) };
    const ids = {
      next: () => `${(this.#ids += 1)}`.padStart(10, '0'),
      bytes: (length: number) => Uint8Array.from({ length }, () => Math.floor(chance() * 256)),
    };
    this.store = new MemoryStore({ onCall: (call) => this.#before(call), onDone: () => this.#after() });
    const { store, place } = this;
    const signer = {
      keyId: 'test-key',
      sign: async (text: string) => {
        if (this.away.has('signer')) throw new Fault('outside-unavailable');
        return sign(null, Buffer.from(text), pair.privateKey).toString('base64');
      },
      publicKey: async () => publicKey,
    };
    const there = (): void => {
      if (this.away.has('place')) throw new Fault('outside-unavailable');
    };
    this.ports = {
      clock,
      ids,
      store,
      signer,
      keys: new Keyring({ store, vault: new MemoryVault(ids), ids, clock }),
      ledger: new StoreLedger({ store, hashKeys: [new Uint8Array(32).fill(7)] }),
      jira: {
        at: ({ tenant }) => ({
          ...unusedSite,
          readAddon: async () => answered(around.site(tenant)),
          reportAccounts: async (accounts) => answered(around.people(tenant, accounts)),
        }),
      },
      bus: {
        publish: async (topic, message) => {
          if (this.hasStopped) throw new Stopped();
          if (this.away.has('bus')) throw new Fault('publish-failed');
          this.#publish(topic, message, around.passage(message));
        },
      },
      backups: {
        at: 'memory',
        vault: new MemoryVault(ids),
        append: {
          append: async (set, file, bytes) => {
            there();
            await place.append.append(set, file, bytes);
            around.kept(set);
          },
        },
        prune: {
          sets: async () => (there(), place.prune.sets()),
          remove: async (set) => (there(), place.prune.remove(set)),
        },
      },
      log: {
        work: () => undefined,
        note: () => undefined,
        fault: (_name, code) => void (this.reported[code] = (this.reported[code] ?? 0) + 1),
      },
    };
    const mailKeys = [new Uint8Array(32).fill(9)];
    const settings = { baseUrl: 'https://twinline.example', copyDays: 30, mailKeys, planned: () => [] };
    this.#notify = notifyHandler({ ...this.ports, mail: this.mail, desk: this.desk }, settings);
  }

  #publish(topic: string, message: Message, passage: Passage): void {
    if (topic === 'tenant-lifecycle') this.told.push(message);
    if (!TOPICS.has(topic) || passage === 'lost') return;
    for (const lateMs of passage === 'delivered' ? [0] : passage.lateMs)
      this.queue.push({ message, at: this.now + lateMs });
  }

  #before(call: StoreCall): void | Promise<void> {
    const { between } = this;
    if (between === undefined || call.op !== 'transact') {
      this.#mayGo(call);
      return;
    }
    this.between = undefined;
    return between().then(() => {
      this.#mayGo(call);
    });
  }

  #mayGo({ category }: StoreCall): void {
    this.steps += 1;
    if (this.hasStopped) throw new Stopped();
    if (this.stop?.when === 'before' && (this.stop.calls -= 1) < 0) this.#die();
    if (
      category === 'key'
        ? this.away.has('vault')
        : isOfLedger(category)
          ? this.away.has('ledger')
          : this.away.has('store')
    )
      throw new Fault('store-unavailable');
  }

  #after(): void {
    if (this.stop?.when === 'after' && (this.stop.calls -= 1) < 0) this.#die();
  }

  #die(): never {
    this.stop = undefined;
    this.hasStopped = true;
    throw new Stopped();
  }

  /**
   * Some work of a process of its own. Nothing when it ended; otherwise the code of its fault, or that the process stopped, whatever
   * it made of that.
   */
  async attempt(work: () => Promise<unknown>): Promise<Code | 'stopped' | undefined> {
    let ended: Code | 'stopped' | undefined;
    try {
      await work();
    } catch (thrown) {
      if (thrown instanceof Fault) ended = thrown.code;
      else if (!(thrown instanceof Stopped) && !this.hasStopped) throw thrown;
    }
    if (!this.hasStopped) return ended;
    this.hasStopped = false;
    return 'stopped';
  }

  /** What the command that restores stands on, beside the ports of the house. */
  get restoring() {
    const { store, settings, place, ports } = this;
    if (ports.backups === undefined) throw new Error('there is no place of backups');
    return { store, place: place.restore, backupVault: ports.backups.vault, days: settings };
  }

  /** Puts the records of another main database in the place of ours. The vault and the ledger stay. */
  async switchTo(target: MemoryStore): Promise<void> {
    const { store } = this;
    for (;;) {
      const paths = await store.beneath('', 500);
      if (paths.length === 0) break;
      await store.removeAt(paths);
    }
    target.each('(default)', (path, row) => store.plant('(default)', path, row));
  }

  /** What a function does with a message. */
  handle(message: Message): Promise<unknown> {
    if (message.kind === 'backup') return backupHandler(this.ports, { backupDays: 28, commit: 'test' })(message);
    this.desk.trouble = this.away.has('desk') ? 'down' : undefined;
    if (OF_NOTIFY.has(message.kind)) return this.#notify(message);
    return purgeHandler(this.ports, this.settings)(message);
  }

  /** The same, maybe in the middle of somebody else's transaction. */
  async #handleAmong(message: Message): Promise<Code | 'stopped' | undefined> {
    const writer = this.#around.writer(message);
    if (writer === undefined) return this.attempt(() => this.handle(message));
    let ended: { readonly how: Code | 'stopped' | undefined } | undefined;
    this.between = async () => {
      ended = { how: await this.attempt(() => this.handle(message)) };
    };
    await this.attempt(writer);
    this.between = undefined;
    return ended === undefined ? this.attempt(() => this.handle(message)) : ended.how;
  }

  /** Handles every message whose time has come. What fails comes again after `againMs`. */
  async drain(againMs: number): Promise<boolean> {
    let isClean = true;
    const again: Message[] = [];
    for (let handled = 0; ; handled += 1) {
      if (handled > MAX_MESSAGES) throw new Error('messages without end');
      const index = this.queue.findIndex(({ at }) => at <= this.now);
      const [next] = index < 0 ? [] : this.queue.splice(index, 1);
      if (next === undefined) break;
      const ended = await this.#handleAmong(next.message);
      if (ended === undefined) continue;
      isClean = false;
      again.push(next.message);
    }
    for (const message of again) this.queue.push({ message, at: this.now + againMs });
    return isClean;
  }
}

const MAX_MESSAGES = 5_000;

function isOfLedger(category: StoreCall['category']): boolean {
  return (
    category !== undefined &&
    (['ledger', 'receipt', 'epoch', 'pulse', 'backupSet', 'backupPart', 'backupLife'] as string[]).includes(category)
  );
}

function answered<T>(said: T | Code): T {
  if (typeof said === 'string') throw new Fault(said as Code);
  return said;
}
