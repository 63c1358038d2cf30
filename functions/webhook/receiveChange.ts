/** From a verified webhook to a published change. */
import type { Principal } from '../../shared/model/tenant.ts';
import type { Bus } from '../../shared/ports.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { TRACE_HEADER, parseTrace, parseWebhook } from '../../shared/wire/webhook.ts';
import type { EdgeRequest } from '../edge.ts';

/**
 * Publishes ids and times, never content, and ends only when the publish is confirmed: the answer is our promise to Jira
 * that it need not repeat. Reads no store. A change of a tenant that is not active is dropped; it is caught up when the
 * tenant returns.
 * @throws Fault `publish-failed`, on which Jira repeats
 */
export async function receiveChange(
  bus: Bus,
  principal: Principal,
  { body, headers, receivedAt }: Pick<EdgeRequest, 'body' | 'headers' | 'receivedAt'>,
): Promise<Verdict> {
  const change = parseWebhook(body, receivedAt);
  if (typeof change === 'string') return verdict(change, { tenant: principal.tenant.tenant });
  if (!principal.isActive) return verdict('tenant-not-active', { tenant: principal.tenant.tenant });
  const { tenant, generation } = principal.tenant;
  const trace = parseTrace(headers[TRACE_HEADER]);
  const echo = trace === undefined ? {} : { echoOf: trace };
  await bus.publish('issue-changes', { kind: 'issue-change', tenant, generation, ...change, receivedAt, ...echo });
  return verdict('accepted', { tenant, issue: change.issue, what: change.what });
}
