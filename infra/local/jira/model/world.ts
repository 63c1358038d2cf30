import { type Random, uuid } from './random.ts';
import { fieldNamed } from './customFields.ts';
import type { AttachmentSettings } from './parts.ts';
import {
  APP_ROLE,
  DEFAULT_PERMISSIONS,
  LINK_TYPES,
  type SchemeSpec,
  linkTypesOf,
  schemeOf,
  screenFields,
} from './scheme.ts';
import { type BoardSpec, addBoard } from './sprints.ts';
import type {
  Member,
  Permission,
  Person,
  Project,
  ProjectVersion,
  Site,
  SiteLicence,
  WorkingTime,
  World,
} from './types.ts';
import { type WorkflowName, type WorkflowSpec, workflowOf } from './workflows.ts';

/** How often apps report each account. @see ATLASSIAN.md §8 */
export const CYCLE_DAYS = 7;

/** A person of a site's specification. Account ids are global: name the same one on two sites for the same person. */
export interface UserSpec {
  readonly accountId: string;
  readonly displayName: string;
  readonly emailAddress?: string;
  /** Left out: the profile keeps the address from apps, as a new account's does. */
  readonly isMailPublic?: boolean;
  readonly active?: boolean;
  readonly admin?: boolean;
  readonly apiToken?: string;
  /** The account of another app, as Jira's own Automation has one. */
  readonly isApp?: boolean;
}

/** A project of a site's specification; what is left out has Jira's usual default. */
export interface ProjectSpec {
  readonly key: string;
  readonly name?: string;
  readonly workflow?: WorkflowName | WorkflowSpec;
  /** By name of an issue type, for those whose workflow is another. */
  readonly workflows?: Readonly<Record<string, WorkflowName | WorkflowSpec>>;
  /** Names of issue types; all of the site's when absent. */
  readonly issueTypes?: readonly string[];
  /** Field ids, or names of custom fields; nearly all fields when absent. */
  readonly createScreen?: readonly string[];
  readonly editScreen?: readonly string[];
  /** Fields taken off both screens, by id or name of a custom field. */
  readonly offScreen?: readonly string[];
  /** Fields that must be filled in, by id or name of a custom field. */
  readonly requiredFields?: readonly string[];
  readonly components?: readonly string[];
  readonly versions?: readonly (string | VersionSpec)[];
  readonly boards?: readonly BoardSpec[];
  readonly leadId?: string;
  /** Account ids by role name; `*` stands for every member. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  /** Role names by permission; overrides single rows of the default. */
  readonly permissions?: Partial<Readonly<Record<Permission, readonly string[]>>>;
}

/** A version of a project's specification. */
export interface VersionSpec {
  readonly name: string;
  readonly released?: boolean;
  readonly archived?: boolean;
  /** `2026-11-23`. */
  readonly releaseDate?: string;
}

/** Eight hours a day, five days a week, as Jira comes. */
const DEFAULT_WORKING_TIME: WorkingTime = { hoursPerDay: 8, daysPerWeek: 5 };

/** One site to build: `alpha` becomes https://alpha.atlassian.net. */
export interface SiteSpec extends SchemeSpec {
  readonly name: string;
  /** Loopback port; 0 or absent takes a free one. */
  readonly port?: number;
  readonly projects: readonly ProjectSpec[];
  readonly users?: readonly UserSpec[];
  readonly workingTime?: WorkingTime;
  /** Comments among an issue's fields; all when absent. */
  readonly commentsAlong?: number;
  /** Link types as name, inward and outward; Jira's own when absent. */
  readonly linkTypes?: readonly (readonly [name: string, inward: string, outward: string])[];
  readonly attachments?: Partial<AttachmentSettings>;
}

/** A paid licence as a site has it unless told otherwise; every site has a number of its own. */
export function licenceOf(index: number): SiteLicence {
  return {
    active: true,
    type: 'COMMERCIAL',
    evaluation: false,
    supportEntitlementNumber: `SEN-L${10_001 + index}`,
  };
}

/** People of a site that names none: the first is an administrator. The same persons on every site. */
export const DEFAULT_USERS = [
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
] as const satisfies readonly UserSpec[];

/** Files may be attached, up to the size that Jira's own example has. @see GET attachment/meta, example; sites raise it to 1 GB */
export const DEFAULT_ATTACHMENTS: AttachmentSettings = { enabled: true, uploadLimit: 1_000_000 };

/** Ids of the n-th site's entities start here plus n times this, so that ids of two sites seldom agree. */
const ID_SPAN = 10_000;
/** The same for boards and sprints, whose ids Jira counts apart. */
const AGILE_SPAN = 1_000;

/** Builds all sites. Pure but for the given source of randomness. */
export function makeWorld(specs: readonly SiteSpec[], random: Random, indexLagMs: number): World {
  const world: World = {
    ...{ people: new Map(), sites: new Map(), denials: [], indexLagMs },
    ...{ accountChanges: new Map(), reports: new Map(), cycleDays: CYCLE_DAYS },
  };
  specs.forEach((spec, index) => {
    world.sites.set(spec.name, makeSite(world, spec, index, random));
  });
  return world;
}

