/** The sync function: messages in, verdicts out. */
import type { Message } from '../../shared/model/message.ts';
import { never, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { markEnding } from './apart.ts';
import { syncOf } from './context.ts';
import type { Sync, SyncPorts, SyncSettings, TwinPlace } from './context.ts';
import { partnerChanged } from './partner.ts';
import { reconcile } from './reconcile.ts';
import { routeChange } from './routeChange.ts';
import { runJob } from './runJob.ts';
import { syncTwin } from './syncTwin.ts';
import { bringOrWait, tryWish } from './tryWish.ts';
import { wake } from './wake.ts';

/** Makes the handler of all messages that the topology leads here. Every message may come twice, late and in any order. */
export function syncHandler(ports: SyncPorts, settings: SyncSettings): (message: Message) => Promise<Verdict> {
  const sync = syncOf(ports, settings);
  return (message) => handle(sync, message);
}

/**
 * A site's trouble ends here as a verdict, because the queue's back-off is shared by all tenants: pairs, jobs and runs wait at their own
 * records, an issue without a pair at its wish. What is thrown is trouble of our own store, keys or bus, or a mistake.
 */
async function handle(sync: Sync, message: Message): Promise<Verdict> {
  // What a message was about is looked at again when an admin has said which side counts.
  if (leadsToSites(message) && !(await sync.guard.isSame())) return verdict('store-restored', { kind: message.kind });
  switch (message.kind) {
    case 'issue-change':
      return routeChange(sync, message);
    case 'sync-twin':
      return message.isAfresh === true
        ? syncTwin(sync, placeOf(message), { eventAt: message.askedAt, isAfresh: true })
        : syncTwin(sync, placeOf(message));
    case 'run-job':
      return runJob(sync, { connection: message.connection, job: message.job }, message.run);
    case 'unlink-twin':
      return (await markEnding(sync, placeOf(message), message.isForced === true))
        ? syncTwin(sync, placeOf(message))
        : verdict('not-under-sync', { twin: message.twin });
    case 'bring-under-sync': {
      const { tenant, generation, connection, issue, askedAt, isBulk } = message;
      // Who asks by hand waits from now on; a job's work is nobody's change.
      const since = isBulk === true ? {} : { eventAt: askedAt };
      return bringOrWait(sync, { tenant: { tenant, generation }, connection, issue, ...since });
    }
    case 'try-wish':
      return tryWish(sync, { connection: message.connection, wish: message.wish });
    case 'reconcile':
      return reconcile(sync, message);
    case 'wake':
      return (await sync.guard.tick()) ? wake(sync) : verdict('store-restored');
    case 'tenant-change':
      return partnerChanged(sync, message);
    case 'sweep':
    case 'purge-tenant':
    case 'probe-tenant':
    case 'backup':
    case 'notice':
    case 'opt-in':
    case 'mailing':
    case 'news':
    case 'walk-people':
    case 'report-people':
    case 'report':
    case 'erase-ticket':
      return verdict('event-unknown', { kind: message.kind });
    default:
      return never(message);
  }
}

/** True for work that may write to a site. */
function leadsToSites({ kind }: Message): boolean {
  return kind !== 'wake' && kind !== 'tenant-change';
}

function placeOf({ connection, twin }: TwinPlace): TwinPlace {
  return { connection, twin };
}
