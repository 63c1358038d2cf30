import type { Operand } from './jqlParse.ts';
import { refuse } from './problem.ts';
import { lookUp, projectById } from './records.ts';
import type { Act, Issue, Named } from './types.ts';

/** Reads what an issue has in a field: ids or words. */
export type Read = (issue: Issue) => readonly string[];

/** A field compared by identity: how to read it, and which id a word of a query means. */
export interface Reference {
  readonly read: Read;
  readonly resolve: (operand: Operand) => string;
}

/** The field of that name, if it is compared by identity. */
export function referenceOf(act: Act, field: string): Reference | undefined {
  return references(act)[ALIASES[field] ?? field];
}

const ALIASES: Readonly<Record<string, string>> = {
  type: 'issuetype',
  id: 'key',
  issue: 'key',
  issuekey: 'key',
  label: 'labels',
  component: 'components',
  affectedversion: 'versions',
  fixversion: 'fixVersions',
  fixversions: 'fixVersions',
};

function references(act: Act): Readonly<Record<string, Reference>> {
  const { site } = act;
  const value =
    (field: string): Read =>
    (issue) => {
      const held = issue.values[field] ?? null;
      if (Array.isArray(held)) return held as readonly string[];
      return typeof held === 'string' || typeof held === 'number' ? [String(held)] : [];
    };
  const among = (field: string, read: Read, all: readonly Named[]): Reference => ({
    read,
    resolve: (operand) => named(field, all, operand),
  });
  const projects = [...site.projects.values()];
  const user = (read: Read): Reference => ({ read, resolve: (operand) => account(act, operand) });
  return {
    project: { read: (issue) => [issue.projectId], resolve: (operand) => projectNamed(act, operand) },
    issuetype: among('issuetype', value('issuetype'), site.issueTypes),
    status: among('status', (issue) => [issue.statusId], site.statuses),
    statuscategory: {
      read: (issue) => [categoryOf(act, issue)],
      resolve: (operand) => CATEGORIES[operand.text.toLowerCase()] ?? operand.text,
    },
    priority: among('priority', value('priority'), site.priorities),
    resolution: {
      read: value('resolution'),
      resolve: (operand) =>
        operand.text.toLowerCase() === 'unresolved' ? '' : named('resolution', site.resolutions, operand),
    },
    labels: { read: value('labels'), resolve: (operand) => operand.text },
    assignee: user(value('assignee')),
    reporter: user(value('reporter')),
    creator: user((issue) => [issue.creatorId]),
    key: { read: (issue) => [issue.id], resolve: (operand) => issueNamed(act, operand) },
    parent: { read: value('parent'), resolve: (operand) => issueNamed(act, operand) },
    components: among(
      'component',
      value('components'),
      projects.flatMap((project) => project.components),
    ),
    versions: among(
      'affectedVersion',
      value('versions'),
      projects.flatMap((project) => project.versions),
    ),
    fixVersions: among(
      'fixVersion',
      value('fixVersions'),
      projects.flatMap((project) => project.versions),
    ),
  };
}

const CATEGORIES: Readonly<Record<string, string>> = { 'to do': 'new', 'in progress': 'indeterminate', done: 'done' };

function categoryOf(act: Act, issue: Issue): string {
  return act.site.statuses.find((status) => status.id === issue.statusId)?.category ?? '';
}

function noFunction(operand: Operand): void {
  if (operand.isFunction) throw refuse(400, `Unable to find JQL function '${operand.text}()'.`);
}

function unknownValue(field: string, operand: Operand): Error {
  return refuse(400, `The value '${operand.text}' does not exist for the field '${field}'.`);
}

function named(field: string, all: readonly Named[], operand: Operand): string {
  noFunction(operand);
  const wanted = operand.text.toLowerCase();
  const found = all.find((one) => one.name.toLowerCase() === wanted) ?? all.find((one) => one.id === operand.text);
  if (found === undefined) throw unknownValue(field, operand);
  return found.id;
}

function projectNamed(act: Act, operand: Operand): string {
  noFunction(operand);
  const wanted = operand.text.toLowerCase();
  const byName = [...act.site.projects.values()].find(
    (project) => project.key.toLowerCase() === wanted || project.name.toLowerCase() === wanted,
  );
  const found = byName ?? projectById(act.site, operand.text);
  if (found === undefined) throw unknownValue('project', operand);
  return found.id;
}

function issueNamed(act: Act, operand: Operand): string {
  noFunction(operand);
  const found = lookUp(act.site, operand.text);
  if (found === undefined) throw refuse(400, `An issue with key '${operand.text}' does not exist for field 'key'.`);
  return found.issue.id;
}

/** The account a value means; `currentUser()` is the actor's. @throws JiraProblem 400 for other functions */
export function account(act: Act, operand: Operand): string {
  if (operand.isFunction && operand.text === 'currentuser') return act.actor.accountId;
  noFunction(operand);
  return operand.text;
}
