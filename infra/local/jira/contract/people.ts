import { z } from 'zod';
import type { Operation } from './operation.ts';
import { filled, flag, needed, page, text, texts, whole } from './operation.ts';
import { address, pageOf, refusals, user } from './shapes.ts';

// `username` and `key` are still declared for several of these, but left the interface in 2019: we refuse them.

/** Finding people. */
export const userOperations: readonly Operation[] = [
  {
    operationId: 'getUser',
    method: 'GET',
    path: '/rest/api/3/user',
    pathParameters: {},
    query: { accountId: needed(filled()), expand: text() },
    responses: { 200: user, ...refusals(404) },
  },
  {
    operationId: 'bulkGetUsers',
    method: 'GET',
    path: '/rest/api/3/user/bulk',
    pathParameters: {},
    query: { ...page, accountId: needed(texts()) },
    responses: { 200: pageOf(user), ...refusals(400) },
  },
  {
    operationId: 'findAssignableUsers',
    method: 'GET',
    path: '/rest/api/3/user/assignable/search',
    pathParameters: {},
    query: {
      query: text(),
      accountId: text(),
      project: text(),
      issueKey: text(),
      issueId: text(),
      startAt: whole(),
      // At most 1,000: the user search window of ATLASSIAN.md §6.3.
      maxResults: whole({ max: 1000 }),
      actionDescriptorId: whole(),
      recommend: flag(),
    },
    responses: { 200: z.array(user), ...refusals(400, 404) },
  },
  {
    operationId: 'getCurrentUser',
    method: 'GET',
    path: '/rest/api/3/myself',
    pathParameters: {},
    query: { expand: text() },
    responses: { 200: user, ...refusals() },
  },
];

const permission = z.strictObject({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  type: z.enum(['GLOBAL', 'PROJECT']),
  description: z.string(),
  havePermission: z.boolean(),
  deprecatedKey: z.boolean().optional(),
});

const names = z.array(z.string());
const ids = z.array(z.int());

/** Who may do what. */
export const permissionOperations: readonly Operation[] = [
  {
    operationId: 'getMyPermissions',
    method: 'GET',
    path: '/rest/api/3/mypermissions',
    pathParameters: {},
    // The document leaves `permissions` optional; Jira has refused calls without it since 2019, as its own text says.
    query: {
      projectKey: text(),
      projectId: text(),
      issueKey: text(),
      issueId: text(),
      permissions: needed(filled()),
      commentId: text(),
    },
    responses: { 200: z.strictObject({ permissions: z.record(z.string(), permission) }), ...refusals(400, 404) },
  },
  {
    operationId: 'getBulkPermissions',
    method: 'POST',
    path: '/rest/api/3/permissions/check',
    pathParameters: {},
    query: {},
    body: z.strictObject({
      accountId: z.string().optional(),
      globalPermissions: names.optional(),
      projectPermissions: z
        .array(z.strictObject({ permissions: names, projects: ids.optional(), issues: ids.optional() }))
        .optional(),
    }),
    responses: {
      200: z.strictObject({
        globalPermissions: names,
        projectPermissions: z.array(z.strictObject({ permission: z.string(), projects: ids, issues: ids })),
      }),
      ...refusals(400),
    },
  },
];

const contact = z.looseObject({ name: z.string().optional(), email: z.string().optional() });

/** What a Connect app may ask about its own installation. */
export const addonOperations: readonly Operation[] = [
  {
    operationId: 'getAddon',
    method: 'GET',
    path: '/rest/atlassian-connect/1/addons/{key}',
    pathParameters: { key: needed(filled()) },
    query: {},
    responses: {
      200: z.strictObject({
        key: z.string(),
        version: z.string(),
        state: z.string(),
        host: z.looseObject({ product: z.string(), contacts: z.array(contact).optional() }).optional(),
        license: z
          .looseObject({
            active: z.boolean(),
            type: z.string().optional(),
            evaluation: z.boolean().optional(),
            supportEntitlementNumber: z.string().nullish(),
          })
          .optional(),
        links: z.looseObject({ self: z.array(z.looseObject({ href: address })).optional() }).optional(),
      }),
      ...refusals(404),
    },
    outsideOpenApi: 'ATLASSIAN.md §7',
  },
];

/** Most accounts of one report. @see ATLASSIAN.md §8 */
const REPORTED = 90;
const reported = z.strictObject({
  accountId: z.string().regex(/^[A-Za-z0-9:-]{1,128}$/),
  updatedAt: z.iso.datetime({ offset: true }),
});

/** The personal data report of Connect apps. */
export const reportOperations: readonly Operation[] = [
  {
    operationId: 'reportAccounts',
    method: 'POST',
    path: '/rest/atlassian-connect/latest/report-accounts',
    pathParameters: {},
    query: {},
    body: z.strictObject({ accounts: z.array(reported).min(1).max(REPORTED) }),
    responses: {
      200: z.strictObject({
        accounts: z
          .array(z.strictObject({ accountId: z.string(), status: z.enum(['closed', 'updated']) }))
          .min(1)
          .max(REPORTED),
      }),
      204: null,
      ...refusals(400),
    },
    outsideOpenApi: 'ATLASSIAN.md §8',
  },
];
