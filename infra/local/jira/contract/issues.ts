import { z } from 'zod';
import {
  bulkChangelog,
  changelog,
  fieldCreateMetadata,
  fieldMetadata,
  foundIssue,
  issue,
  transition,
} from './issueShapes.ts';
import { issueToCreate, issueToEdit, issueToTransition, propertyValue } from './issueInput.ts';
import type { Operation, Parameter } from './operation.ts';
import { filled, flag, issueIdOrKey, needed, oneOf, page, text, texts, whole } from './operation.ts';
import {
  address,
  entityProperty,
  errorCollection,
  issueKey,
  issueType,
  numericId,
  pageOf,
  propertyKeys,
  refusals,
} from './shapes.ts';

const issuePath = '/rest/api/3/issue/{issueIdOrKey}';
const propertyPath = { ...issueIdOrKey, propertyKey: needed(filled()) };
const overrides: Record<string, Parameter> = { overrideScreenSecurity: flag(), overrideEditableFlag: flag() };

const nestedResponse = z.strictObject({
  status: z.int(),
  errorCollection,
  warningCollection: z.strictObject({ warnings: z.array(z.string()) }).optional(),
});

const createdIssue = z.strictObject({
  id: numericId,
  key: issueKey,
  self: address,
  transition: nestedResponse.optional(),
});
const createdIssues = z.strictObject({
  issues: z.array(createdIssue),
  errors: z.array(z.strictObject({ status: z.int(), elementErrors: errorCollection, failedElementNumber: z.int() })),
});

/** Reading and writing one issue. */
export const issueOperations: readonly Operation[] = [
  {
    operationId: 'getIssue',
    method: 'GET',
    path: issuePath,
    pathParameters: issueIdOrKey,
    query: {
      fields: texts(),
      fieldsByKeys: flag(),
      expand: text(),
      properties: texts(),
      updateHistory: flag(),
      failFast: flag(),
    },
    responses: { 200: issue.required({ fields: true }), ...refusals(404) },
  },
  {
    operationId: 'createIssue',
    method: 'POST',
    path: '/rest/api/3/issue',
    pathParameters: {},
    query: { updateHistory: flag() },
    body: issueToCreate,
    responses: {
      201: createdIssue,
      ...refusals(400, 422),
    },
  },
  {
    operationId: 'createIssues',
    method: 'POST',
    path: '/rest/api/3/issue/bulk',
    pathParameters: {},
    query: {},
    // At most 50 in one call: ATLASSIAN.md §6.3.
    body: z.strictObject({ issueUpdates: z.array(issueToCreate).min(1).max(50) }),
    responses: { ...refusals(), 201: createdIssues, 400: createdIssues },
  },
  {
    operationId: 'editIssue',
    method: 'PUT',
    path: issuePath,
    pathParameters: issueIdOrKey,
    query: { notifyUsers: flag(), ...overrides, returnIssue: flag(), expand: text() },
    body: issueToEdit,
    responses: { 200: issue, 204: null, ...refusals(400, 404, 409, 422) },
  },
  {
    operationId: 'deleteIssue',
    method: 'DELETE',
    path: issuePath,
    pathParameters: issueIdOrKey,
    query: { deleteSubtasks: oneOf(['true', 'false']) },
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getTransitions',
    method: 'GET',
    path: `${issuePath}/transitions`,
    pathParameters: issueIdOrKey,
    query: {
      expand: text(),
      transitionId: text(),
      skipRemoteOnlyCondition: flag(),
      includeUnavailableTransitions: flag(),
      sortByOpsBarAndStatus: flag(),
    },
    responses: {
      200: z.strictObject({ expand: z.string().optional(), transitions: z.array(transition) }),
      ...refusals(404),
    },
  },
  {
    operationId: 'doTransition',
    method: 'POST',
    path: `${issuePath}/transitions`,
    pathParameters: issueIdOrKey,
    query: {},
    body: issueToTransition,
    responses: { 204: null, ...refusals(400, 404, 409, 422) },
  },
  {
    operationId: 'bulkFetchIssues',
    method: 'POST',
    path: '/rest/api/3/issue/bulkfetch',
    pathParameters: {},
    query: {},
    body: z.strictObject({
      // At most 100 in one call: ATLASSIAN.md §6.3.
      issueIdsOrKeys: z.array(z.string().min(1)).min(1).max(100),
      fields: z.array(z.string()).optional(),
      expand: z.array(z.string()).optional(),
      properties: z.array(z.string()).max(5).optional(),
      fieldsByKeys: z.boolean().optional(),
    }),
    responses: {
      200: z.strictObject({
        expand: z.string().optional(),
        issues: z.array(foundIssue),
        issueErrors: z.array(z.strictObject({ id: z.string(), errorMessage: z.string() })).optional(),
      }),
      ...refusals(400),
    },
  },
];

