import { JiraProblem } from '../../model/problem.ts';
import { isRecord } from '../../model/richText.ts';
import type { World } from '../../model/types.ts';
import { bodyOf, type Handlers, NOTHING } from '../call.ts';

const DAY_MS = 86_400_000;
/** Reports may come an hour early: the other end counts in ticks. */
const EARLY_MS = 3_600_000;
/** A report that was made and whose answer was lost is made again; more of the same account within its cycle is polling. */
const REPEATS = 2;
/** Published for tests: of these everybody may ask as often as it likes. @see ATLASSIAN.md §8 */
const TEST_CLOSED = '5be24ba3f91c106033269289';
const TEST_ACTIVE = '5be24ad8b1653240376955d2';

/** The personal data report of Connect apps. @see ATLASSIAN.md §8 */
export const reportHandlers: Handlers = {
  reportAccounts: (call) => {
    const { world, now } = call.act;
    const { accounts } = bodyOf(call);
    const told = (Array.isArray(accounts) ? accounts : []).flatMap((one: unknown) => {
      const [account, updatedAt] = isRecord(one)
        ? [String(one['accountId']), Date.parse(String(one['updatedAt']))]
        : ['', 0];
      if (account === 'unknown') throw violation('reports an account that is unknown');
      if (updatedAt > now) throw violation('reports data from the future');
      demandCycle(world, account, now);
      const status = statusOf(world, account, updatedAt);
      return status === undefined ? [] : [{ accountId: account, status }];
    });
    const headers = { 'cycle-period': `P${world.cycleDays}D` };
    return told.length === 0 ? { ...NOTHING, headers } : { status: 200, body: { accounts: told }, headers };
  },
};

function statusOf(world: World, account: string, updatedAt: number): 'closed' | 'updated' | undefined {
  if (account === TEST_CLOSED) return 'closed';
  const change = world.accountChanges.get(account);
  if (change?.status === 'closed') return 'closed';
  return change !== undefined && change.at > updatedAt ? 'updated' : undefined;
}

function demandCycle(world: World, account: string, now: number): void {
  if (account === TEST_CLOSED || account === TEST_ACTIVE) return;
  const since = now - world.cycleDays * DAY_MS + EARLY_MS;
  const lately = (world.reports.get(account) ?? []).filter((at) => at > since);
  if (lately.length >= REPEATS) throw violation('reports an account more often than its cycle asks for');
  world.reports.set(account, [...lately, now]);
}

/** What no correct app sends. */
function violation(problem: string): JiraProblem {
  return new JiraProblem(400, { errorMessages: [problem], errors: {} }, {}, problem);
}
