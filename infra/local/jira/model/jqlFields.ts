import type { Operand } from './jqlParse.ts';
import { refuse } from './problem.ts';
import { lookUp, projectById } from './records.ts';
import type { Act, Field, Issue, Named, Site, Sprint } from './types.ts';

/** Reads what an issue has in a field: ids or words. */
export type Read = (issue: Issue) => readonly string[];

/** A field compared by identity: how to read it, and which ids a word of a query means. */
export interface Reference {
  readonly read: Read;
  /** Several for a function that gives a list. */
  readonly resolve: (operand: Operand) => string | readonly string[];
  /** The id that stands for nothing, where queries have a word for it. */
  readonly nothing?: string;
}

/** The field of that name, if it is compared by identity. */
export function referenceOf(act: Act, field: string): Reference | undefined {
  const custom = customField(act.site, field);
  return custom === undefined ? references(act)[ALIASES[field] ?? field] : customReference(act, custom);
}

/** The custom field that a query calls `cf[10016]`, `customfield_10016` or by its name, in lower case. */
export function customField(site: Site, clause: string): Field | undefined {
  const number = /^cf\[(\d+)\]$/.exec(clause)?.[1];
  const id = number === undefined ? clause : `customfield_${number}`;
  return site.fields.find((field) => field.custom && (field.id === id || field.name.toLowerCase() === id));
}

/** What an issue has in a field, as words. */
export function wordsIn(field: string): Read {
  return (issue) => {
    const held = issue.values[field] ?? null;
    if (Array.isArray(held)) return held as readonly string[];
    return typeof held === 'string' || typeof held === 'number' ? [String(held)] : [];
  };
}

function customReference(act: Act, field: Field): Reference | undefined {
  const read = wordsIn(field.id);
  const options = field.options ?? [];
  switch (field.kind) {
    case 'option':
    case 'options':
      return { read, resolve: (operand) => named(field.name, options, operand) };
    case 'cascade':
      return { read, resolve: (operand) => cascadeOption(field, operand) };
    case 'user':
    case 'users':
      return { read, resolve: (operand) => account(act, operand) };
    case 'sprint':
      return { read, resolve: (operand) => sprintsNamed(act.site, operand) };
    case 'labels':
    case 'url':
      return { read, resolve: (operand) => operand.text };
    default:
      return undefined;
  }
}

/** An option of either level; `cascadeOption(parent, child)` names one of the second. */
function cascadeOption(field: Field, operand: Operand): string {
  const options = field.options ?? [];
  if (!operand.isFunction || operand.text !== 'cascadeoption')
    return named(field.name, [...options, ...options.flatMap((option) => option.children)], operand);
  const [parent = '', child] = operand.args;
  const word = (text: string): Operand => ({ text, written: text, isFunction: false, args: [] });
  const parentId = named(field.name, options, word(parent));
  if (child === undefined) return parentId;
  return named(field.name, options.find(({ id }) => id === parentId)?.children ?? [], word(child));
}

const SPRINT_FUNCTIONS: Readonly<Record<string, Sprint['state']>> = {
  opensprints: 'active',
  closedsprints: 'closed',
  futuresprints: 'future',
};

function sprintsNamed(site: Site, operand: Operand): string | readonly string[] {
  const all = [...site.sprints.values()];
  const state = SPRINT_FUNCTIONS[operand.text];
  if (!operand.isFunction || state === undefined) return named('sprint', all, operand);
  return all.filter((sprint) => sprint.state === state).map(({ id }) => id);
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
  const value = wordsIn;
  const among = (field: string, read: Read, all: readonly Named[]): Reference => ({
    read,
    resolve: (operand) => named(field, all, operand),
  });
  const components = [...site.projects.values()].flatMap((project) => project.components);
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
      // An issue without a resolution has the one that people call Unresolved.
      read: (issue) => [typeof issue.values['resolution'] === 'string' ? issue.values['resolution'] : UNRESOLVED],
      resolve: (operand) =>
        operand.text.toLowerCase() === UNRESOLVED ? UNRESOLVED : named('resolution', site.resolutions, operand),
      nothing: UNRESOLVED,
    },
    labels: { read: value('labels'), resolve: (operand) => operand.text },
    assignee: user(value('assignee')),
    reporter: user(value('reporter')),
    creator: user((issue) => [issue.creatorId]),
    key: { read: (issue) => [issue.id], resolve: (operand) => issueNamed(act, operand) },
    parent: { read: value('parent'), resolve: (operand) => issueNamed(act, operand) },
    components: {
      read: value('components'),
      resolve: (operand) => allNamed('component', components, operand),
    },
    versions: { read: value('versions'), resolve: (operand) => versionsNamed(site, 'affectedVersion', operand) },
    fixVersions: { read: value('fixVersions'), resolve: (operand) => versionsNamed(site, 'fixVersion', operand) },
  };
}

/** Stands for no resolution among the ids of resolutions. */
const UNRESOLVED = 'unresolved';

/** A name may stand for versions of several projects. */
function versionsNamed(site: Site, field: string, operand: Operand): readonly string[] {
  const all = [...site.projects.values()].flatMap((project) => project.versions);
  if (operand.isFunction && /^(?:un)?releasedversions$/.test(operand.text)) {
    const wanted = operand.text === 'releasedversions';
    return all.filter((one) => one.released === wanted).map(({ id }) => id);
  }
  return allNamed(field, all, operand);
}

const CATEGORIES: Readonly<Record<string, string>> = { 'to do': 'new', 'in progress': 'indeterminate', done: 'done' };

function categoryOf(act: Act, issue: Issue): string {
  return act.site.statuses.find((status) => status.id === issue.statusId)?.category ?? '';
}

function noFunction(operand: Operand): void {
  if (operand.isFunction) throw refuse(400, `Unable to find JQL function '${operand.written}()'.`);
}

function unknownValue(field: string, operand: Operand): Error {
  return refuse(400, `The value '${operand.text}' does not exist for the field '${field}'.`);
}

function named(field: string, all: readonly Named[], operand: Operand): string {
  return allNamed(field, all, operand)[0] ?? '';
}

/** All of that name, or the one of that id. @throws JiraProblem 400 when there is none */
function allNamed(field: string, all: readonly Named[], operand: Operand): readonly string[] {
  noFunction(operand);
  const wanted = operand.text.toLowerCase();
  const byName = all.filter((one) => one.name.toLowerCase() === wanted);
  const found = byName.length > 0 ? byName : all.filter((one) => one.id === operand.text);
  if (found.length === 0) throw unknownValue(field, operand);
  return found.map(({ id }) => id);
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
