import { z } from 'zod';
import { commentToWrite } from './issueInput.ts';
import { linkType, linkedIssue } from './issueShapes.ts';
import type { Operation } from './operation.ts';
import { filled, issueIdOrKey, needed, text } from './operation.ts';
import { address, numericId, refusals } from './shapes.ts';

const byIdOrKey = z
  .strictObject({ id: z.string().optional(), key: z.string().optional() })
  .refine((value) => value.id !== undefined || value.key !== undefined, 'expected an id or a key');
const typeByIdOrName = z
  .strictObject({ id: z.string().optional(), name: z.string().optional() })
  .refine((value) => value.id !== undefined || value.name !== undefined, 'expected an id or a name');
const oneLink = { linkId: needed(filled()) };

/** Links between the issues of a site. */
export const linkOperations: readonly Operation[] = [
  {
    operationId: 'linkIssues',
    method: 'POST',
    path: '/rest/api/3/issueLink',
    pathParameters: {},
    query: {},
    body: z.strictObject({
      type: typeByIdOrName,
      inwardIssue: byIdOrKey,
      outwardIssue: byIdOrKey,
      comment: commentToWrite.optional(),
    }),
    responses: { 201: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getIssueLink',
    method: 'GET',
    path: '/rest/api/3/issueLink/{linkId}',
    pathParameters: oneLink,
    query: {},
    responses: {
      200: z.strictObject({
        id: numericId,
        self: address.optional(),
        type: linkType,
        inwardIssue: linkedIssue,
        outwardIssue: linkedIssue,
      }),
      ...refusals(400, 404),
    },
  },
  {
    operationId: 'deleteIssueLink',
    method: 'DELETE',
    path: '/rest/api/3/issueLink/{linkId}',
    pathParameters: oneLink,
    query: {},
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getIssueLinkTypes',
    method: 'GET',
    path: '/rest/api/3/issueLinkType',
    pathParameters: {},
    query: {},
    responses: { 200: z.strictObject({ issueLinkTypes: z.array(linkType) }), ...refusals(404) },
  },
  {
    operationId: 'getIssueLinkType',
    method: 'GET',
    path: '/rest/api/3/issueLinkType/{issueLinkTypeId}',
    pathParameters: { issueLinkTypeId: needed(filled()) },
    query: {},
    responses: { 200: linkType, ...refusals(400, 404) },
  },
];

const icon = z.strictObject({ url16x16: z.string(), title: z.string(), link: z.string() }).partial();
const content = {
  globalId: z.string().max(255).optional(),
  application: z.strictObject({ type: z.string(), name: z.string() }).partial().optional(),
  relationship: z.string().optional(),
} as const;
const object = {
  summary: z.string().optional(),
  icon: icon.optional(),
  status: z.strictObject({ resolved: z.boolean(), icon }).partial().optional(),
} as const;
const toWrite = z.strictObject({
  ...content,
  object: z.strictObject({ ...object, url: z.string().min(1), title: z.string().min(1).max(255) }),
});
const remoteLink = z.strictObject({
  ...content,
  id: z.int(),
  self: address,
  object: z.strictObject({ ...object, url: z.string(), title: z.string() }),
});
const identity = z.strictObject({ id: z.int(), self: address });
const remotePath = '/rest/api/3/issue/{issueIdOrKey}/remotelink';
const oneRemote = { ...issueIdOrKey, linkId: needed(filled()) };

/** Links to what is outside of a site. */
export const remoteLinkOperations: readonly Operation[] = [
  {
    operationId: 'getRemoteIssueLinks',
    method: 'GET',
    path: remotePath,
    pathParameters: issueIdOrKey,
    query: { globalId: text() },
    // All of an issue's, or the one of a global id.
    responses: { 200: z.union([z.array(remoteLink), remoteLink]), ...refusals(400, 404) },
  },
  {
    operationId: 'createOrUpdateRemoteIssueLink',
    method: 'POST',
    path: remotePath,
    pathParameters: issueIdOrKey,
    query: {},
    body: toWrite,
    responses: { 200: identity, 201: identity, ...refusals(400, 404) },
  },
  {
    operationId: 'deleteRemoteIssueLinkByGlobalId',
    method: 'DELETE',
    path: remotePath,
    pathParameters: issueIdOrKey,
    query: { globalId: needed(filled()) },
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getRemoteIssueLinkById',
    method: 'GET',
    path: `${remotePath}/{linkId}`,
    pathParameters: oneRemote,
    query: {},
    responses: { 200: remoteLink, ...refusals(400, 404) },
  },
  {
    operationId: 'updateRemoteIssueLink',
    method: 'PUT',
    path: `${remotePath}/{linkId}`,
    pathParameters: oneRemote,
    query: {},
    body: toWrite,
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'deleteRemoteIssueLinkById',
    method: 'DELETE',
    path: `${remotePath}/{linkId}`,
    pathParameters: oneRemote,
    query: {},
    responses: { 204: null, ...refusals(400, 404) },
  },
];
