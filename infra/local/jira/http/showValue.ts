import { isRecord } from '../model/richText.ts';
import { wordsOf } from '../model/timeTracking.ts';
import type { Act, Field, Issue, Named, Option, Site, Sprint } from '../model/types.ts';
import { adfToWiki } from '../model/wiki.ts';
import {
  type Version,
  self,
  showIssueRef,
  showIssueType,
  showNamed,
  showPriority,
  showUser,
  showVersion,
  stamp,
} from './show.ts';

/** A person by account id; null for one whom the world does not know. */
export function showPerson(act: Act, accountId: string, version: Version) {
  const found = act.world.people.get(accountId);
  return found === undefined ? null : showUser(act.site, version, found);
}

/** What an issue has in a field, as REST or a webhook shows it. */
export function showValue(act: Act, field: Field, values: Issue['values'], version: Version): unknown {
  const { site } = act;
  const value = values[field.id] ?? null;
  const ids = Array.isArray(value) ? (value as readonly string[]) : [];
  switch (field.kind) {
    case 'labels':
      return field.custom && ids.length === 0 ? null : ids;
    case 'components':
      return showMany(componentsOf(site), ids, (one) => showNamed(site, version, 'component', one));
    case 'versions':
      return showMany(versionsOf(site), ids, (one) => showVersion(site, version, one));
    case 'timetracking':
      return showTimeTracking(site, values);
    default:
      return value === null || (Array.isArray(value) && ids.length === 0) ? null : showHeld(act, field, value, version);
  }
}

function showHeld(act: Act, field: Field, value: NonNullable<Issue['values'][string]>, version: Version): unknown {
  const { site } = act;
  if (isRecord(value)) return version === 3 ? value : adfToWiki(value);
  const ids = Array.isArray(value) ? (value as readonly string[]) : [];
  const text = String(value);
  switch (field.kind) {
    case 'user':
      return showPerson(act, text, version);
    case 'users':
      return ids.map((id) => showPerson(act, id, version)).filter((person) => person !== null);
    case 'priority':
      return showOne(site.priorities, text, (one) => showPriority(site, version, one));
    case 'issuetype':
      return showOne(site.issueTypes, text, (one) => showIssueType(site, version, one));
    case 'resolution':
      return showOne(site.resolutions, text, (one) => showResolution(site, version, one));
    case 'option':
      return showOne(field.options ?? [], text, (one) => showOption(site, version, one));
    case 'options':
      return showMany(field.options ?? [], ids, (one) => showOption(site, version, one));
    case 'cascade':
      return showCascade(site, version, field.options ?? [], ids);
    case 'sprint':
      return showMany([...site.sprints.values()], ids, showSprintValue);
    case 'issue': {
      const parent = site.issues.get(text)?.issue;
      return parent === undefined ? null : showIssueRef(site, version, parent);
    }
    case 'datetime':
      return stamp(Number(value));
    default:
      return value;
  }
}

function showOne<T extends Named>(all: readonly T[], id: string, show: (one: T) => unknown): unknown {
  const found = all.find((one) => one.id === id);
  return found === undefined ? null : show(found);
}

/** What no longer exists is left out. */
function showMany<T extends Named>(all: readonly T[], ids: readonly string[], show: (one: T) => unknown): unknown[] {
  return ids.flatMap((id) => all.filter((one) => one.id === id).map(show));
}

function componentsOf(site: Site) {
  return [...site.projects.values()].flatMap((project) => project.components);
}

function versionsOf(site: Site) {
  return [...site.projects.values()].flatMap((project) => project.versions);
}

/** A resolution. */
export function showResolution(site: Site, version: Version, one: Named) {
  return { ...showNamed(site, version, 'resolution', one), description: '' };
}

/** A chosen or offered option. */
export function showOption(site: Site, version: Version, one: Named) {
  return { self: self(site, version, `customFieldOption/${one.id}`), value: one.name, id: one.id };
}

function showCascade(site: Site, version: Version, options: readonly Option[], ids: readonly string[]): unknown {
  const parent = options.find((option) => option.id === ids[0]);
  const child = parent?.children.find((option) => option.id === ids[1]);
  if (parent === undefined) return null;
  return {
    ...showOption(site, version, parent),
    ...(child === undefined ? {} : { child: showOption(site, version, child) }),
  };
}

/** A sprint as an issue's sprint field shows it: dates with a `Z`, unlike everywhere else. */
function showSprintValue(sprint: Sprint): unknown {
  return {
    id: Number(sprint.id),
    name: sprint.name,
    state: sprint.state,
    boardId: Number(sprint.boardId),
    goal: sprint.goal,
    ...sprintDates(sprint),
  };
}

/** The instants a sprint has. */
export function sprintDates(sprint: Sprint): Readonly<Record<string, string>> {
  const instants = { startDate: sprint.startAt, endDate: sprint.endAt, completeDate: sprint.completedAt };
  return Object.fromEntries(
    Object.entries(instants).flatMap(([name, at]) => (at === null ? [] : [[name, new Date(at).toISOString()]])),
  );
}

/** Empty when nothing was ever estimated or logged. */
function showTimeTracking(site: Site, values: Issue['values']): Readonly<Record<string, unknown>> {
  const names = {
    originalEstimate: values['timeoriginalestimate'],
    remainingEstimate: values['timeestimate'],
    timeSpent: values['timespent'],
  };
  return Object.fromEntries<unknown>(
    Object.entries(names).flatMap(([name, seconds]) =>
      typeof seconds === 'number'
        ? [
            [name, wordsOf(seconds, site.workingTime)],
            [`${name}Seconds`, seconds],
          ]
        : [],
    ),
  );
}
