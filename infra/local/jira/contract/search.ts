import { z } from 'zod';
import { fieldSchema, foundIssue } from './issueShapes.ts';
import type { Operation } from './operation.ts';
import { filled, flag, needed, text, texts, whole, wholes } from './operation.ts';
import { refusals } from './shapes.ts';

/** Bounds of a search: ATLASSIAN.md §6.3. */
const MAX_RESULTS = 5000;
const MAX_PROPERTIES = 5;
const MAX_RECONCILED = 50;

const found = z.strictObject({
  issues: z.array(foundIssue),
  isLast: z.boolean().optional(),
  nextPageToken: z.string().optional(),
  names: z.record(z.string(), z.string()).optional(),
  schema: z.record(z.string(), fieldSchema).optional(),
});

// The document does not require `jql`, but a search without a restriction is refused, so one without a query is.
const jql = z.string().min(1);

/** Finding and counting issues. */
export const searchOperations: readonly Operation[] = [
  {
    operationId: 'searchAndReconsileIssuesUsingJql',
    method: 'GET',
    path: '/rest/api/3/search/jql',
    pathParameters: {},
    query: {
      jql: needed(filled()),
      nextPageToken: text(),
      maxResults: whole({ max: MAX_RESULTS }),
      fields: texts(),
      expand: text(),
      properties: texts(MAX_PROPERTIES),
      fieldsByKeys: flag(),
      failFast: flag(),
      reconcileIssues: wholes(MAX_RECONCILED),
    },
    responses: { 200: found, ...refusals(400) },
  },
  {
    operationId: 'searchAndReconsileIssuesUsingJqlPost',
    method: 'POST',
    path: '/rest/api/3/search/jql',
    pathParameters: {},
    query: {},
    body: z.strictObject({
      jql,
      nextPageToken: z.string().optional(),
      maxResults: z.int().min(0).max(MAX_RESULTS).optional(),
      fields: z.array(z.string()).optional(),
      expand: z.string().optional(),
      properties: z.array(z.string()).max(MAX_PROPERTIES).optional(),
      fieldsByKeys: z.boolean().optional(),
      reconcileIssues: z.array(z.int()).max(MAX_RECONCILED).optional(),
    }),
    responses: { 200: found, ...refusals(400) },
  },
  {
    operationId: 'countIssues',
    method: 'POST',
    path: '/rest/api/3/search/approximate-count',
    pathParameters: {},
    query: {},
    body: z.strictObject({ jql }),
    responses: { 200: z.strictObject({ count: z.int().min(0) }), ...refusals(400) },
  },
  {
    operationId: 'matchIssues',
    method: 'POST',
    path: '/rest/api/3/jql/match',
    pathParameters: {},
    query: {},
    body: z.strictObject({ jqls: z.array(z.string()), issueIds: z.array(z.int()) }),
    responses: {
      200: z.strictObject({
        matches: z.array(z.strictObject({ matchedIssues: z.array(z.int()), errors: z.array(z.string()) })),
      }),
      ...refusals(400),
    },
  },
];
