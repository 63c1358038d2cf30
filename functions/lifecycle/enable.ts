/** `enabled` and `disabled`: a flag beside a tenant's state. Nothing syncs and nothing is deleted while it is down. */
import type { Principal } from '../../shared/model/tenant.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { clientKeyIn } from '../../shared/wire/lifecycle.ts';
import { readLife, tell } from '../life.ts';
import { withFlags } from '../tenantRecord.ts';
import type { LifecyclePorts } from './ports.ts';

/**
 * Sets the flag of a verified caller. What changed while it was down is caught up, as after a return. Idempotent.
 * @throws Fault `tenant-mismatch` when the body speaks of another site
 */
export async function setEnabled(
  ports: LifecyclePorts,
  principal: Principal,
  body: unknown,
  enabled: boolean,
): Promise<Verdict> {
  const { tenant, generation } = principal.tenant;
  const at = ports.clock.now();
  const isChanged = await ports.store.transact(async (transaction) => {
    const row = (await transaction.read('tenant', { tenant }))?.row;
    if (row?.generation !== generation) throw new Fault('token-issuer');
    if (row.clientKey !== clientKeyIn(body)) throw new Fault('tenant-mismatch');
    if (row.enabled === enabled) return false;
    transaction.put('tenant', { tenant }, withFlags(row, { enabled }, at));
    return true;
  });
  await tell(ports, tenant);
  return verdict(isChanged ? 'done' : 'already-done', { tenant, generation });
}

/**
 * Is this a `disabled` that Jira sends after an uninstall, when it no longer has a secret to sign it with? Then there is
 * nothing left to do. Everything else without a token is refused. @see ATLASSIAN.md §3.2 (5)
 */
export async function isAfterUninstall(ports: LifecyclePorts, body: unknown): Promise<boolean> {
  const clientKey = clientKeyIn(body);
  if (clientKey === undefined) return false;
  const { tenancy } = await readLife(ports.ledger, clientKey);
  return tenancy !== undefined && tenancy.state !== 'active';
}
