/** Serves the local page and what it asks for. Bound to loopback by the front door. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { adfToWiki, wikiToAdf } from '../jira/model/wiki.ts';
import type { SitePerson, PersonComment, PersonIssue } from '../person.ts';
import type { Site, Stack } from '../stack.ts';
import { receiptViews, storedViews } from '../stored.ts';
import type { CommentView, IssueRow, IssueView, StateView } from './api.ts';
import { answerJson, answerProblem, answerText, checkOrigin, readBody, Unfit } from './answers.ts';
import type { PageFiles } from './bundle.ts';
import { mailingRoutes } from './mailings.ts';
import { outsideRoutes } from './outside.ts';
import { staffRoutes } from './staff.ts';
import { partDeeds, partsOf } from './parts.ts';

const DAY_MS = 86_400_000;
/** A jump further than this has nothing to show: everything is gone after 180 days. */
const MAX_JUMP_DAYS = 400;

type Params = readonly string[];
type Handler = (stack: Stack, params: Params, body: unknown) => Promise<unknown>;

const issueBody = z.object({ summary: z.string(), wiki: z.string().default(''), type: z.string() });
const editBody = z.object({
  summary: z.string().optional(),
  wiki: z.string().optional(),
  type: z.string().optional(),
  priority: z.string().optional(),
  labels: z.array(z.string()).optional(),
  assignee: z.string().nullish(),
});
const wikiBody = z.object({ wiki: z.string().min(1) });
const transitionBody = z.object({ id: z.string() });
const faultsBody = z.object({
  lose: z.number().min(0).max(1),
  double: z.number().min(0).max(1),
  reorder: z.boolean(),
  delayMs: z.number().min(0).max(60_000),
});
const clockBody = z.object({ days: z.number().min(0).max(MAX_JUMP_DAYS) });
const tokenBody = z.object({ site: z.string() });
const licenceBody = z.object({ active: z.boolean() });

const routes: readonly (readonly [method: string, path: RegExp, handle: Handler])[] = [
  ['GET', /^\/state$/, async (stack) => stateOf(stack)],
  ['GET', /^\/stored$/, async (stack) => storedViews(stack.ports.store)],
  ['GET', /^\/receipts$/, async (stack) => receiptViews(stack.ports)],
  ['POST', /^\/faults$/, async (stack, _params, body) => setFaults(stack, body)],
  ['POST', /^\/clock$/, async (stack, _params, body) => stack.clock.advance(parse(clockBody, body).days * DAY_MS)],
  ['POST', /^\/sweep$/, async (stack) => stack.tick('sweep')],
  ['POST', /^\/backup$/, async (stack) => stack.tick('backup')],
  [
    'POST',
    /^\/token$/,
    async (stack, _params, body) => ({ token: stack.adminToken(siteOf(stack, parse(tokenBody, body).site).name) }),
  ],
  ...staffRoutes.map(([path, work]): (typeof routes)[number] => [
    'POST',
    path,
    (stack, _params, body) => work(stack, body, (name) => siteOf(stack, name)),
  ]),
  ...mailingRoutes.map(([path, work]): (typeof routes)[number] => [
    'POST',
    path,
    (stack, _params, body) => work(stack, body),
  ]),
  ...outsideRoutes.map(([method, path, work]): (typeof routes)[number] => [
    method,
    path,
    async (stack, [named = '']) => work(stack, named),
  ]),
  ['POST', /^\/sites\/([a-z]+)\/install$/, async (stack, [site]) => stack.install(siteOf(stack, site).name)],
  ['POST', /^\/sites\/([a-z]+)\/uninstall$/, async (stack, [site]) => stack.uninstall(siteOf(stack, site).name)],
  [
    'POST',
    /^\/sites\/([a-z]+)\/licence$/,
    async (stack, [site], body) =>
      stack.jira.configure(siteOf(stack, site).name, { licence: { active: parse(licenceBody, body).active } }),
  ],
  ['GET', /^\/sites\/([a-z]+)\/issues$/, async (stack, [site]) => listIssues(stack, siteOf(stack, site))],
  ['POST', /^\/sites\/([a-z]+)\/issues$/, async (stack, [site], body) => createIssue(siteOf(stack, site), body)],
  [
    'GET',
    /^\/sites\/([a-z]+)\/issues\/(\d+)$/,
    async (stack, [site, id]) => showIssue(stack, siteOf(stack, site), id ?? ''),
  ],
  [
    'PUT',
    /^\/sites\/([a-z]+)\/issues\/(\d+)$/,
    async (stack, [site, id], body) => editIssue(siteOf(stack, site).person, id ?? '', body),
  ],
  [
    'DELETE',
    /^\/sites\/([a-z]+)\/issues\/(\d+)$/,
    async (stack, [site, id]) => siteOf(stack, site).person.remove(id ?? ''),
  ],
  [
    'POST',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/transitions$/,
    async (stack, [site, id], body) => siteOf(stack, site).person.move(id ?? '', parse(transitionBody, body).id),
  ],
  [
    'POST',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/comments$/,
    async (stack, [site, id], body) =>
      siteOf(stack, site).person.addComment(id ?? '', wikiToAdf(parse(wikiBody, body).wiki)),
  ],
  [
    'PUT',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/comments\/(\d+)$/,
    async (stack, [site, id, comment], body) =>
      siteOf(stack, site).person.editComment(id ?? '', comment ?? '', wikiToAdf(parse(wikiBody, body).wiki)),
  ],
  [
    'DELETE',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/comments\/(\d+)$/,
    async (stack, [site, id, comment]) => siteOf(stack, site).person.removeComment(id ?? '', comment ?? ''),
  ],
  [
    'POST',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/worklogs$/,
    async (stack, [site, id], body) => partDeeds.logWork(siteOf(stack, site).person, id ?? '', body, parse),
  ],
  [
    'DELETE',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/worklogs\/(\d+)$/,
    async (stack, [site, id, worklog]) => siteOf(stack, site).person.removeWork(id ?? '', worklog ?? ''),
  ],
  [
    'POST',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/files$/,
    async (stack, [site, id], body) => partDeeds.attach(siteOf(stack, site).person, id ?? '', body, parse),
  ],
  [
    'DELETE',
    /^\/sites\/([a-z]+)\/files\/(\d+)$/,
    async (stack, [site, file]) => siteOf(stack, site).person.removeAttachment(file ?? ''),
  ],
  [
    'POST',
    /^\/sites\/([a-z]+)\/issues\/(\d+)\/links$/,
    async (stack, [site, id], body) => partDeeds.link(siteOf(stack, site).person, id ?? '', body, parse),
  ],
  [
    'DELETE',
    /^\/sites\/([a-z]+)\/links\/(\d+)$/,
    async (stack, [site, link]) => siteOf(stack, site).person.unlink(link ?? ''),
  ],
];

