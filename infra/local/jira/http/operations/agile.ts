import { refuse } from '../../model/problem.ts';
import { may } from '../../model/permissions.ts';
import { projectById } from '../../model/records.ts';
import { sprintsOf } from '../../model/sprints.ts';
import type { Act, Board, Site, Sprint } from '../../model/types.ts';
import { type Call, type Handlers, ok, pageOf, param, wordsOf } from '../call.ts';
import { sprintDates } from '../showValue.ts';

/** Most entries of one page. */
const AGILE_PAGE = 50;
const STATES: ReadonlySet<string> = new Set(['future', 'active', 'closed']);

/** Boards and sprints. */
export const agileHandlers: Handlers = {
  getAllBoards: (call) => {
    const page = pageOf(call, boards(call), AGILE_PAGE, (board) => showBoard(call.act.site, board));
    return ok(page, page.values.length);
  },
  getAllSprints: (call) => {
    const board = call.act.site.boards.get(param(call, 'boardId'));
    if (board === undefined || !isVisible(call.act, board))
      throw refuse(
        404,
        'The requested board cannot be viewed because it either does not exist or you do not have permission to view it.',
      );
    if (board.type !== 'scrum') throw refuse(400, 'The board does not support sprints');
    const states = wordsOf(call, 'state') ?? [...STATES];
    const odd = states.find((state) => !STATES.has(state));
    if (odd !== undefined)
      throw refuse(400, `${odd} is not a valid sprint state. Valid values: future, active, closed.`);
    const sprints = sprintsOf(call.act.site, board).filter((sprint) => states.includes(sprint.state));
    const page = pageOf(call, sprints, AGILE_PAGE, (sprint) => showSprint(call.act.site, sprint));
    return ok(page, page.values.length);
  },
  getSprint: (call) => {
    const { site } = call.act;
    const sprint = site.sprints.get(param(call, 'sprintId'));
    const board = site.boards.get(sprint?.boardId ?? '');
    if (sprint === undefined || board === undefined || !isVisible(call.act, board))
      throw refuse(404, 'Sprint does not exist or you do not have permission to view it.');
    return ok(showSprint(site, sprint));
  },
};

function isVisible(act: Act, board: Board): boolean {
  const project = projectById(act.site, board.projectId);
  return project !== undefined && may(act.world, act.site, project, act.actor, 'BROWSE_PROJECTS');
}

function boards(call: Call): readonly Board[] {
  const { site } = call.act;
  const asked = call.query.get('projectKeyOrId');
  const project = asked === null ? undefined : (site.projects.get(asked.toUpperCase()) ?? projectById(site, asked));
  if (asked !== null && project === undefined)
    throw refuse(400, `No project could be found with key or id '${asked}'.`);
  const types = wordsOf(call, 'type');
  const name = call.query.get('name')?.toLowerCase() ?? '';
  return [...site.boards.values()].filter(
    (board) =>
      isVisible(call.act, board) &&
      (project === undefined || board.projectId === project.id) &&
      (types?.includes(board.type) ?? true) &&
      board.name.toLowerCase().includes(name),
  );
}

function showBoard(site: Site, board: Board): unknown {
  const project = projectById(site, board.projectId);
  return {
    id: Number(board.id),
    self: agileSelf(site, `board/${board.id}`),
    name: board.name,
    type: board.type,
    ...(project === undefined
      ? {}
      : {
          location: {
            projectId: Number(project.id),
            displayName: `${project.name} (${project.key})`,
            projectName: project.name,
            projectKey: project.key,
            projectTypeKey: 'software',
            name: `${project.name} (${project.key})`,
          },
        }),
  };
}

function showSprint(site: Site, sprint: Sprint): unknown {
  return {
    id: Number(sprint.id),
    self: agileSelf(site, `sprint/${sprint.id}`),
    state: sprint.state,
    name: sprint.name,
    ...sprintDates(sprint),
    originBoardId: Number(sprint.boardId),
    goal: sprint.goal,
  };
}

function agileSelf(site: Site, path: string): string {
  return `${site.baseUrl}/rest/agile/1.0/${path}`;
}
