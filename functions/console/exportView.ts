/** What of a record with two owners is the asking tenant's: for its export, and for what it shows to support. */
import type { Side } from '../../shared/model/connection.ts';
import type { Store, Stored } from '../../shared/ports.ts';
import { rowOf } from '../../shared/retention/catalogue.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import type { ExportView } from '../../shared/retention/export.ts';
import type { Ask } from './ask.ts';

/** Which sides of a shared record are the asking tenant's; a connection is looked up once, and then `known`. */
export async function viewOf(
  store: Store,
  tenant: Ask['tenant'],
  { category, place }: Stored<OwnedCategory>,
  known: Map<string, ExportView>,
): Promise<ExportView> {
  if (rowOf(category).owner !== 'connection') return tenant;
  const ids: Readonly<Record<string, string>> = { ...place };
  const connection = ids['connection'] ?? '';
  const found = known.get(connection);
  if (found !== undefined) return found;
  const agreed = await store.read('connection', { connection });
  const isOwn = (side: Side): boolean =>
    agreed?.row[side].tenant === tenant.tenant && agreed.row[side].generation === tenant.generation;
  const view = { ...tenant, sides: (['a', 'b'] as const).filter(isOwn) };
  known.set(connection, view);
  return view;
}
