import type { DumpIssue, DumpPerson } from './dump.ts';
import { enter, happen } from './records.ts';
import type { Act, Comment, Issue, Named, Project, Site, Value, World } from './types.ts';
import { addUser, nextNumber } from './world.ts';

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
 * own dates, authors and comments. Unknown types, priorities and statuses become the nearest the site has.
 */
export function loadIssues(
  world: World,
  site: Site,
  project: Project,
  issues: readonly DumpIssue[],
  options: LoadOptions,
): readonly LoadedIssue[] {
  const idByDumpKey = new Map<string, string>();
  // Parents first, so that sub-tasks find them.
  const ordered = [
    ...issues.filter((one) => one.parentKey === null),
    ...issues.filter((one) => one.parentKey !== null),
  ];
  return ordered.map((dumped) => {
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
    if (options.announce) happen(act, { event: 'jira:issue_created', eventTypeName: 'issue_created', issue });
    return { id: issue.id, key: issue.key, dumpKey: dumped.key };
  });
}

/** Makes everybody whom these issues name a member of a site, as in a company whose people work on both of its sites. */
export function joinPeople(world: World, site: Site, issues: readonly DumpIssue[]): void {
  for (const { assignee, reporter, creator, comments } of issues)
    for (const person of [assignee, reporter, creator, ...comments.map(({ author }) => author)])
      personFor(world, site, person);
}

function personFor(world: World, site: Site, person: DumpPerson | null) {
  const { accountId, displayName, active } = person ?? FORMER;
  const known = world.people.get(accountId);
  if (known !== undefined && site.members.has(accountId)) return known;
  return addUser(world, site, { accountId, displayName, active });
}

function named(all: readonly Named[], name: string | null): string | null {
  return all.find((one) => one.name === name)?.id ?? null;
}

function issueFrom(
  world: World,
  site: Site,
  project: Project,
  dumped: DumpIssue,
  idByDumpKey: ReadonlyMap<string, string>,
): Issue {
  const statusId = statusFor(site, project, dumped);
  const isDone = site.statuses.find((status) => status.id === statusId)?.category === 'done';
  const accountOf = (person: DumpPerson | null): string | null =>
    person === null ? null : personFor(world, site, person).accountId;
  const parentId = dumped.parentKey === null ? null : (idByDumpKey.get(dumped.parentKey) ?? null);
  const values: Readonly<Record<string, Value>> = {
    summary: dumped.summary
      .replaceAll(/\s*[\r\n]+\s*/g, ' ')
      .trim()
      .slice(0, 255),
    description: dumped.description,
    environment: dumped.environment,
    issuetype: typeFor(site, project, dumped, parentId !== null),
    priority: named(site.priorities, dumped.priority),
    labels: [...new Set(dumped.labels.filter((label) => !/\s/u.test(label)))],
    assignee: accountOf(dumped.assignee),
    reporter: accountOf(dumped.reporter),
    parent: parentId,
    resolution: isDone ? named(site.resolutions, 'Fixed') : null,
  };
  return {
    id: String(nextNumber(site, 'entity')),
    key: `${project.key}-${nextNumber(site, `issues of ${project.key}`)}`,
    projectId: project.id,
    statusId,
    creatorId: personFor(world, site, dumped.creator).accountId,
    createdAt: dumped.createdAt,
    updatedAt: dumped.updatedAt,
    resolvedAt: isDone ? dumped.updatedAt : null,
    values,
    properties: {},
  };
}

/** A sub-task whose parent is not among the loaded becomes an issue of its own. */
function typeFor(site: Site, project: Project, dumped: DumpIssue, hasParent: boolean): string {
  const types = site.issueTypes.filter((type) => project.typeIds.includes(type.id));
  const wanted = types.find((type) => type.name === dumped.issueType.name && type.subtask === hasParent);
  return (wanted ?? types.find((type) => type.subtask === hasParent) ?? types[0])?.id ?? '';
}

function statusFor(site: Site, project: Project, dumped: DumpIssue): string {
  const reached = new Set([
    project.workflow.initial,
    ...project.workflow.transitions.map((transition) => transition.to),
  ]);
  const statuses = site.statuses.filter((status) => reached.has(status.id));
  const wanted = statuses.find((status) => status.name === dumped.status.name);
  return (
    (wanted ?? statuses.find((status) => status.category === dumped.status.category))?.id ?? project.workflow.initial
  );
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
        visibility: null,
        properties: {},
      },
    ];
  });
}
