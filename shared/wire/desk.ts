/** What Jira Service Management answers, as far as we need it. @see https://developer.atlassian.com/cloud/jira/service-desk/rest/ */
import { z } from 'zod';
import { Fault } from '../verdict.ts';
import { placeIn } from './place.ts';

const key = z.string().regex(/^[A-Z][A-Z0-9_]{1,20}-\d{1,12}$/);
const customer = z.object({ accountId: z.string().min(1).max(128), emailAddress: z.string().optional() });
const status = z.object({
  statusCategory: z.enum(['UNDEFINED', 'NEW', 'INDETERMINATE', 'DONE']),
  statusDate: z.object({ epochMillis: z.number().int().nonnegative() }),
});
const request = z.object({
  issueKey: key,
  currentStatus: status,
  requestFieldValues: z.array(z.object({ fieldId: z.string(), value: z.unknown() })).default([]),
});

/** The key of a request that was opened. @throws Fault `desk-unavailable` */
export const parseOpened = reader(z.object({ issueKey: key }), ({ issueKey }) => issueKey);
/** @throws Fault `desk-unavailable` */
export const parseCustomer = reader(customer, (one) => one);
/** @throws Fault `desk-unavailable` */
export const parseCustomers = reader(z.object({ values: z.array(customer) }), ({ values }) => values);
/** Whether a request is done, and since when. @throws Fault `desk-unavailable` */
export const parseRequest = reader(request, ({ currentStatus }) => ({
  isDone: currentStatus.statusCategory === 'DONE',
  since: currentStatus.statusDate.epochMillis,
}));
/** Requests by key and summary. @throws Fault `desk-unavailable` */
export const parseRequests = reader(z.object({ values: z.array(request) }), ({ values }) =>
  values.map(({ issueKey, requestFieldValues }) => ({
    key: issueKey,
    summary: requestFieldValues.find(({ fieldId }) => fieldId === 'summary')?.value,
  })),
);

function reader<T, R>(schema: z.ZodType<T>, take: (value: T) => R): (body: unknown) => R {
  return (body) => {
    const parsed = schema.safeParse(body);
    if (parsed.success) return take(parsed.data);
    throw new Fault('desk-unavailable', { why: 'answer-odd', path: placeIn(parsed.error, schema) });
  };
}
