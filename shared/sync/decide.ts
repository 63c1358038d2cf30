import { otherSide } from '../model/connection.ts';
import type { Blocked, SyncInput } from '../model/plan.ts';
import { decideAttachments, type FileDecision } from './attachments.ts';
import { decideComments, type CommentDecision } from './comments.ts';
import { decideCreation, type Creation } from './create.ts';
import { decideDeletion, type Deletion } from './deletion.ts';
import { decideFields, type FieldDecision } from './fields.ts';
import { decideSets, type SetFlow } from './sets.ts';
import { bothSides, issuesOf } from './view.ts';
import { decideWorklogs, type WorklogDecision } from './worklogs.ts';

/** Everything decided about one twin. Planning reads steps from it, settling reads the next memory from it. */
export interface Decisions {
  readonly gone: readonly Blocked[];
  /** Beside `gone`. */
  readonly deletion?: Deletion;
  readonly creation?: Creation;
  readonly fields: readonly FieldDecision[];
  readonly sets: readonly SetFlow[];
  readonly comments: readonly CommentDecision[];
  readonly worklogs: readonly WorklogDecision[];
  readonly files: readonly FileDecision[];
}

/** Decides a twin. Pure: planning and settling call it with the same input and get the same answer. */
export function decide(input: SyncInput): Decisions {
  const nothing: Decisions = { gone: goneOf(input), fields: [], sets: [], ...noParts };
  if (nothing.gone.length > 0) {
    const deletion = decideDeletion(input);
    return deletion === undefined ? nothing : { ...nothing, deletion };
  }
  const creation = decideCreation(input);
  if (creation !== undefined) {
    return { ...nothing, creation, ...(creation.fields === undefined ? noParts : decideParts(input)) };
  }
  const issues = issuesOf(input);
  if (issues === undefined) return nothing;
  return {
    gone: [],
    fields: decideFields(input, issues),
    sets: decideSets(input, issues),
    ...decideParts(input),
  };
}

type Parts = Pick<Decisions, 'comments' | 'worklogs' | 'files'>;

const noParts: Parts = { comments: [], worklogs: [], files: [] };

function decideParts(input: SyncInput): Parts {
  return { comments: decideComments(input), worklogs: decideWorklogs(input), files: decideAttachments(input) };
}

/** An issue that was there is gone, or the copy is there without its origin: nothing is done on either side. */
function goneOf(input: SyncInput): readonly Blocked[] {
  const { memory } = input;
  return bothSides
    .filter((side) => {
      const { issue } = input[side];
      if (issue !== 'absent') return issue === 'gone';
      const isOrphan = side === memory.originSide && input[otherSide(side)].issue !== 'absent';
      return memory[side] !== undefined || isOrphan;
    })
    .map((side) => ({ side, code: 'issue-gone' }));
}
