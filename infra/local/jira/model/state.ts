import type { Board, Option, Project, Site, Sprint, Transition, Workflow, World } from './types.ts';

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
  for (const [name, site] of world.sites) world.sites.set(name, completed(site));
  return world;
}

/** A site that was kept before it had boards and options of its own. */
function completed(site: Site): Site {
  const { boards, sprints, workingTime } = site as Partial<Site>;
  const projects = [...site.projects].map(([key, project]): [string, Project] => [key, completedProject(project)]);
  return {
    ...site,
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

function completedProject(project: Project): Project {
  const { requiredFields, workflows } = project as Partial<Project>;
  return {
    ...project,
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
