import { z } from 'zod';
import { commentToWrite, propertyValue } from './issueInput.ts';
import { comment, pageOfComments } from './issueShapes.ts';
import type { Operation } from './operation.ts';
import { filled, flag, issueIdOrKey, needed, oneOf, page, text } from './operation.ts';
import { entityProperty, pageOf, propertyKeys, refusals } from './shapes.ts';

const commentsPath = '/rest/api/3/issue/{issueIdOrKey}/comment';
const oneComment = { ...issueIdOrKey, id: needed(filled()) };

/** Comments of an issue. */
export const commentOperations: readonly Operation[] = [
  {
    operationId: 'getComments',
    method: 'GET',
    path: commentsPath,
    pathParameters: issueIdOrKey,
    query: { ...page, orderBy: oneOf(['created', '-created', '+created']), expand: text() },
    responses: { 200: pageOfComments, ...refusals(400, 404) },
  },
  {
    operationId: 'addComment',
    method: 'POST',
    path: commentsPath,
    pathParameters: issueIdOrKey,
    query: { expand: text() },
    body: commentToWrite,
    responses: { 201: comment, ...refusals(400, 404) },
  },
  {
    operationId: 'getComment',
    method: 'GET',
    path: `${commentsPath}/{id}`,
    pathParameters: oneComment,
    query: { expand: text() },
    responses: { 200: comment, ...refusals(404) },
  },
  {
    operationId: 'updateComment',
    method: 'PUT',
    path: `${commentsPath}/{id}`,
    pathParameters: oneComment,
    query: { notifyUsers: flag(), overrideEditableFlag: flag(), expand: text() },
    body: commentToWrite,
    responses: { 200: comment, ...refusals(400, 404) },
  },
  {
    operationId: 'deleteComment',
    method: 'DELETE',
    path: `${commentsPath}/{id}`,
    pathParameters: oneComment,
    query: {},
    responses: { 204: null, ...refusals(400, 404, 405) },
  },
  {
    operationId: 'getCommentsByIds',
    method: 'POST',
    path: '/rest/api/3/comment/list',
    pathParameters: {},
    query: { expand: text() },
    // At most 1,000 in one call: ATLASSIAN.md §6.3.
    body: z.strictObject({ ids: z.array(z.int()).max(1000) }),
    responses: { 200: pageOf(comment), ...refusals(400) },
  },
];

const propertyPath = { commentId: needed(filled()), propertyKey: needed(filled()) };

/** What an app stores with a comment. */
export const commentPropertyOperations: readonly Operation[] = [
  {
    operationId: 'getCommentProperty',
    method: 'GET',
    path: '/rest/api/3/comment/{commentId}/properties/{propertyKey}',
    pathParameters: propertyPath,
    query: {},
    responses: { 200: entityProperty, ...refusals(400, 404) },
  },
  {
    operationId: 'setCommentProperty',
    method: 'PUT',
    path: '/rest/api/3/comment/{commentId}/properties/{propertyKey}',
    pathParameters: propertyPath,
    query: {},
    body: propertyValue,
    responses: { 200: z.unknown(), 201: z.unknown(), ...refusals(400, 404) },
  },
  {
    operationId: 'deleteCommentProperty',
    method: 'DELETE',
    path: '/rest/api/3/comment/{commentId}/properties/{propertyKey}',
    pathParameters: propertyPath,
    query: {},
    responses: { 204: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getCommentPropertyKeys',
    method: 'GET',
    path: '/rest/api/3/comment/{commentId}/properties',
    pathParameters: { commentId: needed(filled()) },
    query: {},
    responses: { 200: propertyKeys, ...refusals(400, 404) },
  },
];
