import type { Http } from '../http.ts';
import type { TenantRef } from '../model/tenant.ts';
import type { Budget, Clock, Door, Jira, JiraSite } from '../ports.ts';
import type { Site } from './call.ts';
import { changeLink } from './links.ts';
import { createGovernor } from './governor.ts';
import { createMetaCache, readAbilities } from './meta.ts';
import type { MetaCache } from './meta.ts';
import { isJql, readProject } from './project.ts';
import {
  findMarked,
  match,
  mayPerson,
  projectIdOf,
  readAudience,
  readComments,
  readIssue,
  readKeys,
  readMail,
  readMany,
  readMarkers,
  readNames,
  readWhole,
  search,
  searchChanged,
} from './read.ts';
import {
  addComment,
  addWorklog,
  deleteComment,
  deleteWorklog,
  editComment,
  editWorklog,
  placesOfWorklogs,
  readWorklogs,
  worklogChanges,
} from './notes.ts';
import { createIssue, deleteIssue, editIssue, removeMarker, transition } from './write.ts';
import { addAttachment, deleteAttachment, openAttachment, readAttachments, readMedia } from './attachments.ts';
import { readAddon } from './addon.ts';
import { reportAccounts } from './report.ts';
import { archivedPart, createHostCache, readHost } from './host.ts';
import type { HostCache } from './host.ts';

/** What the client needs. */
export interface JiraNeeds {
  readonly doors: Readonly<Record<'connect', Door>>;
  readonly http: Http;
  readonly clock: Clock;
  readonly budget: Budget;
}

/**
 * The REST client. One per process: its governor spaces the calls of the process, and it believes what it read of screens, types and
 * people for a minute. It keeps no issue content.
 */
export function createJira({ doors, http, clock, budget }: JiraNeeds): Jira {
  const governor = createGovernor(clock, budget);
  const cache = createMetaCache(clock);
  const hosts = createHostCache(clock);
  return {
    at: (tenant: TenantRef, trace, priority = 'people', meter = () => undefined, mayWrite = async () => undefined) =>
      siteOf({ tenant, trace, priority, meter, mayWrite, door: doors.connect, http, clock, governor }, cache, hosts),
  };
}

function siteOf(site: Site, cache: MetaCache, hosts: HostCache): JiraSite {
  return {
    readIssue: (issue, fields) => readIssue(site, cache, issue, fields),
    readAudience: (issue) => readAudience(site, issue),
    readWhole: (issue, fields, parts) => readWhole(site, cache, issue, fields, parts),
    readMany: (issues, fields, parts) => readMany(site, cache, issues, fields, parts),
    readComments: (issue) => readComments(site, issue),
    readMarkers: (comments) => readMarkers(site, comments),
    findMarked: (project, twin) => findMarked(site, project, twin),
    readAbilities: (ask) => readAbilities(site, cache, ask),
    createIssue: (project, fields, marker) => createIssue(site, cache, project, fields, marker),
    editIssue: (place, fields, seen) => editIssue(site, cache, place, fields, seen),
    transition: (issue, id, fields) => transition(site, cache, issue, id, fields),
    changeLink: (issue, change) => changeLink(site, issue, change),
    deleteIssue: (issue) => deleteIssue(site, issue),
    removeMarker: (issue) => removeMarker(site, issue),
    addComment: (issue, body, marker, visibility) => addComment(site, issue, body, marker, visibility),
    editComment: (issue, comment, body, visibility) => editComment(site, issue, comment, body, visibility),
    deleteComment: (issue, comment) => deleteComment(site, issue, comment),
    readWorklogs: (issue) => readWorklogs(site, issue),
    addWorklog: (issue, work, adjust, marker) => addWorklog(site, issue, work, adjust, marker),
    editWorklog: (issue, worklog, work, adjust) => editWorklog(site, issue, worklog, work, adjust),
    deleteWorklog: (issue, worklog, adjust) => deleteWorklog(site, issue, worklog, adjust),
    worklogChanges: (what, sinceAt) => worklogChanges(site, what, sinceAt),
    placesOfWorklogs: (worklogs) => placesOfWorklogs(site, worklogs),
    readAttachments: (issue) => readAttachments(site, issue),
    readMedia: (attachment) => readMedia(site, attachment),
    openAttachment: (attachment) => openAttachment(site, attachment),
    addAttachment: (issue, file) => addAttachment(site, issue, file),
    deleteAttachment: (issue, attachment) => deleteAttachment(site, issue, attachment),
    readHost: (project) => readHost(site, hosts, project),
    match: (jql, issues) => match(site, jql, issues),
    search: (jql, page) => search(site, jql, page),
    searchChanged: (jql, page) => searchChanged(site, jql, page),
    readKeys: (issues) => readKeys(site, issues),
    mayPerson: (account, permission, project) => mayPerson(site, account, permission, project),
    reportAccounts: (accounts) => reportAccounts(site, accounts),
    readNames: (accounts) => readNames(site, accounts),
    projectExists: async (project) => (await projectIdOf(site, project)) !== undefined,
    archivedPart: (project, issue) => archivedPart(site, project, issue),
    readProject: (project) => readProject(site, cache, project),
    readMail: (account) => readMail(site, account),
    readAddon: (addonKey) => readAddon(site, addonKey),
    isJql: (queries) => isJql(site, queries),
  };
}
