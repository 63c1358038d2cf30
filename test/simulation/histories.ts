/**
 * Families of histories by number: what one await decides is met by a crash at each await, and not by chance. Most
 * leave the policy to the first side, so that only what is known of the past can save what the other side's people made.
 */
import type { Policy } from '../../shared/model/rules.ts';
import type { Decision, Script, Setting } from './script.ts';

/** Awaits of one sync of a pair, with room. */
const AWAITS = 90;
/** When an issue and its copy are there. */
const QUIET = 120;
const BORN: Decision = { at: 0, do: 'create', side: 'a', seed: 13 };
/** Seeds of edits: what an issue that is born with this priority and label becomes. */
const PRIORITY = { born: 1, other: 4 } as const;
const RED = 2;

function about(field: string, decisions: readonly Decision[], policy: Policy = 'a'): Script {
  const setting: Setting = {
    ...{ seed: 3, policies: { [field]: policy }, kept: { a: [], b: [] }, workflows: { a: 'simple', b: 'simple' } },
    ...{ indexLagMs: 1_000, botAnswers: 0, processes: 1, fields: [field] },
  };
  return { setting, decisions: [BORN, ...decisions] };
}

const awaitOf = (number: number): number => QUIET + (number % AWAITS);
/** An odd seed ends a process after the effect of its call, an even one before it. */
const DONE = 1;
const UNDONE = 2;

/** The families. */
export const histories = {
  /** A worker ends in the sync of A's edit, and B's people go on from what they see. */
  'crash-after-edit': (number: number) =>
    about('summary', [
      { at: QUIET, do: 'edit', side: 'a', seed: 5 },
      { at: awaitOf(number), fault: 'crash', seed: DONE },
      { at: awaitOf(number) + 1, do: 'edit', side: 'b', seed: 6 },
    ]),
  /** A worker ends in the sync of B's edit, and B's people edit once more. */
  'crash-then-again': (number: number) =>
    about('summary', [
      { at: QUIET, do: 'edit', side: 'b', seed: 5 },
      { at: awaitOf(number), fault: 'crash', seed: DONE },
      { at: awaitOf(number) + 1, do: 'edit', side: 'b', seed: 6 },
    ]),
  /** A worker ends before it writes A's edit; A's people take it back, and B's people want the very same. */
  'intended-and-wanted': (number: number) =>
    about(
      'priority',
      [
        { at: QUIET, do: 'edit', side: 'a', seed: PRIORITY.other },
        { at: awaitOf(number), fault: 'crash', seed: UNDONE },
        { at: awaitOf(number) + 1, do: 'edit', side: 'a', seed: PRIORITY.born },
        { at: awaitOf(number) + 8, do: 'edit', side: 'b', seed: PRIORITY.other },
      ],
      'newest',
    ),
  /** B's people take our label away and put it back while A's people take theirs away, a little later with each number. */
  'put-back': (number: number) =>
    about('labels', [
      { at: QUIET, do: 'edit', side: 'b', seed: RED },
      { at: QUIET, do: 'edit', side: 'a', seed: RED },
      { at: QUIET + (number % AWAITS), do: 'edit', side: 'b', seed: RED },
    ]),
} as const satisfies Readonly<Record<string, (number: number) => Script>>;

export type Family = keyof typeof histories;
