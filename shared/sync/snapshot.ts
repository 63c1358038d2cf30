import type { AccountId, IssueId } from '../model/ids.ts';
import type { Abilities, SideView, SyncInput } from '../model/plan.ts';
import type { FieldValue } from '../model/replica.ts';
import { acrossFor } from './mediaAcross.ts';
import { namesIn } from './outgoing.ts';

/** An input without its comments and other things of their own, in values that JSON can hold. */
export type Snapshot = Omit<SyncInput, 'a' | 'b' | 'counterparts' | 'offered'> & {
  readonly a: SideSnapshot;
  readonly b: SideSnapshot;
  readonly counterparts?: { readonly a: readonly Pair[]; readonly b: readonly Pair[] };
};

type Pair = readonly [IssueId, IssueId];

interface SideSnapshot {
  readonly issue: SideView['issue'];
  readonly abilities: Omit<Abilities, 'usable'> & { readonly usable: readonly AccountId[] };
}

/** What an input says of fields, to be decided again later. */
export function snapshotOf(input: SyncInput): Snapshot {
  // What is refused changes no step of a field.
  const { a, b, counterparts, memory, offered: _, ...rest } = input;
  return {
    ...rest,
    across: { a: acrossFor(input, 'a', textsOf(a)), b: acrossFor(input, 'b', textsOf(b)) },
    memory: { ...memory, comments: [] },
    a: sideOf(a),
    b: sideOf(b),
    ...(counterparts === undefined ? {} : { counterparts: { a: [...counterparts.a], b: [...counterparts.b] } }),
  };
}

function textsOf({ issue }: SideView): readonly (FieldValue | undefined)[] {
  return typeof issue === 'string' ? [] : namesIn(issue.fields).map((field) => issue.fields[field]);
}

/** The input that a snapshot was made of, without comments. */
export function inputOf({ a, b, counterparts, ...rest }: Snapshot): SyncInput {
  return {
    ...rest,
    a: viewOf(a),
    b: viewOf(b),
    ...(counterparts === undefined ? {} : { counterparts: { a: new Map(counterparts.a), b: new Map(counterparts.b) } }),
  };
}

function sideOf({ issue, abilities }: SideView): SideSnapshot {
  return { issue, abilities: { ...abilities, usable: [...abilities.usable].sort() } };
}

function viewOf({ issue, abilities }: SideSnapshot): SideView {
  return { issue, comments: [], markers: new Map(), abilities: { ...abilities, usable: new Set(abilities.usable) } };
}
