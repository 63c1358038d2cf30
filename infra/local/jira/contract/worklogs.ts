import { z } from 'zod';
import { propertyValue } from './issueInput.ts';
import { visibility, worklog } from './issueShapes.ts';
import type { Operation } from './operation.ts';
import { filled, flag, issueIdOrKey, needed, oneOf, page, text, whole } from './operation.ts';
import { address, adfDoc, entityProperty, propertyKeys, refusals, stamp } from './shapes.ts';

const worklogsPath = '/rest/api/3/issue/{issueIdOrKey}/worklog';
const oneWorklog = { ...issueIdOrKey, id: needed(filled()) };
const howToAdjust = oneOf(['new', 'leave', 'manual', 'auto']);
const writing = {
  notifyUsers: flag(),
  adjustEstimate: howToAdjust,
  newEstimate: text(),
  overrideEditableFlag: flag(),
} as const;

const changes = {
  comment: adfDoc.optional(),
  started: stamp.optional(),
  timeSpent: z.string().min(1).optional(),
  timeSpentSeconds: z.int().min(1).optional(),
  visibility: visibility.optional(),
  properties: z.array(entityProperty).optional(),
} as const;

const worklogToChange = z
  .strictObject(changes)
  .refine((body) => body.timeSpent === undefined || body.timeSpentSeconds === undefined, 'expected the time once');
const worklogToAdd = worklogToChange.refine(
  (body) => body.timeSpent !== undefined || body.timeSpentSeconds !== undefined,
  'expected the time spent',
);

const changedWorklogs = z.strictObject({
  self: address,
  nextPage: address.optional(),
  since: z.int(),
  until: z.int(),
  lastPage: z.boolean(),
  values: z.array(
    z.strictObject({ worklogId: z.int(), updatedTime: z.int(), properties: z.array(entityProperty).optional() }),
  ),
});

/** Work logged on issues. */
export const worklogOperations: readonly Operation[] = [
  {
    operationId: 'getIssueWorklog',
    method: 'GET',
    path: worklogsPath,
    pathParameters: issueIdOrKey,
    query: { ...page, startedAfter: whole(), startedBefore: whole(), expand: text() },
    responses: {
      200: z.strictObject({
        startAt: z.int(),
        maxResults: z.int(),
        total: z.int(),
        worklogs: z.array(worklog),
      }),
      ...refusals(404),
    },
  },
  {
    operationId: 'addWorklog',
    method: 'POST',
    path: worklogsPath,
    pathParameters: issueIdOrKey,
    query: { ...writing, reduceBy: text(), expand: text() },
    body: worklogToAdd,
    responses: { 201: worklog, ...refusals(400, 404) },
  },
  {
    operationId: 'getWorklog',
    method: 'GET',
    path: `${worklogsPath}/{id}`,
    pathParameters: oneWorklog,
    query: { expand: text() },
    responses: { 200: worklog, ...refusals(404) },
  },
  {
    operationId: 'updateWorklog',
    method: 'PUT',
    path: `${worklogsPath}/{id}`,
    pathParameters: oneWorklog,
    query: { ...writing, expand: text() },
    body: worklogToChange,
    responses: { 200: worklog, ...refusals(400, 404) },
  },
  {
    operationId: 'deleteWorklog',
    method: 'DELETE',
    path: `${worklogsPath}/{id}`,
    pathParameters: oneWorklog,
    query: { ...writing, increaseBy: text() },
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getIdsOfWorklogsModifiedSince',
    method: 'GET',
    path: '/rest/api/3/worklog/updated',
    pathParameters: {},
    query: { since: whole(), expand: text() },
    responses: { 200: changedWorklogs, ...refusals() },
  },
  {
    operationId: 'getIdsOfWorklogsDeletedSince',
    method: 'GET',
    path: '/rest/api/3/worklog/deleted',
    pathParameters: {},
    query: { since: whole() },
    responses: { 200: changedWorklogs, ...refusals() },
  },
  {
    operationId: 'getWorklogsForIds',
    method: 'POST',
    path: '/rest/api/3/worklog/list',
    pathParameters: {},
    query: { expand: text() },
    // At most 1,000 in one call: ATLASSIAN.md §6.3.
    body: z.strictObject({ ids: z.array(z.int()).min(1).max(1000) }),
    responses: { 200: z.array(worklog), ...refusals(400) },
  },
];

const properties = '/rest/api/3/issue/{issueIdOrKey}/worklog/{worklogId}/properties';
const ofWorklog = { ...issueIdOrKey, worklogId: needed(filled()) };
const oneProperty = { ...ofWorklog, propertyKey: needed(filled()) };

/** What an app stores with a worklog. */
export const worklogPropertyOperations: readonly Operation[] = [
  {
    operationId: 'getWorklogPropertyKeys',
    method: 'GET',
    path: properties,
    pathParameters: ofWorklog,
    query: {},
    responses: { 200: propertyKeys, ...refusals(400, 404) },
  },
  {
    operationId: 'getWorklogProperty',
    method: 'GET',
    path: `${properties}/{propertyKey}`,
    pathParameters: oneProperty,
    query: {},
    responses: { 200: entityProperty, ...refusals(400, 404) },
  },
  {
    operationId: 'setWorklogProperty',
    method: 'PUT',
    path: `${properties}/{propertyKey}`,
    pathParameters: oneProperty,
    query: {},
    body: propertyValue,
    responses: { 200: z.unknown(), 201: z.unknown(), ...refusals(400, 404) },
  },
  {
    operationId: 'deleteWorklogProperty',
    method: 'DELETE',
    path: `${properties}/{propertyKey}`,
    pathParameters: oneProperty,
    query: {},
    responses: { 204: null, ...refusals(400, 404) },
  },
];
