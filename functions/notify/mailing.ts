/** A mailing on its way: asks for one letter for each recorded wish, page by page. Whether it is sent is asked for each letter. */
import { partsOf } from '../../shared/model/ids.ts';
import type { MailingMessage } from '../../shared/model/notice.ts';
import type { Stored } from '../../shared/ports.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { NotifyWork } from './work.ts';

const PAGE = 100;
/** Pages of one message; the function has 60 s. */
const MAX_PAGES = 10;

/**
 * Goes through the wishes from where the message says, and hands the rest to a message of its own. May come twice or stop half way: who
 * got a letter gets no second one. A mailing that nobody has said yes to goes nowhere. @see shared/mail/SPEC.md M22, M24
 */
export async function sendToAll({ ports }: NotifyWork, { mailing, after: from }: MailingMessage): Promise<Verdict> {
  const { store, bus, clock } = ports;
  if ((await store.read('mailing', { mailing }))?.row.sentAt === undefined)
    return verdict('nothing-to-do', { mailing });
  const at = clock.now();
  let after = from;
  let asked = 0;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await store.scan('consent', { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { place, row } of page.items.filter(isLive)) {
      const [owner] = row.owners;
      if (owner === undefined) continue;
      await bus.publish('notices', { kind: 'news', ...partsOf(owner), consent: place.consent, mailing, at });
      asked += 1;
    }
    after = page.next;
    if (after === undefined) return verdict('done', { mailing, asked });
  }
  if (after !== undefined) await bus.publish('notices', { kind: 'mailing', mailing, at, after });
  return verdict('more-to-do', { mailing, asked });
}

function isLive({ row }: Stored<'consent'>): boolean {
  return row.liveSince !== undefined;
}
