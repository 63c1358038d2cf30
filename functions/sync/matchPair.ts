import { otherSide } from '../../shared/model/connection.ts';
import { customNameOf, isSystemField, kindOf } from '../../shared/model/field.ts';
import type { FieldName } from '../../shared/model/field.ts';
import type { IssueId } from '../../shared/model/ids.ts';
import type { FieldValue } from '../../shared/model/replica.ts';
import type { Code } from '../../shared/verdict.ts';
import { judgePair } from './connectPair.ts';
import type { FitPair } from './connectPair.ts';
import type { Sync } from './context.ts';
import type { JobHold } from './jobHold.ts';

/** Issues of the other side that are read for one of ours; a value that more have tells nothing. */
const MAX_CANDIDATES = 20;

/**
 * The issue of the other side that has the same value in the field by which two issues are matched. Jira's search finds words, so
 * each find is read and compared exactly. `undefined`: there is none, or nothing to match by; `match-ambiguous`: there are several.
 */
export async function matchOf(sync: Sync, hold: JobHold, issue: IssueId): Promise<FitPair | Code | undefined> {
  const { match } = hold.ask;
  if (match === undefined) return undefined;
  const { side } = hold.row();
  const other = otherSide(side);
  const { connection } = hold.place;
  const here = sync.jira.at(hold.fence[side], connection, 'bulk');
  const there = sync.jira.at(hold.fence[other], connection, 'bulk');
  const mine = await here.readIssue(issue, [match.field]);
  const value = mine === 'gone' ? undefined : mine.fields[match.field];
  const theirs = match.target ?? match.field;
  const condition = conditionOf(theirs, value);
  if (value === undefined || condition === undefined) return undefined;
  const jql = `project = "${hold.projects[other]}" AND ${condition}`;
  const { items, next } = await there.search(jql, { limit: MAX_CANDIDATES });
  const equal: IssueId[] = [];
  for (const candidate of items) {
    const read = await there.readIssue(candidate, [theirs]);
    if (read !== 'gone' && isSame(read.fields[theirs], value)) equal.push(candidate);
  }
  const [found, ...more] = equal;
  if (found === undefined) return undefined;
  if (more.length > 0 || next !== undefined) return 'match-ambiguous';
  const pair = side === 'a' ? { a: issue, b: found } : { a: found, b: issue };
  return judgePair(sync, { ...hold, connection, side }, pair);
}

/** The JQL that finds at least every issue with this value; `undefined` for a value that nothing is matched by. */
function conditionOf(field: FieldName, value: FieldValue | undefined): string | undefined {
  const name = isSystemField(field) ? field : quoted(customNameOf(field));
  if (typeof value === 'number') return `${name} = ${value}`;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  // Words next to each other; the exact comparison follows.
  return kindOf(field) === 'text' ? `${name} ~ ${quoted(quoted(value))}` : `${name} = ${quoted(value)}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function isSame(one: FieldValue | undefined, other: FieldValue): boolean {
  const plain = (value: FieldValue | undefined): unknown => (typeof value === 'string' ? value.trim() : value);
  return plain(one) === plain(other);
}
