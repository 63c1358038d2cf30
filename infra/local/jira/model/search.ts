import { customField } from './jqlFields.ts';
import { compileClause } from './jqlMatch.ts';
import { type Query, parseJql } from './jqlParse.ts';
import { may } from './permissions.ts';
import { refuse } from './problem.ts';
import { indexedVersion, projectById } from './records.ts';
import type { Act, FieldKind, Issue, IssueRecord } from './types.ts';

/**
 * Finds issues as Jira's index knows them: late by the world's lag, except for the ids to reconcile.
 * What is returned is the present version, as Jira reads the found ids from its database.
 * @throws JiraProblem 400 for a query that is wrong or without a restriction
 */
export function search(act: Act, jql: string, reconcile: ReadonlySet<string> = new Set()): readonly Issue[] {
  const query = parseJql(jql);
  if (query.where === undefined) {
    throw refuse(400, 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.');
  }
  const order = compileOrder(act, query);
  const matches = compileClause(act, query.where);
  const found: Issue[] = [];
  for (const record of act.site.issues.values()) {
    const seen = seenVersion(act, record, reconcile);
    if (seen !== null && matches(seen) && isVisible(act, record.issue)) found.push(record.issue);
  }
  return found.sort(order);
}

/** Whether one issue matches, read as search reads it. @throws JiraProblem 400 */
export function matchesJql(act: Act, jql: string, issue: Issue): boolean {
  const { where } = parseJql(jql);
  return where === undefined || compileClause(act, where)(issue);
}

function seenVersion(act: Act, record: IssueRecord, reconcile: ReadonlySet<string>): Issue | null {
  return reconcile.has(record.issue.id) ? record.issue : indexedVersion(record, act.now, act.world.indexLagMs);
}

function isVisible(act: Act, issue: Issue): boolean {
  const project = projectById(act.site, issue.projectId);
  return (
    project !== undefined &&
    project.archived !== true &&
    issue.archived !== true &&
    may(act.world, act.site, project, act.actor, 'BROWSE_PROJECTS')
  );
}

type Compare = (one: Issue, other: Issue) => number;

/** Newest first unless the query says otherwise; the id settles what is left. */
function compileOrder(act: Act, query: Query): Compare {
  const keys = query.orderBy.length > 0 ? query.orderBy : [{ field: 'created', descending: true }];
  const compares = keys.map(({ field, descending }): Compare => {
    const read = sortKey(act, field);
    const sign = descending ? -1 : 1;
    return (one, other) => sign * compareKeys(read(one), read(other));
  });
  const last = keys.at(-1)?.descending === true ? -1 : 1;
  return (one, other) => {
    for (const compare of compares) {
      const result = compare(one, other);
      if (result !== 0) return result;
    }
    return last * (Number(one.id) - Number(other.id));
  };
}

function compareKeys(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one).localeCompare(String(other), 'en');
}

function sortKey(act: Act, field: string): (issue: Issue) => string | number {
  const value = (id: string) => (issue: Issue) => {
    const held = issue.values[id];
    return typeof held === 'string' || typeof held === 'number' ? held : '';
  };
  switch (field) {
    case 'created':
      return (issue) => issue.createdAt;
    case 'updated':
      return (issue) => issue.updatedAt;
    case 'resolved':
    case 'resolutiondate':
      return (issue) => issue.resolvedAt ?? 0;
    case 'key':
    case 'issuekey':
    case 'issue':
    case 'id':
      return (issue) => Number(issue.id);
    case 'priority':
      // Priorities are listed from high to low; ascending means lowest first.
      return (issue) => -act.site.priorities.findIndex((priority) => priority.id === issue.values['priority']);
    case 'status':
      return (issue) => act.site.statuses.findIndex((status) => status.id === issue.statusId);
    case 'project':
      return (issue) => issue.key.slice(0, issue.key.lastIndexOf('-'));
    case 'duedate':
    case 'due':
      return value('duedate');
    case 'summary':
    case 'assignee':
    case 'reporter':
    case 'issuetype':
    case 'resolution':
      return value(field);
    default: {
      const custom = customField(act.site, field);
      if (custom === undefined || !SORTED.has(custom.kind))
        throw refuse(400, `Not able to sort using field '${field}'.`);
      return value(custom.id);
    }
  }
}

/** Kinds of a site's own fields that have an order of their own. */
const SORTED: ReadonlySet<FieldKind> = new Set(['string', 'number', 'date', 'datetime', 'url']);

/** A query found right, with what it means. @throws JiraProblem 400 for a wrong field, value, function or order */
export function checkJql(act: Act, jql: string): Query {
  const query = parseJql(jql);
  compileOrder(act, query);
  if (query.where !== undefined) compileClause(act, query.where);
  return query;
}
