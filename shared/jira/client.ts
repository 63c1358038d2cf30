import type { Http } from '../http.ts';
import type { TenantRef } from '../model/tenant.ts';
import type { Budget, Clock, Door, Jira, JiraSite } from '../ports.ts';
import type { Site } from './call.ts';
import { changeLink } from './links.ts';
import { createGovernor } from './governor.ts';
import { createMetaCache, readAbilities } from './meta.ts';
import type { MetaCache } from './meta.ts';
import { findMarked, match, mayPerson, projectIdOf, readComments, readIssue, readMarkers, search } from './read.ts';
import { addComment, createIssue, deleteComment, editComment, editIssue, transition } from './write.ts';

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
  return {
    at: (tenant: TenantRef, trace, priority = 'people') =>
      siteOf({ tenant, trace, priority, door: doors.connect, http, clock, governor }, cache),
  };
}

function siteOf(site: Site, cache: MetaCache): JiraSite {
  return {
    readIssue: (issue, fields) => readIssue(site, cache, issue, fields),
    readComments: (issue) => readComments(site, issue),
    readMarkers: (comments) => readMarkers(site, comments),
    findMarked: (project, twin) => findMarked(site, project, twin),
    readAbilities: (ask) => readAbilities(site, cache, ask),
    createIssue: (project, fields, marker) => createIssue(site, cache, project, fields, marker),
    editIssue: (place, fields, seen) => editIssue(site, cache, place, fields, seen),
    transition: (issue, id, fields) => transition(site, cache, issue, id, fields),
    changeLink: (issue, change) => changeLink(site, issue, change),
    addComment: (issue, body, marker) => addComment(site, issue, body, marker),
    editComment: (issue, comment, body) => editComment(site, issue, comment, body),
    deleteComment: (issue, comment) => deleteComment(site, issue, comment),
    match: (jql, issues) => match(site, jql, issues),
    search: (jql, page) => search(site, jql, page),
    mayPerson: (account, permission, project) => mayPerson(site, account, permission, project),
    projectExists: async (project) => (await projectIdOf(site, project)) !== undefined,
  };
}
