import { mentionedIn } from '../adf/mention.ts';
import type { AdfDoc } from '../model/adf.ts';
import type { Side } from '../model/connection.ts';
import { kindOf } from '../model/field.ts';
import type { AccountId } from '../model/ids.ts';
import type { SideView, SyncInput } from '../model/plan.ts';
import { mayBeRead } from './audience.ts';
import { isDoc } from './echo.ts';
import { namesIn, outgoing } from './outgoing.ts';
import { issueOf } from './view.ts';

/** What has to be read before it is known whom to ask about. */
export type Readings = Pick<SyncInput, 'rules' | 'scripted'> &
  Readonly<Record<Side, Omit<SideView, 'markers' | 'abilities'>>>;

/**
 * Which people each site has to be asked about: those whom the other side's issue, its comments and its worklogs name and whose names may
 * travel by its rules. Each once, sorted. Nobody is asked about whom no rule lets out.
 */
export function peopleOf(readings: Readings): Readonly<Record<Side, readonly AccountId[]>> {
  return { a: namedBy(readings, 'b'), b: namedBy(readings, 'a') };
}

function namedBy(readings: Readings, from: Side): readonly AccountId[] {
  const issue = issueOf(readings[from]);
  const rules = readings.rules[from];
  const people = new Set<AccountId>(rules.fallbackPerson === undefined ? [] : [rules.fallbackPerson]);
  const docs: AdfDoc[] = [];
  const left = readings.scripted?.[from] ?? (issue === undefined ? {} : outgoing(issue, rules));
  for (const field of namesIn(left)) {
    const value = left[field];
    if (value === undefined || value === null || typeof value === 'number') continue;
    if (typeof value !== 'string' && isDoc(value)) docs.push(value);
    else if (kindOf(field) === 'user' || kindOf(field) === 'users') {
      for (const person of typeof value === 'string' ? [value] : value) people.add(person as AccountId);
    }
  }
  const { comments, worklogs = [] } = readings[from];
  const notes = [...(rules.comments ? comments : []), ...(rules.worklogs === true ? worklogs : [])];
  for (const note of notes) if (note.body !== null && mayBeRead(note, rules)) docs.push(note.body);
  for (const doc of docs) for (const account of mentionedIn(doc)) people.add(account);
  return [...people].sort();
}
