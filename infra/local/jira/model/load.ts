import type { DumpIssue, DumpPerson, DumpWorklog } from './dump.ts';
import { enterAttachment } from './attachments.ts';
import { enterLink } from './links.ts';
import type { LinkType, Worklog } from './parts.ts';
import { ADMIN_GROUP, USER_GROUP } from './permissions.ts';
import { enter, happen } from './records.ts';
import type {
  Act,
  Comment,
  Issue,
  IssueRecord,
  Named,
  Project,
  Site,
  Value,
  Visibility,
  Workflow,
  World,
} from './types.ts';
import { statusIdsOf, workflowFor } from './workflows.ts';
import { addUser, newVersion, nextNumber } from './world.ts';

/** Where an issue of a dump ended up. */
export interface LoadedIssue {
  readonly id: string;
  readonly key: string;
  /** Its key in the dump. */
  readonly dumpKey: string;
}

/** How to load. */
export interface LoadOptions {
  /** Whether each issue is told as one `jira:issue_created`. */
  readonly announce: boolean;
  /** Epoch ms: when the index learns of the issues and when they are told. */
  readonly now: number;
}

/** Stands for everybody whom a dump does not name. */
const FORMER: DumpPerson = {
  accountId: '712020:00000000-0000-4000-8000-0000000000ff',
  key: 'former',
  displayName: 'Former user',
  active: false,
};

/**
 * Puts issues of a dump into a project the way an import does: past the rules of screens and permissions, with their
 * own dates, authors and comments. Unknown types, resolutions and statuses become the nearest the site has; components
 * and versions are added to the project.
 */
export function loadIssues(
  world: World,
  site: Site,
  project: Project,
  issues: readonly DumpIssue[],
  options: LoadOptions,
): readonly LoadedIssue[] {
  const idByDumpKey = new Map<string, string>();
  adoptPlaces(site, project, issues);
  const loaded = parentsFirst(issues).map((dumped) => {
    const issue = issueFrom(world, site, project, dumped, idByDumpKey);
    const act: Act = {
      world,
      site,
      actor: personFor(world, site, dumped.creator ?? dumped.reporter),
      now: options.now,
    };
    idByDumpKey.set(dumped.key, issue.id);
    const record = enter(act, issue);
    for (const comment of commentsFrom(world, site, issue, dumped)) {
      site.comments.set(comment.id, comment);
      record.commentIds.push(comment.id);
    }
    for (const file of dumped.attachments) {
      const by = { authorId: personFor(world, site, file.author).accountId, createdAt: file.createdAt };
      const { filename, mimeType, sizeBytes } = file;
      enterAttachment(act, record, { filename, mimeType, sizeBytes, fileId: null, sha256: null }, by);
    }
    for (const worklog of dumped.worklogs) enterWorklog(world, site, record, worklog);
    if (options.announce) happen(act, { event: 'jira:issue_created', eventTypeName: 'issue_created', issue });
    return { id: issue.id, key: issue.key, dumpKey: dumped.key };
  });
  loadLinks(world, site, issues, idByDumpKey, options.now);
  return loaded;
}

/** Links between loaded issues, each once although a dump shows it at both ends. A type the site lacks becomes its last. */
function loadLinks(
  world: World,
  site: Site,
  issues: readonly DumpIssue[],
  idByDumpKey: ReadonlyMap<string, string>,
  now: number,
): void {
  const seen = new Set<string>();
  const recordOf = (dumpKey: string): IssueRecord | undefined => site.issues.get(idByDumpKey.get(dumpKey) ?? '');
  for (const { key, creator, links } of issues) {
    for (const { id, type, direction, otherKey } of links) {
      const [own, other] = [recordOf(key), recordOf(otherKey)];
      const held = linkTypeFor(site, type.name);
      if (seen.has(id) || own === undefined || other === undefined || held === undefined) continue;
      seen.add(id);
      const act: Act = { world, site, actor: personFor(world, site, creator), now };
      if (direction === 'outward') enterLink(act, held, own, other);
      else enterLink(act, held, other, own);
    }
  }
}

function linkTypeFor(site: Site, name: string): LinkType | undefined {
  const wanted = site.linkTypes.find((type) => type.name.toLowerCase() === name.toLowerCase());
  return wanted ?? site.linkTypes.find((type) => type.name === 'Relates') ?? site.linkTypes.at(-1);
}

