/** Two connected tenants and a third one, with every category filled, over memory ports and a clock that stands still. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { backupHandler } from '../../functions/backup/event.ts';
import { purgeHandler } from '../../functions/purge/event.ts';
import type { PurgePorts, PurgeSettings } from '../../functions/purge/progress.ts';
import { Keyring } from '../../shared/keyring.ts';
import { StoreLedger } from '../../shared/ledger.ts';
import type { MemoryBackup } from '../../shared/memory/backup.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import type { StoreCall } from '../../shared/memory/store.ts';
import { MemoryVault } from '../../shared/memory/vault.ts';
import { connectionId, ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { Message } from '../../shared/model/message.ts';
import type { AccountReport, ReportAnswer } from '../../shared/model/people.ts';
import type { AddonFacts, Evidence, TenantRef } from '../../shared/model/tenant.ts';
import type { TenantId } from '../../shared/model/ids.ts';
import type { Keys, Ledger, LedgerEntry } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { unusedSite } from './adminJira.ts';
import { canary } from './canaries.ts';
import { fillEverything } from './records.ts';
import type { Joined } from './records.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** When everybody installed. */
export const DAY_0 = 20_000 * DAY;

// One id is the beginning of another: a purge that went by prefixes would take both.
export const A: TenantRef = { tenant: tenantId('t-00000001'), generation: 1 };
export const B: TenantRef = { tenant: tenantId('t-00000002'), generation: 1 };
export const C: TenantRef = { tenant: tenantId('t-000000010'), generation: 1 };
export const AB: Joined = { id: connectionId('c-00000001'), a: A, b: B };
/** Connections of two projects of one site. */
export const AA: Joined = { id: connectionId('c-000000010'), a: A, b: A };
export const CC: Joined = { id: connectionId('c-00000003'), a: C, b: C };

/** What happens at a call of the store: nothing, or a stop of the process before or after the call's effect. */
export interface Crash {
  /** The number of the call, from 0. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** A stop of the process. No code of ours may catch it and go on. */
export class Stopped extends Error {}

export class PurgeWorld {
  now = DAY_0;
  readonly faults: string[] = [];
  /** Messages that were published and not yet delivered. */
  readonly queue: Message[] = [];
  readonly told: Message[] = [];
  /** What the notify function was asked for. */
  readonly notices: Message[] = [];
  crash: Crash | undefined;
  /** Runs before each call of the store. */
  onCall: ((call: StoreCall) => void | Promise<void>) | undefined;
  calls = 0;
  /** What each site says of our installation there, or the fault that asking it ends with. */
  readonly addons = new Map<TenantId, AddonFacts | Code>();
  /** How often a site was asked. */
  asked = 0;
  settings: PurgeSettings = { liveDays: 120, copyDays: 30, fenceMs: 90_000, commit: 'test' };
  readonly publicKey: string;
  readonly store: MemoryStore;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly ports: PurgePorts;
  #ids = 0;

  constructor(place?: MemoryBackup) {
    const pair = generateKeyPairSync('ed25519');
    this.publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    this.store = new MemoryStore({
      onCall: async (call) => {
        this.calls += 1;
        if (this.isStopped) throw new Stopped();
        await this.onCall?.(call);
      },
      onDone: () => {
        if (this.crash?.when === 'after' && this.crash.at === this.calls - 1) throw new Stopped();
      },
    });
    const clock = { now: () => this.now, sleep: () => Promise.reject(new Error('nobody sleeps')) };
    const ids = {
      next: () => `${(this.#ids += 1)}`.padStart(10, '0'),
      bytes: (length: number) => new Uint8Array(randomBytes(length)),
    };
    this.keys = new Keyring({ store: this.store, vault: new MemoryVault(ids), ids, clock });
    this.ledger = new StoreLedger({ store: this.store, hashKeys: [new Uint8Array(32).fill(7)] });
    this.ports = {
      clock,
      ids,
      store: this.store,
      keys: this.keys,
      ledger: this.ledger,
      signer: {
        keyId: 'test-key',
        sign: (text) => Promise.resolve(sign(null, Buffer.from(text), pair.privateKey).toString('base64')),
        publicKey: () => Promise.resolve(this.publicKey),
      },
      jira: {
        at: ({ tenant }) => ({
          ...unusedSite,
          readAddon: async () => this.askAddon(tenant),
          reportAccounts: async (accounts) => this.hear(tenant, accounts),
        }),
      },
      bus: {
        publish: (topic, message) => {
          const line =
            topic === 'purge-jobs' || topic === 'backup-jobs'
              ? this.queue
              : topic === 'notices'
                ? this.notices
                : this.told;
          line.push(message);
          return Promise.resolve();
        },
      },
      ...(place === undefined
        ? {}
        : {
            backups: {
              at: 'memory',
              vault: new MemoryVault(ids),
              append: place.append,
              prune: place.prune,
              restore: place.restore,
            },
          }),
      log: {
        work: () => undefined,
        note: () => undefined,
        fault: (_name, code) => void this.faults.push(code),
      },
    };
  }

  /** What a site answers to a probe; one that was never told of does not answer. */
  async askAddon(tenant: TenantId): Promise<AddonFacts> {
    this.asked += 1;
    const said = this.addons.get(tenant) ?? 'jira-unavailable';
    if (typeof said === 'string') throw new Fault(said);
    return said;
  }

