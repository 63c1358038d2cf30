/** The sync's world with its console: an admin of each site who starts and stops the sync, and what comes of it. */
import { httpEdge } from '../../functions/edge.ts';
import { consoleRoutes } from '../../functions/console/http.ts';
import type { Side } from '../../shared/model/connection.ts';
import { accountId, ownerOf } from '../../shared/model/ids.ts';
import type { Door, Script, Signer } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import { jobView, pairsPage } from '../../shared/wire/console.ts';
import type { JobView } from '../../shared/wire/console.ts';
import { ledgerOver } from './ledgerOver.ts';
import { callEdge } from './callEdge.ts';
import { CONNECTION, syncWorld, TENANTS } from './syncWorld.ts';
import type { SyncWorld, WorldOptions } from './syncWorld.ts';
import { consoleSettings } from './consoleSettings.ts';

/** The first person of every stand-in site administers it. */
const ADMIN = accountId('712020:00000000-0000-4000-8000-00000000000a');

/** What the console answered. */
export interface ConsoleAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A world whose admins may call the console. */
export interface WorkWorld extends SyncWorld {
  /** Calls the connection's part of the API as the admin of a side. */
  api(side: Side, method: string, path: string, body?: unknown): Promise<ConsoleAnswer>;
  /** Starts a job and lets everything come to rest; answers how it stands then. */
  job(side: Side, kind: string, body?: unknown): Promise<JobView>;
  /** The whole export as a side gets it. */
  exported(side: Side): Promise<string>;
}

/** Starts a world. */
export async function workWorld(options: WorldOptions = {}): Promise<WorkWorld> {
  const world = await syncWorld(options);
  const all = { ...world.ports, ledger: ledgerOver(world.store), signer, script };
  const routes = consoleRoutes(all, consoleSettings, { pairs: { look: unused } });
  const handle = httpEdge('console', { ...world.ports, doors: { connect: door } }, routes);
  const api: WorkWorld['api'] = async (side, method, path, body) => {
    const target = `/console/api/connections/${CONNECTION}${path}`;
    const { status, text } = await callEdge(handle, { method, target, authorization: side, body });
    return { status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
  };
  return Object.assign(world, {
    api,
    job: async (side: Side, kind: string, body: unknown = {}) => {
      const started = await api(side, 'POST', `/jobs/${kind}`, body);
      if (started.status !== 202) throw new Error(JSON.stringify(started));
      await world.settle();
      return jobView.parse((await api(side, 'GET', `/jobs/${kind}`)).body);
    },
    exported: async (side: Side) => {
      let text = '';
      let after = '';
      for (let page = 0; page < 100; page += 1) {
        const { csv, next } = pairsPage.parse((await api(side, 'GET', `/pairs${after}`)).body);
        text += csv;
        if (next === undefined) break;
        after = `?after=${next}`;
      }
      return text;
    },
  });
}

/** A token is the side that its person administers. */
const door: Door = {
  name: 'connect',
  verifySite: async () => {
    throw new Fault('token-kind');
  },
  verifyPerson: async ({ authorization }) => {
    const tenant = authorization === 'a' ? TENANTS.a : TENANTS.b;
    const owner = ownerOf(tenant.tenant, tenant.generation);
    return { kind: 'person', tenant, owner, account: ADMIN, isActive: true };
  },
  authorise: async () => {
    throw new Fault('bug');
  },
};

const unused = async (): Promise<never> => {
  throw new Fault('bug');
};
const script: Script = { run: unused, check: unused };
const signer: Signer = { keyId: 'test', sign: async () => '', publicKey: async () => '' };
