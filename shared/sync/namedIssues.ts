import type { Side } from '../model/connection.ts';
import type { IssueId } from '../model/ids.ts';
import { linkOf } from '../model/links.ts';
import type { SyncInput } from '../model/plan.ts';
import { hashOfPart } from './echo.ts';
import { lanesOf, type Lane } from './lanes.ts';
import { setMemory, setOn } from './sets.ts';
import { bothSides, hashNow, issueOf, issuesOf } from './view.ts';

type Readings = Pick<SyncInput, 'rules' | 'memory' | 'a' | 'b'>;

/**
 * Which other issues have to be known on the other side before the twin can be planned: those that a parent or a link names which
 * is not as it was last settled. Each once, sorted.
 */
export function namedIssues(readings: Readings): Readonly<Record<Side, readonly IssueId[]>> {
  const lanes = lanesOf(readings.rules).filter(({ kind }) => kind === 'issue' || kind === 'links');
  const of = (side: Side): readonly IssueId[] => {
    const found = lanes.filter((lane) => !isAtRest(readings, lane)).flatMap((lane) => namedOn(readings, lane, side));
    return [...new Set(found)].sort();
  };
  return { a: of('a'), b: of('b') };
}

function namedOn(readings: Readings, lane: Lane, side: Side): readonly IssueId[] {
  const value = issueOf(readings[side])?.fields[lane[side]];
  if (lane.kind === 'issue') return typeof value === 'string' ? [value as IssueId] : [];
  if (!Array.isArray(value)) return [];
  return (value as readonly string[]).flatMap((element) => linkOf(element)?.issue ?? []);
}

function isAtRest(readings: Readings, lane: Lane): boolean {
  const issues = issuesOf(readings);
  const trace = readings.memory.fields[lane.key];
  if (issues === undefined || trace === undefined) return false;
  return bothSides.every((side) => {
    if (lane.kind === 'issue') return hashNow(issues[side], lane[side]) === trace[side];
    const now = (setOn(issues, side, lane) ?? []).map(hashOfPart).sort();
    const { parts } = setMemory(trace, side);
    return now.length === parts.size && now.every((part) => parts.has(part));
  });
}
