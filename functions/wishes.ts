/** What the console and the notify function both ask about who wants news, over ports. */
import { listPlaces } from '../shared/mail/tokens.ts';
import type { MailKeys } from '../shared/mail/tokens.ts';
import { ownerOf, tenantKey } from '../shared/model/ids.ts';
import type { MailAddress } from '../shared/model/mail.ts';
import type { TenantRef } from '../shared/model/tenant.ts';
import type { Ports } from '../shared/ports.ts';
import type { RecordOf } from '../shared/retention/catalogue.ts';
import { contextOf, parseAddress } from '../shared/wire/stored.ts';

/** The address of a wish, opened right before it is used. @throws Fault `key-gone`, `seal-broken`, `store-unavailable` */
export async function addressOfWish(
  { keys }: Pick<Ports, 'keys'>,
  { tenant, generation }: TenantRef,
  consent: string,
  row: RecordOf<'consent'>,
): Promise<MailAddress> {
  const context = contextOf('consent.address', tenant, consent);
  return parseAddress(await keys.open(tenantKey(ownerOf(tenant, generation)), context, row.address));
}

/** When the owner of an address last unsubscribed, under whichever key that was written down. */
export async function unsubscribedAt(
  { store }: Pick<Ports, 'store'>,
  mailKeys: MailKeys,
  to: MailAddress,
): Promise<number | undefined> {
  const places = listPlaces(mailKeys, to);
  const found = await Promise.all(places.map((address) => store.read('suppression', { address })));
  const instants = found.flatMap((stored) => (stored === undefined ? [] : [stored.row.at]));
  return instants.length === 0 ? undefined : Math.max(...instants);
}
