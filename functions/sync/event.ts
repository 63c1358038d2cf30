/** The sync function: messages in, verdicts out. */
import type { Message } from '../../shared/model/message.ts';
import { never, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { bringUnderSync } from './bringUnderSync.ts';
import { syncOf } from './context.ts';
import type { Sync, SyncPorts, SyncSettings } from './context.ts';
import { partnerChanged } from './partner.ts';
import { reconcile } from './reconcile.ts';
import { routeChange } from './routeChange.ts';
import { syncTwin } from './syncTwin.ts';
import { wake } from './wake.ts';

/** Makes the handler of all messages that the topology leads here. Every message may come twice, late and in any order. */
export function syncHandler(ports: SyncPorts, settings: SyncSettings): (message: Message) => Promise<Verdict> {
  const sync = syncOf(ports, settings);
  return (message) => handle(sync, message);
}

async function handle(sync: Sync, message: Message): Promise<Verdict> {
  switch (message.kind) {
    case 'issue-change':
      return routeChange(sync, message);
    case 'sync-twin':
      return syncTwin(sync, { connection: message.connection, twin: message.twin });
    case 'bring-under-sync': {
      const { tenant, generation, connection, issue } = message;
      return bringUnderSync(sync, { tenant: { tenant, generation }, connection, issue });
    }
    case 'reconcile':
      return reconcile(sync, message);
    case 'wake':
      return wake(sync);
    case 'tenant-change':
      return partnerChanged(sync, message);
    case 'sweep':
    case 'purge-tenant':
      return verdict('event-unknown', { kind: message.kind });
    default:
      return never(message);
  }
}
