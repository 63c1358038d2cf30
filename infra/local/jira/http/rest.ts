import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Judged, type Violation, judgeRequest, judgeResponse } from '../contract/judge.ts';
import { type Meter, admit, charge, standing } from '../model/limits.ts';
import { JiraProblem, refuse } from '../model/problem.ts';
import { lookUp } from '../model/records.ts';
import type { Act, Person, Site, World } from '../model/types.ts';
import { authenticate } from './authenticate.ts';
import type { Answer, Call, Handlers, UploadedFile } from './call.ts';
import type { Listener } from './events.ts';
import { type Faults, takeApiError } from './faults.ts';
import type { Files } from './files.ts';
import { sendFile } from './media.ts';
import { addonHandlers } from './operations/addon.ts';
import { agileHandlers } from './operations/agile.ts';
import { attachmentHandlers } from './operations/attachments.ts';
import { audienceHandlers } from './operations/audience.ts';
import { commentHandlers } from './operations/comments.ts';
import { issueHandlers } from './operations/issues.ts';
import { jqlHandlers } from './operations/jql.ts';
import { listHandlers } from './operations/lists.ts';
import { linkHandlers } from './operations/links.ts';
import { metaHandlers } from './operations/meta.ts';
import { peopleHandlers } from './operations/people.ts';
import { placeHandlers } from './operations/places.ts';
import { reportHandlers } from './operations/report.ts';
import { searchHandlers } from './operations/search.ts';
import { worklogHandlers } from './operations/worklogs.ts';
import { readBody } from './request.ts';
import { takeUpload } from './upload.ts';

const HANDLERS: Handlers = {
  ...issueHandlers,
  ...commentHandlers,
  ...searchHandlers,
  ...metaHandlers,
  ...placeHandlers,
  ...peopleHandlers,
  ...agileHandlers,
  ...listHandlers,
  ...jqlHandlers,
  ...worklogHandlers,
  ...attachmentHandlers,
  ...linkHandlers,
  ...audienceHandlers,
  ...addonHandlers,
  ...reportHandlers,
};
/** Header that marks an answer to a call, or an answer itself, that leaves the contract. */
export const VIOLATION_HEADER = 'x-standin-violation';
/** Longest trace an app may send along. @see ATLASSIAN.md §5 */
const TRACE = /^[\x20-\x7e]{1,1024}$/;
/** Violations kept; the first ones tell what is wrong. */
const VIOLATION_LIMIT = 1_000;

/** What serving one site needs. */
export interface Serving {
  readonly world: World;
  readonly clock: { now(): number };
  readonly meter: Meter;
  readonly faults: Faults;
  readonly violations: Violation[];
  readonly files: Files;
  readonly tell: Listener;
  /** Sends out what the call made happen. */
  drain(site: Site): void;
}

/** What is known of a request so far; filled as it goes along. */
interface Progress {
  operation: string;
  person: Person | undefined;
  issue: string | undefined;
}

/** Answers one request to a site's REST interface. Never throws. */
export async function answerRest(
  serving: Serving,
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const started = performance.now();
  const progress: Progress = { operation: 'unknown', person: undefined, issue: undefined };
  const answer = await answerOf(serving, site, request, progress);
  const body = answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body));
  const limits =
    progress.person?.accountType === 'app' ? standing(serving.meter, site.clientKey, serving.clock.now()) : {};
  const headers = {
    ...limits,
    ...(body === '' ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
    'cache-control': 'no-cache, no-store, no-transform',
    ...answer.headers,
  };
  if (answer.file === undefined) {
    response.writeHead(answer.status, headers);
    response.end(body);
  } else await sendFile(serving.files, { ...answer, headers }, response);
  serving.tell({
    kind: 'api',
    at: serving.clock.now(),
    site: site.name,
    method: request.method ?? '',
    operation: progress.operation,
    status: answer.status,
    ms: Math.round(performance.now() - started),
    by: progress.person === undefined ? 'nobody' : progress.person.accountType === 'app' ? 'app' : 'person',
    ...(progress.issue === undefined ? {} : { issue: progress.issue }),
  });
}

async function answerOf(serving: Serving, site: Site, request: IncomingMessage, progress: Progress): Promise<Answer> {
  try {
    return await work(serving, site, request, progress);
  } catch (problem) {
    if (problem instanceof JiraProblem) return refusalOf(serving, progress, problem);
    console.error(`stand-in ${site.name}: ${progress.operation} failed`, problem);
    return { status: 500, body: { errorMessages: ['Internal server error'], errors: {} } };
  }
}