  /** What Atlassian says of reported accounts; a test may replace it. */
  onReport: (accounts: readonly AccountReport[]) => ReportAnswer = () => ({ closed: [], updated: [] });
  /** Every report that was made. */
  readonly reports: { readonly at: number; readonly tenant: string; readonly accounts: readonly string[] }[] = [];

  async hear(tenant: TenantId, accounts: readonly AccountReport[]): Promise<ReportAnswer> {
    if (this.isStopped) throw new Stopped();
    this.reports.push({ at: this.now, tenant, accounts: accounts.map(({ account }) => account) });
    return this.onReport(accounts);
  }

  /** A stopped process answers nothing any more until `crash` is taken away. */
  get isStopped(): boolean {
    if (this.crash === undefined) return false;
    const { at, when } = this.crash;
    return when === 'before' ? this.calls - 1 >= at : this.calls - 1 > at;
  }

  /** Everybody installed, and everything filled. */
  async fill(): Promise<this> {
    const tenants = [A, B, C].map((ref) => ({ ref, clientKey: clientKeyOf(ref), tenancy: { ...ACTIVE } }));
    for (const { ref, clientKey } of tenants) await this.enter(ref, clientKey, 'installed', {});
    await fillEverything(this, tenants, [AB, AA, CC]);
    this.calls = 0;
    return this;
  }

  /** Appends to the ledger as the lifecycle does. */
  async enter(
    ref: TenantRef,
    clientKey: string,
    kind: LedgerEntry['kind'],
    more: Partial<LedgerEntry>,
  ): Promise<LedgerEntry> {
    const identity = await this.ledger.identityOf('connect', clientKey);
    const last = (await this.ledger.read(identity)).at(-1)?.number ?? 0;
    return this.ledger.append(identity, last, { ...ref, kind, at: this.now, ...more });
  }

  /** Marks a tenant, ledger first. */
  async mark(ref: TenantRef, evidence: Evidence = 'uninstalled'): Promise<void> {
    const mark = { evidence, dueAt: this.now + (evidence === 'requested' ? 3 : 120) * DAY };
    const { number } = await this.enter(ref, clientKeyOf(ref), 'marked', mark);
    await this.change(ref, { state: 'marked', markedAt: this.now, ...mark, ledgerNumber: number });
  }

  /** Changes a tenant's record. */
  async change(ref: TenantRef, changes: Record<string, unknown>): Promise<void> {
    const stored = await this.store.read('tenant', { tenant: ref.tenant });
    if (stored === undefined) throw new Error('there is no such tenant');
    const row = Object.fromEntries(
      Object.entries<unknown>({ ...stored.row, ...changes }).filter(([, value]) => value !== undefined),
    ) as RecordOf<'tenant'>;
    await this.store.replace('tenant', stored.place, row, stored.version);
  }

  handle(message: Message): Promise<Verdict> {
    if (message.kind === 'backup') return backupHandler(this.ports, { backupDays: 28, commit: 'test' })(message);
    return purgeHandler(this.ports, this.settings)(message);
  }

  purge(ref: TenantRef): Promise<Verdict> {
    return this.handle({ kind: 'purge-tenant', ...ref, askedAt: this.now });
  }

  /** One tick, and every message that follows from it. */
  async tick(): Promise<void> {
    await this.handle({ kind: 'sweep', askedAt: this.now });
    await this.drain();
  }

  async drain(): Promise<void> {
    for (let handled = 0; this.queue.length > 0; handled += 1) {
      if (handled > 1_000) throw new Error('messages without end');
      for (const message of this.queue.splice(0, 1)) await this.handle(message);
    }
  }

  /** A tick for backups, and every message that follows from it. */
  async backup(): Promise<void> {
    await this.handle({ kind: 'backup', askedAt: this.now });
    await this.drain();
  }

  /** Ticks, an hour apart. */
  async ticks(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await this.tick();
      this.now += HOUR;
    }
  }

  /** Everything that is stored, of all databases, by `database:path`. */
  everything(): ReadonlyMap<string, string> {
    const all = new Map<string, string>();
    for (const database of ['(default)', 'vault', 'ledger', 'identity'] as const)
      for (const [path, row] of this.store.everything(database)) all.set(`${database}:${path}`, JSON.stringify(row));
    return all;
  }

  /** Paths of all that carries an owner or is in the tenant's own tree or its connections'. */
  leftOf(ref: TenantRef): string[] {
    const owner: string = ownerOf(ref.tenant, ref.generation);
    const evidence = /^(\(default\):purges|ledger:)/;
    return [...this.everything()]
      .filter(([path]) => !evidence.test(path))
      .filter(
        ([path, row]) => row.includes(`"${owner}"`) || path.split('/').includes(ref.tenant) || path.includes(owner),
      )
      .map(([path]) => path);
  }

  receipts(): string[] {
    return [...this.store.everything('ledger')].filter(([path]) => path.startsWith('receipts/')).map(([path]) => path);
  }
}

const ACTIVE = {
  state: 'active',
  markedAt: undefined,
  evidence: undefined,
  dueAt: undefined,
  untold: undefined,
  untoldSince: undefined,
} as const;

export function clientKeyOf({ tenant }: TenantRef): string {
  return `${canary('site')}-client-${tenant}`;
}
