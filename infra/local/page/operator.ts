/** Whose data an operator's call on this computer is about. */
import { tenantId } from '../../../shared/model/ids.ts';
import type { TenantRef } from '../../../shared/model/tenant.ts';
import type { Site, Stack } from '../stack.ts';
import { Unfit } from './answers.ts';

/** Tenants of a local world. */
const MAX_TENANTS = 100;

/** The tenant of a site. */
export async function tenantOf(
  { ports }: { readonly ports: Pick<Stack['ports'], 'store'> },
  site: Pick<Site, 'baseUrl'>,
): Promise<TenantRef> {
  const { items } = await ports.store.scan('tenant', { limit: MAX_TENANTS });
  const found = items.find(({ row }) => row.baseUrl === site.baseUrl);
  if (found === undefined) throw new Unfit(404, 'not-found', 'Nothing of that site is stored.');
  return { tenant: tenantId(found.place.tenant), generation: found.row.generation };
}
