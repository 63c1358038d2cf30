import { z } from 'zod';
import { votes, watches } from './issueShapes.ts';
import type { Operation } from './operation.ts';
import { filled, issueIdOrKey } from './operation.ts';
import { refusals, user, userDetails } from './shapes.ts';

const watchersPath = '/rest/api/3/issue/{issueIdOrKey}/watchers';
const votesPath = '/rest/api/3/issue/{issueIdOrKey}/votes';

/** Who watches an issue, and who voted for it. */
export const audienceOperations: readonly Operation[] = [
  {
    operationId: 'getIssueWatchers',
    method: 'GET',
    path: watchersPath,
    pathParameters: issueIdOrKey,
    query: {},
    responses: { 200: watches.extend({ watchers: z.array(userDetails) }), ...refusals(404) },
  },
  {
    operationId: 'addWatcher',
    method: 'POST',
    path: watchersPath,
    pathParameters: issueIdOrKey,
    query: {},
    // An account id as a JSON text; without it the caller.
    body: z.string().min(1).optional(),
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'removeWatcher',
    method: 'DELETE',
    path: watchersPath,
    pathParameters: issueIdOrKey,
    // User names left the interface in 2019.
    query: { accountId: filled() },
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getVotes',
    method: 'GET',
    path: votesPath,
    pathParameters: issueIdOrKey,
    query: {},
    responses: { 200: votes.extend({ voters: z.array(user) }), ...refusals(404) },
  },
  {
    operationId: 'addVote',
    method: 'POST',
    path: votesPath,
    pathParameters: issueIdOrKey,
    query: {},
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'removeVote',
    method: 'DELETE',
    path: votesPath,
    pathParameters: issueIdOrKey,
    query: {},
    responses: { 204: null, ...refusals(404) },
  },
];