/** The handler of everything at the front door that no function owns. */
export function localServer(stack: () => Stack, files: PageFiles) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    void serve(stack(), files, request, response).catch((thrown: unknown) => {
      if (response.headersSent) response.end();
      else answerProblem(response, thrown);
    });
  };
}

async function serve(
  stack: Stack,
  files: PageFiles,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  checkOrigin(request);
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const file = fileAt(path, files);
  if (file !== undefined) {
    answerText(response, ...file);
    return;
  }
  if (path === '/local/events') {
    streamEvents(stack, request, response);
    return;
  }
  const asked = path.startsWith('/local') ? path.slice('/local'.length) : '';
  for (const [method, pattern, handle] of routes) {
    const found = pattern.exec(asked);
    if (found === null || method !== request.method) continue;
    const done = await handle(stack, found.slice(1), await readBody(request));
    answerJson(response, done ?? { done: true });
    return;
  }
  throw new Unfit(404, 'route-unknown', 'There is nothing at this address.');
}

/** Content type and body of a file of the page. */
function fileAt(path: string, { html, css, js }: PageFiles): readonly [string, string | Uint8Array] | undefined {
  switch (path) {
    case '/':
      return ['text/html; charset=utf-8', html];
    case '/local/page.js':
      return ['text/javascript; charset=utf-8', js];
    case '/local/page.css':
      return ['text/css; charset=utf-8', css];
    default:
      return undefined;
  }
}

function streamEvents(stack: Stack, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const send = (event: unknown): void => void response.write(`data: ${JSON.stringify(event)}\n\n`);
  for (const event of stack.timeline.all()) send(event);
  const end = stack.timeline.listen(send);
  request.on('close', end);
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success)
    throw new Unfit(
      400,
      'body-invalid',
      `The page sent something wrong: ${parsed.error.issues[0]?.path.join('.') ?? ''}`,
    );
  return parsed.data;
}

