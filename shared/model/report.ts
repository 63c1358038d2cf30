import type { ReportId } from './ids.ts';
import type { TenantRef } from './tenant.ts';

/**
 * How a report stands. `shown`: a person has seen it and has not agreed; nothing has left. `waiting`: agreed, and on its way to the desk.
 * `open` and `closed` are what the desk says of its ticket; `refused`: the desk takes it for good not.
 */
export const reportStates = ['shown', 'waiting', 'open', 'closed', 'refused'] as const;
export type ReportState = (typeof reportStates)[number];

/** `notices`: a report has to be brought to the desk, or its ticket looked at. A hint: what is due is read when it is done. */
export interface ReportAsk extends TenantRef {
  readonly kind: 'report';
  readonly report: ReportId;
  readonly at: number;
}

/** `notices`: a ticket at the desk has to go. */
export interface TicketErasure {
  readonly kind: 'erase-ticket';
  readonly report: ReportId;
  readonly at: number;
}
