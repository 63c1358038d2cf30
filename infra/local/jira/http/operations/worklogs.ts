import { propertyOf } from '../../model/properties.ts';
import {
  type Adjustment,
  type ChangedPage,
  type WorklogInput,
  addWorklog,
  deleteWorklog,
  deleteWorklogProperty,
  findWorklog,
  listWorklogs,
  readableWorklog,
  setWorklogProperty,
  updateWorklog,
  worklogsDeletedSince,
  worklogsUpdatedSince,
} from '../../model/worklogs.ts';
import type { Worklog } from '../../model/parts.ts';
import {
  type Answer,
  type Call,
  type Handlers,
  NOTHING,
  bodyOf,
  numberOf,
  ok,
  pageOf,
  param,
  textIn,
  textsIn,
  wordsOf,
} from '../call.ts';
import { self } from '../show.ts';
import { showWorklog } from '../showParts.ts';

/** Worklogs of one page unless fewer are asked for. @see GET issue worklog, maxResults 5000 */
const WORKLOG_PAGE = 5_000;

/** Worklogs, what an app stores with them, and what became of all of a site's. */
export const worklogHandlers: Handlers = {
  getIssueWorklog: (call) => {
    const after = numberOf(call, 'startedAfter', 0);
    const before = numberOf(call, 'startedBefore', Number.MAX_SAFE_INTEGER);
    const all = listWorklogs(call.act, param(call, 'issueIdOrKey')).filter(
      ({ startedAt }) => startedAt >= after && startedAt < before,
    );
    const { startAt, maxResults, total, values } = pageOf(
      call,
      all,
      WORKLOG_PAGE,
      (worklog) => shown(call, worklog),
      WORKLOG_PAGE,
    );
    return ok({ startAt, maxResults, total, worklogs: values }, values.length);
  },
  addWorklog: (call) => ({
    status: 201,
    body: shown(call, addWorklog(call.act, param(call, 'issueIdOrKey'), inputOf(call), adjustmentOf(call, 'reduceBy'))),
  }),
  getWorklog: (call) => ok(shown(call, foundIn(call, 'id').worklog)),
  updateWorklog: (call) => ({
    status: 200,
    body: shown(
      call,
      updateWorklog(call.act, param(call, 'issueIdOrKey'), param(call, 'id'), inputOf(call), adjustmentOf(call)),
    ),
  }),
  deleteWorklog: (call) => {
    deleteWorklog(call.act, param(call, 'issueIdOrKey'), param(call, 'id'), adjustmentOf(call, 'increaseBy'));
    return NOTHING;
  },
  getWorklogPropertyKeys: (call) => {
    const { worklog } = foundIn(call, 'worklogId');
    const address = (key: string): string =>
      self(call.act.site, 3, `issue/${worklog.issueId}/worklog/${worklog.id}/properties/${encodeURIComponent(key)}`);
    return ok({ keys: Object.keys(worklog.properties).map((key) => ({ self: address(key), key })) });
  },
  getWorklogProperty: (call) =>
    ok(propertyOf(foundIn(call, 'worklogId').worklog.properties, param(call, 'propertyKey'))),
  setWorklogProperty: (call) => {
    const [issue, id, key] = [param(call, 'issueIdOrKey'), param(call, 'worklogId'), param(call, 'propertyKey')];
    return { status: setWorklogProperty(call.act, issue, id, key, call.body) ? 201 : 200, body: {} };
  },
  deleteWorklogProperty: (call) => {
    const [issue, id, key] = [param(call, 'issueIdOrKey'), param(call, 'worklogId'), param(call, 'propertyKey')];
    deleteWorklogProperty(call.act, issue, id, key);
    return NOTHING;
  },
  getIdsOfWorklogsModifiedSince: (call) =>
    changed(call, 'updated', worklogsUpdatedSince(call.act, numberOf(call, 'since', 0))),
  getIdsOfWorklogsDeletedSince: (call) =>
    changed(call, 'deleted', worklogsDeletedSince(call.act, numberOf(call, 'since', 0))),
  getWorklogsForIds: (call) => {
    const ids = new Set(textsIn(bodyOf(call)['ids']));
    const found = [...ids].flatMap((id) => readableWorklog(call.act, id) ?? []);
    return ok(
      found.map((worklog) => shown(call, worklog)),
      found.length,
    );
  },
};

function foundIn(call: Call, name: string) {
  return findWorklog(call.act, param(call, 'issueIdOrKey'), param(call, name));
}

function shown(call: Call, worklog: Worklog): unknown {
  return showWorklog(call.act, worklog, 3, wordsOf(call, 'expand')?.includes('properties') ?? false);
}

function inputOf(call: Call): WorklogInput {
  const body = bodyOf(call);
  return {
    comment: body['comment'],
    started: textIn(body['started']),
    timeSpent: textIn(body['timeSpent']),
    timeSpentSeconds: typeof body['timeSpentSeconds'] === 'number' ? body['timeSpentSeconds'] : undefined,
    visibility: body['visibility'],
    properties: body['properties'] as WorklogInput['properties'],
  };
}

function adjustmentOf(call: Call, by?: string): Adjustment {
  return {
    how: (call.query.get('adjustEstimate') ?? 'auto') as Adjustment['how'],
    newEstimate: call.query.get('newEstimate') ?? undefined,
    by: by === undefined ? undefined : (call.query.get(by) ?? undefined),
  };
}

function changed(call: Call, which: 'updated' | 'deleted', page: ChangedPage): Answer {
  const since = numberOf(call, 'since', 0);
  const address = (from: number): string => self(call.act.site, 3, `worklog/${which}?since=${from}`);
  const body = {
    self: address(since),
    since,
    until: page.until,
    lastPage: page.isLast,
    ...(page.isLast ? {} : { nextPage: address(page.until) }),
    values: page.values.map(({ id, at }) => ({ worklogId: Number(id), updatedTime: at, properties: [] })),
  };
  return ok(body, page.values.length);
}
