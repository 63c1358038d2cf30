import { pointsOf } from '../budget/cost.ts';
import type { Http, HttpAnswer, HttpAsk, HttpOpened, HttpUpload } from '../http.ts';
import type { Priority } from '../model/budget.ts';
import type { IssueId } from '../model/ids.ts';
import type { TenantRef } from '../model/tenant.ts';
import type { Clock, Door } from '../ports.ts';
import { Fault } from '../verdict.ts';
import type { Governed, Governor } from './governor.ts';
import { readRateSigns } from '../wire/rateLimit.ts';

/** What every call of one site shares. */
export interface Site {
  readonly tenant: TenantRef;
  readonly trace: string;
  readonly priority: Priority;
  /** Hears what each call cost. */
  readonly meter: (points: number) => void;
  /** Asked at the last moment before each write, when it may have waited long for its turn; what it throws stops it. */
  readonly mayWrite: () => Promise<void>;
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
  /** A file instead of a body, and how long it may take. It is sent once: a stream cannot be repeated. */
  readonly upload?: HttpUpload;
  readonly deadlineMs?: number;
  /** Statuses beside 2xx that the caller reads by itself; all others are faults. */
  readonly accept?: readonly number[];
}

/** An answer that the caller asked for: 2xx or one of `accept`. `body` is parsed JSON, `undefined` when there is none. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Names in lower case. */
  readonly headers: HttpAnswer['headers'];
}

/** Jira's own limit for slow calls is a minute; a function has other work to do. */
const DEADLINE_MS = 15_000;
/** Questions about permissions are never asked twice for one wish: they alone have used up quotas. @see RIVALS.md C17 */
const ASKED_ONCE = /^\/(?:permissions|mypermissions)(?:[/?]|$)/;
const API = '/rest/api/3';
/** Of Jira Software's own operations: boards and sprints. */
const AGILE = '/rest/agile/1.0';
const PREFIX = new RegExp(`^(?:${API}|${AGILE})`);

/**
 * Calls the site's REST API once; twice when the first answer is a 429 with a short wait. Each time the governor lets it go first.
 * @throws Fault `jira-unauthorised`, `jira-forbidden`, `jira-not-found`, `jira-refused`, `jira-rate-limited` (with `retryAfterMs`),
 * `jira-unavailable`, `jira-answer-odd`
 */
export async function call(site: Site, ask: Call): Promise<Answer> {
  return governedCall(site, ask, governed(site, ask));
}

/** Writes, to an issue or a new one: spaced by the governor, and traced, so that the webhooks it causes can be told apart. */
export async function write(site: Site, issue: IssueId | 'new', ask: Call): Promise<Answer> {
  const about = { ...governed(site, ask), isWrite: true };
  return governedCall(site, ask, issue === 'new' ? about : { ...about, issue });
}

function governed({ tenant: { tenant }, priority }: Site, ask: Call): Governed {
  return { tenant, priority, method: ask.method, path: ask.target.replace(PREFIX, ''), isWrite: false };
}

async function governedCall(site: Site, ask: Call, about: Governed): Promise<Answer> {
  await site.governor.admit(about);
  const first = await send(site, ask, about);
  site.meter(pointsOf(about, first.body));
  const restMs = await site.governor.learn(about, first);
  if (first.status !== 429) return read(ask, first, restMs);
  if (ASKED_ONCE.test(about.path) || ask.upload !== undefined) throw limited(first, restMs);
  // A rest that is too long for a function comes out of here as a fault.
  await site.governor.admit(about);
  const second = await send(site, ask, about);
  site.meter(pointsOf(about, second.body));
  const moreMs = await site.governor.learn(about, second);
  if (second.status === 429) throw limited(second, moreMs);
  return read(ask, second, moreMs);
}

function limited({ status, headers }: HttpAnswer, retryAfterMs: number): Fault {
  return new Fault('jira-rate-limited', {
    status,
    retryAfterMs,
    reason: readRateSigns(status, headers, 0).reason ?? '',
  });
}

async function send(site: Site, ask: Call, { isWrite }: Governed): Promise<HttpAnswer> {
  const signed = await authorised(site, ask);
  if (isWrite) await site.mayWrite();
  try {
    return await site.http.send(signed);
  } catch (thrown) {
    throw translated(thrown);
  }
}

