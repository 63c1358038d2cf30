/** Asks for the notices about a tenant's coming and going: one message for each who is to be told. */
import { otherSide } from '../../shared/model/connection.ts';
import { connectionId, ownerOf } from '../../shared/model/ids.ts';
import type { TenantChange } from '../../shared/model/message.ts';
import type { Notice } from '../../shared/model/notice.ts';
import type { Stored } from '../../shared/ports.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { NotifyWork } from './work.ts';

const PAGE = 200;
/** Connections of one tenant; far above what anybody has. (Ours.) */
const MAX_PAGES = 50;

/** Publishes a notice for the tenant itself and one for each partner. Idempotent: who was told is not told again. */
export async function askForNotices({ ports }: NotifyWork, change: TenantChange): Promise<Verdict> {
  const { tenant, generation, what } = change;
  if (what === 'installed') return verdict('nothing-to-do', { tenant, generation });
  const at = ports.clock.now();
  await ports.bus.publish('notices', { kind: 'notice', tenant, generation, what, at });
  const owner = ownerOf(tenant, generation);
  let after: string | undefined;
  let partners = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const ask = after === undefined ? { limit: PAGE } : { limit: PAGE, after };
    const { items, next } = await ports.store.owned('connection', owner, ask);
    for (const notice of items.flatMap((stored) => partnerNotice(change, stored, at))) {
      await ports.bus.publish('notices', notice);
      partners += 1;
    }
    after = next;
    if (after === undefined) break;
  }
  return verdict('accepted', { tenant, generation, partners });
}

function partnerNotice(change: TenantChange, { place, row }: Stored<'connection'>, at: number): readonly Notice[] {
  if (row.state === 'ended') return [];
  const own = row.a.tenant === change.tenant && row.a.generation === change.generation ? 'a' : 'b';
  const { tenant, generation } = row[otherSide(own)];
  // A connection of two projects of one site has nobody else on its other side.
  if (tenant === change.tenant) return [];
  const what = change.what === 'marked' ? 'partner-left' : 'partner-back';
  return [{ kind: 'notice', tenant, generation, what, at, connection: connectionId(place.connection) }];
}
