/** `uninstalled`: a site leaves, and the clock of deletion starts. */
import type { SiteFacts, Tenancy } from '../../shared/model/tenant.ts';
import type { Store } from '../../shared/ports.ts';
import { nextTenancy } from '../../shared/retention/tenancy.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { appendLife, readLife, tell, untilSettled } from './life.ts';
import type { Life, LifecyclePorts, LifecycleSettings, TenantRow } from './life.ts';

/**
 * Takes a verified uninstall in: the ledger's mark, then the record's, with the shared secret gone, then the message.
 * The door's record stays, so that a return finds its tenant. Idempotent; Jira does not repeat this call, so what a stop
 * leaves open is healed by the sweep, which compares the record with the ledger.
 * @throws Fault `store-changed`, `publish-failed`
 */
export async function leave(ports: LifecyclePorts, settings: LifecycleSettings, site: SiteFacts): Promise<Verdict> {
  const ended = await untilSettled(async () => {
    const at = ports.clock.now();
    const before = await readLife(ports.ledger, site.clientKey);
    const step = nextTenancy(before.tenancy, { kind: 'leave', evidence: 'uninstalled' }, at, settings);
    if (step.tenancy === undefined) return { tenancy: undefined, outcome: step.outcome };
    const life =
      step.outcome === 'marked'
        ? await appendLife(ports.ledger, before, { tenancy: step.tenancy, kind: 'marked', at })
        : before;
    if (life === undefined) return 'lost';
    const isWritten = await write(ports.store, life, step.tenancy);
    return isWritten ? { tenancy: step.tenancy, outcome: step.outcome } : 'lost';
  });
  if (ended.tenancy === undefined) return verdict('already-done');
  const { tenant, generation } = ended.tenancy;
  await tell(ports, tenant);
  return verdict(ended.outcome === 'marked' ? 'marked' : 'already-done', { tenant, generation });
}

/** False when the record shows a newer entry than the one that was decided on. */
async function write(store: Store, life: Life, tenancy: Tenancy): Promise<boolean> {
  const place = { tenant: tenancy.tenant };
  return store.transact(async (transaction) => {
    const now = (await transaction.read('tenant', place))?.row;
    // Without a record of this life there is nothing to mark and no secret to forget.
    if (now?.generation !== tenancy.generation) return true;
    if ((now.ledgerNumber ?? 0) > life.number) return false;
    transaction.put('tenant', place, leftRow(now, life, tenancy));
    return true;
  });
}

/** The record without its secrets: nobody may speak for a site that left. The purge's own states are not ours to set. */
function leftRow(now: TenantRow, life: Life, tenancy: Tenancy): TenantRow {
  const { sharedSecret: _secret, previousSecret: _previous, previousSecretUntil: _until, ...rest } = now;
  const { state, markedAt, evidence, dueAt } = tenancy;
  if (state !== 'marked' || markedAt === undefined || evidence === undefined || dueAt === undefined) return rest;
  const note = now.state === 'active' ? ({ untold: 'marked' } as const) : {};
  return { ...rest, state, markedAt, evidence, dueAt, ledgerNumber: life.number, ...note };
}