/** Puts a worklog of a dump onto an issue; the issue's own total stays as the dump has it. */
export function enterWorklog(world: World, site: Site, record: IssueRecord, dumped: DumpWorklog): Worklog {
  const authorId = personFor(world, site, dumped.author).accountId;
  const { author: _author, ...rest } = dumped;
  const worklog: Worklog = {
    id: String(nextNumber(site, 'entity')),
    issueId: record.issue.id,
    authorId,
    updateAuthorId: authorId,
    visibility: null,
    properties: {},
    ...rest,
  };
  site.worklogs.set(worklog.id, worklog);
  record.worklogIds.push(worklog.id);
  return worklog;
}

/** Parents come before their children, however deep; otherwise the order stays. */
function parentsFirst(issues: readonly DumpIssue[]): readonly DumpIssue[] {
  const byKey = new Map(issues.map((one) => [one.key, one]));
  const depthOf = (one: DumpIssue, seen = 0): number => {
    const parent = byKey.get(one.parentKey ?? '');
    // No hierarchy is deeper than Jira's levels; the bound keeps a dump that goes in circles from doing so here.
    return parent === undefined || seen > MAX_LEVELS ? seen : depthOf(parent, seen + 1);
  };
  return issues.toSorted((one, other) => depthOf(one) - depthOf(other));
}

const MAX_LEVELS = 10;

/** Gives a project the components and versions that these issues have and it lacks, as an import does. */
export function adoptPlaces(site: Site, project: Project, issues: readonly DumpIssue[]): void {
  const components = new Set(project.components.map(({ name }) => name));
  const versions = new Set(project.versions.map(({ name }) => name));
  for (const issue of issues) {
    for (const name of issue.components) {
      if (!components.has(name)) project.components.push({ id: String(nextNumber(site, 'entity')), name });
      components.add(name);
    }
    for (const { releaseDate, ...version } of [...issue.versions, ...issue.fixVersions]) {
      if (!versions.has(version.name))
        project.versions.push(newVersion(site, { ...version, ...(releaseDate === null ? {} : { releaseDate }) }));
      versions.add(version.name);
    }
  }
}

/** Makes everybody whom these issues name a member of a site, as in a company whose people work on both of its sites. */
export function joinPeople(world: World, site: Site, issues: readonly DumpIssue[]): void {
  for (const { assignee, reporter, creator, comments, attachments, worklogs } of issues) {
    const authors = [...comments, ...attachments, ...worklogs].map(({ author }) => author);
    for (const person of [assignee, reporter, creator, ...authors]) personFor(world, site, person);
  }
}

function personFor(world: World, site: Site, person: DumpPerson | null) {
  const { accountId, displayName, active } = person ?? FORMER;
  const known = world.people.get(accountId);
  if (known !== undefined && site.members.has(accountId)) return known;
  return addUser(world, site, { accountId, displayName, active });
}

function idNamed(all: readonly Named[], name: string | null): string | null {
  return all.find((one) => one.name === name)?.id ?? null;
}

function issueFrom(
  world: World,
  site: Site,
  project: Project,
  dumped: DumpIssue,
  idByDumpKey: ReadonlyMap<string, string>,
): Issue {
  const accountOf = (person: DumpPerson | null): string | null =>
    person === null ? null : personFor(world, site, person).accountId;
  const { typeId, parentId } = placeFor(site, project, dumped, idByDumpKey);
  const statusId = statusFor(site, workflowFor(project, typeId), dumped);
  const resolution = resolutionFor(site, dumped);
  const named = (all: readonly Named[], names: readonly string[]): readonly string[] =>
    names.flatMap((name) => idNamed(all, name) ?? []);
  const values: Readonly<Record<string, Value>> = {
    summary: dumped.summary
      .replaceAll(/\s*[\r\n]+\s*/g, ' ')
      .trim()
      .slice(0, 255),
    description: dumped.description,
    environment: dumped.environment,
    issuetype: typeId,
    priority: idNamed(site.priorities, dumped.priority),
    labels: [...new Set(dumped.labels.filter((label) => !/\s/u.test(label)))],
    assignee: accountOf(dumped.assignee),
    reporter: accountOf(dumped.reporter),
    parent: parentId,
    resolution,
    duedate: dumped.dueDate,
    components: named(project.components, dumped.components),
    versions: named(
      project.versions,
      dumped.versions.map(({ name }) => name),
    ),
    fixVersions: named(
      project.versions,
      dumped.fixVersions.map(({ name }) => name),
    ),
    timeoriginalestimate: dumped.originalEstimateSeconds,
    timeestimate: dumped.remainingEstimateSeconds,
    timespent: dumped.spentSeconds,
  };
  return {
    id: String(nextNumber(site, 'entity')),
    key: `${project.key}-${nextNumber(site, `issues of ${project.key}`)}`,
    projectId: project.id,
    statusId,
    creatorId: personFor(world, site, dumped.creator).accountId,
    createdAt: dumped.createdAt,
    updatedAt: dumped.updatedAt,
    resolvedAt: resolution === null ? null : (dumped.resolvedAt ?? dumped.updatedAt),
    values,
    properties: {},
  };
}

