/** `uninstalled`: a site leaves, and the clock of deletion starts. */
import type { SiteFacts } from '../../shared/model/tenant.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { changeLife } from '../life.ts';
import type { LifecyclePorts, LifecycleSettings } from './ports.ts';

/**
 * Takes a verified uninstall in: the ledger's mark, then the record's, with the shared secret gone, then the message.
 * The door's record stays, so that a return finds its tenant. Idempotent; Jira does not repeat this call, so what a stop
 * leaves open is healed by the sweep, which compares the record with the ledger.
 * @throws Fault `store-changed`, `publish-failed`
 */
export async function leave(ports: LifecyclePorts, settings: LifecycleSettings, site: SiteFacts): Promise<Verdict> {
  const { outcome, tenancy } = await changeLife(ports, settings, {
    subject: { door: 'connect', clientKey: site.clientKey },
    event: { kind: 'leave', evidence: 'uninstalled' },
    at: ports.clock.now(),
  });
  if (tenancy === undefined) return verdict('already-done');
  const { tenant, generation } = tenancy;
  return verdict(outcome === 'marked' ? 'marked' : 'already-done', { tenant, generation });
}
