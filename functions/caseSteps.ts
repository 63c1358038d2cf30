/** The steps of a case as they are stored, for the console and for the notify function. */
import { owner } from '../shared/model/ids.ts';
import type { CaseId, Owner } from '../shared/model/ids.ts';
import type { CaseStep } from '../shared/model/case.ts';
import type { Store, Stored } from '../shared/ports.ts';

/** A case has at most as many steps as there are kinds. */
const PAGE = 50;

/** In order; empty when there is no such case. */
export async function caseSteps(store: Store, id: CaseId): Promise<readonly CaseStep[]> {
  return (await store.list('caseStep', { case: id }, { limit: PAGE })).items.map(stepOf);
}

function stepOf({ place, row }: Stored<'caseStep'>): CaseStep {
  const { removeAt: _removeAt, lives, ...said } = row;
  return { ...said, lives: lives.map((one): Owner => owner(one)), number: Number(place.step) };
}
