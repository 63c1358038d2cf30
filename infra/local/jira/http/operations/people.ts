import { isAdmin, may } from '../../model/permissions.ts';
import { JiraProblem, refuse } from '../../model/problem.ts';
import { findIssue, findProject, lookUp, projectById } from '../../model/records.ts';
import { isRecord } from '../../model/richText.ts';
import { DEFAULT_PERMISSIONS } from '../../model/scheme.ts';
import type { Act, Permission, Person, Project } from '../../model/types.ts';
import { type Call, type Handlers, bodyOf, numberOf, ok, pageOf, textIn, textsIn, wordsOf } from '../call.ts';
import { self, showUser } from '../show.ts';

/** Most people of one page. @see GET user/bulk, GET user/assignable/search */
const BULK_PAGE = 200;
const SEARCH_PAGE = 1_000;
/** Permissions of a whole site that the stand-in knows. */
const GLOBAL: ReadonlySet<string> = new Set(['ADMINISTER', 'BULK_CHANGE', 'USER_PICKER']);

/** People, and who may do what. */
export const peopleHandlers: Handlers = {
  getUser: (call) => {
    const person = memberOf(call.act, call.query.get('accountId') ?? '');
    if (person === undefined)
      throw refuse(404, 'Specified user does not exist or you do not have required permissions');
    return ok(shown(call, person), 0, 1);
  },
  bulkGetUsers: (call) => {
    const people = (wordsOf(call, 'accountId') ?? [])
      .map((id) => memberOf(call.act, id))
      .filter((person) => person !== undefined);
    const page = pageOf(call, people, BULK_PAGE, (person) => shown(call, person), 10);
    return ok({ self: self(call.act.site, 3, 'user/bulk'), ...page }, 0, page.values.length);
  },
  findAssignableUsers: (call) => {
    const people = assignable(call);
    const startAt = numberOf(call, 'startAt', 0);
    const page = people.slice(startAt, startAt + Math.min(SEARCH_PAGE, numberOf(call, 'maxResults', 50)));
    return ok(
      page.map((person) => shown(call, person)),
      0,
      page.length,
    );
  },
  getCurrentUser: (call) => ok({ ...shown(call, call.act.actor), locale: 'en_GB' }, 0, 1),
  getMyPermissions: (call) => {
    const names = wordsOf(call, 'permissions') ?? [];
    const unknown = names.filter((name) => !isPermission(name));
    if (unknown.length > 0)
      throw new JiraProblem(400, {
        errorMessages: [],
        errors: Object.fromEntries(unknown.map((name) => [name, 'Unrecognized permission'])),
      });
    const project = askedProject(call);
    return ok({
      permissions: Object.fromEntries(names.map((name, index) => [name, grant(call.act, project, name, index)])),
    });
  },
  getBulkPermissions: (call) => ok(bulkPermissions(call), 0, 1),
};

/** E-mail addresses are for people; apps see those that a profile shows to everybody, or need a scope that this one never has. */
function shown(call: Call, person: Person) {
  return showUser(call.act.site, 3, person, call.act.actor.accountType !== 'app' || person.isMailPublic === true);
}

function memberOf(act: Act, accountId: string): Person | undefined {
  return act.site.members.has(accountId) ? act.world.people.get(accountId) : undefined;
}

function assignable(call: Call): readonly Person[] {
  const { world, site } = call.act;
  const issue = call.query.get('issueKey') ?? call.query.get('issueId');
  const named = call.query.get('project');
  if (issue === null && named === null) throw refuse(400, 'Either the project or the issueKey must be given.');
  const project = issue === null ? findProject(call.act, named ?? '') : findIssue(call.act, issue).project;
  if (project === undefined) throw refuse(404, `No project could be found with key '${named ?? ''}'.`);
  const text = call.query.get('query')?.toLowerCase() ?? '';
  const accountId = call.query.get('accountId');
  return [...site.members.keys()]
    .map((id) => world.people.get(id))
    .filter((person) => person !== undefined)
    .filter((person) => may(world, site, project, person, 'ASSIGNABLE_USER'))
    .filter((person) => accountId === null || person.accountId === accountId)
    .filter((person) => `${person.displayName} ${person.emailAddress}`.toLowerCase().includes(text));
}

