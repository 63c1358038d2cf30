import type { Side } from '../../shared/model/connection.ts';
import type { IssueId, ProjectKey } from '../../shared/model/ids.ts';
import type { Step, StepResult } from '../../shared/model/plan.ts';
import type { Replica } from '../../shared/model/replica.ts';
import type { IssuePlace, JiraSite, WriteResult } from '../../shared/ports.ts';
import { Fault, meaningOf, never } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import { createOnce } from './createOnce.ts';
import type { Look } from './look.ts';
import type { Hold } from './take.ts';

/** Why acting stopped before the plan's end. `retryAfterMs`: how long to wait at least. */
export type Stop =
  | { readonly why: 'time' }
  | { readonly why: 'trouble'; readonly code: Code; readonly retryAfterMs?: number };

/** What was done of a plan. */
export interface Acted {
  readonly results: readonly StepResult[];
  readonly stop?: Stop;
}

/** What one step of the shell needs. */
export interface Acting {
  readonly sync: Sync;
  readonly hold: Hold;
  readonly look: Look;
  /** No step begins after this. */
  readonly deadlineAt: number;
}

/** Refusals that are the site's state and no property of the value: the twin waits and tries again. */
const SITE_TROUBLE: ReadonlySet<Code> = new Set<Code>(['jira-unauthorised', 'jira-forbidden', 'jira-not-found']);

/**
 * Carries a plan out, step by step. A refused step does not stop the others; trouble with a site does. Each step is preceded by a
 * look at the lease, so that a worker that was slow finds out before it writes.
 */
export async function act(acting: Acting): Promise<Acted> {
  const results: StepResult[] = [];
  let stop: Stop | undefined;
  for (const step of acting.look.plan.steps) {
    if (acting.sync.clock.now() >= acting.deadlineAt) return { results, stop: { why: 'time' } };
    await acting.hold.renew();
    try {
      const result = await timed(acting, step, results);
      if (result === 'impossible') continue;
      results.push(result);
      if (!result.ok && SITE_TROUBLE.has(result.code)) stop = { why: 'trouble', code: result.code };
    } catch (thrown) {
      return { results, stop: troubleOf(thrown) };
    }
  }
  return stop === undefined ? { results } : { results, stop };
}

/** Trouble with a site ends the acting; everything else is ours and is thrown on. */
function troubleOf(thrown: unknown): Stop {
  if (!(thrown instanceof Fault) || !thrown.code.startsWith('jira-')) throw thrown;
  const wait = thrown.facts['retryAfterMs'];
  return { why: 'trouble', code: thrown.code, ...(typeof wait === 'number' ? { retryAfterMs: wait } : {}) };
}

async function timed(acting: Acting, step: Step, before: readonly StepResult[]): Promise<StepResult | 'impossible'> {
  const { clock, log } = acting.sync;
  const startedAt = clock.now();
  const result = await perform(acting, step, before);
  const { eventAt, twin } = acting.hold.row();
  const now = clock.now();
  log.note('sync-act', {
    ...{ twin, kind: step.kind, side: step.side, ms: now - startedAt },
    ...(eventAt === undefined ? {} : { lagMs: now - eventAt }),
    ...(result === 'impossible' || result.ok ? {} : { code: result.code, alarm: meaningOf(result.code).alarm }),
  });
  return result;
}

async function perform(acting: Acting, step: Step, before: readonly StepResult[]): Promise<StepResult | 'impossible'> {
  const { key } = step;
  const site = acting.look.sites[step.side];
  switch (step.kind) {
    case 'create-issue':
      return { key, ...(await createOnce(acting, step)) };
    case 'edit-issue':
      return { key, ...(await site.editIssue(placeOf(acting, step), step.fields, seenOn(acting, step.side))) };
    case 'transition':
      return { key, ...(await site.transition(step.issue, step.transition, step.fields ?? {})) };
    case 'link':
      return { key, ...(await site.changeLink(step.issue, step)) };
    case 'add-comment': {
      const issue = step.issue === 'created' ? createdIn(before) : step.issue;
      // The issue was not created, so the comment has no place; the next round plans both again.
      return issue === undefined ? 'impossible' : { key, ...(await addComment(site, issue, step)) };
    }
    case 'edit-comment':
      return { key, ...(await site.editComment(step.issue, step.comment, step.body)) };
    case 'delete-comment':
      return { key, ...(await site.deleteComment(step.issue, step.comment)) };
    default:
      return never(step);
  }
}

/** The project that the issue is in now; it may have been moved out of the one that was agreed on. */
function projectOf({ look }: Acting, side: Side): ProjectKey {
  const { issue } = look.input[side];
  return typeof issue === 'object' ? issue.projectKey : look.halves[side].settings.projectKey;
}

function placeOf(acting: Acting, { issue, side }: Extract<Step, { kind: 'edit-issue' }>): IssuePlace {
  return { issue, project: projectOf(acting, side) };
}

/** What the issue showed when the plan was made. */
function seenOn({ look }: Acting, side: Side): Replica {
  const { issue } = look.input[side];
  return typeof issue === 'object' ? issue.fields : {};
}

function addComment(
  site: JiraSite,
  issue: IssueId,
  step: Extract<Step, { kind: 'add-comment' }>,
): Promise<WriteResult> {
  return site.addComment(issue, step.body, step.marker);
}

/**
 * The issue that this round has made. One that was found instead may hold our comments already: they are read and adopted
 * before any is added.
 */
function createdIn(results: readonly StepResult[]): IssueId | undefined {
  const made = results.find((result) => result.ok && result.issue !== undefined && result.found !== true);
  return made?.ok === true ? made.issue : undefined;
}
