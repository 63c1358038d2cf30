import { deleteProject, setArchived } from '../../model/move.ts';
import { may } from '../../model/permissions.ts';
import { refuse } from '../../model/problem.ts';
import { findProject } from '../../model/records.ts';
import type { Act, IssueType, Project } from '../../model/types.ts';
import { statusIdsOf, workflowFor } from '../../model/workflows.ts';
import { type Call, type Handlers, NOTHING, ok, pageOf, param, wordsOf } from '../call.ts';
import {
  self,
  showIssueType,
  showNamed,
  showPriority,
  showProjectRef,
  showStatus,
  showUser,
  showVersion,
  stamp,
} from '../show.ts';

/** Most projects of one page. @see GET project/search */
const PROJECT_PAGE = 50;

/** Projects and what a site offers to all of them. */
export const placeHandlers: Handlers = {
  getProject: (call) => ok(showProject(call.act, projectOf(call), true)),
  archiveProject: (call) => {
    setArchived(call.act, param(call, 'projectIdOrKey'), true);
    return NOTHING;
  },
  restore: (call) => ok(showProject(call.act, setArchived(call.act, param(call, 'projectIdOrKey'), false), true)),
  deleteProject: (call) => {
    deleteProject(call.act, param(call, 'projectIdOrKey'));
    return NOTHING;
  },
  searchProjects: (call) => {
    const page = pageOf(call, found(call), PROJECT_PAGE, (project) => showProject(call.act, project, false));
    return ok({ self: self(call.act.site, 3, 'project/search'), ...page }, page.values.length);
  },
  getAllStatuses: (call) => {
    const { site } = call.act;
    const project = projectOf(call);
    const statusesOf = (type: IssueType): unknown[] => {
      const reached = statusIdsOf(workflowFor(project, type.id));
      return site.statuses.filter((status) => reached.has(status.id)).map((status) => showStatus(site, 3, status));
    };
    const types = site.issueTypes.filter((type) => project.typeIds.includes(type.id));
    return ok(
      types.map((type) => ({
        self: self(site, 3, `issuetype/${type.id}`),
        id: type.id,
        name: type.name,
        subtask: type.subtask,
        statuses: statusesOf(type),
      })),
    );
  },
  getStatuses: (call) => ok(call.act.site.statuses.map((status) => showStatus(call.act.site, 3, status))),
  getPriorities: (call) => ok(call.act.site.priorities.map((priority) => showPriority(call.act.site, 3, priority))),
  searchPriorities: (call) => {
    const { site } = call.act;
    const ids = wordsOf(call, 'id');
    const name = call.query.get('priorityName')?.toLowerCase();
    const wanted = site.priorities.filter(
      (one) => (ids?.includes(one.id) ?? true) && (name === undefined || one.name.toLowerCase().includes(name)),
    );
    return ok(
      pageOf(call, wanted, PROJECT_PAGE, (priority) => ({
        ...showPriority(site, 3, priority),
        isDefault: priority.name === 'Medium',
      })),
    );
  },
  getServerInfo: (call) => ok(serverInfo(call.act)),
};

function projectOf(call: Call): Project {
  const idOrKey = param(call, 'projectIdOrKey');
  const project = findProject(call.act, idOrKey);
  if (project === undefined) throw refuse(404, `No project could be found with key '${idOrKey}'.`);
  return project;
}

function found(call: Call): readonly Project[] {
  const { world, site, actor } = call.act;
  const ids = wordsOf(call, 'id');
  const keys = wordsOf(call, 'keys')?.map((key) => key.toUpperCase());
  const text = call.query.get('query')?.toLowerCase() ?? '';
  const action =
    { edit: 'ADMINISTER_PROJECTS', create: 'CREATE_ISSUES' }[call.query.get('action') ?? ''] ?? 'BROWSE_PROJECTS';
  const order = call.query.get('orderBy') ?? 'key';
  const read = (project: Project): string => (order.endsWith('name') ? project.name : project.key);
  const wanted = [...site.projects.values()].filter(
    (project) =>
      project.archived !== true &&
      may(world, site, project, actor, action as 'BROWSE_PROJECTS') &&
      (ids?.includes(project.id) ?? true) &&
      (keys?.includes(project.key) ?? true) &&
      `${project.key} ${project.name}`.toLowerCase().includes(text),
  );
  const sorted = wanted.sort((one, other) => read(one).localeCompare(read(other), 'en'));
  return order.startsWith('-') ? sorted.reverse() : sorted;
}

function showProject(act: Act, project: Project, whole: boolean): unknown {
  const { site } = act;
  const lead = act.world.people.get(project.leadId);
  const base = {
    ...showProjectRef(site, 3, project),
    style: 'classic',
    isPrivate: false,
    ...(project.archived === true ? { archived: true } : {}),
  };
  if (!whole) return base;
  return {
    ...base,
    description: '',
    ...(lead === undefined ? {} : { lead: showUser(site, 3, lead) }),
    components: project.components.map((one) => showNamed(site, 3, 'component', one)),
    versions: project.versions.map((one) => showVersion(site, 3, one)),
    issueTypes: site.issueTypes
      .filter((type) => project.typeIds.includes(type.id))
      .map((type) => showIssueType(site, 3, type)),
    assigneeType: 'UNASSIGNED',
    roles: Object.fromEntries(
      Object.keys(project.roles).map((role, index) => [
        role,
        self(site, 3, `project/${project.id}/role/${10_000 + index}`),
      ]),
    ),
  };
}

/** What Jira Cloud says of itself; the version is a constant there too. */
function serverInfo(act: Act): unknown {
  return {
    baseUrl: act.site.baseUrl,
    version: '1001.0.0-SNAPSHOT',
    versionNumbers: [1001, 0, 0],
    deploymentType: 'Cloud',
    buildNumber: 100_999,
    serverTime: stamp(act.now),
    serverTimeZone: 'Etc/UTC',
    serverTitle: `Jira of ${act.site.name}`,
  };
}
