/**
 * What a synced change may cost at most here, with the reason, and what shared/reference/PERFORMANCE.md wants or calls the floor. A
 * bound is the exact count of today: who makes a change dearer has to say why in this table, and who makes it cheaper lowers it.
 */
import { COUNTS } from './changes.ts';
import type { ChangeCost, ChangeName, CountName, Counts } from './changes.ts';

type Part = 'way' | 'echo';

/** One bound. */
interface Bound {
  readonly name: string;
  readonly most: Counts;
  readonly why: string;
}

/** What is wanted, and by whom. Absent: nobody has named a number. */
type Target = Partial<Record<CountName, { readonly is: number; readonly from: string }>>;

export const BOUNDS: Readonly<Record<ChangeName, Readonly<Record<Part, Bound>>>> = {
  'one-field update': {
    way: {
      name: 'FIELD_UPDATE',
      most: { reads: 11, writes: 7, deletes: 0, messages: 1, calls: 5, points: 9 },
      why: 'both issues are read afresh with their comments along, the screen of the target asked for, what was written read back; intent, two copies, the decision, the lag',
    },
    echo: {
      name: 'FIELD_ECHO',
      most: { reads: 3, writes: 0, deletes: 0, messages: 1, calls: 0, points: 0 },
      why: 'the tenant, the link and the twin, which says that this write was read back',
    },
  },
  'comment added': {
    way: {
      name: 'COMMENT_ADDED',
      most: { reads: 11, writes: 6, deletes: 0, messages: 1, calls: 4, points: 7 },
      why: 'as a field, without a screen',
    },
    echo: {
      name: 'COMMENT_ECHO',
      most: { reads: 3, writes: 0, deletes: 0, messages: 1, calls: 0, points: 0 },
      why: 'as the echo of a field',
    },
  },
  'new issue with 3 comments': {
    way: {
      name: 'ISSUE_MADE',
      most: { reads: 57, writes: 22, deletes: 1, messages: 4, calls: 14, points: 24 },
      why: 'four events that come together, each of which is looked at; a create has an intent, an id and a second round',
    },
    echo: {
      name: 'ISSUE_ECHO',
      most: { reads: 13, writes: 0, deletes: 0, messages: 4, calls: 0, points: 0 },
      why: 'four events of our own writes',
    },
  },
};

/** Targets, and the floors that A7 derives where nobody has set a target. */
export const TARGETS: Readonly<Record<ChangeName, Readonly<Record<Part, Target>>>> = {
  'one-field update': {
    way: {
      ...{ reads: { is: 2, from: 'P11' }, writes: { is: 3, from: 'P11' }, messages: { is: 1, from: 'A7' } },
      ...{ calls: { is: 1, from: 'A7' }, points: { is: 1.3, from: 'P8' } },
    },
    echo: { reads: { is: 1, from: 'A7' }, writes: { is: 0, from: 'A7' }, calls: { is: 0, from: 'P9' } },
  },
  'comment added': {
    way: {
      ...{ reads: { is: 1, from: 'A7' }, writes: { is: 2, from: 'A7' }, messages: { is: 1, from: 'A7' } },
      ...{ calls: { is: 1, from: 'A7' }, points: { is: 1.3, from: 'P8' } },
    },
    echo: { reads: { is: 1, from: 'A7' }, writes: { is: 0, from: 'A7' }, calls: { is: 0, from: 'P9' } },
  },
  'new issue with 3 comments': {
    // Four things are made: each has the floor of a create.
    way: {
      ...{ reads: { is: 4, from: 'A7' }, writes: { is: 8, from: 'A7' }, messages: { is: 4, from: 'A7' } },
      ...{ calls: { is: 4, from: 'A7' }, points: { is: 5.2, from: 'P8' } },
    },
    echo: { reads: { is: 4, from: 'A7' }, writes: { is: 0, from: 'A7' }, calls: { is: 0, from: 'P9' } },
  },
};

/**
 * Points of a full run over 200 pairs in step, to the least of reading both issues of each in hundreds. What is over 1 is the search for
 * issues by their last change, a point for each found, and the list of each site's fields.
 */
export const RECONCILE_RATIO = 2.02;

/** Each count that is over its bound, as a sentence. */
export function overBounds(costs: readonly ChangeCost[]): readonly string[] {
  return costs.flatMap((cost) =>
    (['way', 'echo'] as const).flatMap((part) => {
      const { name, most } = BOUNDS[cost.change][part];
      return COUNTS.filter((count) => cost[part][count] > most[count]).map(
        (count) => `${name}: ${cost[part][count]} ${count}, at most ${most[count]} (${cost.change})`,
      );
    }),
  );
}

/** The table as lines: what was counted, and behind a stroke what is wanted. */
export function tableOf(costs: readonly ChangeCost[]): readonly string[] {
  const head = ['', ...COUNTS].map((text, at) => (at === 0 ? text.padEnd(LEFT) : text.padStart(WIDTH))).join('');
  const rows = costs.flatMap(({ change, way, echo }) => [
    lineOf(change, way, TARGETS[change].way),
    lineOf(`  its echo`, echo, TARGETS[change].echo),
  ]);
  return [head, ...rows, 'behind the stroke: the target or the floor of PERFORMANCE.md (P8, P9, P11, A7)'];
}

const LEFT = 28;
const WIDTH = 12;

function lineOf(name: string, counts: Counts, target: Target): string {
  const cells = COUNTS.map((count) => {
    const wanted = target[count];
    return (wanted === undefined ? String(counts[count]) : `${counts[count]} / ${wanted.is}`).padStart(WIDTH);
  });
  return name.padEnd(LEFT) + cells.join('');
}
