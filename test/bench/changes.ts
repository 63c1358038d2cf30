/**
 * What one synced change costs: reads, writes and deletes of Firestore, messages, calls of Jira and their points. The real function
 * code over ports in memory, and the stand-in in this process, on a virtual clock. Counted at the ports, so the same each time.
 */
import { replayWorld } from '../../infra/local/replayWorld.ts';
import type { Piece, ReplayWorld } from '../../infra/local/replayWorld.ts';
import type { People } from '../../infra/local/jira/http/people.ts';
import { DEFAULT_USERS } from '../../infra/local/jira/model/world.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { counted, newTally } from './tally.ts';
import type { Tally } from './tally.ts';

/** What is counted, in the order in which it is printed. */
export const COUNTS = ['reads', 'writes', 'deletes', 'messages', 'calls', 'points'] as const;
export type CountName = (typeof COUNTS)[number];
export type Counts = Readonly<Record<CountName, number>>;

/** What people did. `echo` is what the change before it led to: the events that our own writes of it cause. */
export type ChangeName = 'one-field update' | 'comment added' | 'new issue with 3 comments';

/** One kind of change. */
export interface ChangeCost {
  readonly change: ChangeName;
  /** From the person's event to the other side. */
  readonly way: Counts;
  /** The events that our own writes caused, until nothing is left to do. */
  readonly echo: Counts;
}

/** What was counted. */
export interface ChangeCosts {
  readonly costs: readonly ChangeCost[];
  /** Reads and writes of the record of the hour's points: one pair for each slice, whatever the points in it are spent on. */
  readonly budget: { readonly reads: number; readonly writes: number; readonly points: number };
}

const SITES = [
  { name: 'alpha', projects: [{ key: 'ALPHA' }] },
  { name: 'beta', projects: [{ key: 'BETA' }] },
] as const;

/**
 * Counts everything. The process is warm, because the same was done to another issue a moment ago (keys, fields and types are
 * remembered); the issue itself was last changed minutes ago, so that nothing of its own is remembered.
 */
export async function changeCosts(): Promise<ChangeCosts> {
  const world = await countingWorld();
  const person = world.jira.people('alpha', DEFAULT_USERS[0].accountId);
  const issues = { one: madeBy(person).id, other: madeBy(person).id };
  await costOf(world, () => undefined);
  const changes: readonly [ChangeName, (on: string) => void][] = [
    ['one-field update', (on) => person.editIssue(on, { summary: 'changed' })],
    ['comment added', (on) => void person.comment(on, 'said')],
    ['new issue with 3 comments', () => void madeBy(person)],
  ];
  const costs: ChangeCost[] = [];
  for (const [change, act] of changes) {
    world.clock.advance(FORGOTTEN_MS);
    await costOf(world, () => act(issues.other));
    costs.push({ change, ...(await costOf(world, () => act(issues.one))) });
  }
  if (world.failures.length > 0) throw new Error(`the work failed: ${JSON.stringify(world.failures)}`);
  const { reads, writes } = world.budget;
  return { costs, budget: { reads, writes, points: world.points() } };
}

function madeBy(person: People): { readonly id: string } {
  const made = person.createIssue({ project: 'ALPHA', summary: 'New', description: 'With a text' });
  for (const text of ['one', 'two', 'three']) person.comment(made.id, text);
  return made;
}

interface CountingWorld extends ReplayWorld {
  /** By what asked for the work. */
  readonly tallies: Record<'way' | 'echo' | 'tick', Tally>;
  readonly budget: Tally;
  /** Spent so far, over all hours. */
  points(): number;
}

async function countingWorld(): Promise<CountingWorld> {
  const [all, budget] = [newTally(), newTally()];
  const tallies = { way: newTally(), echo: newTally(), tick: newTally() };
  let points = 0;
  const around = async (piece: Piece, work: () => Promise<unknown>): Promise<unknown> => {
    const before = seen(world, all);
    try {
      return await work();
    } finally {
      const tally = tallies[causeOf(piece)];
      const after = seen(world, all);
      for (const name of COUNTS) tally[name] += after[name] - before[name];
      points += after.points - before.points;
    }
  };
  const world = await replayWorld(defaultRules(), SITES, {
    over: (store) => counted(store, all, { category: 'budget', tally: budget }),
    around,
  });
  // Only we write on beta.
  const { clientKey } = world.site('b');
  const tenants = (await world.store.scan('tenant', { limit: 10 })).items;
  const beta = tenants.find(({ row }) => row.clientKey === clientKey)?.place.tenant;
  const causeOf = (piece: Piece): keyof typeof tallies => {
    if (piece.kind === 'hook') return piece.site === 'alpha' ? 'way' : 'echo';
    const { message } = piece;
    if (message.kind === 'wake') return 'tick';
    return message.kind === 'issue-change' && message.tenant === beta ? 'echo' : 'way';
  };
  return Object.assign(world, { tallies, budget, points: () => points });
}

function seen({ counts, jira }: ReplayWorld, { reads, writes, deletes }: Tally): Counts {
  const { messages, calls } = counts;
  return { reads, writes, deletes, messages, calls, points: jira.serving.meter.points };
}

/** Does something and lets everything come to rest; so long after the last one that no figure of it is held back. */
async function costOf(world: CountingWorld, act: () => void): Promise<Pick<ChangeCost, 'way' | 'echo'>> {
  world.clock.advance(QUIET_MS);
  while (await world.work());
  for (const tally of Object.values(world.tallies)) for (const name of COUNTS) tally[name] = 0;
  act();
  await world.rest();
  const { way, echo } = world.tallies;
  return { way: only(way), echo: only(echo) };
}

function only(tally: Tally): Counts {
  const { reads, writes, deletes, messages, calls, points } = tally;
  return { reads, writes, deletes, messages, calls, points };
}

/** Longer than figures of lag are held back, shorter than a site's types and fields are believed. */
const QUIET_MS = 15_000;
/** Longer than anything of an issue is remembered. */
const FORGOTTEN_MS = 600_000;
