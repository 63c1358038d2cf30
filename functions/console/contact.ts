/** The site's contact: the one address to which notices about the contract and the deletion of data go. */
import { takesPlace } from '../../shared/mail/contact.ts';
import { tenantKey } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { Stored } from '../../shared/ports.ts';
import type { Place } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import { contactBody, parseAs } from '../../shared/wire/console.ts';
import type { ContactView } from '../../shared/wire/console.ts';
import { contextOf, parseAddress } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';

/** GET /contact: the address, where it came from and since when; empty when nobody has told one. */
export async function showContact(ask: Ask): Promise<EdgeAnswer> {
  const stored = await ask.ports.store.read('contact', placeOf(ask));
  return answer(stored === undefined ? ({} satisfies ContactView) : await viewOf(ask, stored));
}

/** PUT /contact: an admin says where notices go. @throws Fault `address-refused`, `site-not-ready` */
export async function setContact(ask: Ask): Promise<EdgeAnswer> {
  const address = mailAddress(parseAs(contactBody, ask.request.body).address);
  const { clock, keys, store } = ask.ports;
  const sealed = await keys.seal(tenantKey(ask.owner), contextOf('contact.address', ask.owner), address);
  const row = { owners: [ask.owner], address: sealed, source: 'admin', since: clock.now(), by: ask.account } as const;
  await store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const have = await transaction.read('contact', placeOf(ask));
    if (takesPlace(have?.row.source, 'admin')) transaction.put('contact', placeOf(ask), row);
  });
  return answer({ address, source: row.source, since: row.since } satisfies ContactView);
}

/** DELETE /contact: takes the address away; one that Atlassian tells may take its place. */
export async function removeContact(ask: Ask): Promise<EdgeAnswer> {
  await ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    transaction.remove('contact', placeOf(ask));
  });
  return answer({} satisfies ContactView);
}

async function viewOf(ask: Ask, { row }: Stored<'contact'>): Promise<ContactView> {
  if (!row.owners.includes(ask.owner)) throw new Fault('not-found');
  const opened = await ask.ports.keys.open(tenantKey(ask.owner), contextOf('contact.address', ask.owner), row.address);
  return { address: parseAddress(opened), source: row.source, since: row.since };
}

/** Each life of a tenant has its own contact: an old life's purge never meets a new one's. */
function placeOf({ tenant: { tenant, generation } }: Ask): Place<'contact'> {
  return { tenant, generation: String(generation) };
}
