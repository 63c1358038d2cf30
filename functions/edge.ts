/**
 * The two wrappers between the framework and our handlers: parse, verify, call, answer, one log line.
 * Every request and every message ends here with a code of `shared/verdict.ts`; nothing else leaves a function.
 */
import type { Message } from '../shared/model/message.ts';
import type { Principal } from '../shared/model/tenant.ts';
import type { Clock, Door, Log } from '../shared/ports.ts';
import { helpPath, meaningOf, toFault, verdict } from '../shared/verdict.ts';
import type { Code, Fault, Verdict } from '../shared/verdict.ts';
import { parseBody } from '../shared/wire/body.ts';
import { parseMessage } from '../shared/wire/message.ts';

/** A request as a handler sees it. */
export interface EdgeRequest {
  readonly method: string;
  /** The raw path and query, as they were sent: what a query hash is made over. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The `{…}` parts of the route's path. */
  readonly params: Readonly<Record<string, string>>;
  /** The parsed JSON body; `undefined` when there is none. */
  readonly body: unknown;
  readonly receivedAt: number;
}

/** What a handler answers: a verdict, and a body when there is more to say than the code. */
export interface EdgeAnswer {
  readonly verdict: Verdict;
  /** Overrides the status of the verdict's row, for example 201 or 204. */
  readonly status?: number;
  /** Sent as JSON; a string as text and bytes as they are, with `contentType`. */
  readonly body?: unknown;
  readonly contentType?: string;
  /** The content security policy of a page, instead of the one that allows nothing. */
  readonly policy?: string;
}

/**
 * Who may call a route. `public`: anybody. `own`: the handler verifies by itself (signed installs).
 * `site`: a server-to-server token. `person`: a page's token with a person in it.
 */
export type RoutePolicy = 'public' | 'own' | 'site' | 'person';

interface RouteCommon {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A literal path with `{name}` parts. */
  readonly path: string;
  readonly maxBodyBytes?: number;
  /** The body is neither read nor parsed: what the sender writes does not matter, and a form is no JSON. */
  readonly ignoresBody?: true;
}

/** One route of an HTTP function. */
export type Route = RouteCommon &
  (
    | { readonly policy: 'public' | 'own'; readonly handle: (request: EdgeRequest) => Promise<EdgeAnswer> }
    | {
        readonly policy: 'site' | 'person';
        readonly handle: (request: EdgeRequest, principal: Principal) => Promise<EdgeAnswer>;
      }
  );

/** The part of the framework's request and answer that we use. */
export interface FrameworkRequest {
  readonly method: string;
  readonly originalUrl: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawBody?: Uint8Array;
}
export interface FrameworkResponse {
  status(code: number): this;
  set(headers: Readonly<Record<string, string>>): this;
  send(body: string | Uint8Array): unknown;
}

/** What the edge itself needs. */
export interface EdgePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly doors: Readonly<Record<'connect', Door>>;
}

/** Bodies of our own pages and of lifecycle calls are small. */
const DEFAULT_MAX_BODY_BYTES = 262_144;

