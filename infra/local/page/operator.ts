/** What an operator does on this computer: the same functions of the product, without the sign-in that production puts before them. */
import { z } from 'zod';
import { deleteForOperator, withdrawForOperator } from '../../../functions/console/deletion.ts';
import type { Authority } from '../../../functions/console/deletion.ts';
import { LIMITS } from '../../../shared/config.ts';
import { tenantId } from '../../../shared/model/ids.ts';
import type { TenantRef } from '../../../shared/model/tenant.ts';
import { catalogue } from '../../../shared/retention/catalogue.ts';
import type { DeletionView } from '../../../shared/wire/console.ts';
import type { Site, Stack } from '../stack.ts';
import { Unfit } from './answers.ts';

/** Tenants of a local world. */
const MAX_TENANTS = 100;

const authorities = catalogue.deletion.fields.authority.choices as readonly Authority[];

/** The body of a documented request. */
export const operatorBody = z.object({
  site: z.string(),
  ticket: z.string().regex(/^[A-Za-z0-9-]{1,40}$/),
  authority: z.enum(authorities),
});

/** Marks a site's tenant on a documented request. */
export async function operatorDeletes(
  stack: Stack,
  site: Site,
  { ticket, authority }: z.infer<typeof operatorBody>,
): Promise<DeletionView> {
  return deleteForOperator(stack.ports, LIMITS, { tenant: await tenantOf(stack, site), ticket, authority });
}

/** Takes such a request back. */
export async function operatorKeeps(stack: Stack, site: Site): Promise<DeletionView> {
  return withdrawForOperator(stack.ports, LIMITS, await tenantOf(stack, site));
}

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