/** A resolution that the site does not have becomes its first; an unresolved issue stays so, whatever its status. */
function resolutionFor(site: Site, dumped: DumpIssue): string | null {
  if (dumped.resolution === null) return null;
  return idNamed(site.resolutions, dumped.resolution) ?? site.resolutions[0]?.id ?? null;
}

/**
 * The type and the parent of an issue, which have to fit each other: a sub-task whose parent is not among the loaded,
 * or is none for a sub-task, becomes an issue of its own, and a parent that is not one level above is none.
 */
function placeFor(
  site: Site,
  project: Project,
  dumped: DumpIssue,
  idByDumpKey: ReadonlyMap<string, string>,
): { readonly typeId: string; readonly parentId: string | null } {
  const parentId = idByDumpKey.get(dumped.parentKey ?? '') ?? null;
  const types = site.issueTypes.filter((type) => project.typeIds.includes(type.id));
  const parentType = site.issues.get(parentId ?? '')?.issue.values['issuetype'];
  const parentLevel = site.issueTypes.find(({ id }) => id === parentType)?.hierarchyLevel;
  const isSubtask = dumped.issueType.subtask && parentLevel === 0;
  const level = isSubtask ? -1 : Math.max(0, dumped.issueType.level ?? 0);
  const fitting = types.filter((type) => type.subtask === isSubtask);
  const type =
    fitting.find(({ name }) => name === dumped.issueType.name) ??
    fitting.find(({ hierarchyLevel }) => hierarchyLevel === level) ??
    fitting[0] ??
    types[0];
  const isAbove = type !== undefined && parentLevel === type.hierarchyLevel + 1;
  return { typeId: type?.id ?? '', parentId: isAbove ? parentId : null };
}

function statusFor(site: Site, workflow: Workflow, dumped: DumpIssue): string {
  const reached = statusIdsOf(workflow);
  const statuses = site.statuses.filter((status) => reached.has(status.id));
  const wanted = statuses.find((status) => status.name === dumped.status.name);
  return (wanted ?? statuses.find((status) => status.category === dumped.status.category))?.id ?? workflow.initial;
}

/** A restriction to somebody whom the site does not know becomes the narrowest there is: nobody else may read it. */
function visibilityFor(site: Site, issue: Issue, dumped: Visibility | null): Visibility | null {
  if (dumped === null) return null;
  const project = [...site.projects.values()].find(({ id }) => id === issue.projectId);
  const known = dumped.type === 'role' ? Object.keys(project?.roles ?? {}) : [ADMIN_GROUP, USER_GROUP];
  return known.includes(dumped.value) ? dumped : { type: 'role', value: 'Administrators' };
}

/** A comment without its text is no comment. */
function commentsFrom(world: World, site: Site, issue: Issue, dumped: DumpIssue): readonly Comment[] {
  return dumped.comments.flatMap((comment): Comment[] => {
    if (comment.body === null) return [];
    const authorId = personFor(world, site, comment.author).accountId;
    return [
      {
        id: String(nextNumber(site, 'entity')),
        issueId: issue.id,
        authorId,
        updateAuthorId: authorId,
        createdAt: comment.createdAt,
        updatedAt: comment.updatedAt,
        body: comment.body,
        visibility: visibilityFor(site, issue, comment.visibility),
        properties: {},
      },
    ];
  });
}
