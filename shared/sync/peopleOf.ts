import { mentionedIn } from '../adf/mention.ts';
import type { Side } from '../model/connection.ts';
import type { AccountId } from '../model/ids.ts';
import type { SideView, SyncInput } from '../model/plan.ts';
import { outgoing } from './outgoing.ts';
import { issueOf } from './view.ts';

/** What has to be read before it is known whom to ask about. */
export type Readings = Pick<SyncInput, 'rules'> & Readonly<Record<Side, Omit<SideView, 'markers' | 'abilities'>>>;

/**
 * Which people each site has to be asked about: those whom the other side's issue and public comments name and whose names may
 * travel by its rules. Each once, sorted. Nobody is asked about whom no rule lets out.
 */
export function peopleOf(readings: Readings): Readonly<Record<Side, readonly AccountId[]>> {
  return { a: namedBy(readings, 'b'), b: namedBy(readings, 'a') };
}

function namedBy(readings: Readings, from: Side): readonly AccountId[] {
  const issue = issueOf(readings[from]);
  const rules = readings.rules[from];
  const { assignee, reporter, description } = issue === undefined ? {} : outgoing(issue, rules);
  const people = new Set([assignee, reporter].filter((account) => account !== undefined && account !== null));
  const bodies = rules.comments ? readings[from].comments.filter(({ isRestricted }) => !isRestricted) : [];
  for (const doc of [description, ...bodies.map(({ body }) => body)]) {
    if (doc === undefined || doc === null) continue;
    for (const account of mentionedIn(doc)) people.add(account);
  }
  return [...people].sort();
}
