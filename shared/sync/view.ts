import type { Side } from '../model/connection.ts';
import type { FieldName } from '../model/field.ts';
import type { ValueHash } from '../model/ids.ts';
import type { SideView, SyncInput } from '../model/plan.ts';
import type { JiraIssue } from '../model/replica.ts';
import { hashOf } from './echo.ts';

/** Both sides, in the order in which the engine looks at them. */
export const bothSides = ['a', 'b'] as const satisfies readonly Side[];

/** Both issues of a twin, each where it is. */
export interface Issues {
  readonly a: JiraIssue;
  readonly b: JiraIssue;
}

/** The issue of a view when there is one. */
export function issueOf(view: Pick<SideView, 'issue'>): JiraIssue | undefined {
  return typeof view.issue === 'string' ? undefined : view.issue;
}

/** Both issues when both are there. */
export function issuesOf(input: Pick<SyncInput, 'a' | 'b'>): Issues | undefined {
  const a = issueOf(input.a);
  const b = issueOf(input.b);
  return a === undefined || b === undefined ? undefined : { a, b };
}

/** The hash of what a side shows of a field; `undefined` when it shows nothing of it. */
export function hashNow(issue: JiraIssue, field: FieldName): ValueHash | undefined {
  const value = issue.fields[field];
  return value === undefined ? undefined : hashOf(field, value);
}
