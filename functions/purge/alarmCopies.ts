/** Wakes somebody about copies of bundles at support persons that have to be deleted and are not, as far as anybody said. @see SPEC.md R105 */
import { withAlarm } from '../../shared/retention/supportCopies.ts';
import { toFault } from '../../shared/verdict.ts';
import type { PurgePorts } from './progress.ts';

/** Copies that one sweep alarms about; those beyond come with the next. */
const LATE_LIMIT = 50;

/** One alarm a day for each, the last before the register forgets it. Ids only. */
export async function alarmCopies({ store, clock, log }: PurgePorts): Promise<void> {
  const now = clock.now();
  for (const { place, row, version } of await store.due('supportCopy', 'alarmAt', now, LATE_LIMIT)) {
    log.fault('sweep', 'copy-late', { ...place, isCalledBack: row.calledBackAt !== undefined });
    try {
      await store.replace('supportCopy', place, withAlarm(row, now), version);
    } catch (thrown) {
      // Said to be deleted, or called back, meanwhile: the next sweep knows.
      if (toFault(thrown).code !== 'store-changed') throw thrown;
    }
  }
}
