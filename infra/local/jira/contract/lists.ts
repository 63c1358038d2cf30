import { z } from 'zod';
import type { Operation } from './operation.ts';
import { filled, needed, oneOf, text, whole } from './operation.ts';
import { address, day, issueType, numericId, refusals } from './shapes.ts';

const byProject = { projectIdOrKey: needed(filled()) };

const resolution = z.strictObject({
  self: address,
  id: numericId,
  name: z.string(),
  description: z.string().optional(),
});

const assigneeType = z.enum(['PROJECT_DEFAULT', 'COMPONENT_LEAD', 'PROJECT_LEAD', 'UNASSIGNED']);

const component = z.strictObject({
  self: address,
  id: numericId,
  name: z.string(),
  description: z.string().optional(),
  // Not looked at more closely: the stand-in has no component with a lead.
  lead: z.looseObject({}).optional(),
  assignee: z.looseObject({}).optional(),
  realAssignee: z.looseObject({}).optional(),
  assigneeType: assigneeType.optional(),
  realAssigneeType: assigneeType.optional(),
  isAssigneeTypeValid: z.boolean().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  project: z.string().optional(),
  projectId: z.int().optional(),
  ari: z.string().optional(),
});

const version = z.strictObject({
  self: address,
  id: numericId,
  name: z.string(),
  description: z.string().optional(),
  archived: z.boolean().optional(),
  released: z.boolean().optional(),
  startDate: day.optional(),
  releaseDate: day.optional(),
  overdue: z.boolean().optional(),
  userStartDate: z.string().optional(),
  userReleaseDate: z.string().optional(),
  projectId: z.int().optional(),
});

const configuration = z.strictObject({
  votingEnabled: z.boolean(),
  watchingEnabled: z.boolean(),
  unassignedIssuesAllowed: z.boolean(),
  subTasksEnabled: z.boolean(),
  issueLinkingEnabled: z.boolean(),
  timeTrackingEnabled: z.boolean(),
  attachmentsEnabled: z.boolean(),
  timeTrackingConfiguration: z
    .strictObject({
      workingHoursPerDay: z.number(),
      workingDaysPerWeek: z.number(),
      timeFormat: z.enum(['pretty', 'days', 'hours']),
      defaultUnit: z.enum(['minute', 'hour', 'day', 'week']),
    })
    .optional(),
});

/** What a project and a site have to choose from. */
export const listOperations: readonly Operation[] = [
  {
    operationId: 'getProjectComponents',
    method: 'GET',
    path: '/rest/api/3/project/{projectIdOrKey}/components',
    pathParameters: byProject,
    query: { componentSource: oneOf(['jira', 'compass', 'auto']) },
    responses: { 200: z.array(component), ...refusals(404) },
  },
  {
    operationId: 'getProjectVersions',
    method: 'GET',
    path: '/rest/api/3/project/{projectIdOrKey}/versions',
    pathParameters: byProject,
    query: { expand: text() },
    responses: { 200: z.array(version), ...refusals(404) },
  },
  {
    operationId: 'getResolutions',
    method: 'GET',
    path: '/rest/api/3/resolution',
    pathParameters: {},
    query: {},
    responses: { 200: z.array(resolution), ...refusals() },
  },
  {
    operationId: 'getIssueAllTypes',
    method: 'GET',
    path: '/rest/api/3/issuetype',
    pathParameters: {},
    query: {},
    responses: { 200: z.array(issueType), ...refusals() },
  },
  {
    operationId: 'getIssueTypesForProject',
    method: 'GET',
    path: '/rest/api/3/issuetype/project',
    pathParameters: {},
    // Levels start at -1, which is that of sub-tasks.
    query: { projectId: needed(whole()), level: whole({ min: -1 }) },
    responses: { 200: z.array(issueType), ...refusals(400, 404) },
  },
  {
    operationId: 'getConfiguration',
    method: 'GET',
    path: '/rest/api/3/configuration',
    pathParameters: {},
    query: {},
    responses: { 200: configuration, ...refusals() },
  },
];
