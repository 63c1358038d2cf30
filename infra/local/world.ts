/** The little world that a start without other wishes shows: who is there, and what they work on. */
import type { SiteSpec } from './jira/http/serve.ts';
import { DEFAULT_USERS } from './jira/model/world.ts';

/** Where Jira reaches Twinline, as Jira sees it; the front door answers for it. */
export const BASE_URL = 'https://twinline.example';

/** Two sites to connect, and a third that has nothing to do with them: the witness of every purge. */
export const SITES = ['alpha', 'beta', 'gamma'] as const;
export type SiteName = (typeof SITES)[number];

/** The project that each site shares. */
export const PROJECTS: Readonly<Record<SiteName, string>> = { alpha: 'ALPHA', beta: 'BETA', gamma: 'GAMMA' };

/** The administrator of every site. */
export const ADMIN = DEFAULT_USERS[0].accountId;

/** Sites whose ids differ everywhere; the same people work on all of them, as in one company group. */
export function siteSpecs(): readonly SiteSpec[] {
  return SITES.map((name) => ({
    name,
    // The administrator may write to support: a ticket is opened in the name of an address that Jira shows us.
    users: DEFAULT_USERS.map((user) => (user.accountId === ADMIN ? { ...user, isMailPublic: true } : user)),
    projects: [{ key: PROJECTS[name], name: `Project of ${name}`, workflow: 'open' as const }],
  }));
}
