/** The little world that a start without other wishes shows: who is there, and what they work on. */
import type { SiteSpec } from './jira/http/serve.ts';

/** Two sites to connect, and a third that has nothing to do with them: the witness of every purge. */
export const SITES = ['alpha', 'beta', 'gamma'] as const;
export type SiteName = (typeof SITES)[number];

/** The project that each site shares. */
export const PROJECTS: Readonly<Record<SiteName, string>> = { alpha: 'ALPHA', beta: 'BETA', gamma: 'GAMMA' };

const people = [
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
] as const;

/** The administrator of every site. */
export const ADMIN = people[0].accountId;

/** Sites whose ids differ everywhere; the same people work on all of them, as in one company group. */
export function siteSpecs(): readonly SiteSpec[] {
  return SITES.map((name) => ({
    name,
    users: people,
    projects: [{ key: PROJECTS[name], name: `Project of ${name}`, workflow: 'open' as const }],
  }));
}
