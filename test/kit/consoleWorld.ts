/** The console function over memory ports: two and more sites, admins who call it through the edge, and all that it left behind. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { consoleRoutes } from '../../functions/console/http.ts';
import type { ConsoleSettings } from '../../functions/console/http.ts';
import { httpEdge } from '../../functions/edge.ts';
import { accountId, ownerOf, tenantId, tenantKey } from '../../shared/model/ids.ts';
import type { Owner, TenantId } from '../../shared/model/ids.ts';
import type { Principal } from '../../shared/model/tenant.ts';
import type { Bus, Clock, Door, Ids, Keys, Ledger, Log, Signer, Vault } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { Keyring } from '../../shared/keyring.ts';
import { Purse } from '../../shared/purse.ts';
import { MemoryStore } from '../../shared/memory/store.ts';
import type { MemoryStoreHooks } from '../../shared/memory/store.ts';
import { Fault } from '../../shared/verdict.ts';
import type { ScriptCheck } from '../../shared/model/script.ts';
import { AdminJira } from './adminJira.ts';
import { canary } from './canaries.ts';
import { callEdge } from './callEdge.ts';
import { ledgerOver } from './ledgerOver.ts';
import { quietScript } from './quietScript.ts';
import { consoleSettings } from './consoleSettings.ts';

/** An answer of the function as a caller gets it. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

/** One person at one site. */
export interface Caller {
  readonly tenant: TenantId;
  readonly account: string;
  readonly generation?: number;
}

const START = Date.UTC(2026, 0, 15, 9);

/** A whole world; every part of it may be looked at. */
export class ConsoleWorld {
  now = START;
  readonly store: MemoryStore;
  readonly keys: Keys;
  readonly ledger: Ledger;
  readonly jira = new AdminJira();
  /** Every published message, in order. */
  readonly published: unknown[] = [];
  /** Set to make publishing fail. */
  isBusDown = false;
  /** Every line that was logged. */
  readonly logged: string[] = [];
  readonly signer: Signer = signer();
  /** Set to what the check of a script shall say. */
  scriptCheck: ScriptCheck = { code: 'done', problems: [] };
  readonly #handle: ReturnType<typeof httpEdge>;

  constructor(hooks: MemoryStoreHooks = {}, settings: ConsoleSettings = consoleSettings) {
    this.store = new MemoryStore(hooks);
    const ids = countingIds();
    const clock: Clock = { now: () => this.now, sleep: async () => undefined };
    this.keys = new Keyring({
      store: this.store,
      vault,
      ids,
      clock: { now: () => this.now, sleep: async () => undefined },
    });
    this.ledger = ledgerOver(this.store);
    const log = this.#log();
    const ports = {
      clock,
      ids,
      store: this.store,
      keys: this.keys,
      ledger: this.ledger,
      signer: this.signer,
      bus: this.#bus(),
      jira: this.jira,
      script: quietScript(() => this.scriptCheck),
      budget: new Purse({ store: this.store, clock, ids }),
    };
    this.#handle = httpEdge(
      'console',
      { clock, log, doors: { connect: door } },
      consoleRoutes(ports, settings, { pairs: { look: async () => ({ code: 'not-found' }) } }),
    );
  }

  /** Installs a site with one administrator, `boss`. */
  async install(name: string, projects: readonly string[], change: Partial<RecordOf<'tenant'>> = {}): Promise<Caller> {
    const tenant = tenantId(`t-${name.padEnd(8, '0')}`);
    const generation = change.generation ?? 1;
    const owner = ownerOf(tenant, generation);
    await this.keys.make(tenantKey(owner), [owner]);
    const row = { ...tenantRow(owner, name), ledgerNumber: 1, ...change };
    await this.store.create('tenant', { tenant }, row);
    const identity = await this.ledger.identityOf('connect', row.clientKey);
    await this.ledger.append(identity, 0, { tenant, generation, kind: 'installed', at: this.now });
    this.jira.open(tenant, 'boss', projects);
    return { tenant, account: 'boss', generation };
  }

  /** Changes a tenant's record, as the lifecycle or the purge would. */
  async change(tenant: TenantId, change: Partial<RecordOf<'tenant'>>): Promise<void> {
    const stored = await this.store.read('tenant', { tenant });
    if (stored === undefined) throw new Error('no such tenant');
    await this.store.replace('tenant', { tenant }, { ...stored.row, ...change }, stored.version);
  }

  /** Calls the function as a person, or as nobody. */
  call(method: string, path: string, by?: Caller, body?: unknown): Promise<Answer> {
    return this.send(method, path, by === undefined ? undefined : `JWT ${tokenOf(by)}`, body);
  }

  /** Calls the function with a header as it came. */
  async send(method: string, path: string, authorization?: string, body?: unknown): Promise<Answer> {
    const answer = await callEdge(this.#handle, { method, target: path, authorization, body });
    return { ...answer, body: parsed(answer.text) };
  }

  /** The API of the console. */
  api(method: string, path: string, by: Caller, body?: unknown): Promise<Answer> {
    return this.call(method, `/console/api${path}`, by, body);
  }

  /** All that was stored and logged, as text: what a secret must not be found in. */
  traces(): string {
    const stored = (['(default)', 'vault', 'ledger', 'identity'] as const).map((database) => [
      ...this.store.everything(database),
    ]);
    return JSON.stringify([stored, this.logged, this.published]);
  }

  #log(): Log {
    const add = (...parts: readonly unknown[]): void => void this.logged.push(JSON.stringify(parts));
    return {
      work: (name, verdict, facts) => add(name, verdict, facts),
      note: (name, facts) => add(name, facts),
      fault: (name, code, facts, cause) => add(name, code, facts, String(cause)),
    };
  }

  #bus(): Bus {
    return {
      publish: async (topic, message) => {
        if (this.isBusDown) throw new Fault('publish-failed');
        this.published.push({ topic, ...message });
      },
    };
  }
}

