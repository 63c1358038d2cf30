/** The address of a tenant's contact, opened right before it is used. */
import { ownerOf, tenantKey } from '../../shared/model/ids.ts';
import type { MailAddress } from '../../shared/model/mail.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import { contextOf, parseAddress } from '../../shared/wire/stored.ts';
import type { NotifyPorts } from './work.ts';

/** `undefined` when nobody has told one. @throws Fault `key-gone`, `seal-broken`, `store-unavailable` */
export async function addressOf(
  { store, keys }: NotifyPorts,
  { tenant, generation }: TenantRef,
): Promise<MailAddress | undefined> {
  const owner = ownerOf(tenant, generation);
  const stored = await store.read('contact', { tenant, generation: String(generation) });
  if (stored?.row.owners.includes(owner) !== true) return undefined;
  return parseAddress(await keys.open(tenantKey(owner), contextOf('contact.address', owner), stored.row.address));
}
