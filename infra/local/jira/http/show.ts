import type { Field, Issue, IssueType, Named, Person, Project, ProjectVersion, Site, Status } from '../model/types.ts';

/** An instant (epoch ms) as Jira writes it. */
export function stamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

/** Versions of the REST interface: webhooks carry bodies of the second, REST answers the third. */
export type Version = 2 | 3;

/** The address of something of a site. */
export function self(site: Site, version: Version, path: string): string {
  return `${site.baseUrl}/rest/api/${version}/${path}`;
}

const AVATAR_SIZES = [48, 24, 16, 32];

function avatars(kind: string, id: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    AVATAR_SIZES.map((size) => [
      `${size}x${size}`,
      `https://avatars.atlassian.net/${kind}/${encodeURIComponent(id)}?size=${size}`,
    ]),
  );
}

/** A person as issues, comments and user operations show them; without an e-mail address unless asked. */
export function showUser(site: Site, version: Version, person: Person, withEmail = false) {
  return {
    self: self(site, version, `user?accountId=${encodeURIComponent(person.accountId)}`),
    accountId: person.accountId,
    ...(withEmail && person.emailAddress !== '' ? { emailAddress: person.emailAddress } : {}),
    avatarUrls: avatars('user', person.accountId),
    displayName: person.displayName,
    active: person.active,
    timeZone: 'Etc/UTC',
    accountType: person.accountType,
  };
}

const CATEGORIES = {
  new: { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
  indeterminate: { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, key: 'done', colorName: 'green', name: 'Done' },
} as const;

/** A status with its category. */
export function showStatus(site: Site, version: Version, status: Status) {
  const category = CATEGORIES[status.category];
  return {
    self: self(site, version, `status/${status.id}`),
    description: '',
    iconUrl: `${site.baseUrl}/images/icons/statuses/generic.png`,
    name: status.name,
    id: status.id,
    statusCategory: { self: self(site, version, `statuscategory/${category.id}`), ...category },
  };
}

/** A priority. */
export function showPriority(site: Site, version: Version, priority: Named) {
  return {
    self: self(site, version, `priority/${priority.id}`),
    iconUrl: `${site.baseUrl}/images/icons/priorities/${encodeURIComponent(priority.name.toLowerCase())}.svg`,
    name: priority.name,
    id: priority.id,
  };
}

/** An issue type. */
export function showIssueType(site: Site, version: Version, type: IssueType) {
  return {
    self: self(site, version, `issuetype/${type.id}`),
    id: type.id,
    description: '',
    iconUrl: `${site.baseUrl}/images/icons/issuetypes/${type.subtask ? 'subtask' : 'generic'}.svg`,
    name: type.name,
    subtask: type.subtask,
    hierarchyLevel: type.hierarchyLevel,
  };
}

/** A project as issues mention it. */
export function showProjectRef(site: Site, version: Version, project: Project) {
  return {
    self: self(site, version, `project/${project.id}`),
    id: project.id,
    key: project.key,
    name: project.name,
    projectTypeKey: 'software',
    simplified: false,
    avatarUrls: avatars('project', project.id),
  };
}

/** Something with nothing but id, name and address. */
export function showNamed(site: Site, version: Version, path: string, one: Named) {
  return { self: self(site, version, `${path}/${one.id}`), id: one.id, name: one.name };
}

/** A version as issues and field metadata show it; its day only when there is one. */
export function showVersion(site: Site, version: Version, one: ProjectVersion) {
  return {
    ...showNamed(site, version, 'version', one),
    archived: one.archived,
    released: one.released,
    ...(one.releaseDate === null ? {} : { releaseDate: one.releaseDate }),
  };
}

/** An issue as other issues mention it: key, summary, status, priority, type. */
export function showIssueRef(site: Site, version: Version, issue: Issue) {
  const status = site.statuses.find((one) => one.id === issue.statusId);
  const priority = site.priorities.find((one) => one.id === issue.values['priority']);
  const type = site.issueTypes.find((one) => one.id === issue.values['issuetype']);
  return {
    id: issue.id,
    key: issue.key,
    self: self(site, version, `issue/${issue.id}`),
    fields: {
      summary: issue.values['summary'] ?? '',
      ...(status === undefined ? {} : { status: showStatus(site, version, status) }),
      ...(priority === undefined ? {} : { priority: showPriority(site, version, priority) }),
      ...(type === undefined ? {} : { issuetype: showIssueType(site, version, type) }),
    },
  };
}

const SYSTEM_TYPES: Readonly<Record<Field['kind'], readonly [type: string, items?: string]>> = {
  string: ['string'],
  richText: ['string'],
  labels: ['array', 'string'],
  user: ['user'],
  priority: ['priority'],
  issuetype: ['issuetype'],
  resolution: ['resolution'],
  components: ['array', 'component'],
  versions: ['array', 'version'],
  date: ['date'],
  issue: ['issuelink'],
  number: ['number'],
  option: ['option'],
  options: ['array', 'option'],
  cascade: ['option-with-child'],
  users: ['array', 'user'],
  datetime: ['datetime'],
  url: ['string'],
  sprint: ['array', 'json'],
  timetracking: ['timetracking'],
  duration: ['number'],
};
/** What a field holds, in Jira's own terms. */
export function showSchema(field: Field) {
  const [type, items] = SYSTEM_TYPES[field.kind];
  const listed = items === undefined ? { type } : { type, items };
  if (!field.custom) return { ...listed, system: field.id };
  return {
    ...listed,
    custom: field.type ?? '',
    customId: customNumber(field),
  };
}

/** The number of a custom field: the NNNNN of `customfield_NNNNN`. */
export function customNumber(field: Field): number {
  return Number(field.id.slice('customfield_'.length));
}
