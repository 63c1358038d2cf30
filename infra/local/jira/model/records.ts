import { changeItems } from './changes.ts';
import { may } from './permissions.ts';
import { noSuchIssue } from './problem.ts';
import type { Act, ChangeItem, Happening, History, Issue, IssueRecord, Project, Site } from './types.ts';
import { nextNumber } from './world.ts';

/** An issue found, with its record and project. */
export interface Found {
  readonly record: IssueRecord;
  readonly issue: Issue;
  readonly project: Project;
}

/** Finds an issue that the actor may browse, by id or key. @throws JiraProblem 404 */
export function findIssue(act: Act, idOrKey: string): Found {
  const found = lookUp(act.site, idOrKey);
  if (found === undefined || !may(act.world, act.site, found.project, act.actor, 'BROWSE_PROJECTS'))
    throw noSuchIssue();
  return found;
}

/** Finds an issue whoever asks. */
export function lookUp(site: Site, idOrKey: string): Found | undefined {
  const record = site.issues.get(site.idByKey.get(idOrKey.toUpperCase()) ?? idOrKey);
  if (record === undefined) return undefined;
  const project = projectById(site, record.issue.projectId);
  if (project === undefined) return undefined;
  // Nobody changes an archived issue, as nobody changes one of an archived project.
  const shown = record.issue.archived === true ? { ...project, archived: true } : project;
  return { record, issue: record.issue, project: shown };
}

/** A project by id. */
export function projectById(site: Site, id: string): Project | undefined {
  for (const project of site.projects.values()) if (project.id === id) return project;
  return undefined;
}

/** A project that the actor may browse, by id or key. */
export function findProject(act: Act, idOrKey: string): Project | undefined {
  const project = act.site.projects.get(idOrKey.toUpperCase()) ?? projectById(act.site, idOrKey);
  return project !== undefined && may(act.world, act.site, project, act.actor, 'BROWSE_PROJECTS') ? project : undefined;
}

/** Puts a new issue into its site; the index shows it after its lag. */
export function enter(act: Act, issue: Issue): IssueRecord {
  const record: IssueRecord = {
    issue,
    past: [{ issue: null, replacedAt: act.now }],
    histories: [],
    commentIds: [],
    ...noParts(),
  };
  act.site.issues.set(issue.id, record);
  act.site.idByKey.set(issue.key, issue.id);
  reparent(act.site, null, issue);
  return record;
}

/** What hangs on an issue that is new. */
export function noParts(): Pick<
  IssueRecord,
  'worklogIds' | 'attachmentIds' | 'linkIds' | 'remoteLinkIds' | 'watcherIds' | 'voterIds'
> {
  return { worklogIds: [], attachmentIds: [], linkIds: [], remoteLinkIds: [], watcherIds: [], voterIds: [] };
}

/** Takes an issue out of its site. */
export function leave(act: Act, issue: Issue): void {
  act.site.issues.delete(issue.id);
  // Keys of before a move go as well.
  for (const [key, id] of act.site.idByKey) if (id === issue.id) act.site.idByKey.delete(key);
  reparent(act.site, issue, null);
}

/** Keeps the children of each issue at hand: looking through thousands for each answer would be slow. */
function reparent(site: Site, before: Issue | null, after: Issue | null): void {
  const [from, to] = [before?.values['parent'] ?? null, after?.values['parent'] ?? null];
  const id = (after ?? before)?.id ?? '';
  if (typeof from === 'string')
    site.children.set(
      from,
      (site.children.get(from) ?? []).filter((child) => child !== id),
    );
  if (typeof to === 'string') site.children.set(to, [...(site.children.get(to) ?? []), id]);
}

/** The issues whose parent is this one. */
export function childrenOf(site: Site, parent: Issue): readonly Issue[] {
  return (site.children.get(parent.id) ?? []).flatMap((id) => site.issues.get(id)?.issue ?? []);
}

/** Puts the next version in place of the last and forgets versions that the index no longer shows. */
export function replace(act: Act, record: IssueRecord, next: Issue): void {
  record.past.push({ issue: record.issue, replacedAt: act.now });
  reparent(act.site, record.issue, next);
  record.issue = next;
  const seenUntil = act.now - act.world.indexLagMs;
  while (record.past[0] !== undefined && record.past[0].replacedAt <= seenUntil) record.past.shift();
}

/** The version of an issue that the search index shows; null when it does not know the issue yet. */
export function indexedVersion(record: IssueRecord, now: number, lagMs: number): Issue | null {
  const overtaken = record.past.find((version) => version.replacedAt > now - lagMs);
  return overtaken === undefined ? record.issue : overtaken.issue;
}

/** Writes a changed issue with its changelog entry. Returns nothing when no field differs. */
export function writeChange(act: Act, record: IssueRecord, next: Issue): History | undefined {
  const items = changeItems(act.world, act.site, record.issue, next);
  if (items.length === 0) return undefined;
  replace(act, record, { ...next, updatedAt: act.now });
  const history = makeHistory(act, items);
  record.histories.push(history);
  return history;
}

/** Writes a changelog entry for something that is no field's value; `next` may change values along with it. */
export function writeItems(
  act: Act,
  record: IssueRecord,
  items: readonly ChangeItem[],
  next: Issue = record.issue,
): History {
  const all = [...changeItems(act.world, act.site, record.issue, next), ...items];
  replace(act, record, { ...next, updatedAt: act.now });
  const history = makeHistory(act, all);
  record.histories.push(history);
  return history;
}

/** Something of an issue that its changelog tells, with the text that stands for it. */
export function partItem(
  field: string,
  from: readonly [raw: string, text: string] | null,
  to: readonly [raw: string, text: string] | null,
  fieldId?: string,
): ChangeItem {
  return {
    field,
    fieldtype: 'jira',
    ...(fieldId === undefined ? {} : { fieldId }),
    from: from?.[0] ?? null,
    fromString: from?.[1] ?? null,
    to: to?.[0] ?? null,
    toString: to?.[1] ?? null,
  };
}

function makeHistory(act: Act, items: readonly ChangeItem[]): History {
  return { id: String(nextNumber(act.site, 'entity')), authorId: act.actor.accountId, createdAt: act.now, items };
}

/** Notes that something happened, for the server to tell. */
export function happen(
  act: Act,
  what: Omit<Happening, 'at' | 'actorId' | 'flow' | 'trace'> & Partial<Pick<Happening, 'flow'>>,
): void {
  act.site.happenings.push({
    at: act.now,
    actorId: act.actor.accountId,
    flow: 'Primary',
    ...(act.trace === undefined ? {} : { trace: act.trace }),
    ...what,
  });
}
