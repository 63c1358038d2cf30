/** Brings one issue under sync by hand. */
import { Fault } from '../../shared/verdict.ts';
import { parseAs, syncBody } from '../../shared/wire/console.ts';
import type { SyncAccepted } from '../../shared/wire/console.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalves, openSettings, shownState } from './halves.ts';

/**
 * Checks that the issue is in a project of the asker's side and asks the sync for it. May be repeated: the same issue
 * makes the same twin.
 */
export async function syncIssue(ask: Ask): Promise<EdgeAnswer> {
  const halves = await findHalves(ask);
  const { issue: named } = parseAs(syncBody, ask.request.body);
  const [own] = halves;
  if (own === undefined) throw new Fault('not-found');
  const state = shownState(own, await connectionOf(ask, own));
  if (state !== 'active') throw new Fault('state-refused', { state });
  const issue = await ask.site.readIssue(named, []);
  if (issue === 'gone') throw new Fault('not-found', { path: 'issue' });
  const projects = await Promise.all(halves.map(async (half) => (await openSettings(ask, half)).projectKey));
  // The app can read more than the two sides agreed on: an issue of another project stays out.
  if (!projects.includes(issue.projectKey)) throw new Fault('body-invalid', { path: 'issue' });
  const { connection } = own;
  const askedAt = ask.ports.clock.now();
  await ask.ports.bus.publish('sync-jobs', {
    kind: 'bring-under-sync',
    ...ask.tenant,
    connection,
    issue: issue.id,
    askedAt,
  });
  return answer({ connection, issue: issue.id } satisfies SyncAccepted, 'accepted', 202);
}
