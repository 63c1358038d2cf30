/**
 * `npm run demo`: the main job, headless and asserted. Ends with one line of JSON; exit code 1 if anything is off.
 * Options: `--memory` (memory ports), `--kills N` (kill N function processes at random meanwhile), `--seed S`.
 */
import '../cli/guard.ts';
import { optionsOf, wholeNumber } from '../cli/options.ts';
import { receiptFileOf, stateOfStores, storesAfter } from './aftermath.ts';
import { compareSites } from './compare.ts';
import type { Comparison } from './compare.ts';
import { startKiller } from './killer.ts';
import { lagView } from '../../shared/wire/drift.ts';
import type { LagView } from '../../shared/wire/drift.ts';
import { asAdmin, connectSites, createSampleIssues } from './opening.ts';
import { bothWays, concurrentEdits, underFaults } from './plays.ts';
import { startStack } from './stack.ts';
import type { Stack } from './stack.ts';

const DAY_MS = 86_400_000;
/** With kills, every lease of a killed worker has to run out before its twin goes on. */
const SETTLE_MS = 180_000;
const ISSUES = 10;
/** What happened last is shown when the demo breaks off. */
const SHOWN_EVENTS = 60;
/** A purge needs a few ticks: fence, deletion, two verifications. */
const MAX_PURGE_TICKS = 60;

