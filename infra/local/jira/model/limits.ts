/** Numbers of Jira's rate limits. @see ATLASSIAN.md §6.1 */
export interface LimitNumbers {
  /** Points per UTC hour of one app, over all its tenants (tier 1). */
  readonly pointsPerHour: number;
  /**
   * Points per UTC hour of each tenant alone (tier 2), instead of the app's. `isBeta`: Jira only tells of it, in headers that begin with
   * `Beta-`, and enforces the app's.
   */
  readonly tenant?: { readonly pointsPerHour: number; readonly isBeta?: boolean };
  /** Requests per second, per tenant and operation. */
  readonly burst: {
    readonly read: number;
    readonly write: number;
    readonly getIssue: number;
    readonly changelog: number;
    /** 300 when absent. */
    readonly attachmentContent?: number;
  };
  /** Writes on one issue, each within its window. */
  readonly perIssue: readonly { readonly writes: number; readonly windowMs: number }[];
}

/** What Atlassian published on 2026-08-12. */
export const PUBLISHED_LIMITS: LimitNumbers = {
  pointsPerHour: 65_000,
  burst: { read: 100, write: 50, getIssue: 150, changelog: 200, attachmentContent: 300 },
  perIssue: [
    { writes: 20, windowMs: 2_000 },
    { writes: 100, windowMs: 30_000 },
  ],
};

/** Everything counted so far. Kept apart from the world: it is not worth persisting. */
export interface Meter {
  readonly numbers: LimitNumbers;
  hour: number;
  points: number;
  /** Of the points, each tenant's. */
  readonly tenants: Map<string, number>;
  /** Instants of calls, by tenant and operation. */
  readonly bursts: Map<string, number[]>;
  /** Instants of writes, by tenant and issue. */
  readonly writes: Map<string, number[]>;
}

/** One call to weigh. */
export interface Weighed {
  readonly tenant: string;
  readonly operation: string;
  readonly method: string;
  /** Set for writes on one issue. */
  readonly issueId?: string | undefined;
  readonly now: number;
}

/** Why a call is refused, with the headers Jira sends along. */
export interface Refusal {
  readonly reason:
    | 'jira-quota-global-based'
    | 'jira-quota-tenant-based'
    | 'jira-burst-based'
    | 'jira-per-issue-on-write';
  readonly headers: Readonly<Record<string, string>>;
}

const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;
/** Share of the points below which Jira sends `X-RateLimit-NearLimit`. */
const NEAR_LIMIT = 0.2;
/** Keys kept per map before the oldest are forgotten; a key is idle long before that. */
const KEY_LIMIT = 20_000;

/** A meter with nothing counted. */
export function newMeter(numbers: LimitNumbers = PUBLISHED_LIMITS): Meter {
  return { numbers, hour: 0, points: 0, tenants: new Map(), bursts: new Map(), writes: new Map() };
}

/** Counts a call, or says why it is refused; a refused call is not counted. */
export function admit(meter: Meter, call: Weighed): Refusal | undefined {
  const hour = Math.floor(call.now / HOUR_MS);
  if (hour !== meter.hour) {
    Object.assign(meter, { hour, points: 0 });
    meter.tenants.clear();
  }
  const { limit, spent, isOwn } = quotaOf(meter, call.tenant);
  if (spent >= limit) {
    const reason = isOwn ? 'jira-quota-tenant-based' : 'jira-quota-global-based';
    return refusal(meter, call.tenant, { reason, now: call.now, resetAt: (hour + 1) * HOUR_MS, limit });
  }
  const burstKey = `${call.tenant} ${call.operation}`;
  const burst = burstOf(meter.numbers, call);
  const full = fullUntil(meter.bursts.get(burstKey), burst, SECOND_MS, call.now);
  const told = { reason: 'jira-burst-based', now: call.now, limit: burst } as const;
  if (full !== undefined) return refusal(meter, call.tenant, { ...told, resetAt: full });
  const issueRefusal =
    call.issueId === undefined ? undefined : admitWrite(meter, call, `${call.tenant} ${call.issueId}`);
  if (issueRefusal !== undefined) return issueRefusal;
  count(meter.bursts, burstKey, call.now, SECOND_MS);
  return undefined;
}

function admitWrite(meter: Meter, call: Weighed, key: string): Refusal | undefined {
  const instants = meter.writes.get(key);
  for (const { writes, windowMs } of meter.numbers.perIssue) {
    const full = fullUntil(instants, writes, windowMs, call.now);
    const told = { reason: 'jira-per-issue-on-write', now: call.now, limit: writes } as const;
    if (full !== undefined) return refusal(meter, call.tenant, { ...told, resetAt: full });
  }
  count(meter.writes, key, call.now, Math.max(...meter.numbers.perIssue.map((limit) => limit.windowMs)));
  return undefined;
}

