/** `uninstalled`: a site leaves, and the clock of deletion starts. */
import type { SiteFacts } from '../../shared/model/tenant.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { changeLife, readLife } from '../life.ts';
import type { LifecyclePorts, LifecycleSettings } from './ports.ts';

/**
 * Takes a verified uninstall in: the ledger's mark, then the record's, with the shared secret gone, then the message.
 * The door's record stays, so that a return finds its tenant. Idempotent; Jira does not repeat this call, so what a stop
 * leaves open is healed by the sweep, which compares the record with the ledger.
 * @throws Fault `store-changed`, `publish-failed`
 */
export async function leave(ports: LifecyclePorts, settings: LifecycleSettings, site: SiteFacts): Promise<Verdict> {
  if (await isOvertaken(ports, site)) return verdict('already-done');
  const { outcome, tenancy } = await changeLife(ports, settings, {
    subject: { door: 'connect', clientKey: site.clientKey },
    event: { kind: 'leave', evidence: 'uninstalled' },
    at: ports.clock.now(),
  });
  if (tenancy === undefined) return verdict('already-done');
  const { tenant, generation } = tenancy;
  return verdict(outcome === 'marked' ? 'marked' : 'already-done', { tenant, generation });
}

/** Instants in tokens are whole seconds. */
const SECOND_MS = 1_000;

/**
 * Was this signed before the newest `installed` came? Jira keeps no order: a customer that uninstalls and installs again
 * within the life of a token (three minutes) would be marked, without a secret and for good. @see ATLASSIAN.md §3.3
 */
async function isOvertaken({ ledger, store }: LifecyclePorts, { clientKey, saidAt }: SiteFacts): Promise<boolean> {
  const { tenancy, entries } = await readLife(ledger, clientKey);
  if (tenancy === undefined || saidAt === undefined) return false;
  const came = entries.findLast(({ kind }) => kind === 'installed' || kind === 'returned')?.at ?? 0;
  // The ledger has no entry of an install before whose uninstall nobody has told, nor of one by who does not pay: both bring a secret.
  const secretAt = (await store.read('tenant', { tenant: tenancy.tenant }))?.row.secretAt ?? 0;
  return saidAt + SECOND_MS <= Math.max(came, secretAt);
}
