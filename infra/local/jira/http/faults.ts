import type { Denial } from '../model/types.ts';

/** A failure of the REST interface. */
export interface ApiError {
  /** Operation id; absent: any. */
  readonly operation?: string;
  /** Site name; absent: any. */
  readonly site?: string;
  readonly status: number;
  /** How many calls still fail; counted down. */
  count: number;
  /** `after` does the work and loses the answer; `before` (the default) does nothing. */
  readonly when?: 'before' | 'after';
  /** Sent along, `Retry-After` for instance. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Everything that can be made to go wrong. Change it at any time; probabilities are 0 to 1. */
export interface Faults {
  /** Share of webhooks that are never sent. */
  loseWebhook: number;
  /** Share of webhooks that are sent twice, with the same identifier. */
  doubleWebhook: number;
  /** Webhooks overtake each other. */
  reorder: boolean;
  /** Every webhook waits this long. */
  delayMs: number;
  /** The next `count` deliveries never arrive and count as answered so: an outage on the way to the add-on. */
  refuse: { readonly status: number; count: number } | null;
  /** Every REST call takes this much longer. */
  slowMs: number;
  apiErrors: ApiError[];
  /** Permissions taken away; without an account it is the add-on's user who lost them. */
  readonly permissionLost: Denial[];
}

/** Nothing goes wrong. `denials` is the world's own list, so that a switch here acts there. */
export function noFaults(denials: Denial[]): Faults {
  return {
    loseWebhook: 0,
    doubleWebhook: 0,
    reorder: false,
    delayMs: 0,
    refuse: null,
    slowMs: 0,
    apiErrors: [],
    permissionLost: denials,
  };
}

/** Takes the next planned failure of an operation, counting it down. */
export function takeApiError(faults: Faults, site: string, operation: string): ApiError | undefined {
  const error = faults.apiErrors.find(
    (one) => one.count > 0 && (one.operation ?? operation) === operation && (one.site ?? site) === site,
  );
  if (error !== undefined) error.count -= 1;
  return error;
}
