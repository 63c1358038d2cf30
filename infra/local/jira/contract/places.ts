import { z } from 'zod';
import { fieldSchema } from './issueShapes.ts';
import type { Operation } from './operation.ts';
import { filled, flag, needed, oneOf, page, text, texts, whole, wholes } from './operation.ts';
import {
  address,
  avatarUrls,
  issueType,
  numericId,
  pageOf,
  priority,
  refusals,
  scope,
  stamp,
  status,
  user,
} from './shapes.ts';

const project = z.strictObject({
  expand: z.string().optional(),
  self: address,
  id: numericId,
  key: z.string(),
  name: z.string(),
  description: z.string().optional(),
  lead: user.partial({ accountType: true }).optional(),
  components: z.array(z.looseObject({})).optional(),
  issueTypes: z.array(issueType).optional(),
  issueTypeHierarchy: z.looseObject({}).optional(),
  versions: z.array(z.looseObject({})).optional(),
  url: z.string().optional(),
  email: z.string().optional(),
  assigneeType: z.enum(['PROJECT_LEAD', 'UNASSIGNED']).optional(),
  roles: z.record(z.string(), z.string()).optional(),
  avatarUrls: avatarUrls.optional(),
  projectCategory: z.looseObject({}).optional(),
  projectTypeKey: z.enum(['software', 'service_desk', 'business']).optional(),
  simplified: z.boolean(),
  style: z.enum(['classic', 'next-gen']),
  favourite: z.boolean().optional(),
  isPrivate: z.boolean().optional(),
  insight: z.looseObject({ totalIssueCount: z.int().optional() }).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  uuid: z.string().optional(),
  archived: z.boolean().optional(),
  deleted: z.boolean().optional(),
});

/** Projects and the statuses of their workflows. */
export const projectOperations: readonly Operation[] = [
  {
    operationId: 'getProject',
    method: 'GET',
    path: '/rest/api/3/project/{projectIdOrKey}',
    pathParameters: { projectIdOrKey: needed(filled()) },
    query: { expand: text(), properties: texts() },
    responses: { 200: project, ...refusals(404) },
  },
  {
    operationId: 'deleteProject',
    method: 'DELETE',
    path: '/rest/api/3/project/{projectIdOrKey}',
    pathParameters: { projectIdOrKey: needed(filled()) },
    query: { enableUndo: flag() },
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'archiveProject',
    method: 'POST',
    path: '/rest/api/3/project/{projectIdOrKey}/archive',
    pathParameters: { projectIdOrKey: needed(filled()) },
    query: {},
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'restore',
    method: 'POST',
    path: '/rest/api/3/project/{projectIdOrKey}/restore',
    pathParameters: { projectIdOrKey: needed(filled()) },
    query: {},
    responses: { 200: project, ...refusals(400, 404) },
  },
  {
    operationId: 'searchProjects',
    method: 'GET',
    path: '/rest/api/3/project/search',
    pathParameters: {},
    query: {
      ...page,
      orderBy: oneOf(['key', '-key', '+key', 'name', '-name', '+name']),
      id: wholes(),
      keys: texts(),
      query: text(),
      typeKey: text(),
      categoryId: whole(),
      action: oneOf(['view', 'browse', 'edit', 'create']),
      expand: text(),
    },
    responses: { 200: pageOf(project), ...refusals(400, 404) },
  },
  {
    operationId: 'getAllStatuses',
    method: 'GET',
    path: '/rest/api/3/project/{projectIdOrKey}/statuses',
    pathParameters: { projectIdOrKey: needed(filled()) },
    query: {},
    responses: {
      200: z.array(
        z.strictObject({
          self: address,
          id: numericId,
          name: z.string(),
          subtask: z.boolean(),
          statuses: z.array(status),
        }),
      ),
      ...refusals(404),
    },
  },
];

const digits: z.ZodType = z.string().regex(/^\d+$/, 'expected digits');

/** What a site offers to all its projects. */
export const siteOperations: readonly Operation[] = [
  {
    operationId: 'getStatuses',
    method: 'GET',
    path: '/rest/api/3/status',
    pathParameters: {},
    query: {},
    responses: { 200: z.array(status), ...refusals() },
  },
  {
    operationId: 'getPriorities',
    method: 'GET',
    path: '/rest/api/3/priority',
    pathParameters: {},
    query: {},
    responses: { 200: z.array(priority), ...refusals() },
  },
  {
    operationId: 'searchPriorities',
    method: 'GET',
    path: '/rest/api/3/priority/search',
    pathParameters: {},
    query: {
      // The document declares these two as texts here, and nowhere else.
      startAt: { schema: digits, required: false },
      maxResults: { schema: digits, required: false },
      id: texts(),
      projectId: texts(),
      priorityName: text(),
      onlyDefault: flag(),
      expand: text(),
    },
    responses: { 200: pageOf(priority), ...refusals() },
  },
  {
    operationId: 'getServerInfo',
    method: 'GET',
    path: '/rest/api/3/serverInfo',
    pathParameters: {},
    query: {},
    responses: {
      200: z.strictObject({
        baseUrl: address,
        displayUrl: address.optional(),
        displayUrlServicedeskHelpCenter: address.optional(),
        displayUrlConfluence: address.optional(),
        version: z.string(),
        versionNumbers: z.array(z.int()),
        deploymentType: z.string().optional(),
        buildNumber: z.int(),
        buildDate: stamp.optional(),
        serverTime: stamp.optional(),
        serverTimeZone: z.string().optional(),
        scmInfo: z.string().optional(),
        serverTitle: z.string(),
      }),
      ...refusals(),
    },
  },
  {
    operationId: 'getFields',
    method: 'GET',
    path: '/rest/api/3/field',
    pathParameters: {},
    query: {},
    responses: {
      200: z.array(
        z.strictObject({
          id: z.string(),
          key: z.string().optional(),
          name: z.string(),
          custom: z.boolean(),
          orderable: z.boolean(),
          navigable: z.boolean(),
          searchable: z.boolean(),
          clauseNames: z.array(z.string()),
          schema: fieldSchema.optional(),
          scope: scope.optional(),
        }),
      ),
      ...refusals(),
    },
  },
];