function makeSite(world: World, spec: SiteSpec, index: number, random: Random): Site {
  const scheme = schemeOf(index, spec);
  const site: Site = {
    name: spec.name,
    baseUrl: `https://${spec.name}.atlassian.net`,
    clientKey: uuid(random),
    cloudId: uuid(random),
    members: new Map(),
    ...scheme,
    fields: [...scheme.fields],
    workingTime: spec.workingTime ?? DEFAULT_WORKING_TIME,
    ...(spec.commentsAlong === undefined ? {} : { commentsAlong: spec.commentsAlong }),
    boards: new Map(),
    sprints: new Map(),
    projects: new Map(),
    issues: new Map(),
    idByKey: new Map(),
    children: new Map(),
    comments: new Map(),
    worklogs: new Map(),
    goneWorklogs: [],
    attachments: new Map(),
    attachmentSettings: { ...DEFAULT_ATTACHMENTS, ...spec.attachments },
    links: new Map(),
    linkTypes: linkTypesOf(spec.linkTypes ?? LINK_TYPES, index),
    remoteLinks: new Map(),
    counters: new Map([
      ['entity', ID_SPAN * (index + 1)],
      ['board', AGILE_SPAN * index],
      ['sprint', AGILE_SPAN * index],
    ]),
    indexed: [],
    installation: null,
    licence: licenceOf(index),
    contacts: [],
    happenings: [],
  };
  for (const user of spec.users ?? DEFAULT_USERS) addUser(world, site, user);
  for (const project of spec.projects) addProject(site, project, index);
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
    ...(user.isMailPublic === true ? { isMailPublic: true } : {}),
    active: user.active ?? true,
    accountType: user.isApp === true ? 'app' : 'atlassian',
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

function addProject(site: Site, spec: ProjectSpec, siteIndex: number): void {
  const types = site.issueTypes.filter((type) => spec.issueTypes?.includes(type.name) ?? true);
  const admins = [...site.members.values()].filter((member) => member.admin).map((member) => member.accountId);
  const project: Project = {
    id: String(nextNumber(site, 'entity')),
    key: spec.key,
    name: spec.name ?? spec.key,
    leadId: spec.leadId ?? admins[0] ?? [...site.members.keys()][0] ?? '',
    typeIds: types.map((type) => type.id),
    workflow: workflowOf(spec.workflow ?? 'simple', { ...site, siteIndex }),
    workflows: Object.fromEntries(
      types.flatMap(({ id, name }) => {
        const own = spec.workflows?.[name];
        return own === undefined ? [] : [[id, workflowOf(own, { ...site, siteIndex })]];
      }),
    ),
    ...screensOf(site, spec),
    roles: { Users: ['*'], Administrators: admins, [APP_ROLE]: [], ...spec.roles },
    permissions: { ...DEFAULT_PERMISSIONS, ...spec.permissions },
    components: (spec.components ?? []).map((name) => ({ id: String(nextNumber(site, 'entity')), name })),
    versions: (spec.versions ?? []).map((one) => newVersion(site, typeof one === 'string' ? { name: one } : one)),
  };
  site.projects.set(project.key, project);
  for (const board of spec.boards ?? []) addBoard(site, project, board, (counter) => nextNumber(site, counter));
}

/** A version with an id of its own. */
export function newVersion(site: Site, spec: VersionSpec): ProjectVersion {
  const { name, released = false, archived = false, releaseDate = null } = spec;
  return { id: String(nextNumber(site, 'entity')), name, released, archived, releaseDate };
}

/** What an administrator may change of a project while the site runs; what is left out stays. */
export type ProjectChange = Pick<ProjectSpec, 'createScreen' | 'editScreen' | 'offScreen' | 'requiredFields'> & {
  /** Those the project has already are left alone. */
  readonly components?: readonly string[];
  readonly versions?: readonly (string | VersionSpec)[];
  /** Names of custom fields, and of their options that nobody may choose any more. */
  readonly disabledOptions?: Readonly<Record<string, readonly string[]>>;
};

/** Changes a project as its administrator would. `offScreen` takes off what the screens have now. */
export function changeProject(site: Site, project: Project, change: ProjectChange): void {
  const { createScreen = project.createScreen, editScreen = project.editScreen } = change;
  const { requiredFields = project.requiredFields } = change;
  const key = project.key;
  site.projects.set(key, {
    ...project,
    ...screensOf(site, { key, createScreen, editScreen, requiredFields, offScreen: change.offScreen ?? [] }),
  });
  for (const name of change.components ?? []) {
    if (project.components.every((one) => one.name !== name))
      project.components.push({ id: String(nextNumber(site, 'entity')), name });
  }
  for (const spec of (change.versions ?? []).map((one) => (typeof one === 'string' ? { name: one } : one))) {
    if (project.versions.every((one) => one.name !== spec.name)) project.versions.push(newVersion(site, spec));
  }
  for (const [name, options] of Object.entries(change.disabledOptions ?? {})) disableOptions(site, key, name, options);
}

function disableOptions(site: Site, key: string, fieldName: string, names: readonly string[]): void {
  const [id] = fieldIds(site, key, [fieldName]);
  const at = site.fields.findIndex((field) => field.id === id);
  const field = site.fields[at];
  if (field === undefined) return;
  const options = (field.options ?? []).map((option) => ({
    ...option,
    disabled: option.disabled || names.includes(option.name),
  }));
  site.fields[at] = { ...field, options };
}

function screensOf(site: Site, spec: ProjectSpec): Pick<Project, 'createScreen' | 'editScreen' | 'requiredFields'> {
  const off = new Set(fieldIds(site, spec.key, spec.offScreen ?? []));
  const screen = (given: readonly string[] | undefined): readonly string[] =>
    (given === undefined ? screenFields(site.fields) : fieldIds(site, spec.key, given)).filter((id) => !off.has(id));
  return {
    createScreen: screen(spec.createScreen),
    editScreen: screen(spec.editScreen),
    requiredFields: fieldIds(site, spec.key, spec.requiredFields ?? []),
  };
}

function fieldIds(site: Site, key: string, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const field = fieldNamed(site.fields, name);
    if (field === undefined) throw new Error(`the project ${key} names the unknown field ${name}`);
    return field.id;
  });
}
