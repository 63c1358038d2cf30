/** The last thing before a twin rests: what was written is read back, so that its announcements need no look. */
import type { Side } from '../../shared/model/connection.ts';
import type { StepResult } from '../../shared/model/plan.ts';
import type { Floor, TwinMemory } from '../../shared/model/twin.ts';
import type { WholeIssue } from '../../shared/ports.ts';
import { laggingSide, leftBy, shownBy } from '../../shared/sync/lagging.ts';
import { canReadBack, isAsWritten, writtenSides } from '../../shared/sync/readBack.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import { wantedOf, wantsComments } from './look.ts';
import type { Look } from './look.ts';

/** When the sides that were written showed what had been written, and how young their issues and comments were then. */
export interface ReadBack {
  readonly at: number;
  readonly shown: Readonly<Partial<Record<Side, Floor>>>;
}

/** Waits before a side that does not show a write yet is read back once more. */
const AGAIN_MS = [1_000, 2_000] as const;

/**
 * Reads the written sides once more. `undefined` when one shows something else, cannot be read now, or holds what does not show in an
 * issue: then the announcement leads to a look, as that of anybody's change.
 */
export async function readBack(
  sync: Sync,
  look: Look,
  results: readonly StepResult[],
  memory: TwinMemory,
): Promise<ReadBack | undefined> {
  const { input, plan, sites } = look;
  if (!canReadBack(plan, results)) return undefined;
  const at = sync.clock.now();
  const shown: Partial<Record<Side, Floor>> = {};
  const awaits = leftBy(input, plan, at, results);
  for (const side of writtenSides(plan, results)) {
    const issue = memory[side];
    const parts = { comments: wantsComments(input), worklogs: false, attachments: false };
    const fields = wantedOf(input.rules, side);
    if (issue === undefined) return undefined;
    const read = (): Promise<WholeIssue | 'gone' | 'trouble'> =>
      unlessTrouble(() => sites[side].readWhole(issue, fields, parts));
    let seen = await read();
    for (const waitMs of AGAIN_MS) {
      if (seen === 'trouble' || (seen !== 'gone' && isAsWritten(input, plan, results, side, seen))) break;
      const views = { a: ABSENT, b: ABSENT, [side]: seen === 'gone' ? { ...ABSENT, issue: seen } : seen };
      if (laggingSide(awaits === undefined ? {} : { awaits }, views, undefined, at) === undefined) break;
      await sync.clock.sleep(waitMs);
      seen = await read();
    }
    if (typeof seen === 'string' || !isAsWritten(input, plan, results, side, seen)) return undefined;
    shown[side] = shownBy(seen) ?? {};
  }
  return { at, shown };
}

const ABSENT = { issue: 'absent', comments: [] } as const;

/** A site that cannot be read now is as good as one that shows something else. */
async function unlessTrouble<T>(read: () => Promise<T>): Promise<T | 'trouble'> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code.startsWith('jira-')) return 'trouble';
    throw thrown;
  }
}
