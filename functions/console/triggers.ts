/** What brings issues under sync by itself: shown and changed. */
import { tenantKey } from '../../shared/model/ids.ts';
import type { HalfSettings } from '../../shared/model/connection.ts';
import { usualTriggers } from '../../shared/rules/triggers.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseAs, triggersBody } from '../../shared/wire/console.ts';
import type { TriggersView } from '../../shared/wire/console.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { checkSettings, findHalf, openSettings } from './halves.ts';
import type { OwnHalf } from './halves.ts';

/** The triggers of the asker's half. */
export async function showTriggers(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  return answer(viewOf(own, await openSettings(ask, own)));
}

/**
 * Changes the triggers, and the scope when it is given. What is under sync stays so. The site judges the queries first, so that a
 * trigger that can never fire is refused here and not missed later. Somebody who was faster ends it with `store-changed`.
 */
export async function setTriggers(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { scope, ...triggers } = parseAs(triggersBody, ask.request.body);
  const before = await openSettings(ask, own);
  const settings: HalfSettings = { ...before, triggers, ...(scope === undefined ? {} : { scope }) };
  await checkSettings(ask, settings);
  const place = { tenant: ask.tenant.tenant, half: own.half };
  const context = contextOf('half.settings', place.tenant, own.half);
  const sealed = await ask.ports.keys.seal(tenantKey(ask.owner), context, settings);
  await ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const stored = await transaction.read('half', place);
    if (stored?.row.settings !== own.row.settings) throw new Fault('store-changed', { what: 'half' });
    transaction.put('half', place, { ...stored.row, settings: sealed });
  });
  return answer(viewOf(own, settings));
}

function viewOf(
  { connection, row: { side } }: OwnHalf,
  { scope, triggers = usualTriggers }: HalfSettings,
): TriggersView {
  return { connection, side, scope, ...triggers };
}
