import type { FieldName } from '../model/field.ts';
import type { Abilities, Way } from '../model/plan.ts';

/** Moves on one way through a workflow; real workflows need two or three. (Ours: a bound on the search.) */
const MAX_MOVES = 20;

/** The next move on the shortest way to a status, and whether it ends there. */
export interface Move {
  readonly way: Way;
  readonly isLast: boolean;
}

/**
 * The next move towards a status: a transition that is offered now and leads there, else the offered one from which the known
 * workflow gets there in the fewest moves. `undefined`: no way is known.
 */
export function pathTo(
  abilities: Pick<Abilities, 'transitions' | 'workflow'>,
  from: string | undefined,
  to: string,
): Move | undefined {
  const direct = abilities.transitions.find((way) => way.to === to);
  if (direct !== undefined) return { way: direct, isLast: true };
  const distances = distancesTo(abilities.workflow ?? [], to);
  const open = abilities.transitions.filter((way) => way.to !== from && distances.has(way.to));
  const nearest = Math.min(...open.map((way) => distances.get(way.to) ?? MAX_MOVES));
  const way = open.find((one) => distances.get(one.to) === nearest);
  return way === undefined ? undefined : { way, isLast: false };
}

/** How many moves each status is away from one, by the known workflow. */
function distancesTo(workflow: NonNullable<Abilities['workflow']>, to: string): ReadonlyMap<string, number> {
  const distances = new Map([[to, 0]]);
  let edge: readonly string[] = [to];
  for (let moves = 1; moves < MAX_MOVES && edge.length > 0; moves += 1) {
    const before = workflow
      .filter((move) => edge.includes(move.to) && !distances.has(move.from))
      .map((move) => move.from);
    edge = [...new Set(before)];
    for (const status of edge) distances.set(status, moves);
  }
  return distances;
}

/** The fields that a transition asks for and that nothing gives. */
export function missingFields(way: Way, given: ReadonlySet<FieldName>): readonly FieldName[] {
  return (way.required ?? []).filter((field) => !given.has(field));
}
