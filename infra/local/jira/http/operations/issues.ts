import type { IssueInput } from '../../model/issueInput.ts';
import {
  type Offered,
  createIssue,
  deleteIssue,
  editIssue,
  offeredTransitions,
  transitionIssue,
} from '../../model/issues.ts';
import { may } from '../../model/permissions.ts';
import { propertyOf } from '../../model/properties.ts';
import { deleteIssueProperty, setIssueProperty } from '../../model/propertyWrites.ts';
import { refuse, JiraProblem } from '../../model/problem.ts';
import { type Found, findIssue, lookUp } from '../../model/records.ts';
import { isRecord } from '../../model/richText.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  NOTHING,
  bodyOf,
  ok,
  pageOf,
  param,
  textsIn,
  wordsOf,
} from '../call.ts';
import { self, showStatus } from '../show.ts';
import { fieldFilter, showHistory, showIssue } from '../showIssue.ts';
import { fieldMeta } from './meta.ts';

/** Most histories of one page. @see GET issue changelog */
const CHANGELOG_PAGE = 100;
/** Histories of one bulk page unless fewer are asked for. @see POST changelog/bulkfetch */
const BULK_HISTORIES = 1_000;
/** Histories along with an issue of a bulk answer. @see POST issue/bulkfetch, `expand` */
const FETCHED_HISTORIES = 40;

/** Issues: reading, writing, transitions, properties, changelogs. */
export const issueHandlers: Handlers = {
  getIssue: (call) => {
    const { issue } = findIssue(call.act, param(call, 'issueIdOrKey'));
    return ok(shown(call, issue.id, ['*all']));
  },
  createIssue: (call) => {
    return { status: 201, body: created(call, bodyOf(call)) };
  },
  createIssues: (call) => bulkCreate(call),
  editIssue: (call) => {
    const issue = editIssue(call.act, param(call, 'issueIdOrKey'), inputOf(call));
    return call.query.get('returnIssue') === 'true' ? ok(shown(call, issue.id, ['*all'])) : NOTHING;
  },
  deleteIssue: (call) => {
    deleteIssue(call.act, param(call, 'issueIdOrKey'), call.query.get('deleteSubtasks') === 'true');
    return NOTHING;
  },
  getTransitions: (call) => ok(transitions(call)),
  doTransition: (call) => {
    const transition = bodyOf(call)['transition'];
    transitionIssue(
      call.act,
      param(call, 'issueIdOrKey'),
      isRecord(transition) ? String(transition['id']) : '',
      inputOf(call),
    );
    return NOTHING;
  },
  bulkFetchIssues: (call) => bulkFetch(call),
  getIssueProperty: (call) =>
    ok(propertyOf(findIssue(call.act, param(call, 'issueIdOrKey')).issue.properties, param(call, 'propertyKey'))),
  setIssueProperty: (call) => {
    const isNew = setIssueProperty(call.act, param(call, 'issueIdOrKey'), param(call, 'propertyKey'), call.body);
    return { status: isNew ? 201 : 200, body: {} };
  },
  deleteIssueProperty: (call) => {
    deleteIssueProperty(call.act, param(call, 'issueIdOrKey'), param(call, 'propertyKey'));
    return NOTHING;
  },
  getIssuePropertyKeys: (call) => {
    const { issue } = findIssue(call.act, param(call, 'issueIdOrKey'));
    const address = (key: string): string =>
      self(call.act.site, 3, `issue/${issue.id}/properties/${encodeURIComponent(key)}`);
    return ok({ keys: Object.keys(issue.properties).map((key) => ({ self: address(key), key })) });
  },
  getChangeLogs: (call) => {
    const { record, issue } = findIssue(call.act, param(call, 'issueIdOrKey'));
    const page = pageOf(
      call,
      record.histories,
      CHANGELOG_PAGE,
      (history) => showHistory(call.act, history, 3),
      CHANGELOG_PAGE,
    );
    return ok({ self: self(call.act.site, 3, `issue/${issue.id}/changelog`), ...page });
  },
  getBulkChangelogs: (call) => bulkChangelogs(call),
};

/** The part of a body that changes an issue; the judge has seen to its shape. */
function inputOf(call: Call): IssueInput {
  return inputIn(bodyOf(call));
}

function created(call: Call, body: Readonly<Record<string, unknown>>) {
  const transition = isRecord(body['transition']) ? { id: String(body['transition']['id']) } : undefined;
  const { id, key } = createIssue(call.act, { ...inputIn(body), transition });
  return { id, key, self: self(call.act.site, 3, `issue/${id}`) };
}

/** Creates what can be created; 400 when that is nothing. */
function bulkCreate(call: Call): Answer {
  const given = bodyOf(call)['issueUpdates'];
  const issues: unknown[] = [];
  const errors: unknown[] = [];
  for (const [failedElementNumber, one] of (Array.isArray(given) ? (given as unknown[]) : []).entries()) {
    try {
      issues.push(created(call, isRecord(one) ? one : {}));
    } catch (problem) {
      if (!(problem instanceof JiraProblem)) throw problem;
      errors.push({ status: problem.status, elementErrors: problem.body, failedElementNumber });
    }
  }
  return { status: issues.length === 0 ? 400 : 201, body: { issues, errors } };
}