/**
 * Opens an answer whose body is larger than memory should hold. Any 2xx or accepted status is given; nothing is repeated.
 * @throws Fault as {@link call}
 */
export async function open(site: Site, ask: Call): Promise<HttpOpened> {
  const about = governed(site, ask);
  await site.governor.admit(about);
  const opened = await begin(site, ask);
  const { status, headers } = opened;
  const restMs = await site.governor.learn(about, { status, headers, body: undefined });
  if (isAccepted(ask, status)) return opened;
  await leave(opened);
  if (status === 429) throw limited({ status, headers, body: undefined }, restMs);
  throw faultOf({ status, headers, body: undefined }, restMs);
}

async function begin(site: Site, ask: Call): Promise<HttpOpened> {
  const signed = await authorised(site, ask);
  try {
    return await site.http.open(signed);
  } catch (thrown) {
    throw translated(thrown);
  }
}

/** Gives the connection of an opened answer back without reading on. */
export async function leave({ chunks }: HttpOpened): Promise<void> {
  for await (const chunk of chunks) if (chunk.byteLength >= 0) return;
}

async function authorised(site: Site, { method, target, body, upload, deadlineMs }: Call): Promise<HttpAsk> {
  const { baseUrl, authorization } = await site.door.authorise(site.tenant, method, target);
  return {
    method,
    url: `${baseUrl}${target}`,
    headers: {
      authorization,
      ...(method === 'GET' ? {} : { 'x-atlassian-webhook-trace': site.trace }),
      // Jira takes no file without it. @see ATLASSIAN.md §6.3
      ...(upload === undefined ? {} : { 'x-atlassian-token': 'no-check' }),
    },
    ...(body === undefined ? {} : { json: body }),
    ...(upload === undefined ? {} : { upload }),
    deadlineMs: deadlineMs ?? DEADLINE_MS,
  };
}

/** No answer at all is the site's trouble; an answer that cannot be read is odd; the rest is ours. */
function translated(thrown: unknown): unknown {
  if (!(thrown instanceof Fault)) return thrown;
  if (thrown.code === 'outside-unavailable') return new Fault('jira-unavailable', thrown.facts, thrown);
  return thrown.code === 'outside-answer-odd' ? new Fault('jira-answer-odd', thrown.facts, thrown) : thrown;
}

function read(ask: Call, raw: HttpAnswer, restMs: number): Answer {
  const { status } = raw;
  if (isAccepted(ask, status)) return { status, body: raw.body, headers: raw.headers };
  throw faultOf(raw, restMs);
}

function isAccepted({ accept = [] }: Call, status: number): boolean {
  return (status >= 200 && status < 300) || accept.includes(status);
}

/** The fault that an unwanted status amounts to. */
function faultOf({ status }: HttpAnswer, restMs: number): Fault {
  if (status === 401) return new Fault('jira-unauthorised', { status });
  if (status === 403) return new Fault('jira-forbidden', { status });
  if (status === 404 || status === 410) return new Fault('jira-not-found', { status });
  // 409: somebody else writes the same issue at this moment.
  if (status >= 500 || status === 408 || status === 409)
    return new Fault('jira-unavailable', restMs > 0 ? { status, retryAfterMs: restMs } : { status });
  if (status >= 400) return new Fault('jira-refused', { status });
  return new Fault('jira-answer-odd', { status });
}

/** A path and query: `target('/issue/{}/comment', [id], { maxResults: 100 })`, every part encoded. */
export function target(path: string, parts: readonly string[] = [], query: Query = {}): string {
  return `${API}${filledPath(path, parts, query)}`;
}

/** The same for Jira Software's own operations: boards and sprints. */
export function agileTarget(path: string, parts: readonly string[] = [], query: Query = {}): string {
  return `${AGILE}${filledPath(path, parts, query)}`;
}

type Query = Readonly<Record<string, string | number>>;

function filledPath(path: string, parts: readonly string[], query: Query): string {
  const rest = [...parts];
  const filled = path.replaceAll('{}', () => encodeURIComponent(rest.shift() ?? ''));
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${filled}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}
