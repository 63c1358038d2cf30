/**
 * What the door knows of a site: its secrets, opened, for minutes and in this instance only. The webhook lives from it:
 * while a site is known here, a change is verified without the store.
 */
import { connectDoorId } from '../../auth/identity.ts';
import { ownerOf, tenantKey } from '../../model/ids.ts';
import type { Owner, Sealed } from '../../model/ids.ts';
import type { TenantRef } from '../../model/tenant.ts';
import type { Clock, Keys, Store } from '../../ports.ts';
import type { RecordOf } from '../../retention/catalogue.ts';
import { toFault } from '../../verdict.ts';
import { contextOf, parseSecret } from '../../wire/stored.ts';

/** A secret outlives an uninstall in an instance's memory for at most this long. */
const KEEP_MS = 5 * 60_000;
/** Sites that one instance keeps; beyond that all are read again. */
const MAX_KEPT = 1_000;

/** A site with its secrets in the clear. Never logged, never stored, never sent. */
export interface KnownSite {
  readonly tenant: TenantRef;
  readonly owner: Owner;
  readonly clientKey: string;
  readonly baseUrl: string;
  readonly isActive: boolean;
  /** Absent after an uninstall. */
  readonly secret?: string;
  readonly previous?: { readonly secret: string; readonly until: number };
  readonly readAt: number;
}

export interface Sites {
  /** By Atlassian's identifier; from memory when `maxAgeMs` allows. @throws Fault `store-unavailable`, `key-unavailable` */
  byClientKey(clientKey: string, maxAgeMs?: number): Promise<KnownSite | undefined>;
  /** By our own. */
  byTenant(tenant: TenantRef, maxAgeMs?: number): Promise<KnownSite | undefined>;
}

export function createSites(ports: { readonly store: Store; readonly keys: Keys; readonly clock: Clock }): Sites {
  const kept = new Map<string, KnownSite>();
  const { store, keys, clock } = ports;

  function recall(name: string, maxAgeMs: number): KnownSite | undefined {
    const site = kept.get(name);
    return site !== undefined && clock.now() - site.readAt < Math.min(maxAgeMs, KEEP_MS) ? site : undefined;
  }

  function keep(site: KnownSite): KnownSite {
    // Only active sites: one that comes back has to be noticed at once, or its changes would be ignored for minutes.
    if (!site.isActive) {
      kept.delete(`key ${site.clientKey}`);
      kept.delete(`owner ${site.owner}`);
      return site;
    }
    if (kept.size >= 2 * MAX_KEPT) kept.clear();
    kept.set(`key ${site.clientKey}`, site);
    kept.set(`owner ${site.owner}`, site);
    return site;
  }

  async function open(key: Owner, value: Sealed | undefined): Promise<string | undefined> {
    if (value === undefined) return undefined;
    try {
      return parseSecret(await keys.open(tenantKey(key), contextOf('tenant.secret', key), value));
    } catch (thrown) {
      const fault = toFault(thrown);
      if (fault.code === 'key-gone') return undefined;
      throw fault;
    }
  }

  async function know(tenant: TenantRef, row: RecordOf<'tenant'>): Promise<KnownSite> {
    const owner = ownerOf(tenant.tenant, tenant.generation);
    const readAt = clock.now();
    const secret = await open(owner, row.sharedSecret);
    const until = row.previousSecretUntil ?? 0;
    const previous = until > readAt ? await open(owner, row.previousSecret) : undefined;
    return keep({
      tenant,
      owner,
      clientKey: row.clientKey,
      baseUrl: row.baseUrl,
      isActive: row.state === 'active' && row.enabled && row.licensed,
      ...(secret === undefined ? {} : { secret }),
      ...(previous === undefined ? {} : { previous: { secret: previous, until } }),
      readAt,
    });
  }

  return {
    byClientKey: async (clientKey, maxAgeMs = KEEP_MS) => {
      const known = recall(`key ${clientKey}`, maxAgeMs);
      if (known !== undefined) return known;
      const door = await store.read('door', { door: connectDoorId(clientKey) });
      if (door === undefined) return undefined;
      const { tenant, generation } = door.row;
      const stored = await store.read('tenant', { tenant });
      // A record of another life or of another site is nobody's proof.
      if (stored?.row.generation !== generation || stored.row.clientKey !== clientKey) return undefined;
      return know({ tenant, generation }, stored.row);
    },
    byTenant: async (tenant, maxAgeMs = KEEP_MS) => {
      const known = recall(`owner ${ownerOf(tenant.tenant, tenant.generation)}`, maxAgeMs);
      if (known !== undefined) return known;
      const stored = await store.read('tenant', { tenant: tenant.tenant });
      if (stored?.row.generation !== tenant.generation) return undefined;
      return know({ tenant: tenant.tenant, generation: tenant.generation }, stored.row);
    },
  };
}
