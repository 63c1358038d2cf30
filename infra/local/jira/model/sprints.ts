import { badField } from './problem.ts';
import type { Board, Field, Project, Site, Sprint, Value } from './types.ts';

/** A sprint of a site's specification. Instants are epoch ms. */
export interface SprintSpec {
  readonly name: string;
  readonly state: Sprint['state'];
  readonly goal?: string;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly completedAt?: number;
}

/** A board of a site's specification; only scrum boards have sprints. */
export interface BoardSpec {
  readonly name: string;
  readonly type?: Board['type'];
  readonly sprints?: readonly SprintSpec[];
}

/** Adds a board with its sprints; `next` counts boards and sprints. */
export function addBoard(site: Site, project: Project, spec: BoardSpec, next: (counter: string) => number): Board {
  const board: Board = {
    id: String(next('board')),
    name: spec.name,
    type: spec.type ?? 'scrum',
    projectId: project.id,
  };
  site.boards.set(board.id, board);
  for (const sprint of spec.sprints ?? []) {
    const { name, state, goal = '', startAt = null, endAt = null, completedAt = null } = sprint;
    const id = String(next('sprint'));
    site.sprints.set(id, { id, boardId: board.id, name, state, goal, startAt, endAt, completedAt });
  }
  return board;
}

const STATE_ORDER: readonly Sprint['state'][] = ['closed', 'active', 'future'];

/** A board's sprints: closed, active, future, each in the order they were made. */
export function sprintsOf(site: Site, board: Board): readonly Sprint[] {
  const own = [...site.sprints.values()].filter((sprint) => sprint.boardId === board.id);
  return STATE_ORDER.flatMap((state) => own.filter((sprint) => sprint.state === state));
}

/**
 * What the sprint field holds after a sprint was set: the closed sprints an issue went through stay, the one it is in
 * now is replaced.
 * @throws JiraProblem 400 for what is no number, no sprint, or closed
 */
export function sprintsAfter(site: Site, field: Field, before: Value, raw: unknown): readonly string[] {
  const held = Array.isArray(before) ? (before as readonly string[]) : [];
  const closed = held.filter((id) => site.sprints.get(id)?.state === 'closed');
  if (raw === null) return closed;
  if (typeof raw !== 'number') throw badField(field.id, 'Number value expected as the Sprint id.');
  const sprint = site.sprints.get(String(raw));
  if (sprint === undefined) throw badField(field.id, `Sprint with id '${raw}' does not exist.`);
  if (sprint.state === 'closed') throw badField(field.id, 'Issue can be assigned only active or future sprints.');
  return [...closed, sprint.id];
}

/** Starts or completes a sprint. */
export function setSprintState(site: Site, id: string, state: Sprint['state'], now: number): void {
  const sprint = site.sprints.get(id);
  if (sprint === undefined) throw new Error(`${site.name} has no sprint ${id}`);
  site.sprints.set(id, {
    ...sprint,
    state,
    startAt: state === 'active' ? now : sprint.startAt,
    completedAt: state === 'closed' ? now : null,
  });
}
