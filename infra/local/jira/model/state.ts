import { noParts } from './records.ts';
import { DEFAULT_PERMISSIONS, LINK_TYPES, linkTypesOf } from './scheme.ts';
import type { Board, IssueRecord, Option, Project, Site, Sprint, Transition, Workflow, World } from './types.ts';
import { CYCLE_DAYS, DEFAULT_ATTACHMENTS, licenceOf } from './world.ts';

/** Marks a map in JSON, which has none. */
const MAP = '$map';

/** The world as JSON text; what waits to be told is left out. */
export function exportWorld(world: World): string {
  return JSON.stringify(world, (key, value: unknown) => {
    if (key === 'happenings') return [];
    return value instanceof Map ? { [MAP]: [...value] } : value;
  });
}

/** Reads back what `exportWorld` wrote. Only our own file is read here, so its shape is trusted. */
export function importWorld(text: string): World {
  const world = JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(MAP in value)) return value;
    return new Map(value[MAP] as [unknown, unknown][]);
  }) as World;
  const kept: Partial<World> = world;
  Object.assign(world, {
    accountChanges: kept.accountChanges ?? new Map(),
    reports: kept.reports ?? new Map(),
    cycleDays: kept.cycleDays ?? CYCLE_DAYS,
  });
  [...world.sites].forEach(([name, site], index) => {
    world.sites.set(name, completed(site, index));
  });
  return world;
}

/** A site that was kept before it had boards, options of its own, worklogs, files, links and a licence. */
function completed(site: Site, index: number): Site {
  const { boards, sprints, workingTime } = site as Partial<Site>;
  const projects = [...site.projects].map(([key, project]): [string, Project] => [key, completedProject(project)]);
  const issues = [...site.issues].map(([id, record]): [string, IssueRecord] => [id, { ...noParts(), ...record }]);
  return {
    ...partsLacking(index),
    ...site,
    issues: new Map(issues),
    boards: boards ?? new Map<string, Board>(),
    sprints: sprints ?? new Map<string, Sprint>(),
    workingTime: workingTime ?? { hoursPerDay: 8, daysPerWeek: 5 },
    projects: new Map(projects),
    fields: site.fields.map((field) => ({
      ...field,
      ...(field.options === undefined ? {} : { options: field.options.map(completedOption) }),
    })),
  };
}

function partsLacking(index: number) {
  return {
    worklogs: new Map(),
    goneWorklogs: [],
    attachments: new Map(),
    licence: licenceOf(index),
    contacts: [],
    attachmentSettings: DEFAULT_ATTACHMENTS,
    links: new Map(),
    linkTypes: linkTypesOf(LINK_TYPES, index),
    remoteLinks: new Map(),
  };
}

function completedProject(project: Project): Project {
  const { requiredFields, workflows } = project as Partial<Project>;
  return {
    ...project,
    permissions: { ...DEFAULT_PERMISSIONS, ...project.permissions },
    requiredFields: requiredFields ?? [],
    workflow: completedWorkflow(project.workflow),
    workflows: workflows ?? {},
  };
}

function completedWorkflow(workflow: Workflow): Workflow {
  const transitions = workflow.transitions.map((one): Transition => {
    const { screen, required, permission } = one as Partial<Transition>;
    return { ...one, screen: screen ?? [], required: required ?? [], permission: permission ?? null };
  });
  return { ...workflow, transitions };
}

function completedOption(option: Option): Option {
  const { disabled, children } = option as Partial<Option>;
  return { ...option, disabled: disabled ?? false, children: children ?? [] };
}