/** What an app stores with an issue. */
export const issuePropertyOperations: readonly Operation[] = [
  {
    operationId: 'getIssueProperty',
    method: 'GET',
    path: `${issuePath}/properties/{propertyKey}`,
    pathParameters: propertyPath,
    query: {},
    responses: { 200: entityProperty, ...refusals(404) },
  },
  {
    operationId: 'setIssueProperty',
    method: 'PUT',
    path: `${issuePath}/properties/{propertyKey}`,
    pathParameters: propertyPath,
    query: {},
    body: propertyValue,
    responses: { 200: z.unknown(), 201: z.unknown(), ...refusals(400, 404) },
  },
  {
    operationId: 'deleteIssueProperty',
    method: 'DELETE',
    path: `${issuePath}/properties/{propertyKey}`,
    pathParameters: propertyPath,
    query: {},
    responses: { 204: null, ...refusals(404) },
  },
  {
    operationId: 'getIssuePropertyKeys',
    method: 'GET',
    path: `${issuePath}/properties`,
    pathParameters: issueIdOrKey,
    query: {},
    responses: { 200: propertyKeys, ...refusals(404) },
  },
];

/** Jira answers at most 200 of these at once: ATLASSIAN.md §6.3. */
const metaPage = { startAt: whole(), maxResults: whole({ min: 1, max: 200 }) };
const metaPageMembers = { startAt: z.int(), maxResults: z.int(), total: z.int() } as const;

/** Which fields an issue has, and how they can be set. */
export const issueMetaOperations: readonly Operation[] = [
  {
    operationId: 'getCreateIssueMetaIssueTypes',
    method: 'GET',
    path: '/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes',
    pathParameters: { projectIdOrKey: needed(filled()) },
    query: metaPage,
    responses: {
      200: z.strictObject({
        ...metaPageMembers,
        issueTypes: z.array(
          issueType.extend({
            expand: z.string().optional(),
            fields: z.record(z.string(), fieldMetadata).optional(),
          }),
        ),
      }),
      ...refusals(400, 404),
    },
  },
  {
    operationId: 'getCreateIssueMetaIssueTypeId',
    method: 'GET',
    path: '/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}',
    pathParameters: { projectIdOrKey: needed(filled()), issueTypeId: needed(filled()) },
    query: metaPage,
    responses: {
      200: z.strictObject({ ...metaPageMembers, fields: z.array(fieldCreateMetadata) }),
      ...refusals(400, 404),
    },
  },
  {
    operationId: 'getEditIssueMeta',
    method: 'GET',
    path: `${issuePath}/editmeta`,
    pathParameters: issueIdOrKey,
    query: overrides,
    responses: { 200: z.strictObject({ fields: z.record(z.string(), fieldMetadata) }), ...refusals(404) },
  },
];

/** What happened to issues. */
export const changelogOperations: readonly Operation[] = [
  {
    operationId: 'getChangeLogs',
    method: 'GET',
    path: `${issuePath}/changelog`,
    pathParameters: issueIdOrKey,
    query: page,
    responses: { 200: pageOf(changelog), ...refusals(404) },
  },
  {
    operationId: 'getBulkChangelogs',
    method: 'POST',
    path: '/rest/api/3/changelog/bulkfetch',
    pathParameters: {},
    query: {},
    body: z.strictObject({
      // ATLASSIAN.md §6.3 names both bounds.
      issueIdsOrKeys: z.array(z.string().min(1)).min(1).max(1000),
      fieldIds: z.array(z.string()).max(10).optional(),
      maxResults: z.int().min(1).max(10_000).optional(),
      nextPageToken: z.string().optional(),
    }),
    responses: {
      200: z.strictObject({
        issueChangeLogs: z.array(z.strictObject({ issueId: z.string(), changeHistories: z.array(bulkChangelog) })),
        nextPageToken: z.string().optional(),
      }),
      ...refusals(400),
    },
  },
];
