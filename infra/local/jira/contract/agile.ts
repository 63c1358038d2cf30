import { z } from 'zod';
import type { Operation } from './operation.ts';
import { flag, needed, oneOf, text, texts, whole } from './operation.ts';
import { address, refusals } from './shapes.ts';

/** An instant as the agile interface writes it: `2026-06-26T00:38:00.000Z`. */
const instant = z.iso.datetime({ offset: true });

const location = z.strictObject({
  projectId: z.int().optional(),
  displayName: z.string().optional(),
  projectName: z.string().optional(),
  projectKey: z.string().optional(),
  projectTypeKey: z.string().optional(),
  avatarURI: z.string().optional(),
  name: z.string().optional(),
});

const board = z.strictObject({
  id: z.int(),
  self: address,
  name: z.string(),
  type: z.string(),
  location: location.optional(),
  isPrivate: z.boolean().optional(),
});

const sprint = z.strictObject({
  id: z.int(),
  self: address,
  state: z.enum(['future', 'active', 'closed']),
  name: z.string(),
  startDate: instant.optional(),
  endDate: instant.optional(),
  completeDate: instant.optional(),
  originBoardId: z.int().optional(),
  goal: z.string().optional(),
});

function agilePage<T extends z.ZodType>(item: T) {
  return z.strictObject({
    maxResults: z.int(),
    startAt: z.int(),
    total: z.int().optional(),
    isLast: z.boolean(),
    values: z.array(item),
  });
}

const page = { startAt: whole(), maxResults: whole() };
const boardId = { boardId: needed(whole()) };

/** Boards and their sprints, as far as sprints have to be found by name. */
export const agileOperations: readonly Operation[] = [
  {
    operationId: 'getAllBoards',
    method: 'GET',
    path: '/rest/agile/1.0/board',
    pathParameters: {},
    query: {
      ...page,
      type: text(),
      name: text(),
      projectKeyOrId: text(),
      accountIdLocation: text(),
      projectLocation: text(),
      includePrivate: flag(),
      negateLocationFiltering: flag(),
      orderBy: oneOf(['name', '-name', '+name']),
      expand: text(),
      projectTypeLocation: texts(),
      filterId: whole(),
    },
    responses: { 200: agilePage(board), ...refusals(400) },
  },
  {
    operationId: 'getAllSprints',
    method: 'GET',
    path: '/rest/agile/1.0/board/{boardId}/sprint',
    pathParameters: boardId,
    query: { ...page, state: text() },
    responses: { 200: agilePage(sprint), ...refusals(400, 404) },
  },
  {
    operationId: 'getSprint',
    method: 'GET',
    path: '/rest/agile/1.0/sprint/{sprintId}',
    pathParameters: { sprintId: needed(whole()) },
    query: {},
    responses: { 200: sprint, ...refusals(404) },
  },
];
