/** `installed`: a site comes, comes back, or brings a new secret. */
import { connectDoorId } from '../../shared/auth/identity.ts';
import { ownerOf, tenantId, tenantKey } from '../../shared/model/ids.ts';
import type { Sealed } from '../../shared/model/ids.ts';
import type { SiteFacts, Tenancy } from '../../shared/model/tenant.ts';
import type { Keys, Transaction } from '../../shared/ports.ts';
import { nextTenancy } from '../../shared/retention/tenancy.ts';
import type { TenancyStep } from '../../shared/retention/tenancy.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { CodeOf, Verdict } from '../../shared/verdict.ts';
import { contextOf, parseSecret } from '../../shared/wire/stored.ts';
import { appendLife, ownersOf, readLife, tell, untilSettled } from './life.ts';
import type { Life, LifecyclePorts, LifecycleSettings, TenantRow } from './life.ts';

/** Webhooks that were signed before a rotation are still on their way. @see ATLASSIAN.md §3.3 */
const PREVIOUS_SECRET_MS = 15 * 60_000;

/**
 * Takes a verified install in. In this order, so that a stop at any line is healed by the same call again:
 *
 * 1. the ledger: a new life or a return, unless it says so already
 * 2. the data key
 * 3. the tenant and the door that leads to it, in one transaction, with a note of what to tell
 * 4. the message, then the note goes
 *
 * Idempotent; a repeat with the same secret changes nothing. A repeat with another one is a rotation.
 * @throws Fault `body-invalid` without a secret, `store-changed`, `publish-failed`
 */
export async function install(ports: LifecyclePorts, settings: LifecycleSettings, site: SiteFacts): Promise<Verdict> {
  const { sharedSecret } = site;
  if (sharedSecret === undefined) throw new Fault('body-invalid', { field: 'sharedSecret' });
  const { tenancy, outcome } = await untilSettled(async () => {
    const at = ports.clock.now();
    const before = await readLife(ports.ledger, site.clientKey);
    const event = { kind: 'install', tenant: tenantId(`t-${ports.ids.next()}`) } as const;
    const step = nextTenancy(before.tenancy, event, at, settings);
    const life = await enter(ports, before, step, at);
    if (life?.tenancy === undefined) return 'lost';
    const owner = ownerOf(life.tenancy.tenant, life.tenancy.generation);
    await ports.keys.make(tenantKey(owner), [owner]);
    const isWritten = await write(ports, { ...site, sharedSecret }, life, life.tenancy, at);
    return isWritten ? { tenancy: life.tenancy, outcome: step.outcome } : 'lost';
  });
  await tell(ports, tenancy.tenant);
  return verdict(codeOf(outcome), { tenant: tenancy.tenant, generation: tenancy.generation });
}

/** The life with this install in it; nothing when somebody was faster. */
async function enter(ports: LifecyclePorts, before: Life, step: TenancyStep, at: number): Promise<Life | undefined> {
  switch (step.outcome) {
    case 'installed':
    case 'new-generation':
      return appendLife(ports.ledger, before, step.tenancy, 'installed', at);
    case 'returned':
      return appendLife(ports.ledger, before, step.tenancy, 'returned', at);
    default:
      return { ...before, tenancy: step.tenancy };
  }
}

function codeOf(outcome: TenancyStep['outcome']): CodeOf<'done'> {
  if (outcome === 'installed' || outcome === 'new-generation') return 'installed';
  return outcome === 'returned' ? 'returned' : 'done';
}

type Secrets = Pick<TenantRow, 'sharedSecret' | 'previousSecret' | 'previousSecretUntil'>;

/** Writes the tenant and its door; false when the records moved on meanwhile. */
async function write(
  ports: LifecyclePorts,
  site: SiteFacts & { readonly sharedSecret: string },
  life: Life,
  tenancy: Tenancy,
  at: number,
): Promise<boolean> {
  const place = { tenant: tenancy.tenant };
  const have = (await ports.store.read('tenant', place))?.row;
  const secrets = await nextSecrets(ports.keys, have, tenancy, site.sharedSecret, at);
  return ports.store.transact(async (transaction: Transaction) => {
    const now = (await transaction.read('tenant', place))?.row;
    if ((now?.ledgerNumber ?? 0) > life.number || now?.sharedSecret !== have?.sharedSecret) return false;
    transaction.put('tenant', place, tenantRow(site, life, tenancy, now, secrets, at));
    const { tenant, generation } = tenancy;
    const door = { owners: ownersOf(tenancy), tenant, generation };
    transaction.put('door', { door: connectDoorId(site.clientKey) }, door);
    return true;
  });
}

async function nextSecrets(
  keys: Keys,
  have: TenantRow | undefined,
  tenancy: Tenancy,
  secret: string,
  at: number,
): Promise<Secrets> {
  const owner = ownerOf(tenancy.tenant, tenancy.generation);
  const context = contextOf('tenant.secret', owner);
  const old: Sealed | undefined = have?.generation === tenancy.generation ? have.sharedSecret : undefined;
  if (old !== undefined && parseSecret(await keys.open(tenantKey(owner), context, old)) === secret) {
    const { previousSecret, previousSecretUntil } = have ?? {};
    return previousSecret === undefined || previousSecretUntil === undefined
      ? { sharedSecret: old }
      : { sharedSecret: old, previousSecret, previousSecretUntil };
  }
  const sharedSecret = await keys.seal(tenantKey(owner), context, secret);
  if (old === undefined) return { sharedSecret };
  return { sharedSecret, previousSecret: old, previousSecretUntil: at + PREVIOUS_SECRET_MS };
}

function tenantRow(
  site: SiteFacts,
  life: Life,
  tenancy: Tenancy,
  now: TenantRow | undefined,
  secrets: Secrets,
  at: number,
): TenantRow {
  const same = now?.generation === tenancy.generation ? now : undefined;
  const active = same?.state === 'active' ? same : undefined;
  const { tenant: _tenant, ...lifeFacts } = tenancy;
  const { sharedSecret: _secret, ...siteFacts } = site;
  return {
    owners: ownersOf(tenancy),
    ...lifeFacts,
    // The ledger knows no flags. A return enables; a rotation leaves them to their own calls.
    enabled: active?.enabled ?? tenancy.enabled,
    licensed: same?.licensed ?? tenancy.licensed,
    door: 'connect',
    ...siteFacts,
    ...secrets,
    installedAt: same?.installedAt ?? at,
    ledgerNumber: life.number,
    ...(active?.disabledAt === undefined ? {} : { disabledAt: active.disabledAt }),
    ...untoldOf(same, tenancy),
  };
}

/** What the rest of the house has to hear: nothing for a rotation, the old note if it was not told yet. */
function untoldOf(same: TenantRow | undefined, tenancy: Tenancy): Pick<TenantRow, 'untold' | 'untoldSince'> {
  if (same === undefined) return { untold: 'installed' };
  const { untold, untoldSince, markedAt, disabledAt } = same;
  if (same.state !== tenancy.state) {
    const since = Math.min(markedAt ?? Infinity, disabledAt ?? Infinity, untoldSince ?? Infinity);
    return { untold: 'returned', ...(Number.isFinite(since) ? { untoldSince: since } : {}) };
  }
  if (untold === undefined) return {};
  return untoldSince === undefined ? { untold } : { untold, untoldSince };
}
