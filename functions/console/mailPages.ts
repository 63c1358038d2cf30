/**
 * The public pages of mail: unsubscribing and confirming. Opening one changes nothing, because programs that look into
 * mails open every link; only a POST does, and it asks for no login. @see RFC 8058 §3.2, THREATS.md T31
 */
import { mailPage } from '../../shared/mail/news.ts';
import { confirmRef, unsubscribePlace } from '../../shared/mail/tokens.ts';
import type { MailKeys } from '../../shared/mail/tokens.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { EdgeAnswer, EdgeRequest, Route } from '../edge.ts';
import type { ConsolePorts } from './ask.ts';

type Ports = Pick<ConsolePorts, 'store' | 'clock'>;

/** The routes; what a sender puts into the body of a POST is not looked at. */
export function mailRoutes(ports: Ports, keys: MailKeys): Route[] {
  const route = (
    method: 'GET' | 'POST',
    path: string,
    handle: (request: EdgeRequest) => Promise<EdgeAnswer>,
  ): Route => ({ method, path, policy: 'public', ignoresBody: true, handle });
  return [
    route('GET', '/mail/unsubscribe/{token}', (ask) => askFirst(keys, ask)),
    route('POST', '/mail/unsubscribe/{token}', (ask) => unsubscribe(ports, keys, ask)),
    route('GET', '/mail/confirm/{token}', (ask) => askAgain(keys, ask)),
    route('POST', '/mail/confirm/{token}', (ask) => confirm(ports, keys, ask)),
  ];
}

/** The page with the button, for a link that is one of ours. */
async function askFirst(keys: MailKeys, ask: EdgeRequest): Promise<EdgeAnswer> {
  placeIn(keys, ask);
  return page('Unsubscribe', 'With this button you get no more news from Twinline.', 'Unsubscribe');
}

async function askAgain(keys: MailKeys, ask: EdgeRequest): Promise<EdgeAnswer> {
  refIn(keys, ask);
  return page('News by mail', 'With this button you get news about Twinline, a few mails a year.', 'I want them');
}

/** Takes effect with the answer. May be repeated. */
async function unsubscribe({ store, clock }: Ports, keys: MailKeys, ask: EdgeRequest): Promise<EdgeAnswer> {
  const address = placeIn(keys, ask);
  const at = clock.now();
  await store.transact(async (transaction) => transaction.put('suppression', { address }, { at }));
  return page('Unsubscribed', 'You get no more news from Twinline. Notices about a contract of yours still come.');
}

/** Makes a wish live, once; a wish that nobody confirmed in time is gone. */
async function confirm({ store, clock }: Ports, keys: MailKeys, ask: EdgeRequest): Promise<EdgeAnswer> {
  const { tenant, generation, consent } = refIn(keys, ask);
  const now = clock.now();
  await store.transact(async (transaction) => {
    const life = (await transaction.read('tenant', { tenant }))?.row;
    const row = (await transaction.read('consent', { tenant, consent }))?.row;
    if (row?.owners.includes(ownerOf(tenant, generation)) !== true) throw new Fault('not-found');
    if (row.liveSince !== undefined) return;
    const { expiresAt, ...rest } = row;
    if (expiresAt === undefined || expiresAt <= now) throw new Fault('not-found');
    if (life?.generation !== generation || life.state !== 'active') throw new Fault('not-found');
    transaction.put('consent', { tenant, consent }, { ...rest, liveSince: now });
  });
  return page('Thank you', 'You get news about Twinline. Each mail has a link with which you can end that.');
}

function placeIn(keys: MailKeys, { params }: EdgeRequest): string {
  const place = unsubscribePlace(keys, params['token'] ?? '');
  if (place === undefined) throw new Fault('not-found');
  return place;
}

function refIn(keys: MailKeys, { params }: EdgeRequest): ReturnType<typeof confirmRef> & object {
  const ref = confirmRef(keys, params['token'] ?? '');
  if (ref === undefined) throw new Fault('not-found');
  return ref;
}

function page(title: string, text: string, button?: string): EdgeAnswer {
  return { verdict: verdict('done'), body: mailPage(title, text, button), contentType: 'text/html; charset=utf-8' };
}
