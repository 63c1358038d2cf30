/** What a person's token says of the licence is a hint: it changes nothing, and makes us ask the site itself. @see ATLASSIAN.md §7 */
import type { Owner } from '../../shared/model/ids.ts';
import type { Principal } from '../../shared/model/tenant.ts';
import type { ConsolePorts } from './ask.ts';

/** A page calls often; one question in this time is enough. The probe has a bound of its own. */
const EVERY_MS = 60_000;
/** Tenants that one instance remembers. */
const MAX_REMEMBERED = 1_000;

/** Hears what tokens say; see {@link licenceHints}. */
export type HearLicence = (ports: ConsolePorts, principal: Principal) => Promise<void>;

/** Makes the ear of one process: a token that says otherwise than we know asks for a probe. */
export function licenceHints(): HearLicence {
  const askedAt = new Map<Owner, number>();
  return async (ports, principal) => {
    const { owner, tenant, isActive } = principal;
    if (principal.kind !== 'person' || principal.isLicensed === undefined || principal.isLicensed === isActive) return;
    const now = ports.clock.now();
    if ((askedAt.get(owner) ?? -EVERY_MS) + EVERY_MS > now) return;
    if (askedAt.size >= MAX_REMEMBERED) askedAt.clear();
    askedAt.set(owner, now);
    const ref = { tenant: tenant.tenant, generation: tenant.generation };
    await ports.bus.publish('purge-jobs', { kind: 'probe-tenant', ...ref, askedAt: now, isHint: true });
  };
}