function refusalOf(serving: Serving, progress: Progress, problem: JiraProblem): Answer {
  if (problem.violation === undefined || progress.person?.accountType !== 'app') {
    return checked(serving, progress.operation, {
      status: problem.status,
      body: problem.body,
      headers: problem.headers,
    });
  }
  record(serving, [{ operation: progress.operation, where: 'request', path: '/body', problem: problem.violation }]);
  return {
    status: problem.status,
    body: problem.body,
    headers: { ...problem.headers, [VIOLATION_HEADER]: printable(problem.violation) },
  };
}

async function work(serving: Serving, site: Site, request: IncomingMessage, progress: Progress): Promise<Answer> {
  const [method, target] = [request.method ?? 'GET', request.url ?? '/'];
  const isUpload = request.headers['content-type']?.startsWith('multipart/form-data') ?? false;
  const { body, bytes } = isUpload ? { body: undefined, bytes: 0 } : await readBody(request);
  if (serving.faults.slowMs > 0) await sleep(serving.faults.slowMs);
  progress.person = authenticate(serving.world, site, {
    method,
    target,
    authorization: request.headers.authorization,
    now: serving.clock.now(),
  });
  if (method === 'GET' && bytes > 0) throw refuse(403, 'A GET request must not have a body.');
  const trace = request.headers['x-atlassian-webhook-trace'];
  const act: Act = {
    world: serving.world,
    site,
    actor: progress.person,
    now: serving.clock.now(),
    trace: typeof trace === 'string' && TRACE.test(trace) ? trace : undefined,
  };
  const asked = { method, url: new URL(target, 'http://localhost'), range: request.headers.range };
  if (!isUpload) return operate(serving, act, progress, { ...asked, body });
  const upload = await takeUpload(serving.files, act, request, progress);
  try {
    return operate(serving, act, progress, { ...asked, body: upload.heads, files: upload.files });
  } finally {
    upload.forgetUnused(site);
  }
}

/** A request that has been read and whose sender is known. */
interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly range: string | undefined;
  /** Of an upload: what stands above its parts. */
  readonly body: unknown;
  readonly files?: readonly UploadedFile[];
}

/** Judges a request, counts it and performs it, with the faults that were asked for. */
function operate(serving: Serving, act: Act, progress: Progress, asked: Asked): Answer {
  const { method, url, body } = asked;
  const judged = judgeRequest({ method, path: url.pathname, query: url.searchParams, body });
  if (judged === undefined) return noSuchOperation(serving, method, url.pathname);
  progress.operation = judged.operation;
  progress.issue = judged.params['issueIdOrKey'];
  if (judged.violations.length > 0) return violated(serving, judged);
  demandScope(act.site, act.actor, method, judged.operation);
  weigh(serving, act.site, act.actor, judged, method);
  const planned = takeApiError(serving.faults, act.site.name, judged.operation);
  const broken: Answer | undefined = planned && {
    status: planned.status,
    body: { errorMessages: ['A fault was asked for.'], errors: {} },
    ...(planned.headers === undefined ? {} : { headers: planned.headers }),
  };
  if (planned !== undefined && planned.when !== 'after') return broken ?? { status: planned.status };
  const call = { act, params: judged.params, query: url.searchParams, ...asked };
  const answer = perform(serving, judged, call);
  return broken ?? answer;
}

/** Runs the operation, sends out what it made happen, and holds its answer against the contract. */
function perform(serving: Serving, judged: Judged, call: Call): Answer {
  const { act } = call;
  const handler = HANDLERS[judged.operation];
  if (handler === undefined) throw new Error(`the contract has ${judged.operation}, the stand-in has not`);
  let answer: Answer;
  try {
    answer = handler(call);
  } finally {
    serving.drain(act.site);
  }
  if (act.actor.accountType === 'app')
    charge(serving.meter, act.site.clientKey, answer.objects ?? { core: 0, identity: 0 });
  return checked(serving, judged.operation, answer);
}