/** A token of a person, as this world's door reads it. */
export function tokenOf({ tenant, generation = 1, account }: Caller): string {
  return `${tenant} ${generation} ${account}`;
}

/** The client key of a site that `install` has made. */
export function keyOf(name: string): string {
  return `${canary('site')}-key-of-${name}`;
}

function tenantRow(owner: Owner, name: string): RecordOf<'tenant'> {
  return {
    owners: [owner],
    generation: 1,
    state: 'active',
    enabled: true,
    licensed: true,
    door: 'connect',
    addonKey: 'app.twinline',
    productType: 'jira',
    clientKey: keyOf(name),
    baseUrl: `https://${name}.example`,
    installedAt: START,
  };
}

/**
 * Stands in for the Connect door, whose own suites check tokens: here a token simply says who calls.
 */
const door: Door = {
  name: 'connect',
  verifySite: async () => {
    throw new Fault('token-kind');
  },
  verifyPerson: async ({ authorization }): Promise<Principal> => {
    const [scheme, tenant = '', generation = '', account = ''] = authorization?.split(' ') ?? [];
    if (scheme !== 'JWT') throw new Fault('token-missing');
    const ref = { tenant: tenantId(tenant), generation: Number(generation) };
    return {
      kind: 'person',
      tenant: ref,
      owner: ownerOf(ref.tenant, ref.generation),
      account: accountId(account),
      isActive: true,
    };
  },
  authorise: async () => {
    throw new Fault('bug');
  },
};

/** A vault whose wrapping only spells a key otherwise. */
const vault: Vault = {
  wrap: async (key) => Buffer.from(key).toString('base64'),
  unwrap: async (wrapped) => Buffer.from(wrapped, 'base64'),
};

/** Ids that differ and repeat from run to run. */
function countingIds(): Ids {
  let count = 0;
  return {
    next: () => `${(count += 1)}`.padStart(12, '0'),
    bytes: (length) => {
      count += 1;
      return createHash('shake256', { outputLength: length }).update(`bytes ${count}`).digest();
    },
  };
}

function signer(): Signer {
  const { publicKey } = generateKeyPairSync('ed25519');
  return {
    keyId: 'test',
    sign: async () => 'signature',
    publicKey: async () => publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
