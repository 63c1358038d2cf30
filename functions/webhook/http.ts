/** The routes of the webhook function. @see ATLASSIAN.md §5 */
import type { Bus } from '../../shared/ports.ts';
import type { Route } from '../edge.ts';
import { receiveChange } from './receiveChange.ts';

/** Jira drops what is larger. */
const MAX_BODY_BYTES = 25 * 1024 * 1024;

export interface WebhookPorts {
  readonly bus: Bus;
}

/** One address for all of Jira's events. */
export function webhookRoutes(ports: WebhookPorts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/webhook/jira',
      policy: 'site',
      maxBodyBytes: MAX_BODY_BYTES,
      handle: async (request, principal) => ({
        verdict: await receiveChange(ports.bus, principal, request),
      }),
    },
  ];
}
