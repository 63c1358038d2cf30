import { refuse } from '../../model/problem.ts';
import { findProject } from '../../model/records.ts';
import type { IssueType, Project, ProjectVersion } from '../../model/types.ts';
import { type Call, type Handlers, ok, param } from '../call.ts';
import { showIssueType, showNamed, showVersion } from '../show.ts';
import { showResolution } from '../showValue.ts';

/** What a project and a site have to choose from. */
export const listHandlers: Handlers = {
  getProjectComponents: (call) => {
    const project = projectNamed(call, param(call, 'projectIdOrKey'));
    const { site } = call.act;
    return ok(
      project.components.map((one) => ({
        ...showNamed(site, 3, 'component', one),
        assigneeType: 'PROJECT_DEFAULT',
        realAssigneeType: 'PROJECT_DEFAULT',
        isAssigneeTypeValid: false,
        project: project.key,
        projectId: Number(project.id),
      })),
      project.components.length,
    );
  },
  getProjectVersions: (call) => {
    const project = projectNamed(call, param(call, 'projectIdOrKey'));
    const shown = project.versions.map((one) => ({
      ...showVersion(call.act.site, 3, one),
      ...(one.releaseDate === null ? {} : { overdue: isOverdue(one, call.act.now) }),
      projectId: Number(project.id),
    }));
    return ok(shown, shown.length);
  },
  getResolutions: (call) => {
    const { site } = call.act;
    return ok(site.resolutions.map((one) => showResolution(site, 3, one)));
  },
  getIssueAllTypes: (call) => ok(typesOf(call, () => true)),
  getIssueTypesForProject: (call) => {
    const project = projectNamed(call, call.query.get('projectId') ?? '');
    const level = call.query.get('level');
    const isWanted = ({ id, hierarchyLevel }: IssueType): boolean =>
      project.typeIds.includes(id) && (level === null || Number(level) === hierarchyLevel);
    return ok(typesOf(call, isWanted));
  },
  getConfiguration: (call) => {
    const { hoursPerDay, daysPerWeek } = call.act.site.workingTime;
    return ok({
      votingEnabled: true,
      watchingEnabled: true,
      unassignedIssuesAllowed: true,
      subTasksEnabled: true,
      issueLinkingEnabled: true,
      timeTrackingEnabled: true,
      attachmentsEnabled: true,
      timeTrackingConfiguration: {
        workingHoursPerDay: hoursPerDay,
        workingDaysPerWeek: daysPerWeek,
        timeFormat: 'pretty',
        defaultUnit: 'minute',
      },
    });
  },
};

function projectNamed(call: Call, idOrKey: string): Project {
  const project = findProject(call.act, idOrKey);
  if (project === undefined) throw refuse(404, `No project could be found with key '${idOrKey}'.`);
  return project;
}

function typesOf(call: Call, isWanted: (type: IssueType) => boolean): readonly unknown[] {
  const { site } = call.act;
  return site.issueTypes.filter(isWanted).map((type) => showIssueType(site, 3, type));
}

function isOverdue(version: ProjectVersion, now: number): boolean {
  return !version.released && version.releaseDate !== null && Date.parse(version.releaseDate) < now;
}
