import type { IssueId } from '../model/ids.ts';
import { call, target } from './call.ts';
import type { Site } from './call.ts';

/** True when the site does not know an issue, or does not show it to the app: asked when Jira has refused what names it. */
export async function isIssueGone(site: Site, issue: IssueId): Promise<boolean> {
  const path = target('/issue/{}', [issue], { fields: 'project' });
  return (await call(site, { method: 'GET', target: path, accept: [404] })).status === 404;
}
