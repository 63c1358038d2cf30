/** A pair whose issue leaves the scope of its side: kept, or ended, as that side's rules say. */
import type { ConnectionId, IssueId, ProjectKey, TwinId } from '../../shared/model/ids.ts';
import type { JiraSite } from '../../shared/ports.ts';
import { insideJql, scopeQuestion } from '../../shared/rules/leaving.ts';
import { scopeJql } from '../../shared/rules/scope.ts';
import { Fault } from '../../shared/verdict.ts';
import { markEnding } from './apart.ts';
import type { ConnectionRow, Sync, TwinRow } from './context.ts';
import { readHalf } from './halves.ts';
import type { Look } from './look.ts';
import type { Hold } from './take.ts';
import { withParts } from './twinRow.ts';

/** True when an issue was moved out of the project that its side has agreed on, and that side's rules end the pair then. */
export function hasMoved({ input, halves }: Look): boolean {
  return (['a', 'b'] as const).some((side) => {
    const { issue } = input[side];
    const isElsewhere = typeof issue === 'object' && issue.projectKey !== halves[side].settings.projectKey;
    return isElsewhere && input.rules[side].leaving === 'end';
  });
}

/**
 * Asks the site, where it has to be asked, whether the issue from which the pair began is still inside its side's scope, and says on
 * the twin that the pair shall end when it is not: what is open is carried out first, as when people end it. Only an issue that was
 * seen inside before can leave; one that people brought in from outside stays.
 *
 * Asked before anything is settled, so a stop at any line asks again. `isWritten`: we have changed the issue ourselves, of which no
 * announcement will make us look.
 */
export async function followScope(
  sync: Sync,
  hold: Hold,
  { input, halves, sites }: Look,
  isWritten = false,
): Promise<void> {
  const { originSide: side, aUpdatedAt, bUpdatedAt, insideAt, ending } = hold.row();
  const { issue } = input[side];
  if (ending !== undefined || typeof issue !== 'object') return;
  const { settings } = halves[side];
  const stamp = isWritten ? undefined : side === 'a' ? aUpdatedAt : bUpdatedAt;
  const jql = scopeQuestion({ settings, rules: input.rules[side], issue, stamp });
  if (jql === undefined) return;
  const found = await placesOf(sync, sites[side], { jql, project: settings.projectKey, issues: [issue.id] });
  const now = sync.clock.now();
  if (found.inside.has(issue.id) && insideAt === undefined) {
    await hold.write((_, row) => withParts(row, { insideAt: now }));
  }
  if (!found.outside.has(issue.id) || insideAt === undefined) return;
  await hold.write((_, row) => withParts(row, { ending: row.ending ?? { at: now, isForced: false } }));
  sync.log.note('sync-left', { twin: hold.place.twin, side });
}

/** The same for many pairs at once, as a full run asks it: two calls for fifty of them. */
export async function followScopes(
  sync: Sync,
  connection: ConnectionId,
  fence: ConnectionRow,
  twins: readonly TwinRow[],
): Promise<void> {
  for (const side of ['a', 'b'] as const) {
    const asked = new Map<IssueId, TwinId>();
    for (const { originSide, insideAt, ending, twin, ...row } of twins) {
      const issue = row[side];
      const mayLeave = originSide === side && insideAt !== undefined && ending === undefined;
      if (mayLeave && issue !== undefined) asked.set(issue, twin);
    }
    if (asked.size === 0) continue;
    const { settings, rules } = await readHalf(sync, { connection, side, tenant: fence[side] });
    const jql = rules.leaving === 'end' ? insideJql(settings) : undefined;
    if (jql === undefined) continue;
    const site = sync.jira.at(fence[side], connection, 'bulk');
    const ask = { jql, project: settings.projectKey, issues: [...asked.keys()] };
    for (const issue of (await placesOf(sync, site, ask)).outside) {
      const twin = asked.get(issue);
      if (twin === undefined) continue;
      await markEnding(sync, { connection, twin }, false);
      sync.log.note('sync-left', { twin, side });
    }
  }
}

interface Places {
  readonly inside: ReadonlySet<IssueId>;
  readonly outside: ReadonlySet<IssueId>;
}

const NOWHERE: Places = { inside: new Set(), outside: new Set() };

/**
 * Which of these issues are inside, and which are outside for certain: seen in the project, and not matching. An issue that the app
 * may not see any more matches nothing, and that is no evidence. Neither is JQL that the site has ceased to take: a field in it was
 * removed, and pairs must not end for that.
 */
async function placesOf(
  sync: Sync,
  site: JiraSite,
  { jql, project, issues }: { readonly jql: string; readonly project: ProjectKey; readonly issues: readonly IssueId[] },
): Promise<Places> {
  try {
    const inside = new Set(await site.match(jql, issues));
    const missing = issues.filter((issue) => !inside.has(issue));
    const outside = missing.length === 0 ? [] : await site.match(scopeJql(project, ''), missing);
    return { inside, outside: new Set(outside) };
  } catch (thrown) {
    if (!(thrown instanceof Fault) || thrown.code !== 'jira-refused') throw thrown;
    sync.log.note('sync-scope-odd', { code: thrown.code });
    return NOWHERE;
  }
}
