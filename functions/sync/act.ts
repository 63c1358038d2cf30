import type { Side } from '../../shared/model/connection.ts';
import type { IssueId, ProjectKey } from '../../shared/model/ids.ts';
import type { Step, StepResult } from '../../shared/model/plan.ts';
import type { Replica } from '../../shared/model/replica.ts';
import type { IssuePlace } from '../../shared/ports.ts';
import { carriedBy } from '../../shared/sync/lag.ts';
import { Fault, meaningOf, never } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import { causeOf, noteArchived } from './archived.ts';
import type { Sync } from './context.ts';
import { carryFile } from './carryFile.ts';
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

/** What a single file can cause: a timeout, a 408, a connection that breaks off, an original that was deleted meanwhile. */
const FILE_TROUBLE: ReadonlySet<Code> = new Set<Code>(['jira-unavailable', 'jira-not-found']);

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
      if (!result.ok && SITE_TROUBLE.has(result.code))
        stop = await named(acting, step, { why: 'trouble', code: result.code });
    } catch (thrown) {
      const trouble = troubleOf(thrown);
      if (!isOfFile(step, trouble)) return { results, stop: await named(acting, step, trouble) };
      stop = trouble;
    }
  }
  return stop === undefined ? { results } : { results, stop };
}

/** The stop with its cause: a project or issue that was archived since it was looked at. */
async function named(acting: Acting, step: Step, stop: Stop): Promise<Stop> {
  if (stop.why !== 'trouble') return stop;
  const { side } = step;
  const id = 'issue' in step && step.issue !== 'created' ? { issue: step.issue } : {};
  const where = { side, project: projectOf(acting, side), ...id };
  const fault = await causeOf(acting.look.sites[side], where, stop.code);
  if (fault.code === stop.code) return stop;
  await noteArchived(acting.sync, acting.hold.place, fault);
  return { why: 'trouble', code: fault.code };
}

/** A file that is too slow or too large for the site's mood must not keep the rest of the issue waiting; it is tried again later. */
function isOfFile(step: Step, stop: Stop): boolean {
  return step.kind === 'add-attachment' && stop.why === 'trouble' && FILE_TROUBLE.has(stop.code);
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
  const { twin } = acting.hold.row();
  const now = clock.now();
  const lagMs = result !== 'impossible' && result.ok && result.found !== true ? noteLag(acting, step, now) : undefined;
  log.note('sync-act', {
    ...{ twin, kind: step.kind, side: step.side, ms: now - startedAt },
    ...(lagMs === undefined ? {} : { lagMs }),
    ...(result === 'impossible' || result.ok ? {} : { code: result.code, alarm: meaningOf(result.code).alarm }),
  });
  return result;
}

/**
 * Counts how long the changes that have just arrived were on their way, from their own time; answers the longest. An issue that a
 * person brings under sync later is on its way since that was asked for. A site's clock that is ahead of ours counts as no lag.
 */
function noteLag({ sync, hold, look }: Acting, step: Step, now: number): number | undefined {
  const { connection } = hold;
  const { connection: id, eventAt = 0 } = hold.row();
  const lags = carriedBy(look.input, look.plan, step, connection.activatedAt).map(({ kind, changedAt }) => {
    const lagMs = Math.max(0, now - (kind === 'issue' ? Math.max(changedAt, eventAt) : changedAt));
    sync.lags.note(id, connection.owners, kind, lagMs);
    return lagMs;
  });
  return lags.length === 0 ? undefined : Math.max(...lags);
}

async function perform(acting: Acting, step: Step, before: readonly StepResult[]): Promise<StepResult | 'impossible'> {
  const { key } = step;
  const site = acting.look.sites[step.side];
  switch (step.kind) {
    case 'create-issue':
      return { key, ...(await createOnce(acting, step)) };
    case 'delete-issue':
      return { key, ...(await site.deleteIssue(step.issue)) };
    case 'edit-issue':
      return { key, ...(await site.editIssue(issuePlace(acting, step), step.fields, seenOn(acting, step.side))) };
    case 'transition':
      return { key, ...(await site.transition(step.issue, step.transition, step.fields ?? {})) };
    case 'link':
      return { key, ...(await site.changeLink(step.issue, step)) };
    case 'add-comment': {
      const issue = placeOf(step, before);
      if (issue === undefined) return 'impossible';
      return { key, ...(await site.addComment(issue, step.body, step.marker, step.visibility)) };
    }
    case 'edit-comment':
      return { key, ...(await site.editComment(step.issue, step.comment, step.body, step.visibility)) };
    case 'delete-comment':
      return { key, ...(await site.deleteComment(step.issue, step.comment)) };
    case 'add-worklog': {
      const issue = placeOf(step, before);
      if (issue === undefined) return 'impossible';
      return { key, ...(await site.addWorklog(issue, step.work, step.adjust, step.marker)) };
    }
    case 'edit-worklog':
      return { key, ...(await site.editWorklog(step.issue, step.worklog, step.work, step.adjust)) };
    case 'delete-worklog':
      return { key, ...(await site.deleteWorklog(step.issue, step.worklog, step.adjust)) };
    case 'add-attachment': {
      const issue = placeOf(step, before);
      return issue === undefined ? 'impossible' : { key, ...(await carryFile(acting, step, issue)) };
    }
    case 'delete-attachment':
      return { key, ...(await site.deleteAttachment(step.issue, step.attachment)) };
    default:
      return never(step);
  }
}

/** The project that the issue is in now; it may have been moved out of the one that was agreed on. */
function projectOf({ look }: Acting, side: Side): ProjectKey {
  const { issue } = look.input[side];
  return typeof issue === 'object' ? issue.projectKey : look.halves[side].settings.projectKey;
}

function issuePlace(acting: Acting, { issue, side }: Extract<Step, { kind: 'edit-issue' }>): IssuePlace {
  return { issue, project: projectOf(acting, side) };
}

/** What the issue showed when the plan was made. */
function seenOn({ look }: Acting, side: Side): Replica {
  const { issue } = look.input[side];
  return typeof issue === 'object' ? issue.fields : {};
}

/** Where a thing goes. An issue that was not created gives it no place; the next round plans both again. */
function placeOf(step: { readonly issue: IssueId | 'created' }, before: readonly StepResult[]): IssueId | undefined {
  return step.issue === 'created' ? createdIn(before) : step.issue;
}

/**
 * The issue that this round has made. One that was found instead may hold our comments already: they are read and adopted
 * before any is added.
 */
function createdIn(results: readonly StepResult[]): IssueId | undefined {
  const made = results.find((result) => result.ok && result.issue !== undefined && result.found !== true);
  return made?.ok === true ? made.issue : undefined;
}
