/**
 * What Jira Service Management's REST API takes and answers, as documented, for the operations of a desk. Nothing of ours is imported:
 * it must not inherit our mistakes. @see https://developer.atlassian.com/cloud/jira/service-desk/rest/intro/
 */
import { z } from 'zod';

/** One operation: what it takes, and what it may answer. */
export interface DeskOperation {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: RegExp;
  readonly query: z.ZodType;
  /** Absent: a body is a violation. */
  readonly body?: z.ZodType;
  /** Headers without which it is refused. */
  readonly needs?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
}

const date = z.strictObject({
  iso8601: z.string(),
  jira: z.string(),
  friendly: z.string(),
  epochMillis: z.int(),
});
const user = z.strictObject({
  accountId: z.string(),
  name: z.string().optional(),
  key: z.string().optional(),
  emailAddress: z.string().optional(),
  displayName: z.string(),
  active: z.boolean(),
  timeZone: z.string().optional(),
  _links: z.record(z.string(), z.unknown()),
});
const request = z.strictObject({
  _expands: z.array(z.string()),
  issueId: z.string(),
  issueKey: z.string(),
  requestTypeId: z.string(),
  serviceDeskId: z.string(),
  createdDate: date,
  reporter: user,
  requestFieldValues: z.array(z.strictObject({ fieldId: z.string(), label: z.string(), value: z.unknown() })),
  currentStatus: z.strictObject({
    status: z.string(),
    statusCategory: z.enum(['UNDEFINED', 'NEW', 'INDETERMINATE', 'DONE']),
    statusDate: date,
  }),
  _links: z.record(z.string(), z.unknown()),
});
const paged = (values: z.ZodType): z.ZodType =>
  z.strictObject({
    _expands: z.array(z.string()),
    size: z.int(),
    start: z.int(),
    limit: z.int(),
    isLastPage: z.boolean(),
    _links: z.record(z.string(), z.unknown()),
    values: z.array(values),
  });
const error = z.strictObject({ errorMessage: z.string(), i18nErrorMessage: z.record(z.string(), z.unknown()) });
const whole = z.string().regex(/^\d+$/);
const none = z.strictObject({});
const refusals = { 400: error, 401: error, 403: error, 404: error, 409: error } as const;

export const operations: readonly DeskOperation[] = [
  {
    name: 'getCustomers',
    method: 'GET',
    path: /^\/rest\/servicedeskapi\/servicedesk\/([^/]+)\/customer$/,
    query: z.strictObject({ query: z.string().optional(), start: whole.optional(), limit: whole.optional() }),
    // Experimental: without this word it answers 412.
    needs: { 'x-experimentalapi': 'opt-in' },
    answers: { 200: paged(user), ...refusals },
  },
  {
    name: 'createCustomer',
    method: 'POST',
    path: /^\/rest\/servicedeskapi\/customer$/,
    query: none,
    body: z.strictObject({ email: z.email(), displayName: z.string().min(1) }),
    answers: { 201: user, ...refusals },
  },
  {
    name: 'createCustomerRequest',
    method: 'POST',
    path: /^\/rest\/servicedeskapi\/request$/,
    query: none,
    body: z.strictObject({
      serviceDeskId: z.string(),
      requestTypeId: z.string(),
      requestFieldValues: z.record(z.string(), z.unknown()),
      raiseOnBehalfOf: z.string().optional(),
      requestParticipants: z.array(z.string()).optional(),
      channel: z.string().optional(),
    }),
    answers: { 201: request, ...refusals },
  },
  {
    name: 'getCustomerRequests',
    method: 'GET',
    path: /^\/rest\/servicedeskapi\/request$/,
    query: z.strictObject({
      searchTerm: z.string().optional(),
      requestOwnership: z
        .enum([
          'OWNED_REQUESTS',
          'PARTICIPATED_REQUESTS',
          'ORGANIZATION',
          'ALL_ORGANIZATIONS',
          'APPROVER',
          'ALL_REQUESTS',
        ])
        .optional(),
      requestStatus: z.enum(['CLOSED_REQUESTS', 'OPEN_REQUESTS', 'ALL_REQUESTS']).optional(),
      serviceDeskId: whole.optional(),
      requestTypeId: whole.optional(),
      start: whole.optional(),
      limit: whole.optional(),
    }),
    answers: { 200: paged(request), ...refusals },
  },
  {
    name: 'getCustomerRequestByIdOrKey',
    method: 'GET',
    path: /^\/rest\/servicedeskapi\/request\/([^/]+)$/,
    query: z.strictObject({ expand: z.string().optional() }),
    answers: { 200: request, ...refusals },
  },
  {
    name: 'deleteIssue',
    method: 'DELETE',
    path: /^\/rest\/api\/3\/issue\/([^/]+)$/,
    query: z.strictObject({ deleteSubtasks: z.enum(['true', 'false']).optional() }),
    answers: { 204: null, ...refusals },
  },
];
