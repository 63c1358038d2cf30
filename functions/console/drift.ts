/** What the reconcile runs of a connection found, and how often they come. No values: names of fields, ids and codes. */
import { FULL_EVERY_MS, LIGHT_EVERY_MS } from '../../shared/model/drift.ts';
import type { DriftThing } from '../../shared/model/drift.ts';
import type { Stored } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { Fault, meaningOf } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { periodsBody, runBody, runName } from '../../shared/wire/drift.ts';
import type { DriftLine, DriftPage, Periods, RunLine, RunPage } from '../../shared/wire/drift.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf, queryOf } from './halves.ts';

const RUNS_PER_PAGE = 25;
const DRIFTS_PER_PAGE = 100;
/** Pairs of one run that are counted for its line. */
const MAX_COUNTED = 200;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Agreed {
  readonly connection: string;
  readonly row: RecordOf<'connection'>;
}

/** The agreed connection of the request. @throws Fault `not-found`, also while it is pending */
async function agreedOf(ask: Ask): Promise<Agreed> {
  const own = await findHalf(ask);
  const row = await connectionOf(ask, own);
  if (row === undefined) throw new Fault('not-found');
  return { connection: own.connection, row };
}

/** The last runs, the newest first. */
export async function listRuns(ask: Ask): Promise<EdgeAnswer> {
  const { connection, row } = await agreedOf(ask);
  const { after } = queryOf(ask);
  const from = after === undefined ? {} : { after: pathOf('run', { connection, run: parseAs(runName, after) }) };
  const page = await ask.ports.store.list('run', { connection }, { limit: RUNS_PER_PAGE, ...from });
  const runs = await Promise.all(page.items.map((stored) => runLine(ask, stored)));
  const next = page.next === undefined ? undefined : page.items.at(-1)?.place.run;
  const { reconcileAt, fullAt, rulesDueAt } = row;
  const body: RunPage = {
    ...periodsOf(row),
    ...(reconcileAt === undefined ? {} : { nextLightAt: reconcileAt }),
    ...(fullAt === undefined ? {} : { nextFullAt: fullAt }),
    ...(rulesDueAt === undefined ? {} : { rulesDueAt }),
    runs,
    ...(next === undefined ? {} : { next }),
  };
  return answer(body);
}

function periodsOf({ lightEveryMs = LIGHT_EVERY_MS, fullEveryMs = FULL_EVERY_MS }: RecordOf<'connection'>): Periods {
  return { lightMinutes: lightEveryMs / MINUTE_MS, fullHours: fullEveryMs / HOUR_MS };
}

async function runLine(ask: Ask, { place, row }: Stored<'run'>): Promise<RunLine> {
  const found = await ask.ports.store.list('drift', place, { limit: MAX_COUNTED });
  const { run, how, since, startedAt, endedAt, issues, twins, fresh, aPoints, bPoints, code, total, etaAt } = row;
  return {
    ...{ run, how, since, startedAt, issues, twins, fresh },
    points: { a: aPoints, b: bPoints },
    drifted: found.items.length,
    repaired: found.items.filter((one) => one.row.repairedAt !== undefined).length,
    hasMore: found.next !== undefined,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(code === undefined ? {} : { code }),
    ...(total === undefined ? {} : { total }),
    ...(etaAt === undefined ? {} : { etaAt }),
  };
}

/** What one run found, pair by pair. */
export async function listDrifts(ask: Ask): Promise<EdgeAnswer> {
  const { connection } = await agreedOf(ask);
  const named = runName.safeParse(ask.request.params['run']);
  if (!named.success) throw new Fault('not-found');
  const run = named.data;
  if ((await ask.ports.store.read('run', { connection, run })) === undefined) throw new Fault('not-found');
  const { after } = queryOf(ask);
  const from = after === undefined ? {} : { after: pathOf('drift', { connection, run, twin: cursor(after) }) };
  const page = await ask.ports.store.list('drift', { connection, run }, { limit: DRIFTS_PER_PAGE, ...from });
  const next = page.next === undefined ? undefined : page.items.at(-1)?.place.twin;
  const body: DriftPage = {
    run,
    drifts: page.items.map(({ row }) => driftLine(row)),
    ...(next === undefined ? {} : { next }),
  };
  return answer(body);
}

/** The bare id of the last one shown, so that no cursor leads into another collection. @throws Fault `body-invalid` */
function cursor(after: string): string {
  if (after.includes('/')) throw new Fault('body-invalid', { path: 'after' });
  return after;
}

function driftLine({ twin, a, b, foundAt, repairedAt, things }: RecordOf<'drift'>): DriftLine {
  return {
    ...{ twin, foundAt, things: things.map(thingLine) },
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
    ...(repairedAt === undefined ? {} : { repairedAt }),
  };
}

function thingLine({ code, ...thing }: DriftThing): DriftLine['things'][number] {
  return code === undefined ? thing : { ...thing, code, says: meaningOf(code).says };
}

/** Starts a run now, beside the scheduled ones. */
export async function startRun(ask: Ask): Promise<EdgeAnswer> {
  const { connection, row } = await agreedOf(ask);
  const { how } = parseAs(runBody, ask.request.body);
  if (row.state !== 'active') throw new Fault('state-refused', { state: row.state });
  const askedAt = ask.ports.clock.now();
  const since = how === 'full' ? row.activatedAt : row.watermarkAt;
  const own = await findHalf(ask);
  await ask.ports.bus.publish('sync-jobs', { kind: 'reconcile', connection: own.connection, since, askedAt, how });
  return answer({ connection, how }, 'accepted', 202);
}

/** Changes how often runs come; the next ones are counted from now. */
export async function changePeriods(ask: Ask): Promise<EdgeAnswer> {
  const { connection } = await agreedOf(ask);
  const periods = parseAs(periodsBody, ask.request.body);
  const now = ask.ports.clock.now();
  const [lightEveryMs, fullEveryMs] = [periods.lightMinutes * MINUTE_MS, periods.fullHours * HOUR_MS];
  await ask.ports.store.transact(async (transaction) => {
    const stored = await transaction.read('connection', { connection });
    if (stored === undefined) throw new Fault('not-found');
    const times = { lightEveryMs, fullEveryMs, reconcileAt: now + lightEveryMs, fullAt: now + fullEveryMs };
    transaction.put('connection', { connection }, { ...stored.row, ...times });
  });
  return answer({ connection, ...periods });
}
