import { refuse } from './problem.ts';
import { APP_ROLE } from './scheme.ts';
import type { Act, Permission, Person, Project, Site, Visibility, World } from './types.ts';

/** Whether an account holds a role of a project. App accounts are in the add-on role and nowhere else. */
export function holdsRole(site: Site, project: Project, person: Person, role: string): boolean {
  if (!site.members.has(person.accountId)) return false;
  if (person.accountType === 'app') return role === APP_ROLE;
  const accounts = project.roles[role] ?? [];
  return accounts.includes('*') || accounts.includes(person.accountId);
}

/** Whether an account may do something in a project. */
export function may(world: World, site: Site, project: Project, person: Person, permission: Permission): boolean {
  // An archived project can be looked at and nothing else. @see support.atlassian.com, "Archive a project"
  if (project.archived === true && permission !== 'BROWSE_PROJECTS') return false;
  if (!person.active || isDenied(world, site, project, person, permission)) return false;
  return project.permissions[permission].some((role) => holdsRole(site, project, person, role));
}

function isDenied(world: World, site: Site, project: Project, person: Person, permission: Permission): boolean {
  return world.denials.some(
    (denial) =>
      denial.site === site.name &&
      denial.project === project.key &&
      denial.permission === permission &&
      (denial.accountId === undefined ? person.accountType === 'app' : denial.accountId === person.accountId),
  );
}

/** Refuses with 403 unless the actor may. @throws JiraProblem 403 */
export function demand(act: Act, project: Project, permission: Permission): void {
  if (!may(act.world, act.site, project, act.actor, permission)) {
    throw refuse(403, `You do not have the permission ${permission} in this project.`);
  }
}

/** Whether the actor administers the site. */
export function isAdmin(site: Site, person: Person): boolean {
  return person.active && (site.members.get(person.accountId)?.admin ?? false);
}

/** Whether the actor may read what is shown so: everybody without visibility, else members of its role or group. */
export function sees(act: Act, project: Project, visibility: Visibility | null): boolean {
  if (visibility === null) return true;
  if (visibility.type === 'role') return holdsRole(act.site, project, act.actor, visibility.value);
  return visibility.value === ADMIN_GROUP ? isAdmin(act.site, act.actor) : act.actor.accountType !== 'app';
}

/** The group of a site's administrators. */
export const ADMIN_GROUP = 'jira-administrators';
/** The group of all people of a site. */
export const USER_GROUP = 'jira-users';
