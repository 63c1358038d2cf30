/** `installed`: a site comes, comes back, or brings a new secret. */
import { connectDoorId } from '../../shared/auth/identity.ts';
import { ownerOf, tenantId, tenantKey } from '../../shared/model/ids.ts';
import type { Owner, Sealed } from '../../shared/model/ids.ts';
import type { SiteFacts, Tenancy } from '../../shared/model/tenant.ts';
import type { Keys } from '../../shared/ports.ts';
import { restAfter } from '../../shared/retention/rest.ts';
import { nextTenancy } from '../../shared/retention/tenancy.ts';
import type { TenancyStep } from '../../shared/retention/tenancy.ts';
import { Fault, toFault, verdict } from '../../shared/verdict.ts';
import type { CodeOf, Verdict } from '../../shared/verdict.ts';
import { contextOf, parseSecret } from '../../shared/wire/stored.ts';
import { appendLife, ownersOf, readLife, tell, untilSettled } from '../life.ts';
import type { Life } from '../life.ts';
import type { TenantRow } from '../tenantRecord.ts';
import type { LifecyclePorts, LifecycleSettings } from './ports.ts';

/** Webhooks that were signed before a rotation are still on their way. @see ATLASSIAN.md §3.3 */
export const PREVIOUS_SECRET_MS = 15 * 60_000;

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
    const { tenancy: next, number: ledgerNumber } = life;
    const isWritten = await write(ports, { site, secret: sharedSecret, tenancy: next, ledgerNumber, at });
    return isWritten ? { tenancy: next, outcome: step.outcome } : 'lost';
  });
  await tell(ports, tenancy.tenant);
  return verdict(codeOf(outcome), { tenant: tenancy.tenant, generation: tenancy.generation });
}

/** The life with this install in it; nothing when somebody was faster. */
async function enter(ports: LifecyclePorts, before: Life, step: TenancyStep, at: number): Promise<Life | undefined> {
  switch (step.outcome) {
    case 'installed':
    case 'new-generation':
      return appendLife(ports.ledger, before, { tenancy: step.tenancy, kind: 'installed', at });
    case 'returned':
      return appendLife(ports.ledger, before, { tenancy: step.tenancy, kind: 'returned', at });
    default:
      return { ...before, tenancy: step.tenancy };
  }
}

function codeOf(outcome: TenancyStep['outcome']): CodeOf<'done'> {
  if (outcome === 'installed' || outcome === 'new-generation') return 'installed';
  return outcome === 'returned' ? 'returned' : 'done';
}

type Secrets = Pick<TenantRow, 'sharedSecret' | 'previousSecret' | 'previousSecretUntil' | 'secretAt'>;

/** An install that the ledger knows and the main record does not yet. */
interface Entered {
  readonly site: SiteFacts;
  readonly secret: string;
  readonly tenancy: Tenancy;
  readonly ledgerNumber: number;
  readonly at: number;
}

/** Writes the tenant and its door; false when the records moved on meanwhile. */
async function write({ store, keys }: LifecyclePorts, entered: Entered): Promise<boolean> {
  const { site, tenancy, ledgerNumber } = entered;
  const place = { tenant: tenancy.tenant };
  const have = (await store.read('tenant', place))?.row;
  const secrets = await nextSecrets(keys, have, entered);
  return store.transact(async (transaction) => {
    const now = (await transaction.read('tenant', place))?.row;
    if ((now?.ledgerNumber ?? 0) > ledgerNumber || now?.sharedSecret !== have?.sharedSecret) return false;
    transaction.put('tenant', place, tenantRow(entered, now, secrets));
    const { tenant, generation } = tenancy;
    const door = { owners: ownersOf(tenancy), tenant, generation };
    transaction.put('door', { door: connectDoorId(site.clientKey) }, door);
    return true;
  });
}

async function nextSecrets(
  keys: Keys,
  have: TenantRow | undefined,
  { tenancy, secret, at }: Entered,
): Promise<Secrets> {
  const owner = ownerOf(tenancy.tenant, tenancy.generation);
  const old = have?.generation === tenancy.generation ? have.sharedSecret : undefined;
  const opened = old === undefined ? undefined : await openOld(keys, owner, old);
  if (opened === secret && have !== undefined) return secretsIn(have);
  const sharedSecret = await keys.seal(tenantKey(owner), contextOf('tenant.secret', owner), secret);
  if (old === undefined || opened === undefined) return { sharedSecret, secretAt: at };
  return { sharedSecret, previousSecret: old, previousSecretUntil: at + PREVIOUS_SECRET_MS, secretAt: at };
}

/** Nothing when it cannot be opened any more: what nobody can read must not keep a site from coming in. */
async function openOld(keys: Keys, owner: Owner, old: Sealed): Promise<string | undefined> {
  try {
    return parseSecret(await keys.open(tenantKey(owner), contextOf('tenant.secret', owner), old));
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'key-gone' || fault.code === 'seal-broken') return undefined;
    throw fault;
  }
}

function secretsIn({ sharedSecret, previousSecret, previousSecretUntil, secretAt }: TenantRow): Secrets {
  return {
    ...(sharedSecret === undefined ? {} : { sharedSecret }),
    ...(previousSecret === undefined ? {} : { previousSecret }),
    ...(previousSecretUntil === undefined ? {} : { previousSecretUntil }),
    ...(secretAt === undefined ? {} : { secretAt }),
  };
}

function tenantRow(
  { site, tenancy, ledgerNumber, at }: Entered,
  now: TenantRow | undefined,
  secrets: Secrets,
): TenantRow {
  const same = now?.generation === tenancy.generation ? now : undefined;
  const active = same?.state === 'active' ? same : undefined;
  const { tenant: _tenant, ...lifeFacts } = tenancy;
  const { sharedSecret: _secret, saidAt: _saidAt, ...siteFacts } = site;
  // The ledger knows no flags. A return enables; a rotation leaves them to their own calls.
  const flags = { enabled: active?.enabled ?? tenancy.enabled, licensed: same?.licensed ?? tenancy.licensed };
  return {
    owners: ownersOf(tenancy),
    ...lifeFacts,
    ...flags,
    door: 'connect',
    ...siteFacts,
    ...secrets,
    installedAt: same?.installedAt ?? at,
    ledgerNumber,
    // The rest of the house has to hear of a new life.
    ...(same === undefined ? { untold: 'installed' } : restAfter(same, { ...lifeFacts, ...flags }, at)),
  };
}
