/** What a full look at pairs that are in step costs, as a ratio to the least that reading both issues of each in hundreds costs. */
import { CONNECTION, replayWorld } from '../../infra/local/replayWorld.ts';
import { DEFAULT_USERS } from '../../infra/local/jira/model/world.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';

/** What came out. */
export interface ReconcileCost {
  readonly bench: 'reconcile';
  readonly pairs: number;
  readonly points: number;
  readonly calls: number;
  /** Each issue once for a point, a hundred to a call. @see ATLASSIAN.md §6.3, bulkfetch */
  readonly leastPoints: number;
  readonly ratio: number;
}

const SITES = [
  { name: 'alpha', projects: [{ key: 'ALPHA' }] },
  { name: 'beta', projects: [{ key: 'BETA' }] },
] as const;
const PER_CALL = 100;

/** Makes pairs, lets them come to rest, and counts one full run. */
export async function reconcileCost(pairs: number): Promise<ReconcileCost> {
  const world = await replayWorld(defaultRules(), SITES);
  const person = world.jira.people('alpha', DEFAULT_USERS[0].accountId);
  for (let n = 0; n < pairs; n += 1) person.createIssue({ project: 'ALPHA', summary: `item ${n}` });
  await world.rest();
  world.clock.advance(HOUR_MS);
  while (await world.work());
  const { meter } = world.jira.serving;
  const before = { ...meter, calls: world.counts.calls };
  const askedAt = world.clock.now();
  world.send({ kind: 'reconcile', connection: CONNECTION, since: 0, askedAt, how: 'full' });
  await world.rest();
  // The stand-in begins a new hour with its first call.
  const points = meter.points - (meter.hour === before.hour ? before.points : 0);
  const leastPoints = 2 * pairs + 2 * Math.ceil(pairs / PER_CALL);
  const ratio = Math.round((points / leastPoints) * 100) / 100;
  return { bench: 'reconcile', pairs, points, calls: world.counts.calls - before.calls, leastPoints, ratio };
}

/** Into the middle of an hour whose points nobody has spent. */
const HOUR_MS = 3_600_000;
