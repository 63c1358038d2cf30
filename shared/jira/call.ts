import type { Http, HttpAnswer, HttpAsk } from '../http.ts';
import type { TenantRef } from '../model/tenant.ts';
import type { Clock, Door } from '../ports.ts';
import { Fault } from '../verdict.ts';
import type { Governor } from './governor.ts';

/** What every call of one site shares. */
export interface Site {
  readonly tenant: TenantRef;
  readonly trace: string;
  readonly door: Door;
  readonly http: Http;
  readonly clock: Clock;
  readonly governor: Governor;
}

/** One call of the REST API. `target` is path and query, encoded. */
export interface Call {
  readonly method: HttpAsk['method'];
  readonly target: string;
  readonly body?: unknown;
  /** Statuses beside 2xx that the caller reads by itself; all others are faults. */
  readonly accept?: readonly number[];
}

/** An answer that the caller asked for: 2xx or one of `accept`. `body` is parsed JSON, `undefined` when there is none. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Jira's own limit for slow calls is a minute; a function has other work to do. */
const DEADLINE_MS = 15_000;
/** A wait up to here happens inside the function, once; a longer one parks the twin. */
const MAX_SHORT_WAIT_MS = 2_000;
/** What a 429 without `Retry-After` asks for. @see ATLASSIAN.md §6.1: the gateway sends such ones */
const DEFAULT_RETRY_MS = 30_000;
/** Quotas are per hour, so no honest answer asks for more. */
const MAX_RETRY_MS = 3_600_000;

/**
 * Calls the site's REST API once; twice when the first answer is a 429 with a short wait.
 * @throws Fault `jira-unauthorised`, `jira-forbidden`, `jira-not-found`, `jira-refused`, `jira-rate-limited` (with `retryAfterMs`),
 * `jira-unavailable`, `jira-answer-odd`
 */
export async function call(site: Site, ask: Call): Promise<Answer> {
  const first = await send(site, ask);
  if (first.status !== 429) return read(ask, first);
  const waitMs = retryAfterOf(first);
  if (waitMs > MAX_SHORT_WAIT_MS) return read(ask, first);
  await site.clock.sleep(waitMs);
  return read(ask, await send(site, ask));
}

/** Writes to an issue: spaced by the governor, and traced, so that the webhooks it causes can be told apart. */
export async function write(site: Site, issue: string, ask: Call): Promise<Answer> {
  await site.governor.admit(`${site.tenant.tenant}/${issue}`);
  return call(site, ask);
}

async function send(site: Site, { method, target, body }: Call): Promise<HttpAnswer> {
  const { baseUrl, authorization } = await site.door.authorise(site.tenant, method, target);
  const ask: HttpAsk = {
    method,
    url: `${baseUrl}${target}`,
    headers: { authorization, ...(method === 'GET' ? {} : { 'x-atlassian-webhook-trace': site.trace }) },
    ...(body === undefined ? {} : { json: body }),
    deadlineMs: DEADLINE_MS,
  };
  try {
    return await site.http.send(ask);
  } catch (thrown) {
    throw translated(thrown);
  }
}

/** No answer at all is the site's trouble; an answer that cannot be read is odd; the rest is ours. */
function translated(thrown: unknown): unknown {
  if (!(thrown instanceof Fault)) return thrown;
  if (thrown.code === 'outside-unavailable') return new Fault('jira-unavailable', thrown.facts, thrown);
  return thrown.code === 'outside-answer-odd' ? new Fault('jira-answer-odd', thrown.facts, thrown) : thrown;
}

function read(ask: Call, raw: HttpAnswer): Answer {
  const { status } = raw;
  const isAccepted = (status >= 200 && status < 300) || ask.accept?.includes(status) === true;
  if (isAccepted) return { status, body: raw.body };
  throw faultOf(raw);
}

/** The fault that an unwanted status amounts to. */
function faultOf(raw: HttpAnswer): Fault {
  const { status } = raw;
  if (status === 429) {
    const reason = raw.headers['ratelimit-reason'] ?? '';
    return new Fault('jira-rate-limited', { status, retryAfterMs: retryAfterOf(raw), reason });
  }
  if (status === 401) return new Fault('jira-unauthorised', { status });
  if (status === 403) return new Fault('jira-forbidden', { status });
  if (status === 404 || status === 410) return new Fault('jira-not-found', { status });
  // 409: somebody else writes the same issue at this moment.
  if (status >= 500 || status === 408 || status === 409) return new Fault('jira-unavailable', { status });
  if (status >= 400) return new Fault('jira-refused', { status });
  return new Fault('jira-answer-odd', { status });
}

function retryAfterOf({ headers }: HttpAnswer): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds < 0) return DEFAULT_RETRY_MS;
  return Math.min(MAX_RETRY_MS, Math.ceil(seconds * 1_000));
}

/** A path and query: `target('/issue/{}/comment', [id], { maxResults: 100 })`, every part encoded. */
export function target(
  path: string,
  parts: readonly string[] = [],
  query: Readonly<Record<string, string | number>> = {},
): string {
  const rest = [...parts];
  const filled = path.replaceAll('{}', () => encodeURIComponent(rest.shift() ?? ''));
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `/rest/api/3${filled}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}
