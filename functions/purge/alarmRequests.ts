/** Wakes somebody about requests of people that are open and whose last day is near. @see SPEC.md R56, PROMISES.md X-34 */
import { alarmAfter } from '../../shared/retention/requests.ts';
import { toFault } from '../../shared/verdict.ts';
import type { PurgePorts } from './progress.ts';

/** Requests that one sweep alarms about; those beyond come with the next. */
const LATE_LIMIT = 50;

/** One alarm a day for each. Ids only. */
export async function alarmRequests({ store, clock, log }: PurgePorts): Promise<void> {
  const now = clock.now();
  for (const { place, row, version } of await store.due('request', 'alarmAt', now, LATE_LIMIT)) {
    const { alarmAt: _over, ...rest } = row;
    const alarmAt = alarmAfter(row, now);
    if (row.doneAt === undefined)
      log.fault('sweep', 'request-late', { ...place, acknowledged: row.acknowledgedAt !== undefined });
    try {
      await store.replace('request', place, { ...rest, ...(alarmAt === undefined ? {} : { alarmAt }) }, version);
    } catch (thrown) {
      // Settled meanwhile: all the better.
      if (toFault(thrown).code !== 'store-changed') throw thrown;
    }
  }
}
