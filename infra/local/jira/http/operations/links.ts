import type { CommentInput } from '../../model/comments.ts';
import { deleteLink, findLink, linkIssues } from '../../model/links.ts';
import { refuse } from '../../model/problem.ts';
import {
  type RemoteLinkInput,
  deleteRemoteLink,
  listRemoteLinks,
  putRemoteLink,
  remoteLinkByGlobalId,
  remoteLinkById,
  updateRemoteLink,
} from '../../model/remoteLinks.ts';
import { isRecord } from '../../model/richText.ts';
import { type Call, type Handlers, NOTHING, bodyOf, ok, param, textIn } from '../call.ts';
import { self, showIssueRef } from '../show.ts';
import { showLinkType, showRemoteLink } from '../showParts.ts';

/** Links between issues, and links to what is outside. */
export const linkHandlers: Handlers = {
  linkIssues: (call) => {
    const body = bodyOf(call);
    const type = isRecord(body['type']) ? body['type'] : {};
    linkIssues(call.act, {
      type: { id: textIn(type['id']), name: textIn(type['name']) },
      source: idIn(body['inwardIssue']),
      destination: idIn(body['outwardIssue']),
      comment: isRecord(body['comment']) ? (body['comment'] as unknown as CommentInput) : undefined,
    });
    return { status: 201 };
  },
  getIssueLink: (call) => {
    const { link, type, source, destination } = findLink(call.act, linkId(call));
    const { site } = call.act;
    return ok({
      id: link.id,
      self: self(site, 3, `issueLink/${link.id}`),
      type: showLinkType(site, 3, type),
      inwardIssue: showIssueRef(site, 3, source.issue),
      outwardIssue: showIssueRef(site, 3, destination.issue),
    });
  },
  deleteIssueLink: (call) => {
    deleteLink(call.act, linkId(call));
    return NOTHING;
  },
  getIssueLinkTypes: (call) => {
    const { site } = call.act;
    return ok({ issueLinkTypes: site.linkTypes.map((type) => showLinkType(site, 3, type)) });
  },
  getIssueLinkType: (call) => {
    const type = call.act.site.linkTypes.find(({ id }) => id === param(call, 'issueLinkTypeId'));
    if (type === undefined) throw refuse(404, 'No issue link type with the given id exists.');
    return ok(showLinkType(call.act.site, 3, type));
  },
  getRemoteIssueLinks: (call) => {
    const [issue, globalId] = [param(call, 'issueIdOrKey'), call.query.get('globalId')];
    const { site } = call.act;
    if (globalId !== null) return ok(showRemoteLink(site, 3, remoteLinkByGlobalId(call.act, issue, globalId)));
    const links = listRemoteLinks(call.act, issue);
    return ok(
      links.map((link) => showRemoteLink(site, 3, link)),
      links.length,
    );
  },
  createOrUpdateRemoteIssueLink: (call) => {
    const { link, isNew } = putRemoteLink(call.act, param(call, 'issueIdOrKey'), remoteInputOf(call));
    const { id, self: address } = showRemoteLink(call.act.site, 3, link);
    return { status: isNew ? 201 : 200, body: { id, self: address } };
  },
  getRemoteIssueLinkById: (call) =>
    ok(showRemoteLink(call.act.site, 3, remoteLinkById(call.act, param(call, 'issueIdOrKey'), param(call, 'linkId')))),
  updateRemoteIssueLink: (call) => {
    updateRemoteLink(call.act, param(call, 'issueIdOrKey'), param(call, 'linkId'), remoteInputOf(call));
    return NOTHING;
  },
  deleteRemoteIssueLinkById: (call) => {
    const issue = param(call, 'issueIdOrKey');
    deleteRemoteLink(call.act, issue, remoteLinkById(call.act, issue, param(call, 'linkId')));
    return NOTHING;
  },
  deleteRemoteIssueLinkByGlobalId: (call) => {
    const issue = param(call, 'issueIdOrKey');
    deleteRemoteLink(call.act, issue, remoteLinkByGlobalId(call.act, issue, call.query.get('globalId') ?? ''));
    return NOTHING;
  },
};

function idIn(named: unknown): string {
  return (isRecord(named) ? (textIn(named['id']) ?? textIn(named['key'])) : undefined) ?? '';
}

/** @throws JiraProblem 400 for what is no id */
function linkId(call: Call): string {
  const id = param(call, 'linkId');
  if (!/^\d+$/.test(id)) throw refuse(400, 'The issue link id is invalid.');
  return id;
}

function remoteInputOf(call: Call): RemoteLinkInput {
  const body = bodyOf(call);
  return {
    globalId: textIn(body['globalId']),
    application: body['application'],
    relationship: textIn(body['relationship']),
    object: body['object'],
  };
}
