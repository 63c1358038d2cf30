import { addVote, addWatcher, removeVote, removeWatcher, votersOf, watchersOf } from '../../model/audience.ts';
import { refuse } from '../../model/problem.ts';
import { findIssue } from '../../model/records.ts';
import { type Handlers, NOTHING, ok, param } from '../call.ts';
import { showUser } from '../show.ts';
import { showVotes, showWatches } from '../showParts.ts';

/** Who watches an issue, and who voted for it. */
export const audienceHandlers: Handlers = {
  getIssueWatchers: (call) => {
    const { record } = findIssue(call.act, param(call, 'issueIdOrKey'));
    const watchers = watchersOf(call.act, record.issue.id).map((person) => showUser(call.act.site, 3, person));
    return ok({ ...showWatches(call.act, record, 3), watchers }, 1, watchers.length);
  },
  addWatcher: (call) => {
    const given = typeof call.body === 'string' ? call.body : undefined;
    addWatcher(call.act, param(call, 'issueIdOrKey'), given);
    return NOTHING;
  },
  removeWatcher: (call) => {
    const accountId = call.query.get('accountId');
    if (accountId === null) throw refuse(400, 'The accountId is missing.');
    removeWatcher(call.act, param(call, 'issueIdOrKey'), accountId);
    return NOTHING;
  },
  getVotes: (call) => {
    const { record } = findIssue(call.act, param(call, 'issueIdOrKey'));
    const voters = votersOf(call.act, record.issue.id).map((person) => showUser(call.act.site, 3, person));
    return ok({ ...showVotes(call.act, record, 3), voters }, 1, voters.length);
  },
  addVote: (call) => {
    addVote(call.act, param(call, 'issueIdOrKey'));
    return NOTHING;
  },
  removeVote: (call) => {
    removeVote(call.act, param(call, 'issueIdOrKey'));
    return NOTHING;
  },
};