function isPermission(name: string): boolean {
  return GLOBAL.has(name) || Object.hasOwn(DEFAULT_PERMISSIONS, name);
}

function askedProject(call: Call): Project | undefined {
  const issue = call.query.get('issueKey') ?? call.query.get('issueId');
  if (issue !== null) return findIssue(call.act, issue).project;
  const named = call.query.get('projectKey') ?? call.query.get('projectId');
  if (named === null) return undefined;
  const project = findProject(call.act, named);
  if (project === undefined) throw refuse(404, `No project could be found with key '${named}'.`);
  return project;
}

function grant(act: Act, project: Project | undefined, name: string, index: number) {
  const isGlobal = GLOBAL.has(name);
  return {
    id: String(index),
    key: name,
    name: name.toLowerCase().replaceAll('_', ' '),
    type: isGlobal ? 'GLOBAL' : 'PROJECT',
    description: '',
    havePermission: isGlobal
      ? hasGlobal(act, act.actor, name)
      : hasSomewhere(act, act.actor, project, name as Permission),
  };
}

function hasGlobal(act: Act, person: Person, name: string): boolean {
  return isAdmin(act.site, person) || (name !== 'ADMINISTER' && person.active && person.accountType !== 'app');
}

/** Without a project Jira answers whether there is any project where it holds. */
function hasSomewhere(act: Act, person: Person, project: Project | undefined, name: Permission): boolean {
  const projects = project === undefined ? [...act.site.projects.values()] : [project];
  return projects.some((one) => may(act.world, act.site, one, person, name));
}

/** An app may ask for anybody, a person for others only as an administrator. @see POST permissions/check */
function bulkPermissions(call: Call): unknown {
  const { act } = call;
  const body = bodyOf(call);
  const accountId = textIn(body['accountId']) ?? act.actor.accountId;
  if (accountId !== act.actor.accountId && act.actor.accountType !== 'app' && !isAdmin(act.site, act.actor)) {
    throw refuse(403, 'Only Jira administrators can perform this operation.');
  }
  const person = memberOf(act, accountId);
  if (person === undefined)
    throw new JiraProblem(400, { errorMessages: [], errors: { accountId: 'The user does not exist.' } });
  const globals = textsIn(body['globalPermissions']) ?? [];
  const asked = Array.isArray(body['projectPermissions']) ? (body['projectPermissions'] as unknown[]) : [];
  const unknown = [
    ...globals,
    ...asked.flatMap((one) => (isRecord(one) ? (textsIn(one['permissions']) ?? []) : [])),
  ].filter((name) => !isPermission(name));
  if (unknown.length > 0)
    throw new JiraProblem(400, {
      errorMessages: [],
      errors: Object.fromEntries(unknown.map((name) => [name, 'Unrecognized permission'])),
    });
  return {
    globalPermissions: globals.filter((name) => hasGlobal(act, person, name)),
    projectPermissions: asked.flatMap((one) => (isRecord(one) ? projectGrants(act, person, one) : [])),
  };
}

function projectGrants(act: Act, person: Person, asked: Readonly<Record<string, unknown>>) {
  const projects = textsIn(asked['projects']) ?? [];
  const issues = textsIn(asked['issues']) ?? [];
  const holds = (project: Project | undefined, name: string): boolean =>
    project !== undefined && may(act.world, act.site, project, person, name as Permission);
  return (textsIn(asked['permissions']) ?? []).map((permission) => ({
    permission,
    projects: projects.filter((id) => holds(projectById(act.site, id), permission)).map(Number),
    issues: issues.filter((id) => holds(lookUp(act.site, id)?.project, permission)).map(Number),
  }));
}
