import { may } from './permissions.ts';
import { refuse } from './problem.ts';
import { type Found, findIssue } from './records.ts';
import type { Act, Person } from './types.ts';

/** Who watches an issue. Neither watching nor voting leaves a changelog entry, moves `updated` or is told by a webhook. @see ATLASSIAN.md §5 */
export function watchersOf(act: Act, idOrKey: string): readonly Person[] {
  return peopleOf(act, findIssue(act, idOrKey).record.watcherIds);
}

/** Who voted for an issue. */
export function votersOf(act: Act, idOrKey: string): readonly Person[] {
  return peopleOf(act, findIssue(act, idOrKey).record.voterIds);
}

function peopleOf(act: Act, ids: readonly string[]): readonly Person[] {
  return ids.flatMap((id) => act.world.people.get(id) ?? []);
}

/**
 * Makes somebody watch an issue; nothing happens to one who does.
 * @throws JiraProblem 404 for the issue or the person, 403 for others than oneself without MANAGE_WATCHERS
 */
export function addWatcher(act: Act, idOrKey: string, accountId = act.actor.accountId): void {
  const found = watched(act, idOrKey, accountId);
  if (!found.record.watcherIds.includes(accountId)) found.record.watcherIds.push(accountId);
}

/** Makes somebody stop watching. @throws as {@link addWatcher} */
export function removeWatcher(act: Act, idOrKey: string, accountId: string): void {
  const { record } = watched(act, idOrKey, accountId);
  if (record.watcherIds.includes(accountId)) record.watcherIds.splice(record.watcherIds.indexOf(accountId), 1);
}

function watched(act: Act, idOrKey: string, accountId: string): Found {
  const found = findIssue(act, idOrKey);
  const person = act.site.members.has(accountId) ? act.world.people.get(accountId) : undefined;
  if (person?.active !== true) throw refuse(404, 'The user does not exist or you may not see it.');
  const isAllowed =
    accountId === act.actor.accountId || may(act.world, act.site, found.project, act.actor, 'MANAGE_WATCHERS');
  if (!isAllowed) throw refuse(403, 'You do not have the permission to manage the watcher list.');
  if (!may(act.world, act.site, found.project, person, 'BROWSE_PROJECTS'))
    throw refuse(400, 'The user cannot view this issue.');
  return found;
}

/**
 * Votes for an issue in the actor's name.
 * @throws JiraProblem 404 for the issue, for one's own issue and for one that is resolved
 */
export function addVote(act: Act, idOrKey: string): void {
  const { record, issue } = findIssue(act, idOrKey);
  if (issue.values['reporter'] === act.actor.accountId)
    throw refuse(404, 'You cannot vote for an issue you have reported.');
  if (issue.resolvedAt !== null) throw refuse(404, 'You cannot vote for an issue that has been resolved.');
  if (!record.voterIds.includes(act.actor.accountId)) record.voterIds.push(act.actor.accountId);
}

/** Takes the actor's vote back. @throws JiraProblem 404 */
export function removeVote(act: Act, idOrKey: string): void {
  const { record } = findIssue(act, idOrKey);
  const at = record.voterIds.indexOf(act.actor.accountId);
  if (at === -1) throw refuse(404, 'You have not voted for this issue.');
  record.voterIds.splice(at, 1);
}
