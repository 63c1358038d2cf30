/** What the headers of an answer say of Jira's limits. @see ATLASSIAN.md §6.1 */

/** What has run out, when a call was refused with 429. `unknown`: a gateway, or a reason that is not documented. */
export type LimitReason = 'app-quota' | 'tenant-quota' | 'burst' | 'issue' | 'unknown';

/** The headers, read. Instants are epoch milliseconds. */
export interface RateSigns {
  /** Only of a 429. */
  readonly reason?: LimitReason;
  readonly retryAfterMs?: number;
  readonly resetAt?: number;
  /** What the hourly quota has left; never the numbers of a burst. */
  readonly quota?: {
    readonly limit: number;
    readonly remaining: number;
    /** Of this tenant alone; otherwise of all tenants of the app. */
    readonly isOwn?: true;
  };
  /** Less than a fifth of the quota is left. */
  readonly isNear: boolean;
}

type Headers = Readonly<Record<string, string>>;

/** Quotas are per hour, so no honest answer asks for more. */
const MAX_WAIT_MS = 3_600_000;

/**
 * Reads an answer's headers; names in lower case. `Beta-` headers tell of limits that are not enforced and are not read. What cannot
 * be understood is left out: a header is never a reason to fail.
 */
export function readRateSigns(status: number, headers: Headers, now: number): RateSigns {
  const reason = status === 429 ? reasonOf(headers['ratelimit-reason']) : undefined;
  const retryAfterMs = waitOf(headers['retry-after'], now);
  const resetAt = instantOf(headers['x-ratelimit-reset'], now);
  const quota = quotaOf(headers, reason);
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(resetAt === undefined ? {} : { resetAt }),
    ...(quota === undefined ? {} : { quota }),
    isNear: headers['x-ratelimit-nearlimit'] === 'true' && (reason === undefined || reason.endsWith('quota')),
  };
}

function reasonOf(text: string | undefined): LimitReason {
  switch (text) {
    case 'jira-quota-global-based':
      return 'app-quota';
    case 'jira-quota-tenant-based':
      return 'tenant-quota';
    case 'jira-burst-based':
      return 'burst';
    case 'jira-per-issue-on-write':
      return 'issue';
    default:
      return 'unknown';
  }
}

/** Seconds or a date. */
function waitOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const isDate = /^[A-Z][a-z]{2},? /.test(text);
  const ms = isDate ? Date.parse(text) - now : /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1_000 : Number.NaN;
  return Number.isFinite(ms) ? Math.min(MAX_WAIT_MS, Math.max(0, Math.ceil(ms))) : undefined;
}

function instantOf(text: string | undefined, now: number): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isFinite(at) && at <= now + MAX_WAIT_MS ? at : undefined;
}

/** The structured header names its policy; the plain ones speak of whatever was hit. */
function quotaOf(headers: Headers, reason: LimitReason | undefined): RateSigns['quota'] {
  const [, name, policy] =
    /"([a-z-]*quota[a-z-]*)"\s*;(?:[^,]*;)?\s*q=(\d+)/.exec(headers['ratelimit-policy'] ?? '') ?? [];
  const left = /"[a-z-]*quota[a-z-]*"\s*;(?:[^,]*;)?\s*r=(\d+)/.exec(headers['ratelimit'] ?? '')?.[1];
  const own = name?.startsWith('tenant') === true || reason === 'tenant-quota' ? ({ isOwn: true } as const) : {};
  if (policy !== undefined && left !== undefined) return { limit: Number(policy), remaining: Number(left), ...own };
  if (reason === 'burst' || reason === 'issue' || reason === 'unknown') return undefined;
  const [limit, remaining] = [headers['x-ratelimit-limit'], headers['x-ratelimit-remaining']];
  if (!isCount(limit) || !isCount(remaining)) return undefined;
  return { limit: Number(limit), remaining: Number(remaining), ...own };
}

function isCount(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,9}$/.test(text);
}
