/**
 * Is it true what the sync says of a value that did not arrive? Each code that it may give is checked against the two sites as they
 * are, without the product's own code; a code without a check explains nothing.
 */
import { isRecord, projectOf } from './issuePicture.ts';
import { plainText } from './jira/model/richText.ts';
import type { Issue, IssueRecord, Named, Site, World } from './jira/model/types.ts';
import { workflowFor } from './jira/model/workflows.ts';

/** What a check looks at: the value's own side and the one where it did not arrive. */
export interface Dispute {
  readonly world: World;
  readonly from: Site;
  readonly to: Site;
  readonly one: IssueRecord;
  readonly other: IssueRecord;
  /** The product's name of the field, or the kind of the part. */
  readonly what: string;
  /** The comment, worklog or file that it is about. */
  readonly part?: string;
  /** Issue ids of `from` that have a twin. */
  readonly hasTwin: (id: string) => boolean;
}

type Check = (dispute: Dispute) => boolean;

/** Jira's limit for the plain text of one rich text. @see ATLASSIAN.md §6.2 */
const TEXT_LIMIT = 32_767;
/** Most links of one issue. @see ATLASSIAN.md §6.2 */
const LINK_LIMIT = 2_000;

/** By code. True: the sites are as the code says. */
const checks: Readonly<Record<string, Check>> = {
  'field-refused': (dispute) => plainText(documentOf(dispute)).length > TEXT_LIMIT,
  'text-too-long': (dispute) => plainText(documentOf(dispute)).length > TEXT_LIMIT,
  'user-not-assignable': ({ world, to, one, what }) => {
    const account = one.issue.values[what];
    return typeof account === 'string' && (world.people.get(account)?.active !== true || !to.members.has(account));
  },
  // Of a set, one unknown name does not excuse that a known one is missing.
  'value-unknown': (dispute) => {
    const [names, known, there] = [namesOf(dispute), knownOf(dispute), namesThere(dispute)];
    const isSet = Array.isArray(dispute.one.issue.values[idOf(dispute.what)]);
    const left = names.filter((name) => known.includes(name));
    return left.length < names.length && (!isSet || left.every((name) => there.includes(name)));
  },
  'field-not-on-screen': ({ to, other, what }) => !projectOf(to, other.issue).editScreen.includes(idOf(what)),
  'status-unreachable': ({ from, to, one, other }) =>
    !reaches(to, other.issue, from.statuses.find(({ id }) => id === one.issue.statusId)?.name ?? ''),
  'link-target-not-synced': ({ from, one, other, hasTwin }) => {
    const waiting = one.linkIds.filter((id) => {
      const link = from.links.get(id);
      return link !== undefined && ![link.sourceId, link.destinationId].every(hasTwin);
    });
    return waiting.length > 0 && other.linkIds.length === one.linkIds.length - waiting.length;
  },
  'link-limit': ({ other }) => other.linkIds.length >= LINK_LIMIT,
  'parent-not-synced': ({ one, hasTwin }) => {
    const parent = one.issue.values['parent'];
    return typeof parent === 'string' && !hasTwin(parent);
  },
  'rich-text-unsafe': (dispute) => hasOddAddress(documentOf(dispute)),
  'comment-empty': (dispute) => plainText(documentOf(dispute)).trim() === '',
  'attachment-too-large': ({ from, to, part }) =>
    (from.attachments.get(part ?? '')?.sizeBytes ?? 0) > to.attachmentSettings.uploadLimit,
};

/** Whether the code is true of the two sites. */
export function isTrue(code: string, dispute: Dispute): boolean {
  return checks[code]?.(dispute) ?? false;
}

const fieldIds: Readonly<Record<string, string>> = {
  ...{ issueType: 'issuetype', affectsVersions: 'versions', dueDate: 'duedate' },
  ...{ originalEstimate: 'timetracking', remainingEstimate: 'timetracking' },
};

function idOf(what: string): string {
  return fieldIds[what] ?? what;
}

function documentOf({ from, one, what, part }: Dispute): unknown {
  if (what === 'comment') return from.comments.get(part ?? '')?.body;
  if (what === 'worklog') return from.worklogs.get(part ?? '')?.comment;
  return one.issue.values[what];
}

function listOf(site: Site, issue: Issue, what: string): readonly Named[] {
  const project = projectOf(site, issue);
  switch (what) {
    case 'priority':
      return site.priorities;
    case 'resolution':
      return site.resolutions;
    case 'issueType':
      return site.issueTypes.filter(({ id }) => project.typeIds.includes(id));
    case 'components':
      return project.components;
    case 'fixVersions':
    case 'affectsVersions':
      return project.versions;
    case 'links':
      return site.linkTypes;
    default:
      return [];
  }
}

function namesOf({ from, one, what }: Dispute): readonly string[] {
  return namesIn(from, one.issue, what);
}

function namesThere({ to, other, what }: Dispute): readonly string[] {
  return namesIn(to, other.issue, what);
}

function namesIn(site: Site, issue: Issue, what: string): readonly string[] {
  const value = issue.values[idOf(what)];
  const ids = Array.isArray(value) ? (value as readonly string[]) : typeof value === 'string' ? [value] : [];
  const all = listOf(site, issue, what);
  return ids.flatMap((id) => all.find((entry) => entry.id === id)?.name ?? []);
}

/** What may be chosen there: Jira offers no version that is archived. */
function knownOf({ to, other, what }: Dispute): readonly string[] {
  const archived = new Set(
    projectOf(to, other.issue)
      .versions.filter((version) => version.archived)
      .map(({ id }) => id),
  );
  return listOf(to, other.issue, what).flatMap(({ id, name }) => (archived.has(id) ? [] : [name]));
}

/** Whether the workflow leads from where the issue stands to that status at all. */
function reaches(site: Site, issue: Issue, name: string): boolean {
  const target = site.statuses.find((status) => status.name === name)?.id;
  const { transitions } = workflowFor(projectOf(site, issue), issue.values['issuetype']);
  const reached = new Set([issue.statusId]);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const { from, to } of transitions) if (from === 'any' || from.some((id) => reached.has(id))) reached.add(to);
  }
  return target !== undefined && reached.has(target);
}

/** An address that starts neither a page, nor a mail, nor a call; or one that carries a password or a host as its user. */
function hasOddAddress(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasOddAddress);
  if (!isRecord(value)) return false;
  return [value['href'], value['url']].some(isOdd) || Object.values(value).some(hasOddAddress);
}

function isOdd(address: unknown): boolean {
  if (typeof address !== 'string') return false;
  const hasScheme = /^\s*[^/?#]*:/.test(address);
  if (hasScheme && !/^(?:https?|mailto|ftps?|tel):/i.test(address)) return true;
  return /^[a-z]+:\/\/[^/?#]*(?::[^/?#@]*@|[^/?#@]*\.[^/?#@]*@)/i.test(address);
}
