/** Which side counts after a site was restored from a backup. */
import { Fault } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { restoredBody } from '../../shared/wire/drift.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf } from './halves.ts';

/** Stores the choice and asks for the new beginning; the full look at every pair follows. May be repeated with the same choice. */
export async function resolveRestored(ask: Ask): Promise<EdgeAnswer> {
  const { connection, ...own } = await findHalf(ask);
  if ((await connectionOf(ask, { connection, ...own })) === undefined) throw new Fault('not-found');
  const { keep } = parseAs(restoredBody, ask.request.body);
  const since = await ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const row = (await transaction.read('connection', { connection }))?.row;
    if (row?.restored === undefined) throw new Fault('state-refused');
    if (row.restored.keep !== undefined && row.restored.keep !== keep) throw new Fault('state-refused');
    transaction.put('connection', { connection }, { ...row, restored: { ...row.restored, keep } });
    return row.activatedAt;
  });
  const askedAt = ask.ports.clock.now();
  await ask.ports.bus.publish('sync-jobs', { kind: 'reconcile', connection, since, askedAt, how: 'full' });
  return answer({ connection, keep }, 'accepted', 202);
}
