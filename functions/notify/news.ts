/** News by mail: the question, and the news themselves, to those alone who want them when they are sent. */
import { permitOf } from '../../shared/mail/consent.ts';
import { marketing, transactional } from '../../shared/mail/letter.ts';
import { confirmWords, newsWords } from '../../shared/mail/news.ts';
import { messageIdOf, siteName } from '../../shared/mail/notices.ts';
import { confirmToken, unsubscribeToken } from '../../shared/mail/tokens.ts';
import type { NewsMessage, OptIn } from '../../shared/model/notice.ts';
import { Fault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { addressOfWish, unsubscribedAt } from '../wishes.ts';
import type { NotifyWork } from './work.ts';

/** Asks the owner of an address. A question, and no news: it needs no consent. May go twice, with one id. */
export async function askOwner(work: NotifyWork, { consent, ...message }: OptIn): Promise<Verdict> {
  const { tenant, generation } = message;
  const { ports, settings } = work;
  const place = { tenant, consent };
  const row = (await ports.store.read('consent', place))?.row;
  const life = (await ports.store.read('tenant', { tenant }))?.row;
  const isOpen = row?.liveSince === undefined && (row?.expiresAt ?? 0) > ports.clock.now();
  if (row === undefined || life?.generation !== generation || !isOpen) return verdict('nothing-to-do', { tenant });
  const to = await addressOfWish(ports, message, consent, row);
  const url = `${settings.baseUrl}/mail/confirm/${confirmToken(settings.mailKeys, { tenant, generation, consent })}`;
  const words = confirmWords(siteName(life.baseUrl), url);
  const messageId = messageIdOf(`opt-in.${consent}`, settings.baseUrl);
  return verdict(await ports.mail.send(transactional(to, { words, messageId, template: 'opt-in', at: row.askedAt })), {
    tenant,
    generation,
  });
}

/**
 * Sends one mailing to one person. Whether that person wants it is read right before; the record says first that it was
 * sent, so that news come once at most.
 * @throws Fault `consent-missing`, `unsubscribed`, `marketing-off`, `mail-unavailable`
 */
export async function sendNews(work: NotifyWork, { consent, mailing, ...message }: NewsMessage): Promise<Verdict> {
  const { ports, settings } = work;
  const { tenant, generation } = message;
  const written = (await ports.store.read('mailing', { mailing }))?.row;
  const sentAt = written?.sentAt;
  if (written === undefined || sentAt === undefined) return verdict('nothing-to-do', { tenant });
  const isFirst = await ports.store.transact(async (transaction) => {
    const life = (await transaction.read('tenant', { tenant }))?.row;
    const row = (await transaction.read('consent', { tenant, consent }))?.row;
    if (life?.generation !== generation || life.state !== 'active' || row === undefined) return false;
    if (row.lastMailing === mailing) return false;
    // A message that comes late, after a newer mailing: this one went there before, or is no news any more.
    const last =
      row.lastMailing === undefined ? undefined : await transaction.read('mailing', { mailing: row.lastMailing });
    if ((last?.row.sentAt ?? 0) > sentAt) return false;
    transaction.put('consent', { tenant, consent }, { ...row, lastMailing: mailing });
    return true;
  });
  if (!isFirst) return verdict('already-done', { tenant, generation });
  const row = (await ports.store.read('consent', { tenant, consent }))?.row;
  if (row === undefined) throw new Fault('consent-missing', { tenant });
  const to = await addressOfWish(ports, message, consent, row);
  const url = `${settings.baseUrl}/mail/unsubscribe/${unsubscribeToken(settings.mailKeys, to)}`;
  const { source, liveSince, operator } = row;
  const permit = permitOf({ to, source, liveSince, operator }, await unsubscribedAt(ports, settings.mailKeys, to), url);
  const sending = { words: newsWords(written, url), messageId: messageIdOf(`${mailing}.${consent}`, settings.baseUrl) };
  const ending = await ports.mail.send(marketing(permit, { ...sending, template: 'news', at: ports.clock.now() }));
  return verdict(ending, { tenant, generation });
}