const { values } = optionsOf({
  options: {
    memory: { type: 'boolean', default: false },
    kills: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});

const seed = wholeNumber('seed', values.seed, 0);
const kills = wholeNumber('kills', values.kills, 0);
const problems: string[] = [];
const expect = (isSo: boolean, problem: string): void => {
  if (!isSo) problems.push(problem);
};

const stack = await startStack({ port: 0, backend: values.memory ? 'memory' : 'emulators', seed });
try {
  const result = await play(stack);
  console.log(JSON.stringify(result));
} catch (thrown) {
  problems.push(thrown instanceof Error ? thrown.message : 'the demo broke off');
  if (thrown instanceof Error) say(thrown.stack ?? '');
  for (const event of stack.timeline.all().slice(-SHOWN_EVENTS))
    say(
      `${new Date(event.at).toISOString().slice(11, 23)} ${event.where} ${event.what} ${JSON.stringify(event.facts)}`,
    );
  console.log(JSON.stringify({ ok: false, problems }));
} finally {
  await stack.stop();
}
process.exit(problems.length === 0 ? 0 : 1);

async function play(on: Stack): Promise<Record<string, unknown>> {
  say(`on ${on.backend} (${on.why})`);
  for (const site of on.sites) await on.install(site.name);
  const connection = await connectSites(on);
  // The third site gets data of its own, so that there is something that must not change.
  await asAdmin(on, on.site('gamma'), 'POST', '/invitations', {
    name: 'An open invitation',
    projectKey: on.site('gamma').project,
  });
  say('three sites installed, two connected');

  const killer = startKiller(on, kills);
  const issues = await createSampleIssues(on, ISSUES);
  await on.settled(SETTLE_MS);
  say(`${issues.length} issues created on alpha`);
  const changes = await bothWays(on);
  await on.settled(SETTLE_MS);
  changes.push(...(await concurrentEdits(on)));
  await on.settled(SETTLE_MS);
  // Before the faults begin: how long a change takes when all is well.
  const lags = await lagNow(on, connection);
  changes.push(...(await underFaults(on, () => on.settled(SETTLE_MS))));
  await killer.done();
  await on.settled(SETTLE_MS);
  say(`${changes.length} changes by people, ${killer.count()} processes killed`);

  const after = await compareBoth(on);
  const echoes = await echoesAfterRest(on, connection);
  const purge = await leaveAndPurge(on);
  report(after, echoes, on.jira.violations().length);
  return {
    ok: problems.length === 0,
    backend: on.backend,
    issuesSynced: after.a.compared - after.a.missing.length + after.b.compared - after.b.missing.length,
    commentsSynced: after.a.comments.equal,
    changes: {
      alphaToBeta: changes.filter((side) => side === 'alpha').length,
      betaToAlpha: changes.filter((side) => side === 'beta').length,
    },
    explained: after.a.differences.filter(({ reason }) => reason !== undefined).length,
    duplicates: after.duplicates,
    lost: after.lost,
    echoes,
    conformanceViolations: on.jira.violations().length,
    kills: killer.count(),
    changeToArrivalMs: lags,
    purge,
    problems,
  };
}

/** A11: from a person's change, by the site's own changelog, to its arrival on the other side; what `twinline lag` shows. */
async function lagNow(on: Stack, connection: string): Promise<LagView['total']> {
  // With a tick a process writes what it has measured; other processes' last ten seconds are left out.
  await on.tick('wake');
  await on.settled(SETTLE_MS);
  const { total } = lagView.parse(await asAdmin(on, on.site('alpha'), 'GET', `/connections/${connection}/lag`));
  expect(total.count > 0, 'no lag was measured');
  return total;
}

interface Both {
  readonly a: Comparison;
  readonly b: Comparison;
  readonly duplicates: number;
  readonly lost: number;
}

/** Every issue of each site against its twin; what is on one side only, or twice, is counted. */
async function compareBoth(on: Stack): Promise<Both> {
  const twins = await twinIds(on);
  const inactive = new Set(
    on
      .site('beta')
      .people()
      .filter((person) => !person.active)
      .map((person) => person.accountId),
  );
  const alpha = { person: on.site('alpha').person, inactive };
  const beta = { person: on.site('beta').person, inactive };
  const a = await compareSites({ from: alpha, to: beta, twins: twins.toB, ids: on.site('alpha').issueIds() });
  const b = await compareSites({ from: beta, to: alpha, twins: twins.toA, ids: on.site('beta').issueIds() });
  const unpaired = on
    .site('beta')
    .issueIds()
    .filter((id) => !twins.toA.has(id)).length;
  const unexplained = a.differences.filter(({ reason }) => reason === undefined);
  for (const { issue, what } of unexplained) problems.push(`${issue}: ${what} differs`);
  return {
    a,
    b,
    duplicates: unpaired + a.comments.surplus,
    lost: a.missing.length + a.comments.missing + unexplained.length,
  };
}

async function twinIds(on: Stack): Promise<{ toB: Map<string, string>; toA: Map<string, string> }> {
  const twins = await on.ports.store.scan('twin', { limit: 5_000 });
  const toB = new Map<string, string>();
  const toA = new Map<string, string>();
  for (const { row } of twins.items) {
    if (row.a === undefined || row.b === undefined) continue;
    toB.set(row.a, row.b);
    toA.set(row.b, row.a);
  }
  return { toB, toA };
}

/** Asks for every twin to be synced again when all is at rest: whatever is written then is an echo. */
async function echoesAfterRest(on: Stack, connection: string): Promise<number> {
  let writes = 0;
  const end = on.jira.onEvent((event) => {
    if (event.kind === 'change' && event.by === 'app') writes += 1;
  });
  for (const name of ['alpha', 'beta'] as const)
    for (const id of on.site(name).issueIds())
      await asAdmin(on, on.site(name), 'POST', `/connections/${connection}/sync`, { issue: id });
  await on.settled(SETTLE_MS);
  end();
  return writes;
}

/** `alpha` leaves; 120 days later its data are due. */
async function leaveAndPurge(on: Stack): Promise<Record<string, unknown>> {
  await on.uninstall('alpha');
  await on.settled(SETTLE_MS);
  const before = await stateOfStores(on);
  on.clock.advance(119 * DAY_MS);
  await on.tick('sweep');
  await on.settled(SETTLE_MS);
  expect((await stateOfStores(on)).documentsOf('alpha') > 0, 'the tenant was purged before its day');
  on.clock.advance(DAY_MS);
  let receipt: string | undefined;
  for (let tick = 0; tick < MAX_PURGE_TICKS && receipt === undefined; tick += 1) {
    await on.tick('sweep');
    await on.settled(SETTLE_MS);
    // The purge waits out what could still be running; here the clock may simply be moved.
    on.clock.advance(60_000);
    receipt = await receiptFileOf(on);
  }
  const after = await storesAfter(on, before);
  problems.push(...after.problems);
  expect(receipt !== undefined, 'no receipt was issued');
  expect(after.receiptVerified, 'the receipt does not verify');
  say('alpha left and was purged');
  return {
    documentsBefore: after.documentsBefore,
    documentsAfter: after.documentsAfter,
    receiptVerified: after.receiptVerified,
  };
}

function report(after: Both, echoes: number, violations: number): void {
  expect(after.a.compared >= ISSUES, 'fewer issues than were created');
  expect(after.lost === 0, `${after.lost} lost`);
  expect(after.duplicates === 0, `${after.duplicates} duplicates`);
  expect(echoes === 0, `${echoes} echoes written`);
  expect(
    violations === 0,
    `${violations} violations of the contract: ${[...new Set(stack.jira.violations().map(({ operation, path, problem }) => `${operation} ${path} ${problem}`))].slice(0, 5).join('; ')}`,
  );
}

function say(text: string): void {
  console.error(text);
}
