/** The last thing before a twin rests: what was written is read back, so that its announcements need no look. */
import type { Side } from '../../shared/model/connection.ts';
import type { StepResult } from '../../shared/model/plan.ts';
import type { TwinMemory } from '../../shared/model/twin.ts';
import { canReadBack, isAsWritten, isReadBack, writtenSides } from '../../shared/sync/readBack.ts';
import { Fault } from '../../shared/verdict.ts';
import type { Sync } from './context.ts';
import { wantedOf, wantsComments } from './look.ts';
import type { Look } from './look.ts';

/** When the sides that were written showed what had been written, and the stamps that the sites then gave their issues. */
export interface ReadBack {
  readonly at: number;
  readonly updatedAt: Readonly<Partial<Record<Side, number>>>;
}

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
  const updatedAt: Partial<Record<Side, number>> = {};
  for (const side of writtenSides(plan, results)) {
    const issue = memory[side];
    const parts = { comments: wantsComments(input), worklogs: false, attachments: false };
    const fields = wantedOf(input.rules, side).filter(isReadBack);
    const seen = issue === undefined ? 'gone' : await unlessTrouble(() => sites[side].readWhole(issue, fields, parts));
    if (seen === 'gone' || !isAsWritten(input, plan, results, side, seen)) return undefined;
    updatedAt[side] = seen.issue.updatedAt;
  }
  return { at, updatedAt };
}

/** A site that cannot be read now is as good as one that shows something else. */
async function unlessTrouble<T>(read: () => Promise<T>): Promise<T | 'gone'> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code.startsWith('jira-')) return 'gone';
    throw thrown;
  }
}
