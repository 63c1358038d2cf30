import { z } from 'zod';
import { attachment } from './issueShapes.ts';
import type { Operation } from './operation.ts';
import { filled, flag, issueIdOrKey, needed } from './operation.ts';
import { address, refusals, stamp, user } from './shapes.ts';

const oneAttachment = { id: needed(filled()) };

/** Files of issues. The bytes themselves are no JSON: their answers have no body here. */
export const attachmentOperations: readonly Operation[] = [
  {
    operationId: 'addAttachment',
    method: 'POST',
    path: '/rest/api/3/issue/{issueIdOrKey}/attachments',
    pathParameters: issueIdOrKey,
    query: {},
    // What stands above each part of the multipart body; `file` is the one name Jira looks for.
    body: z
      .array(z.strictObject({ name: z.literal('file'), filename: z.string().min(1), contentType: z.string().min(1) }))
      .min(1),
    responses: { 200: z.array(attachment), ...refusals(400, 404) },
  },
  {
    operationId: 'getAttachment',
    method: 'GET',
    path: '/rest/api/3/attachment/{id}',
    pathParameters: oneAttachment,
    query: {},
    responses: {
      200: z.strictObject({
        self: address,
        id: z.int(),
        filename: z.string(),
        author: user.optional(),
        created: stamp,
        size: z.int(),
        mimeType: z.string(),
        content: address,
        thumbnail: address.optional(),
        properties: z.record(z.string(), z.unknown()).optional(),
      }),
      ...refusals(404),
    },
  },
  {
    operationId: 'getAttachmentContent',
    method: 'GET',
    path: '/rest/api/3/attachment/content/{id}',
    pathParameters: oneAttachment,
    query: { redirect: flag() },
    responses: { 200: null, 206: null, 303: null, 416: null, ...refusals(400, 404) },
  },
  {
    operationId: 'getAttachmentMeta',
    method: 'GET',
    path: '/rest/api/3/attachment/meta',
    pathParameters: {},
    query: {},
    responses: { 200: z.strictObject({ enabled: z.boolean(), uploadLimit: z.int() }), ...refusals() },
  },
  {
    operationId: 'removeAttachment',
    method: 'DELETE',
    path: '/rest/api/3/attachment/{id}',
    pathParameters: oneAttachment,
    query: {},
    responses: { 204: null, ...refusals(404) },
  },
];
