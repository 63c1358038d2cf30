/** Consent to news that somebody gave in person, written down by the operator who heard it. @see shared/mail/SPEC.md M26 */
import { tenantKey, ownerOf } from '../../shared/model/ids.ts';
import type { OperatorId } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Ports } from '../../shared/ports.ts';
import { appendTrail } from '../../shared/trail.ts';
import { Fault } from '../../shared/verdict.ts';
import type { SpokenConsent } from '../../shared/wire/mailing.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { addressOfWish } from '../wishes.ts';
import { fence } from './ask.ts';
import { MAX_WISHES } from './news.ts';

type SpokenPorts = Pick<Ports, 'clock' | 'ids' | 'store' | 'keys'>;

/** Who heard it, at which customer, from the owner of which address, and the ticket that says where and when. */
export interface SpokenAsk extends TenantRef {
  readonly by: OperatorId;
  readonly address: string;
  readonly ticket: string;
}

/**
 * Records it, on the wish that the site has for this address if there is one. It counts from now, and ends as any other does. The trail
 * has it first, without the address.
 * @throws Fault `address-refused`, `too-many`, `site-not-ready`, `store-changed`
 */
export async function recordSpokenConsent(ports: SpokenPorts, ask: SpokenAsk): Promise<SpokenConsent> {
  const { by, ticket, tenant, generation } = ask;
  const { clock, ids, keys, store } = ports;
  const to = mailAddress(ask.address);
  const owner = ownerOf(tenant, generation);
  const known = await wishOf(ports, ask, to);
  const consent = known ?? `n-${ids.next()}`;
  const address = await keys.seal(tenantKey(owner), contextOf('consent.address', tenant, consent), to);
  await appendTrail(ports, {
    act: 'consent-recorded',
    by,
    about: consent,
    lives: [owner],
    categories: ['consent'],
    ticket,
  });
  const now = clock.now();
  await store.transact(async (transaction) => {
    await fence(transaction, ask);
    const place = { tenant, consent };
    const before = (await transaction.read('consent', place))?.row;
    // Taken away meanwhile: whoever did that has the last word.
    if (known !== undefined && before === undefined) throw new Fault('store-changed', { category: 'consent' });
    const { lastMailing } = before ?? {};
    const sent = lastMailing === undefined ? {} : { lastMailing };
    const heard = { source: 'in-person', askedAt: now, liveSince: now, operator: by } as const;
    transaction.put('consent', place, { owners: [owner], address, ...heard, ...sent });
  });
  return { consent, liveSince: now };
}

/** The wish that a site has for an address, in upper or lower case; none of an earlier life. @throws Fault `too-many` when there is none and no room */
async function wishOf(ports: SpokenPorts, ref: TenantRef, to: string): Promise<string | undefined> {
  const { items } = await ports.store.owned('consent', ownerOf(ref.tenant, ref.generation), { limit: MAX_WISHES });
  for (const { place, row } of items) {
    const entered = await addressOfWish(ports, ref, place.consent, row);
    if (entered.toLowerCase() === to.toLowerCase()) return place.consent;
  }
  if (items.length >= MAX_WISHES) throw new Fault('too-many');
  return undefined;
}