/** The instant from which one more call fits, when none fits now. */
function fullUntil(
  instants: readonly number[] | undefined,
  limit: number,
  windowMs: number,
  now: number,
): number | undefined {
  const recent = (instants ?? []).filter((at) => at > now - windowMs);
  return recent.length < limit ? undefined : (recent[recent.length - limit] ?? now) + windowMs;
}

function count(map: Map<string, number[]>, key: string, now: number, keepMs: number): void {
  const kept = (map.get(key) ?? []).filter((at) => at > now - keepMs);
  kept.push(now);
  map.delete(key);
  map.set(key, kept);
  const oldest = map.keys().next().value;
  if (map.size > KEY_LIMIT && oldest !== undefined) map.delete(oldest);
}

function burstOf(numbers: LimitNumbers, call: Weighed): number {
  if (call.operation === 'getIssue') return numbers.burst.getIssue;
  if (call.operation === 'getChangeLogs' || call.operation === 'getBulkChangelogs') return numbers.burst.changelog;
  if (call.operation === 'getAttachmentContent') return numbers.burst.attachmentContent ?? 300;
  return call.method === 'PUT' || call.method === 'DELETE' ? numbers.burst.write : numbers.burst.read;
}

/** Adds what an answered call cost: 1, and 1 per core object or 2 per identity object it returned; writes cost 1. */
export function charge(
  meter: Meter,
  tenant: string,
  objects: { readonly core: number; readonly identity: number },
): void {
  const points = 1 + objects.core + 2 * objects.identity;
  meter.points += points;
  meter.tenants.set(tenant, (meter.tenants.get(tenant) ?? 0) + points);
}

/** The pool that counts for a tenant: its own, or that of all. */
function quotaOf({ numbers, points, tenants }: Meter, tenant: string) {
  const own = numbers.tenant;
  return own === undefined || own.isBeta === true
    ? { limit: numbers.pointsPerHour, spent: points, isOwn: false }
    : { limit: own.pointsPerHour, spent: tenants.get(tenant) ?? 0, isOwn: true };
}

/** The headers that tell an app where it stands, sent with every answer. */
export function standing(meter: Meter, tenant: string, now: number): Readonly<Record<string, string>> {
  const { limit, spent, isOwn } = quotaOf(meter, tenant);
  const resetAt = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
  const remaining = Math.max(0, limit - spent);
  const name = isOwn ? 'tenant-quota' : 'global-app-quota';
  const seconds = Math.ceil((resetAt - now) / SECOND_MS);
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': new Date(resetAt).toISOString(),
    ...structured('', name, limit, remaining, seconds),
    ...betaOf(meter, tenant, seconds),
    ...(remaining < limit * NEAR_LIMIT ? { 'X-RateLimit-NearLimit': 'true' } : {}),
  };
}

function structured(prefix: '' | 'Beta-', name: string, limit: number, remaining: number, seconds: number) {
  return {
    [`${prefix}RateLimit-Policy`]: `"${name}";q=${limit};w=3600`,
    [`${prefix}RateLimit`]: `"${name}";r=${remaining};t=${seconds}`,
  };
}

/** What Jira tells of a limit that it does not enforce yet. */
function betaOf({ numbers, tenants }: Meter, tenant: string, seconds: number): Readonly<Record<string, string>> {
  if (numbers.tenant?.isBeta !== true) return {};
  const { pointsPerHour } = numbers.tenant;
  const left = Math.max(0, pointsPerHour - (tenants.get(tenant) ?? 0));
  return structured('Beta-', 'tenant-quota', pointsPerHour, left, seconds);
}

interface Refused {
  readonly reason: Refusal['reason'];
  readonly now: number;
  readonly resetAt: number;
  readonly limit: number;
}

function refusal(meter: Meter, tenant: string, { reason, now, resetAt, limit }: Refused): Refusal {
  const seconds = Math.max(1, Math.ceil((resetAt - now) / SECOND_MS));
  return {
    reason,
    headers: {
      ...standing(meter, tenant, now),
      'Retry-After': String(seconds),
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': '0',
      'X-RateLimit-Reset': new Date(resetAt).toISOString(),
      'X-RateLimit-NearLimit': 'true',
      'RateLimit-Reason': reason,
    },
  };
}
