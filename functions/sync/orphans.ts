import type { Side } from '../../shared/model/connection.ts';
import { twinId } from '../../shared/model/ids.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import { REPORT_DAYS } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import type { RunRow } from './runs.ts';

const DAY_MS = 86_400_000;

/**
 * Tells of an issue that carries the mark of a twin which this connection does not know. Nothing is done about it: when its origin
 * is there, the origin's own way under sync finds it by the mark; else a person decides. A copy that people made of an issue under
 * sync names a twin that is known, and is none of this.
 */
export async function putOrphan(sync: Sync, row: RunRow, side: Side, issue: JiraIssue): Promise<void> {
  const twin = markedTwin(issue);
  if (twin === undefined) return;
  const { connection, run, owners } = row;
  if ((await sync.store.read('twin', { connection, twin })) !== undefined) return;
  const at = sync.clock.now();
  const thing = { side, what: 'issue', why: 'orphan', code: 'not-under-sync' } as const;
  const found = { owners, twin, things: [thing], foundAt: at, removeAt: at + REPORT_DAYS * DAY_MS };
  const place = { connection, run, twin };
  try {
    await sync.store.create('drift', place, { ...found, ...(side === 'a' ? { a: issue.id } : { b: issue.id }) });
  } catch (thrown) {
    // A slice that was repeated has told it before.
    if (!(thrown instanceof Fault) || thrown.code !== 'store-exists') throw thrown;
  }
}

/** Other apps and people may write anything into a property. */
function markedTwin({ marker }: JiraIssue) {
  try {
    return marker === undefined ? undefined : twinId(marker.twin);
  } catch (thrown) {
    if (thrown instanceof Fault) return undefined;
    throw thrown;
  }
}
