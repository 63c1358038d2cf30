import { otherSide, type Side } from '../model/connection.ts';
import type { EstimateAdjustment, SideView, SyncInput, Work } from '../model/plan.ts';
import type { JiraWorklog } from '../model/replica.ts';
import { digest, hashOfBody } from './echo.ts';
import { lanesOf, sendsLane } from './lanes.ts';
import { decideNotes, type Arriving, type NoteDecision, type NoteKind } from './notes.ts';

export type WorklogDecision = NoteDecision<JiraWorklog>;

/** Jira keeps whole minutes. */
const MINUTE_SECONDS = 60;

const worklogs: NoteKind<JiraWorklog> = {
  shelfOf: ({ memory, a, b }) => ({
    twin: memory.twin,
    traces: memory.worklogs ?? [],
    things: { a: a.worklogs ?? [], b: b.worklogs ?? [] },
    markers: { a: a.worklogMarkers ?? new Map(), b: b.worklogMarkers ?? new Map() },
  }),
  mayLeave: (rules) => rules.worklogs === true,
  hashOf: ({ startedAt, spentSeconds }, body) =>
    digest(['worklog', startedAt, wholeMinutes(spentSeconds), hashOfBody(body)]),
  restrictedCode: 'worklog-restricted',
  isOrdered: false,
  copyDeletedCode: 'worklog-copy-deleted',
  verbs: { add: 'add-worklog', edit: 'edit-worklog', delete: 'delete-worklog' },
};

/** Decides every worklog of both issues; nothing where they were not read. */
export function decideWorklogs(input: SyncInput): readonly WorklogDecision[] {
  return wereRead(input, ({ worklogs: read }) => read) ? decideNotes(input, worklogs) : [];
}

/** What is written of a worklog. */
export function workOf({ from, body, visibility }: Arriving<JiraWorklog>): Work {
  const { startedAt, spentSeconds } = from;
  const restriction = visibility === null ? {} : { visibility };
  return { startedAt, spentSeconds: wholeMinutes(spentSeconds), body, ...restriction };
}

/** Where the remaining estimate travels as a field, work that arrives must not change it a second time. */
export function adjustmentOn({ rules }: SyncInput, side: Side): EstimateAdjustment {
  const lane = lanesOf(rules).find((one) => one[side] === 'remainingEstimate');
  return lane !== undefined && sendsLane(rules, otherSide(side), lane) ? 'leave' : 'auto';
}

/** True when both issues that are there were read with this part. */
export function wereRead(input: SyncInput, part: (view: SideView) => unknown): boolean {
  return [input.a, input.b].every((view) => typeof view.issue === 'string' || part(view) !== undefined);
}

function wholeMinutes(seconds: number): number {
  return Math.max(MINUTE_SECONDS, Math.floor(seconds / MINUTE_SECONDS) * MINUTE_SECONDS);
}
