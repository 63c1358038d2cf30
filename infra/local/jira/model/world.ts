import { type Random, uuid } from './random.ts';
import {
  DEFAULT_PERMISSIONS,
  type Scheme,
  SCREEN_FIELDS,
  type WorkflowName,
  schemeOf,
  workflowOf,
  APP_ROLE,
} from './scheme.ts';
import type { Member, Named, Permission, Person, Project, Site, World } from './types.ts';

/** A person of a site's specification. Account ids are global: name the same one on two sites for the same person. */
export interface UserSpec {
  readonly accountId: string;
  readonly displayName: string;
  readonly emailAddress?: string;
  readonly active?: boolean;
  readonly admin?: boolean;
  readonly apiToken?: string;
}

/** A project of a site's specification; what is left out has Jira's usual default. */
export interface ProjectSpec {
  readonly key: string;
  readonly name?: string;
  readonly workflow?: WorkflowName;
  /** Names of issue types; all of the site's when absent. */
  readonly issueTypes?: readonly string[];
  /** Field ids. */
  readonly createScreen?: readonly string[];
  readonly editScreen?: readonly string[];
  readonly components?: readonly string[];
  readonly versions?: readonly string[];
  readonly leadId?: string;
  /** Account ids by role name; `*` stands for every member. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  /** Role names by permission; overrides single rows of the default. */
  readonly permissions?: Partial<Readonly<Record<Permission, readonly string[]>>>;
}

/** One site to build: `alpha` becomes https://alpha.atlassian.net. */
export interface SiteSpec {
  readonly name: string;
  /** Loopback port; 0 or absent takes a free one. */
  readonly port?: number;
  readonly projects: readonly ProjectSpec[];
  readonly users?: readonly UserSpec[];
}

/** People of a site that names none: the first is an administrator. The same persons on every site. */
export const DEFAULT_USERS: readonly UserSpec[] = [
  {
    accountId: '712020:00000000-0000-4000-8000-00000000000a',
    displayName: 'Ada Berg',
    emailAddress: 'ada@people.example',
    admin: true,
  },
  {
    accountId: '712020:00000000-0000-4000-8000-00000000000b',
    displayName: 'Ben Castro',
    emailAddress: 'ben@people.example',
  },
  {
    accountId: '712020:00000000-0000-4000-8000-00000000000c',
    displayName: 'Cleo Duval',
    emailAddress: 'cleo@people.example',
  },
];

/** Ids of the n-th site's entities start here plus n times this, so that ids of two sites seldom agree. */
const ID_SPAN = 10_000;

/** Builds all sites. Pure but for the given source of randomness. */
export function makeWorld(specs: readonly SiteSpec[], random: Random, indexLagMs: number): World {
  const world: World = { people: new Map(), sites: new Map(), denials: [], indexLagMs };
  specs.forEach((spec, index) => {
    world.sites.set(spec.name, makeSite(world, spec, index, random));
  });
  return world;
}

function makeSite(world: World, spec: SiteSpec, index: number, random: Random): Site {
  const scheme = schemeOf(index);
  const site: Site = {
    name: spec.name,
    baseUrl: `https://${spec.name}.atlassian.net`,
    clientKey: uuid(random),
    cloudId: uuid(random),
    members: new Map(),
    ...scheme,
    projects: new Map(),
    issues: new Map(),
    idByKey: new Map(),
    children: new Map(),
    comments: new Map(),
    counters: new Map([['entity', ID_SPAN * (index + 1)]]),
    indexed: [],
    installation: null,
    happenings: [],
  };
  for (const user of spec.users ?? DEFAULT_USERS) addUser(world, site, user);
  for (const project of spec.projects) addProject(site, project, scheme, index);
  return site;
}

/** The next number of a site's counter, which only grows. */
export function nextNumber(site: Site, counter: string): number {
  const next = (site.counters.get(counter) ?? 0) + 1;
  site.counters.set(counter, next);
  return next;
}

/** Adds a person to a site, or changes what the world knows of them. */
export function addUser(world: World, site: Site, user: UserSpec): Person {
  const person: Person = {
    accountId: user.accountId,
    displayName: user.displayName,
    emailAddress: user.emailAddress ?? `${user.accountId.replaceAll(':', '-')}@people.example`,
    active: user.active ?? true,
    accountType: 'atlassian',
  };
  const member: Member = {
    accountId: user.accountId,
    admin: user.admin ?? false,
    apiToken: user.apiToken ?? `stand-in-${site.name}-${user.accountId}`,
  };
  world.people.set(person.accountId, person);
  site.members.set(person.accountId, member);
  return person;
}

/** The account of an add-on: one account id for all sites, as with real apps. */
export function addApp(world: World, site: Site, appKey: string, appName: string): Person {
  const accountId = appAccountId(appKey);
  const person: Person = { accountId, displayName: appName, emailAddress: '', active: true, accountType: 'app' };
  world.people.set(accountId, person);
  site.members.set(accountId, { accountId, admin: false, apiToken: '' });
  return person;
}

/** The account id of an add-on's user. */
export function appAccountId(appKey: string): string {
  return `557058:app-${appKey}`.slice(0, 128);
}

function addProject(site: Site, spec: ProjectSpec, scheme: Scheme, siteIndex: number): void {
  const types = scheme.issueTypes.filter((type) => spec.issueTypes?.includes(type.name) ?? true);
  const named = (names: readonly string[] | undefined): Named[] =>
    (names ?? []).map((name) => ({ id: String(nextNumber(site, 'entity')), name }));
  const admins = [...site.members.values()].filter((member) => member.admin).map((member) => member.accountId);
  const project: Project = {
    id: String(nextNumber(site, 'entity')),
    key: spec.key,
    name: spec.name ?? spec.key,
    leadId: spec.leadId ?? admins[0] ?? [...site.members.keys()][0] ?? '',
    typeIds: types.map((type) => type.id),
    workflow: workflowOf(spec.workflow ?? 'simple', site.statuses, siteIndex),
    createScreen: spec.createScreen ?? SCREEN_FIELDS,
    editScreen: spec.editScreen ?? SCREEN_FIELDS,
    roles: { Users: ['*'], Administrators: admins, [APP_ROLE]: [], ...spec.roles },
    permissions: { ...DEFAULT_PERMISSIONS, ...spec.permissions },
    components: named(spec.components),
    versions: named(spec.versions),
  };
  site.projects.set(project.key, project);
}
