import type { ProjectKey } from '../model/ids.ts';
import type { Abilities } from '../model/plan.ts';
import type { Site } from './call.ts';

/** Workflows remembered at once, of all tenants together; each has a few dozen moves. */
const MAX_WORKFLOWS = 500;
/** Moves of one workflow; more than any that people can survey. */
const MAX_MOVES = 500;

type Workflow = NonNullable<Abilities['workflow']>;

/** Where an issue stands: its workflow belongs to its project and type. */
export interface Standing {
  readonly project: ProjectKey;
  readonly issueType: string;
  readonly status: string;
}

/**
 * What issues have offered so far: the moves of each workflow that this process has met. An admin who takes a move out of a workflow
 * is found out when an issue stands before it: what a status offers now replaces what it offered before.
 */
export interface Moves {
  /** Notes what an issue offers now; gives all that is known of its workflow. */
  learn(site: Site, standing: Standing, offered: readonly string[]): Workflow;
  /** True when an issue has stood there before and has shown what is offered. */
  isKnown(site: Site, standing: Standing): boolean;
}

/** Makes the memory of one process. */
export function createMoves(): Moves {
  const known = new Map<string, Workflow>();
  return {
    isKnown: (site, standing) =>
      known.get(nameOf(site, standing))?.some(({ from }) => from === standing.status) ?? false,
    learn: (site, standing, offered) => {
      const { status } = standing;
      const name = nameOf(site, standing);
      const others = (known.get(name) ?? []).filter((move) => move.from !== status);
      const moves = [...others, ...offered.map((to) => ({ from: status, to }))].slice(-MAX_MOVES);
      known.delete(name);
      known.set(name, moves);
      const eldest = known.keys().next().value;
      if (known.size > MAX_WORKFLOWS && eldest !== undefined) known.delete(eldest);
      return moves;
    },
  };
}

function nameOf({ tenant }: Site, { project, issueType }: Standing): string {
  return JSON.stringify([tenant.tenant, tenant.generation, project, issueType]);
}
