/** The sync function: messages in, verdicts out. */
import type { Message } from '../../shared/model/message.ts';
import { never, toFault, verdict } from '../../shared/verdict.ts';
import type { Code, Fault, Verdict } from '../../shared/verdict.ts';
import { markEnding } from './apart.ts';
import { bringUnderSync } from './bringUnderSync.ts';
import { syncOf } from './context.ts';
import type { Sync, SyncPorts, SyncSettings, TwinPlace } from './context.ts';
import { partnerChanged } from './partner.ts';
import { reconcile } from './reconcile.ts';
import { routeChange } from './routeChange.ts';
import { runJob } from './runJob.ts';
import { syncTwin } from './syncTwin.ts';
import { wake } from './wake.ts';

/** Makes the handler of all messages that the topology leads here. Every message may come twice, late and in any order. */
export function syncHandler(ports: SyncPorts, settings: SyncSettings): (message: Message) => Promise<Verdict> {
  const sync = syncOf(ports, settings);
  return async (message) => {
    try {
      return await handle(sync, message);
    } catch (thrown) {
      return refusedBySite(sync, message, toFault(thrown));
    }
  };
}

/** Refusals of a site that the same message would meet again. */
const LASTING: ReadonlySet<Code> = new Set<Code>([
  'jira-refused',
  'jira-unauthorised',
  'jira-forbidden',
  'jira-not-found',
]);

/**
 * Twins park their own trouble; this is for work that has no twin yet. A site that refuses would refuse the repetition too, and the
 * back-off of the queue is shared by all tenants: told, and acknowledged. A site that does not answer is asked again.
 */
function refusedBySite(sync: Sync, message: Message, fault: Fault): Verdict {
  if (!LASTING.has(fault.code) || isFreshInstall(message, fault)) throw fault;
  sync.log.fault('sync', fault.code, { ...fault.facts, kind: message.kind }, fault.cause ?? fault);
  return verdict(fault.code, { kind: message.kind });
}

/**
 * A site that has just come back refuses its own app until the install is answered, and for minutes after. Its catch-up must
 * not be dropped for that: the queue brings it again, a bounded number of times. @see ATLASSIAN.md §10.3
 */
function isFreshInstall(message: Message, fault: Fault): boolean {
  return message.kind === 'reconcile' && (fault.code === 'jira-unauthorised' || fault.code === 'jira-forbidden');
}

async function handle(sync: Sync, message: Message): Promise<Verdict> {
  // What a change or a wish was about is looked at again when an admin has said which side counts.
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
      return bringUnderSync(sync, { tenant: { tenant, generation }, connection, issue, ...since });
    }
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
