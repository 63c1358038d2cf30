/** The notify function: what it does with each message of `notices` and of `tenant-lifecycle`. */
import type { Message } from '../../shared/model/message.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { eraseTicket, workOnReport } from './report.ts';
import { sayFarewell } from './farewell.ts';
import { askOwner, sendNews } from './news.ts';
import { sendToAll } from './mailing.ts';
import { askForNotices } from './partners.ts';
import { tell } from './tell.ts';
import type { NotifyPorts, NotifySettings } from './work.ts';

/**
 * A change of a tenant's life asks for the notices about it, its own and its partners', each as a message of its own; a
 * notice is told, once. Every message may come twice, late, in parallel, or for a life that is over: what is due then is
 * told, or nothing.
 */
export function notifyHandler(ports: NotifyPorts, settings: NotifySettings): (message: Message) => Promise<Verdict> {
  const work = { ports, settings };
  return async (message) => {
    switch (message.kind) {
      case 'tenant-change':
        return askForNotices(work, message);
      case 'notice':
        return message.what === 'purging' ? sayFarewell(work, message) : tell(work, message);
      case 'opt-in':
        return askOwner(work, message);
      case 'mailing':
        return sendToAll(work, message);
      case 'news':
        return sendNews(work, message);
      case 'report':
        return workOnReport(work, message);
      case 'erase-ticket':
        return eraseTicket(work, message);
      default:
        return verdict('event-unknown', { kind: message.kind });
    }
  };
}
