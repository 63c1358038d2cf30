/** Wakes somebody when a register asks for something that was not done in its time. @see shared/retention/SPEC.md R88–R90 */
import { dutiesOf } from '../../shared/evidence/cases.ts';
import type { CaseStep } from '../../shared/model/case.ts';
import { owner } from '../../shared/model/ids.ts';
import { everyPage } from './pages.ts';
import type { PurgePorts } from './progress.ts';

/** Looks at every case; there are few. */
export async function watchCases({ store, clock, log }: PurgePorts): Promise<void> {
  const cases = new Map<string, CaseStep[]>();
  await everyPage(
    (ask) => store.scan('caseStep', ask),
    async ({ place, row }) => {
      const steps = cases.get(place.case) ?? [];
      const { removeAt: _removeAt, lives, ...said } = row;
      steps.push({ ...said, lives: lives.map((one) => owner(one)), number: Number(place.step) });
      cases.set(place.case, steps);
    },
  );
  const now = clock.now();
  for (const [id, steps] of cases)
    for (const { what, byAt } of dutiesOf(steps)) if (now > byAt) log.fault('cases', 'case-late', { case: id, what });
}
