/** Anchor A8: one pair of many fails for days; the others go on, its own changes keep their order behind the first, and it resumes. */
import { replayWorld } from '../../infra/local/replayWorld.ts';
import type { ReplayWorld } from '../../infra/local/replayWorld.ts';
import { DEFAULT_USERS } from '../../infra/local/jira/model/world.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';

/** What came out. Minutes of the virtual clock. */
export interface A8Result {
  readonly anchor: 'A8';
  readonly pairs: number;
  /** Pairs whose change had arrived while the one failed. */
  readonly converged: number;
  /** What the failing pair was told to have, and what of it had got through meanwhile: nothing. */
  readonly code: string;
  readonly through: number;
  /** Minutes from the cause's end to its own changes' arrival. */
  readonly resumedMinutes: number;
  /** Its changes arrived in the order in which they were made. */
  readonly inOrder: boolean;
  /** All pairs equal at the end. */
  readonly equal: number;
  readonly holds: boolean;
}

const SITES = [
  { name: 'alpha', projects: [{ key: 'ALPHA' }] },
  { name: 'beta', projects: [{ key: 'BETA' }] },
] as const;
/** How long the cause lasts after everybody else is done: the outages that are told of lasted days. @see RIVALS.md C10 */
const OUTAGE_MS = 2 * 86_400_000;
/** After its cause is gone a pair is tried again within this: the longest wait between two tries. @see functions/sync/keep.ts */
const RESUME_MINUTES = 361;

/** Runs A8. */
export async function runA8(pairs: number, say: (line: string) => void): Promise<A8Result> {
  const world = await replayWorld(defaultRules(), SITES);
  const person = world.jira.people('alpha', DEFAULT_USERS[0].accountId);
  const ids = Array.from(
    { length: pairs },
    (_, n) => person.createIssue({ project: 'ALPHA', summary: `item ${n}` }).id,
  );
  await world.rest();
  say(`${world.site('b').issues.size} pairs made after ${minutes(world, 0)} virtual minutes`);
  const failing = ids[Math.floor(pairs / 2)] ?? '';
  const copy = (await world.twins()).find(({ a }) => a === failing)?.b ?? '';
  const cause = breakWrites(world, copy);

  for (const [at, id] of ids.entries()) person.editIssue(id, { summary: `changed ${at}` });
  for (const text of ['first', 'second']) person.comment(failing, text);
  await untilOnly(world, failing);
  const converged = shown(world);
  world.clock.advance(OUTAGE_MS);
  await untilOnly(world, failing);
  const [twin] = (await world.twins()).filter(({ a }) => a === failing);
  const through = world.site('b').issues.get(copy)?.commentIds.length ?? 0;

  cause.isOver = true;
  const from = world.clock.now();
  await world.rest();
  const resumedMinutes = minutes(world, from);
  const inOrder = isInOrder(world, copy);
  const equal = shown(world);
  const code = twin?.error?.code ?? '';
  const holds =
    converged === pairs - 1 &&
    code !== '' &&
    through === 0 &&
    inOrder &&
    equal === pairs &&
    resumedMinutes <= RESUME_MINUTES;
  return { anchor: 'A8', pairs, converged, code, through, resumedMinutes, inOrder, equal, holds };
}

/** Every write to one issue of beta is refused until the cause is over. */
function breakWrites(world: ReplayWorld, issue: string): { isOver: boolean } {
  const cause = { isOver: false };
  const answer = world.jira.answer.bind(world.jira);
  const ofIssue = new RegExp(`beta\\..*/issue/${issue}\\b`);
  world.jira.answer = (ask, planned) =>
    !cause.isOver && ask.method !== 'GET' && ofIssue.test(ask.url)
      ? answer(ask, { status: 403 })
      : answer(ask, planned);
  return cause;
}

/** Goes on until nothing is on its way and nobody but this pair waits for anything. */
async function untilOnly(world: ReplayWorld, failing: string): Promise<void> {
  do while (await world.work());
  while ((await isOtherOwed(world, failing)) && (await world.pass()));
}

async function isOtherOwed(world: ReplayWorld, failing: string): Promise<boolean> {
  if (world.owed() > 0) return true;
  return (await world.twins()).some(({ a, wakeAt }) => wakeAt !== undefined && a !== failing);
}

/** First the field, then the comments in the order of their making. */
function isInOrder(world: ReplayWorld, id: string): boolean {
  const site = world.site('b');
  const record = site.issues.get(id);
  const comments = (record?.commentIds ?? []).flatMap((comment) => site.comments.get(comment) ?? []);
  const changedAt = record?.histories.at(-1)?.createdAt ?? Number.POSITIVE_INFINITY;
  const texts = comments.map(({ body }) => /first|second/.exec(JSON.stringify(body))?.[0]);
  return texts.join() === 'first,second' && comments.every(({ createdAt }) => createdAt >= changedAt);
}

function shown(world: ReplayWorld): number {
  const summaries = [...world.site('b').issues.values()].map(({ issue }) => issue.values['summary']);
  return summaries.filter((summary) => typeof summary === 'string' && summary.startsWith('changed')).length;
}

function minutes(world: ReplayWorld, from: number): number {
  return Math.round((world.clock.now() - (from === 0 ? Date.UTC(2026, 10, 23, 10) : from)) / 60_000);
}
