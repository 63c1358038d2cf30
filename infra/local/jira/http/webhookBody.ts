import type { Act, Happening } from '../model/types.ts';
import { showUser } from './show.ts';
import { showAttachment, showLinkEvent, showWorklog } from './showParts.ts';
import { showComment, showIssue } from './showIssue.ts';

/** Fields of the issue inside a comment's or property's event, as recorded bodies have them. */
const CUT_FIELDS = new Set(['summary', 'issuetype', 'project', 'assignee', 'priority', 'status']);

/** What has webhooks of its own is not in the issue's. */
const APART_FIELDS = new Set(['comment', 'worklog']);

/**
 * The body of a webhook: REST version 2, rich text as wiki markup, a changelog with updates only.
 * `propertyKeys` are those the descriptor asks to have along. @see ATLASSIAN.md §5
 */
export function webhookBody(
  act: Act,
  happening: Happening,
  propertyKeys: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  const head = { timestamp: happening.at, webhookEvent: happening.event };
  const part = partOf(act, happening);
  if (part !== undefined) return { ...head, ...part };
  const user = act.world.people.get(happening.actorId);
  const withUser = user === undefined ? {} : { user: showUser(act.site, 2, user) };
  if (happening.comment !== undefined) {
    return {
      ...head,
      comment: showComment(act, happening.comment, 2),
      issue: issueOf(act, happening, true, propertyKeys),
      eventType: 'primaryAction',
    };
  }
  if (happening.property !== undefined) {
    return { ...head, ...withUser, issue: issueOf(act, happening, true, propertyKeys), property: happening.property };
  }
  return {
    ...head,
    ...(happening.eventTypeName === undefined ? {} : { issue_event_type_name: happening.eventTypeName }),
    ...withUser,
    issue: issueOf(act, happening, false, propertyKeys),
    ...(happening.history === undefined
      ? {}
      : { changelog: { id: happening.history.id, items: happening.history.items } }),
  };
}

/** Webhooks of worklogs, files and links hold nothing but these: no issue, and no user. */
function partOf(act: Act, happening: Happening): Readonly<Record<string, unknown>> | undefined {
  const { worklog, attachment, link } = happening;
  if (worklog !== undefined) return { worklog: showWorklog(act, worklog, 2) };
  if (attachment !== undefined) return { attachment: showAttachment(act, attachment, 2) };
  return link === undefined ? undefined : { issueLink: showLinkEvent(act.site, link) };
}

function issueOf(act: Act, happening: Happening, cut: boolean, propertyKeys: readonly string[] | undefined): unknown {
  // The issue as it was then: what happened since is the business of later webhooks.
  const view = {
    version: 2,
    fields: (id: string): boolean => (cut ? CUT_FIELDS.has(id) : !APART_FIELDS.has(id)),
    properties: propertyKeys,
  } as const;
  const { id, self, key, fields, ...rest } = showIssue(act, happening.issue, view);
  return { id, self, key, fields, ...('properties' in rest ? { properties: rest.properties } : {}) };
}
