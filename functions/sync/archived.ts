/**
 * Archived projects and issues: Jira shows them and lets nobody change them. Pairs that would write there wait under one code; those
 * that are in step notice nothing. When a run sees that a project is in use again, it wakes what has waited for it.
 */
import type { Side } from '../../shared/model/connection.ts';
import type { ConnectionId, IssueId, ProjectKey } from '../../shared/model/ids.ts';
import type { JiraSite } from '../../shared/ports.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import type { ConnectionRow, Sync, TwinPlace } from './context.ts';
import { readHalf } from './halves.ts';
import { withParts } from './twinRow.ts';

const TWIN_PAGE = 100;

/** Where something is to be written: an issue, or a project that gets a new one. */
export interface Where {
  readonly side: Side;
  readonly project: ProjectKey;
  readonly issue?: IssueId;
}

/** What sites answer about what is archived as well as about what is hidden or forbidden. */
const AMBIGUOUS: ReadonlySet<Code> = new Set<Code>(['jira-forbidden', 'jira-not-found']);

/**
 * What the site can take, by `read`, unless that cannot be told or is nothing because the issue or its project is archived. The site is
 * asked about that only then.
 * @throws Fault `project-archived`; what `read` throws
 */
export async function unlessArchived<T>(
  site: JiraSite,
  where: Where,
  read: () => Promise<T>,
  isNothing: (found: T) => boolean,
): Promise<T> {
  let found: T | undefined;
  let fault: Fault | undefined;
  try {
    found = await read();
  } catch (thrown) {
    fault = toFault(thrown);
    if (!AMBIGUOUS.has(fault.code)) throw fault;
  }
  if (found !== undefined && !isNothing(found)) return found;
  await refuseArchived(site, where);
  if (found === undefined) throw fault ?? new Fault('bug');
  return found;
}

/** @throws Fault `project-archived`, with `what` saying whether it is the project or the issue alone */
export async function refuseArchived(site: JiraSite, { side, project, issue }: Where): Promise<void> {
  const what = await site.archivedPart(project, issue);
  if (what !== undefined) throw new Fault('project-archived', { side, what });
}

/** What a refused write comes to: its own code, or `project-archived` when that is the cause. Costs a call or two. */
export async function causeOf(site: JiraSite, where: Where, code: Code): Promise<Fault> {
  if (!AMBIGUOUS.has(code)) return new Fault(code);
  try {
    await refuseArchived(site, where);
    return new Fault(code);
  } catch (thrown) {
    const fault = toFault(thrown);
    return fault.code === 'project-archived' ? fault : new Fault(code);
  }
}

/** Remembers on the connection that a side's project is archived, so that its runs ask whether it still is. */
export async function noteArchived(sync: Sync, { connection }: TwinPlace, fault: Fault): Promise<void> {
  const { side, what } = fault.facts;
  if (fault.code !== 'project-archived' || what !== 'project' || (side !== 'a' && side !== 'b')) return;
  await sync.store.transact(async (transaction) => {
    const row = (await transaction.read('connection', { connection }))?.row;
    if (row === undefined || row.archived?.[side] !== undefined) return;
    const archived = { ...row.archived, [side]: sync.clock.now() };
    transaction.put('connection', { connection }, { ...row, archived });
  });
}

/** Asks of each side that had archived its project whether it is in use again; what has waited for it goes on with the next tick. */
export async function wakeArchived(sync: Sync, connection: ConnectionId, fence: ConnectionRow): Promise<void> {
  const sides = (['a', 'b'] as const).filter((side) => fence.archived?.[side] !== undefined);
  for (const side of sides) {
    const { settings } = await readHalf(sync, { connection, side, tenant: fence[side] });
    const site = sync.jira.at(fence[side], connection, 'bulk');
    if ((await site.archivedPart(settings.projectKey)) !== undefined) continue;
    await wakeWaiting(sync, connection);
    await sync.store.transact(async (transaction) => {
      const row = (await transaction.read('connection', { connection }))?.row;
      if (row === undefined) return;
      const { archived: before, ...rest } = row;
      const { [side]: _over, ...others } = before ?? {};
      const archived = Object.keys(others).length === 0 ? {} : { archived: others };
      transaction.put('connection', { connection }, { ...rest, ...archived });
    });
  }
}

async function wakeWaiting(sync: Sync, connection: ConnectionId): Promise<void> {
  let after: string | undefined;
  do {
    const from = after === undefined ? {} : { after };
    const page = await sync.store.list('twin', { connection }, { limit: TWIN_PAGE, ...from });
    for (const { place, row, version } of page.items) {
      if (row.error?.code !== 'project-archived' || row.lease !== undefined || row.pausedAt !== undefined) continue;
      try {
        await sync.store.replace('twin', place, withParts(row, { wakeAt: sync.clock.now(), attempts: 0 }), version);
      } catch (thrown) {
        // Somebody works on it: then it goes on anyway.
        if (!(thrown instanceof Fault) || thrown.code !== 'store-changed') throw thrown;
      }
    }
    after = page.next;
  } while (after !== undefined);
}
