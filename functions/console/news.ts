/** Who of a site wants news by mail: asked for by an admin, confirmed by the owner of the address, ended by either. */
import { CONFIRM_DAYS } from '../../shared/mail/news.ts';
import { tenantKey } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import { Fault } from '../../shared/verdict.ts';
import { contactBody, parseAs } from '../../shared/wire/console.ts';
import type { NewsList } from '../../shared/wire/console.ts';
import { contextOf, parseAddress } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence, ownId } from './ask.ts';
import type { Ask } from './ask.ts';

/** Addresses of one site; each one is asked by a mail, so there must not be many. (Ours.) */
export const MAX_WISHES = 20;
const DAY_MS = 86_400_000;

/** GET /news: the addresses, and whether each was confirmed. */
export async function listNews(ask: Ask): Promise<EdgeAnswer> {
  const { items } = await ask.ports.store.owned('consent', ask.owner, { limit: MAX_WISHES });
  const wishes = await Promise.all(
    items.map(async ({ place, row: { address, source, liveSince } }) => ({
      id: place.consent,
      address: parseAddress(
        await ask.ports.keys.open(
          tenantKey(ask.owner),
          contextOf('consent.address', ask.tenant.tenant, place.consent),
          address,
        ),
      ),
      source,
      ...(liveSince === undefined ? {} : { liveSince }),
    })),
  );
  return answer({ wishes } satisfies NewsList);
}

/** POST /news: 202; a mail asks the owner of the address, and nothing else is sent before it was confirmed. */
export async function askForNews(ask: Ask): Promise<EdgeAnswer> {
  const { clock, ids, keys, store, bus } = ask.ports;
  const address = mailAddress(parseAs(contactBody, ask.request.body).address);
  const { items } = await store.owned('consent', ask.owner, { limit: MAX_WISHES });
  if (items.length >= MAX_WISHES) throw new Fault('too-many');
  const consent = `n-${ids.next()}`;
  const sealed = await keys.seal(
    tenantKey(ask.owner),
    contextOf('consent.address', ask.tenant.tenant, consent),
    address,
  );
  const now = clock.now();
  const row = {
    owners: [ask.owner],
    address: sealed,
    source: 'double-opt-in',
    askedAt: now,
    expiresAt: now + CONFIRM_DAYS * DAY_MS,
    by: ask.account,
  } as const;
  await store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    transaction.create('consent', { tenant: ask.tenant.tenant, consent }, row);
  });
  await bus.publish('notices', { kind: 'opt-in', ...ask.tenant, consent, at: now });
  return answer({ id: consent }, 'accepted', 202);
}

/** DELETE /news/{consent}: the address gets no more news. Gone already counts as done. */
export async function endNews(ask: Ask): Promise<EdgeAnswer> {
  const place = { tenant: ask.tenant.tenant, consent: ownId(ask, 'consent') };
  await ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const stored = await transaction.read('consent', place);
    if (stored?.row.owners.includes(ask.owner) === true) transaction.remove('consent', place);
  });
  return answer({});
}
