import type { IssueId } from '../model/ids.ts';
import { linkOf, remoteLinkOf } from '../model/links.ts';
import type { LinkChange, WriteResult } from '../ports.ts';
import { parseIssueLinks, parseRemoteLinks } from '../wire/jiraLinks.ts';
import type { NamedLink } from '../wire/jiraLinks.ts';
import { call, target, write } from './call.ts';
import type { Answer, Call, Site } from './call.ts';
import { isIssueGone } from './gone.ts';
import { plainResult } from './write.ts';

/** Refusals of one act: the twin goes on without it. */
const REFUSALS = [400, 403, 404, 413];

/** Makes or removes one link of an issue. A link that is there already, or gone already, counts as done. */
export async function changeLink(site: Site, issue: IssueId, change: LinkChange): Promise<WriteResult> {
  if (change.act === 'remove') return removeLink(site, issue, change);
  const ask = change.field === 'links' ? addedLink(issue, change.element) : addedRemoteLink(issue, change.element);
  if (ask === undefined) return { ok: false, code: 'value-unknown' };
  const answer = await write(site, issue, { ...ask, method: 'POST', accept: REFUSALS });
  if (answer.status === 413) return { ok: false, code: 'link-limit' };
  if (answer.status === 404 && change.field === 'links' && (await isEndGone(site, change.element)))
    return { ok: false, code: 'link-target-not-synced' };
  return plainResult(answer);
}

/** Jira says 404 of either end, of the type, and of a permission: only an issue at the other end that is gone is the link's own trouble. */
async function isEndGone(site: Site, element: string): Promise<boolean> {
  const other = linkOf(element)?.issue;
  if (other === undefined) return false;
  return isIssueGone(site, other);
}

type Body = Pick<Call, 'target' | 'body'>;

/** “A blocks B” has A as its inward issue. Making the same link twice makes one. @see ATLASSIAN.md §6.3 */
function addedLink(issue: IssueId, element: string): Body | undefined {
  const link = linkOf(element);
  if (link === undefined) return undefined;
  const [inward, outward] = link.direction === 'outward' ? [issue, link.issue] : [link.issue, issue];
  const body = { type: { name: link.type }, inwardIssue: { id: inward }, outwardIssue: { id: outward } };
  return { target: target('/issueLink'), body };
}

/** With its global id, making it twice makes one; one without is looked for before it is made again, as all our sets are. */
function addedRemoteLink(issue: IssueId, element: string): Body | undefined {
  const link = remoteLinkOf(element);
  if (link === undefined) return undefined;
  const { url, title, globalId } = link;
  const body = { object: { url, title }, ...(globalId === undefined ? {} : { globalId }) };
  return { target: target('/issue/{}/remotelink', [issue]), body };
}

async function removeLink(site: Site, issue: IssueId, change: LinkChange): Promise<WriteResult> {
  const found = (await readLinks(site, issue, change.field)).find(({ element }) => element === change.element);
  if (found === undefined) return { ok: true };
  const path =
    change.field === 'links'
      ? target('/issueLink/{}', [found.id])
      : target('/issue/{}/remotelink/{}', [issue, found.id]);
  const answer: Answer = await write(site, issue, { method: 'DELETE', target: path, accept: REFUSALS });
  return answer.status === 404 ? { ok: true } : plainResult(answer);
}

/** The links of an issue with the ids by which they are removed. */
async function readLinks(site: Site, issue: IssueId, field: LinkChange['field']): Promise<readonly NamedLink[]> {
  if (field === 'links') {
    const path = target('/issue/{}', [issue], { fields: 'issuelinks' });
    return parseIssueLinks((await call(site, { method: 'GET', target: path })).body);
  }
  return readRemoteLinks(site, issue);
}

/** The remote links of an issue. */
export async function readRemoteLinks(site: Site, issue: IssueId): Promise<readonly NamedLink[]> {
  const path = target('/issue/{}/remotelink', [issue]);
  return parseRemoteLinks((await call(site, { method: 'GET', target: path })).body);
}