function siteOf(stack: Stack, name: string | undefined): Site {
  const site = stack.sites.find((candidate) => candidate.name === name);
  if (site === undefined) throw new Unfit(404, 'not-found', 'There is no such site.');
  return site;
}

function stateOf(stack: Stack): StateView {
  const { loseWebhook, doubleWebhook, reorder, delayMs } = stack.jira.faults;
  return {
    backend: stack.backend,
    why: stack.why,
    now: stack.clock.now(),
    offsetMs: stack.clock.offsetMs(),
    sites: stack.sites.map((site) => ({
      name: site.name,
      baseUrl: site.baseUrl,
      address: site.address,
      isInstalled: stack.isInstalled(site.name),
      isLicensed: stack.jira.sites.find(({ name }) => name === site.name)?.isLicensed() ?? true,
      project: site.project,
      people: site.people(),
      issueTypes: site.issueTypes,
      priorities: site.priorities,
    })),
    faults: { lose: loseWebhook, double: doubleWebhook, reorder, delayMs },
    violations: stack.jira.violations().length,
    addresses: stack.addresses,
  };
}

async function setFaults(stack: Stack, body: unknown): Promise<void> {
  const { lose, double, reorder, delayMs } = parse(faultsBody, body);
  Object.assign(stack.jira.faults, { loseWebhook: lose, doubleWebhook: double, reorder, delayMs });
}

async function listIssues(stack: Stack, site: Site): Promise<readonly IssueRow[]> {
  const [issues, twins] = await Promise.all([site.person.readMany(site.issueIds()), stack.twinKeys()]);
  return [...issues]
    .sort((one, other) => Date.parse(other.fields.created) - Date.parse(one.fields.created))
    .map((issue) => rowOf(issue, twins.get(`${site.name}/${issue.id}`)));
}

function rowOf(issue: PersonIssue, twin: string | undefined): IssueRow {
  return {
    id: issue.id,
    key: issue.key,
    summary: issue.fields.summary,
    type: issue.fields.issuetype.name,
    status: issue.fields.status.name,
    priority: issue.fields.priority?.name ?? 'None',
    comments: issue.fields.comment?.total ?? 0,
    updated: Date.parse(issue.fields.updated),
    ...(twin === undefined ? {} : { twin }),
  };
}

async function showIssue(stack: Stack, site: Site, id: string): Promise<IssueView> {
  const [issue, comments, transitions, twins, parts] = await Promise.all([
    site.person.read(id),
    site.person.comments(id),
    site.person.transitions(id),
    stack.twinKeys(),
    partsOf(site.person, id),
  ]);
  return {
    ...rowOf(issue, twins.get(`${site.name}/${issue.id}`)),
    parts,
    description: issue.fields.description ?? null,
    wiki: wikiOf(issue.fields.description),
    labels: issue.fields.labels,
    assignee: issue.fields.assignee?.accountId ?? null,
    reporter: issue.fields.reporter?.accountId ?? null,
    transitions: transitions.map(({ id: transition, name, to }) => ({ id: transition, name, to: to.name })),
    commentList: comments.map(commentOf),
  };
}

function commentOf(comment: PersonComment): CommentView {
  return {
    id: comment.id,
    author: comment.author?.displayName ?? 'Somebody',
    created: Date.parse(comment.created),
    body: comment.body ?? null,
    wiki: wikiOf(comment.body),
  };
}

function wikiOf(doc: unknown): string {
  return doc === null || doc === undefined ? '' : adfToWiki(doc);
}

async function createIssue(site: Site, body: unknown): Promise<{ id: string }> {
  const { summary, wiki, type } = parse(issueBody, body);
  return {
    id: await site.person.create(site.project, {
      summary,
      issuetype: { name: type },
      ...(wiki === '' ? {} : { description: wikiToAdf(wiki) }),
    }),
  };
}

async function editIssue(person: SitePerson, id: string, body: unknown): Promise<void> {
  const { summary, wiki, type, priority, labels, assignee } = parse(editBody, body);
  await person.edit(id, {
    ...(summary === undefined ? {} : { summary }),
    ...(wiki === undefined ? {} : { description: wiki === '' ? null : wikiToAdf(wiki) }),
    ...(type === undefined ? {} : { issuetype: { name: type } }),
    ...(priority === undefined ? {} : { priority: { name: priority } }),
    ...(labels === undefined ? {} : { labels }),
    ...(assignee === undefined ? {} : { assignee: assignee === null ? null : { accountId: assignee } }),
  });
}