function checked(serving: Serving, operation: string, answer: Answer): Answer {
  if (operation === 'unknown') return answer;
  const text = answer.body === undefined ? undefined : JSON.stringify(answer.body);
  const sent: unknown = text === undefined ? undefined : JSON.parse(text);
  const violations = judgeResponse(operation, answer.status, sent);
  if (violations.length === 0) return text === undefined ? answer : { ...answer, text };
  record(serving, violations);
  const first = violations[0];
  return {
    status: 500,
    body: { errorMessages: ['The answer of the stand-in breaks the contract.'], errors: {} },
    headers: { [VIOLATION_HEADER]: printable(`${first?.path ?? ''} ${first?.problem ?? ''}`) },
  };
}

function noSuchOperation(serving: Serving, method: string, path: string): Answer {
  const pattern = path.replaceAll(/\/\d+|\/[A-Z][A-Z0-9_]+-\d+/g, '/*').slice(0, 200);
  record(serving, [
    { operation: `${method} ${pattern}`, where: 'request', path: '', problem: 'is no operation of the contract' },
  ]);
  return {
    status: 404,
    body: { errorMessages: ['Not found'], errors: {} },
    headers: { [VIOLATION_HEADER]: 'unknown operation' },
  };
}

/** What Jira says of a rich text that is none; clients look for these words. */
const NO_DOCUMENT = 'Operation value must be an Atlassian Document (see the Atlassian Document Format)';

function violated(serving: Serving, judged: Judged): Answer {
  record(serving, judged.violations);
  const errors: Record<string, string> = {};
  for (const { path, problem } of judged.violations) {
    const field = /^\/body\/fields\/([^/]+)|^\/body\/(body)/.exec(path);
    const id = field?.[1] ?? (field?.[2] === undefined ? undefined : 'comment');
    if (id !== undefined)
      errors[id] = /description|environment|comment/.test(id) && !path.includes('content') ? NO_DOCUMENT : problem;
  }
  const errorMessages =
    Object.keys(errors).length > 0 ? [] : judged.violations.map((one) => `${one.path}: ${one.problem}`);
  const [first] = judged.violations;
  return {
    status: 400,
    body: { errorMessages, errors },
    headers: { [VIOLATION_HEADER]: printable(`${first?.path ?? ''} ${first?.problem ?? ''}`) },
  };
}

function record(serving: Serving, violations: readonly Violation[]): void {
  serving.violations.push(...violations.slice(0, Math.max(0, VIOLATION_LIMIT - serving.violations.length)));
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

/** Writes that POST; other POSTs only read. */
const POST_WRITES = new Set([
  'createIssue',
  'createIssues',
  'doTransition',
  'addComment',
  'addWorklog',
  'addAttachment',
  'linkIssues',
  'createOrUpdateRemoteIssueLink',
  'addWatcher',
  'addVote',
  'archiveProject',
  'restore',
]);

function isWrite(method: string, operation: string): boolean {
  return method === 'PUT' || method === 'DELETE' || POST_WRITES.has(operation);
}

/** An operation needs a scope of the descriptor. */
function demandScope(site: Site, person: Person, method: string, operation: string): void {
  if (person.accountType !== 'app') return;
  const scopes = site.installation?.scopes ?? [];
  const needed = method === 'DELETE' ? 'DELETE' : isWrite(method, operation) ? 'WRITE' : 'READ';
  if (!implied(scopes).has(needed))
    throw refuse(403, `The app is not authorised: its descriptor has no scope ${needed}.`);
}

/** Wider scopes hold the narrower ones. */
function implied(scopes: readonly string[]): ReadonlySet<string> {
  const order = ['READ', 'WRITE', 'DELETE', 'PROJECT_ADMIN', 'ADMIN'];
  const widest = Math.max(-1, ...scopes.map((scope) => order.indexOf(scope.toUpperCase())));
  return new Set(order.slice(0, widest + 1));
}

function weigh(serving: Serving, site: Site, person: Person, judged: Judged, method: string): void {
  if (person.accountType !== 'app') return;
  const named = judged.params['issueIdOrKey'];
  const issueId =
    !isWrite(method, judged.operation) || named === undefined ? undefined : (lookUp(site, named)?.issue.id ?? named);
  const refusal = admit(serving.meter, {
    tenant: site.clientKey,
    operation: judged.operation,
    method,
    issueId,
    now: serving.clock.now(),
  });
  if (refusal === undefined) return;
  throw new JiraProblem(429, { errorMessages: ['Rate limit exceeded.'], errors: {} }, refusal.headers);
}
