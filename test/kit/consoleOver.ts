/** The real console function over a world of the sync, asked by the first administrator of a side. */
import { consoleRoutes } from '../../functions/console/http.ts';
import { httpEdge } from '../../functions/edge.ts';
import { pairsOver } from '../../functions/sync/previewPair.ts';
import type { Side } from '../../shared/model/connection.ts';
import { accountId, ownerOf } from '../../shared/model/ids.ts';
import type { Door } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import { callEdge } from './callEdge.ts';
import { ledgerOver } from './ledgerOver.ts';
import { quietScript } from './quietScript.ts';
import { CONNECTION, TENANTS } from './syncWorld.ts';
import type { SyncWorld } from './syncWorld.ts';
import { consoleSettings } from './consoleSettings.ts';

/** An answer as a caller gets it. */
export interface ConsoleAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Calls the API beneath the world's connection. */
export type CallConsole = (side: Side, method: string, path: string, body?: unknown) => Promise<ConsoleAnswer>;

/** The console over this world. */
export function consoleOver(world: SyncWorld): CallConsole {
  return async (side, method, path, body) => {
    const { ports } = world;
    const signer = { keyId: 'test', sign: async () => '', publicKey: async () => '' };
    const eyes = { pairs: pairsOver(ports, { leaseMs: 30_000, markerLagMs: 5_000 }) };
    const routes = consoleRoutes(
      { ...ports, ledger: ledgerOver(ports.store), signer, script: quietScript() },
      consoleSettings,
      eyes,
    );
    const doors = { connect: doorOf(world, side) };
    const handle = httpEdge('console', { clock: ports.clock, log: ports.log, doors }, routes);
    const target = `/console/api/connections/${CONNECTION}${path}`;
    const answer = await callEdge(handle, { method, target, body });
    return { ...answer, body: JSON.parse(answer.text) as ConsoleAnswer['body'] };
  };
}

/** Whoever calls is the first administrator of the side. */
function doorOf(world: SyncWorld, side: Side): Door {
  const site = world.server.sites.find(({ name }) => name === (side === 'a' ? 'alpha' : 'beta'));
  const account = accountId(site?.users.find(({ admin }) => admin)?.accountId ?? '');
  const tenant = TENANTS[side];
  const owner = ownerOf(tenant.tenant, tenant.generation);
  return {
    name: 'connect',
    verifySite: async () => {
      throw new Fault('token-kind');
    },
    verifyPerson: async () => ({ kind: 'person', tenant, owner, account, isActive: true }),
    authorise: async () => {
      throw new Fault('bug');
    },
  };
}