/** Security headers of every answer. @see ATLASSIAN.md §9.3, requirements 3 and 7 */
const SECURITY_HEADERS = {
  'cache-control': 'no-store, no-cache',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** Wraps the routes of one HTTP function for the framework. */
export function httpEdge(name: string, ports: EdgePorts, routes: readonly Route[]) {
  return async (request: FrameworkRequest, response: FrameworkResponse): Promise<void> => {
    const startedAt = ports.clock.now();
    let answer: EdgeAnswer;
    try {
      answer = await answerTo(ports, routes, request, startedAt);
    } catch (thrown) {
      const fault = toFault(thrown);
      logFault(ports.log, name, fault, {});
      answer = { verdict: verdict(fault.code, fault.facts) };
    }
    send(response, answer);
    ports.log.work(name, answer.verdict, { ms: ports.clock.now() - startedAt, method: request.method });
  };
}

async function answerTo(
  ports: EdgePorts,
  routes: readonly Route[],
  raw: FrameworkRequest,
  receivedAt: number,
): Promise<EdgeAnswer> {
  const [path, search] = splitOnce(raw.originalUrl, '?');
  const found = findRoute(routes, raw.method, path);
  if (typeof found === 'string') return { verdict: verdict(found) };
  const { route, params } = found;
  const headers = singleHeaders(raw.headers);
  const signed = { method: raw.method, target: raw.originalUrl, authorization: headers['authorization'] };
  // Verify first, parse second: a body is looked at only after its sender is known.
  const principal =
    route.policy === 'site'
      ? await ports.doors.connect.verifySite(signed)
      : route.policy === 'person'
        ? await ports.doors.connect.verifyPerson(signed)
        : undefined;
  const bytes = raw.rawBody ?? new Uint8Array();
  const isEmpty = bytes.byteLength === 0 || route.ignoresBody === true;
  const body = isEmpty ? undefined : parseBody(bytes, route.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  const request = {
    method: raw.method,
    target: raw.originalUrl,
    path,
    query: new URLSearchParams(search),
    headers,
    params,
    body,
    receivedAt,
  };
  if (route.policy === 'public' || route.policy === 'own') return route.handle(request);
  if (principal === undefined) return { verdict: verdict('token-missing') };
  return route.handle(request, principal);
}

function splitOnce(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function singleHeaders(headers: FrameworkRequest['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value?.[0],
    ]),
  );
}

function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | Code {
  let isKnown = false;
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params === undefined) continue;
    isKnown = true;
    if (route.method === method) return { route, params };
  }
  return isKnown ? 'method-refused' : 'route-unknown';
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const want = template.split('/');
  const have = path.split('/');
  if (want.length !== have.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of want.entries()) {
    const given = have[index] ?? '';
    if (part.startsWith('{') && given !== '') params[part.slice(1, -1)] = given;
    else if (part !== given) return undefined;
  }
  return params;
}

function send(response: FrameworkResponse, answer: EdgeAnswer): void {
  const { code } = answer.verdict;
  const row = meaningOf(code);
  const status = answer.status ?? row.http;
  const text = status === 204 ? '' : textOf(answer.body ?? shortOf(code));
  response
    .status(status)
    .set({
      ...SECURITY_HEADERS,
      ...(answer.policy === undefined ? {} : { 'content-security-policy': answer.policy }),
      'content-type': answer.contentType ?? 'application/json; charset=utf-8',
    })
    .send(text);
}

/** The body of an answer that has none: a refusal or a fault says where its help is. */
function shortOf(code: Code): unknown {
  const { kind, says } = meaningOf(code);
  return kind === 'refused' || kind === 'fault' ? { code, says, help: helpPath(code) } : { code, says };
}

function textOf(body: unknown): string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
}

/** What the framework hands to an event handler: a CloudEvent whose data hold a Pub/Sub message. */
export interface PubSubEvent {
  readonly id?: string;
  readonly data?: unknown;
}

/**
 * Wraps the handler of one event function. Throws only what the queue shall bring again: everything else is
 * acknowledged, so that no message can poison the subscription.
 */
export function eventEdge(
  name: string,
  ports: Pick<EdgePorts, 'clock' | 'log'>,
  handle: (message: Message) => Promise<Verdict>,
) {
  // Exactly one parameter: the framework treats a second one as a callback.
  return async (event: PubSubEvent): Promise<void> => {
    const startedAt = ports.clock.now();
    try {
      const message = parseMessage(payloadOf(event.data));
      const ended = await handle(message);
      ports.log.work(name, ended, { ms: ports.clock.now() - startedAt, kind: message.kind });
    } catch (thrown) {
      const fault = toFault(thrown);
      logFault(ports.log, name, fault, { ms: ports.clock.now() - startedAt });
      if (meaningOf(fault.code).retry) throw fault;
    }
  };
}

function payloadOf(data: unknown): unknown {
  const message = isRecord(data) ? data['message'] : undefined;
  const encoded = isRecord(message) ? message['data'] : undefined;
  if (typeof encoded !== 'string') return undefined;
  return parseBody(Buffer.from(encoded, 'base64'), DEFAULT_MAX_BODY_BYTES);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function logFault(log: Log, name: string, fault: Fault, facts: Readonly<Record<string, string | number>>): void {
  // A refusal is an answer, not trouble: the work line tells it.
  if (meaningOf(fault.code).kind === 'refused') return;
  log.fault(name, fault.code, { ...fault.facts, ...facts }, fault.cause ?? fault);
}

/** Another worker has taken the same step of the same work: it goes on there, and the tick watches over it. */
export async function overtaken(ending: Promise<Verdict>): Promise<Verdict> {
  try {
    return await ending;
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'store-changed') return verdict('more-to-do', { overtaken: true });
    throw fault;
  }
}