function inputIn(body: Readonly<Record<string, unknown>>): IssueInput {
  return {
    fields: body['fields'] as IssueInput['fields'],
    update: body['update'] as IssueInput['update'],
    properties: body['properties'] as IssueInput['properties'],
  };
}

function shown(call: Call, idOrKey: string, fallback: readonly string[]): unknown {
  return showIssue(call.act, findIssue(call.act, idOrKey).issue, {
    version: 3,
    fields: fieldFilter(wordsOf(call, 'fields'), fallback),
    properties: wordsOf(call, 'properties'),
    expand: wordsOf(call, 'expand'),
  });
}

function transitions(call: Call): unknown {
  const found = findIssue(call.act, param(call, 'issueIdOrKey'));
  const wanted = call.query.get('transitionId');
  const withFields = wordsOf(call, 'expand')?.includes('transitions.fields') ?? false;
  const all = call.query.get('includeUnavailableTransitions') === 'true';
  const offered = offeredTransitions(call.act, found).filter(
    ({ transition, isAvailable }) => (isAvailable || all) && (wanted === null || transition.id === wanted),
  );
  return {
    expand: 'transitions',
    transitions: offered.map((one) => showTransition(call, found, one, withFields)),
  };
}

function showTransition(call: Call, found: Found, { transition, isAvailable }: Offered, withFields: boolean): unknown {
  const { act } = call;
  const to = act.site.statuses.find((status) => status.id === transition.to);
  const meta = (id: string): readonly [string, unknown] => [id, fieldMeta(act, found.project, id, transition.required)];
  return {
    id: transition.id,
    name: transition.name,
    ...(to === undefined ? {} : { to: showStatus(act.site, 3, to) }),
    hasScreen: transition.screen.length > 0,
    isGlobal: transition.from === 'any',
    isInitial: false,
    isAvailable,
    isConditional: transition.permission !== null,
    looped: transition.to === found.issue.statusId,
    ...(withFields ? { fields: Object.fromEntries<unknown>(transition.screen.map(meta)) } : {}),
  };
}

function bulkFetch(call: Call) {
  const body = bodyOf(call);
  const issues: unknown[] = [];
  const issueErrors: { id: string; errorMessage: string }[] = [];
  const view = {
    version: 3,
    fields: fieldFilter(textsIn(body['fields']), ['*navigable']),
    properties: textsIn(body['properties']),
    expand: textsIn(body['expand']),
    histories: FETCHED_HISTORIES,
  } as const;
  for (const idOrKey of new Set(textsIn(body['issueIdsOrKeys']))) {
    try {
      issues.push(showIssue(call.act, findIssue(call.act, idOrKey).issue, view));
    } catch (problem) {
      if (!(problem instanceof JiraProblem)) throw problem;
      issueErrors.push({ id: idOrKey, errorMessage: problem.body.errorMessages.join(' ') });
    }
  }
  return ok({ expand: 'schema,names', issues, issueErrors }, issues.length);
}

/** Bulk operations leave out what may not be seen. */
function canBrowse(call: Call, idOrKey: string): boolean {
  const { world, site, actor } = call.act;
  const found = lookUp(site, idOrKey);
  return found !== undefined && may(world, site, found.project, actor, 'BROWSE_PROJECTS');
}

/** Pages over all histories of the issues asked for; the token is the place to go on. */
function bulkChangelogs(call: Call) {
  const body = bodyOf(call);
  const fieldIds = textsIn(body['fieldIds']);
  const limit = typeof body['maxResults'] === 'number' ? body['maxResults'] : BULK_HISTORIES;
  const start = Number(body['nextPageToken'] ?? 0);
  if (!Number.isSafeInteger(start) || start < 0) throw refuse(400, 'The nextPageToken is invalid.');
  const visible = (textsIn(body['issueIdsOrKeys']) ?? []).filter((id) => canBrowse(call, id));
  const all = visible.flatMap((id) => {
    const { record, issue } = findIssue(call.act, id);
    const wanted = record.histories.filter(
      (history) => fieldIds === undefined || history.items.some((item) => fieldIds.includes(item.fieldId ?? '')),
    );
    return wanted.map((history) => ({ issueId: issue.id, history }));
  });
  const page = all.slice(start, start + limit);
  const byIssue = Map.groupBy(page, (entry) => entry.issueId);
  const issueChangeLogs = [...byIssue].map(([issueId, entries]) => ({
    issueId,
    // The bulk operation writes instants as numbers, as its published example shows.
    changeHistories: entries.map(({ history }) => ({
      ...showHistory(call.act, history, 3),
      created: history.createdAt,
    })),
  }));
  const more = start + page.length < all.length;
  return ok({ issueChangeLogs, ...(more ? { nextPageToken: String(start + page.length) } : {}) }, byIssue.size);
}
