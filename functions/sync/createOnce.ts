import type { IssueId } from '../../shared/model/ids.ts';
import type { Step } from '../../shared/model/plan.ts';
import type { WriteResult } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Acting } from './act.ts';
import { putLink } from './link.ts';
import { leased, sidePart } from './twinRow.ts';

type CreateStep = Extract<Step, { kind: 'create-issue' }>;
type Created = WriteResult & { readonly issue?: IssueId; readonly found?: boolean };

/**
 * Creates the other issue exactly once, whatever dies in between:
 *
 * ```
 *   intent stored ──▶ create ──▶ id and link stored
 *        │              └─ died here: the next worker finds the intent and looks for the marker
 *        └─ died here: it looks, finds nothing, waits the index out, and creates
 * ```
 *
 * The intent of this try was stored with the plan (see `syncTwin.ts`); one of an earlier try is older than our lease.
 * @throws Fault `jira-rate-limited` with the time that the index still needs; `lease-lost`
 */
export async function createOnce(acting: Acting, step: CreateStep): Promise<Created> {
  const { sync, hold, look } = acting;
  const site = look.sites[step.side];
  const project = look.halves[step.side].settings.projectKey;
  const begunAt = hold.row().creatingAt;
  if (begunAt !== undefined) {
    const [found] = await site.findMarked(project, hold.place.twin);
    if (found !== undefined) {
      await record(acting, step, found);
      return { ok: true, issue: found, found: true };
    }
    const waitMs = begunAt + sync.settings.markerLagMs - sync.clock.now();
    if (waitMs > 0) throw new Fault('jira-unavailable', { what: 'index', retryAfterMs: waitMs });
  }
  const now = sync.clock.now();
  await hold.rewrite((row) => leased(row, hold.token, now, sync.settings.leaseMs, { creatingAt: now }));
  const created = await site.createIssue(project, step.fields, step.marker);
  if (created.issue !== undefined) await record(acting, step, created.issue);
  else
    await hold.rewrite((row) =>
      leased(row, hold.token, sync.clock.now(), sync.settings.leaseMs, { creatingAt: undefined }),
    );
  return created;
}

/** Stores the new issue's id and the link that leads back from it, together. */
async function record({ sync, hold }: Acting, { side }: CreateStep, issue: IssueId): Promise<void> {
  const now = sync.clock.now();
  await hold.write((transaction, row) => {
    putLink(transaction, hold.connection, row, side, issue);
    return leased(row, hold.token, now, sync.settings.leaseMs, { ...sidePart(side, issue), creatingAt: undefined });
  });
}
