import type { Side } from '../model/connection.ts';
import type { SyncInput } from '../model/plan.ts';
import type { FileTrace, NoteTrace, Restored, TwinMemory } from '../model/twin.ts';
import { bothSides } from './view.ts';

/** What was known of a pair when it was last settled: the sites' own stamps, and when they were read. */
export interface Stamps {
  readonly aUpdatedAt?: number;
  readonly bUpdatedAt?: number;
  readonly readAt?: number;
}

/** A site may answer from a copy that lags behind; none lags as long as this. */
const STALE_MS = 600_000;

/**
 * The side whose site was restored from a backup: it shows an issue with an older last change than it showed long ago. An issue's
 * `updated` never goes back by itself, and a restored issue raises no event.
 */
export function restoredSide(stamps: Stamps, input: SyncInput, now: number): Side | undefined {
  const { readAt } = stamps;
  if (readAt === undefined || now - readAt <= STALE_MS) return undefined;
  return bothSides.find((side) => {
    const stamp = side === 'a' ? stamps.aUpdatedAt : stamps.bUpdatedAt;
    const { issue } = input[side];
    return stamp !== undefined && typeof issue === 'object' && issue.updatedAt < stamp;
  });
}

/**
 * What stays known of comments, worklogs and files after a restore: which matches which. Texts meet anew, and the later edit counts.
 * What a restored side has lost is no deletion there, so the other side's stays. What never had a copy, or not any more, stays as
 * it is. When our own store was restored, the sites are as people left them: of files, which never change, nothing has to be forgotten.
 */
export function afterRestore(
  { comments, worklogs, files }: Pick<TwinMemory, 'comments' | 'worklogs' | 'files'>,
  restored: Restored,
): Pick<TwinMemory, 'comments' | 'worklogs' | 'files'> {
  return {
    comments: comments.map((trace) => metAnew(trace, restored)),
    ...(worklogs === undefined ? {} : { worklogs: worklogs.map((trace) => metAnew(trace, restored)) }),
    ...(files === undefined
      ? {}
      : { files: restored === 'store' ? files : files.map((one) => fileAnew(one, restored)) }),
  };
}

function metAnew<Id extends string>(trace: NoteTrace<Id>, anew: Restored): NoteTrace<Id> {
  const { origin, a, b } = trace;
  return a === undefined || b === undefined ? trace : { origin, a, b, anew };
}

function fileAnew(trace: FileTrace, anew: Restored): FileTrace {
  return trace.a === undefined || trace.b === undefined ? trace : { ...trace, anew };
}
