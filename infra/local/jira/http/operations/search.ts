import { createHash } from 'node:crypto';
import { JiraProblem, refuse } from '../../model/problem.ts';
import { search } from '../../model/search.ts';
import { type Answer, type Call, type Handlers, bodyOf, ok, textIn, textsIn, wordsOf } from '../call.ts';
import { fieldFilter, showIssue } from '../showIssue.ts';

/** Issues of one page: this many with ids and keys alone, else fewer. @see ATLASSIAN.md §6.3 */
const IDS_PAGE = 5_000;
const FIELDS_PAGE = 100;
const DEFAULT_PAGE = 50;

/** Searching, counting, matching. */
export const searchHandlers: Handlers = {
  searchAndReconsileIssuesUsingJql: (call) =>
    searchPage(call, {
      jql: call.query.get('jql') ?? '',
      maxResults: call.query.get('maxResults') ?? undefined,
      nextPageToken: call.query.get('nextPageToken') ?? undefined,
      fields: wordsOf(call, 'fields'),
      expand: wordsOf(call, 'expand'),
      properties: wordsOf(call, 'properties'),
      reconcileIssues: wordsOf(call, 'reconcileIssues'),
    }),
  searchAndReconsileIssuesUsingJqlPost: (call) => {
    const body = bodyOf(call);
    const text = (name: string): string | undefined => textIn(body[name]);
    return searchPage(call, {
      jql: text('jql') ?? '',
      maxResults: text('maxResults'),
      nextPageToken: text('nextPageToken'),
      fields: textsIn(body['fields']),
      expand: text('expand')?.split(','),
      properties: textsIn(body['properties']),
      reconcileIssues: textsIn(body['reconcileIssues']),
    });
  },
  countIssues: (call) => ok({ count: search(call.act, textIn(bodyOf(call)['jql']) ?? '').length }, 0),
  matchIssues: (call) => {
    const body = bodyOf(call);
    const ids = new Set(textsIn(body['issueIds']));
    const matches = (textsIn(body['jqls']) ?? []).map((jql) => matchOne(call, jql, ids));
    return ok(
      { matches },
      matches.reduce((sum, match) => sum + match.matchedIssues.length, 0),
    );
  },
};

interface Asked {
  readonly jql: string;
  readonly maxResults: string | undefined;
  readonly nextPageToken: string | undefined;
  readonly fields: readonly string[] | undefined;
  readonly expand: readonly string[] | undefined;
  readonly properties: readonly string[] | undefined;
  readonly reconcileIssues: readonly string[] | undefined;
}

function searchPage(call: Call, asked: Asked): Answer {
  const fields = asked.fields === undefined || asked.fields.length === 0 ? ['id'] : asked.fields;
  const idsOnly = fields.every((field) => field === 'id' || field === 'key');
  const limit = Math.min(idsOnly ? IDS_PAGE : FIELDS_PAGE, Number(asked.maxResults ?? DEFAULT_PAGE));
  const start = placeOf(asked);
  const all = search(call.act, asked.jql, new Set(asked.reconcileIssues));
  const view = {
    version: 3,
    fields: fieldFilter(fields, ['id']),
    properties: asked.properties,
    expand: asked.expand,
  } as const;
  const page = all.slice(start, start + limit);
  const isLast = start + page.length >= all.length;
  // Jira answers nothing but the id when nothing else was asked for.
  const bare = fields.length === 1 && fields[0] === 'id' && asked.properties === undefined;
  const issues = page.map((issue) => {
    if (bare) return { id: issue.id };
    const shown = showIssue(call.act, issue, view);
    return idsOnly
      ? {
          id: shown.id,
          key: shown.key,
          self: shown.self,
          ...('properties' in shown ? { properties: shown.properties } : {}),
        }
      : shown;
  });
  return ok(
    { issues, isLast, ...(isLast ? {} : { nextPageToken: tokenFor(asked, start + page.length) }) },
    issues.length,
  );
}

/** A token is bound to its query, and opaque to whoever carries it. */
function tokenFor(asked: Asked, place: number): string {
  return Buffer.from(`${digest(asked.jql)}:${place}`).toString('base64url');
}

function placeOf(asked: Asked): number {
  if (asked.nextPageToken === undefined) return 0;
  const [of, place] = Buffer.from(asked.nextPageToken, 'base64url').toString('utf8').split(':');
  if (of !== digest(asked.jql) || !/^\d+$/.test(place ?? ''))
    throw refuse(400, 'The provided next page token is invalid.');
  return Number(place);
}

function digest(jql: string): string {
  return createHash('sha256').update(jql).digest('hex').slice(0, 16);
}

function matchOne(call: Call, jql: string, ids: ReadonlySet<string>): { matchedIssues: number[]; errors: string[] } {
  try {
    const matched = search(call.act, jql).filter((issue) => ids.has(issue.id));
    return { matchedIssues: matched.map((issue) => Number(issue.id)), errors: [] };
  } catch (problem) {
    if (!(problem instanceof JiraProblem)) throw problem;
    return { matchedIssues: [], errors: [...problem.body.errorMessages] };
  }
}
