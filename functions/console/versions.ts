/** The versions of a side's rules: found, shown, and led from state to state in one transaction each. */
import { ruleLife, ruleStateOf, stageOf } from '../../shared/model/ruleLife.ts';
import type { RuleEvent, RuleState, RuleStep } from '../../shared/model/ruleLife.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { differenceOf } from '../../shared/rules/difference.ts';
import { Fault } from '../../shared/verdict.ts';
import type { DifferenceView, VersionLine, VersionPage, VersionView } from '../../shared/wire/rules.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { findHalf, openRules, queryOf } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { namesOf } from './names.ts';

/** Each line costs a read. */
const VERSIONS_PER_PAGE = 25;
/** Steps that one version remembers; an edit after an edit of the same person counts as one. (Ours.) */
const MAX_STEPS = 100;
const NUMBER = /^[1-9]\d{0,5}$/;

/** One version of the asker's rules as it was read. */
export interface Version {
  readonly own: OwnHalf;
  readonly number: number;
  readonly row: RecordOf<'rules'>;
  readonly state: RuleState;
}

/** The version that the path names. @throws Fault `not-found` */
export async function findVersion(ask: Ask): Promise<Version> {
  const own = await findHalf(ask);
  const named = ask.request.params['version'] ?? '';
  if (!NUMBER.test(named)) throw new Fault('not-found');
  const found = await readVersion(ask, own, Number(named));
  if (found === undefined) throw new Fault('not-found');
  return found;
}

async function readVersion(ask: Ask, own: OwnHalf, number: number): Promise<Version | undefined> {
  const place = { tenant: ask.tenant.tenant, half: own.half, version: String(number) };
  const row = (await ask.ports.store.read('rules', place))?.row;
  if (row === undefined) return undefined;
  return { own, number, row, state: ruleStateOf(number, row.stage, own.row.rulesVersion) };
}

/** The number of the newest version. */
export function lastVersion({ rulesLast, rulesVersion }: RecordOf<'half'>): number {
  return rulesLast ?? rulesVersion;
}

/** All versions of the asker's side, the newest first, without their contents. */
export async function listVersions(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { after } = queryOf(ask);
  if (after !== undefined && !NUMBER.test(after)) throw new Fault('body-invalid', { path: 'after' });
  const from = after === undefined ? lastVersion(own.row) : Math.min(Number(after) - 1, lastVersion(own.row));
  const numbers = Array.from({ length: Math.min(VERSIONS_PER_PAGE, Math.max(0, from)) }, (_, index) => from - index);
  const found = await Promise.all(numbers.map((number) => readVersion(ask, own, number)));
  const lowest = numbers.at(-1) ?? 1;
  const versions = found.flatMap((version) => (version === undefined ? [] : [lineOf(version)]));
  const body: VersionPage = {
    connection: own.connection,
    side: own.row.side,
    active: own.row.rulesVersion,
    versions,
    names: await namesOf(ask, whoOf(versions)),
    ...(lowest > 1 ? { next: String(lowest) } : {}),
  };
  return answer(body);
}

/** A version as lists show it. */
export function lineOf({ number, row, state }: Pick<Version, 'number' | 'row' | 'state'>): VersionLine {
  return {
    version: number,
    state,
    revision: row.revision ?? 0,
    createdAt: row.createdAt,
    ...(row.basedOn === undefined ? {} : { basedOn: row.basedOn }),
    ...(row.restoredFrom === undefined ? {} : { restoredFrom: row.restoredFrom }),
    steps: (row.steps ?? []).map((one) => ({ ...one })),
  };
}

/** One version with its content. */
export async function showVersion(ask: Ask): Promise<EdgeAnswer> {
  const version = await findVersion(ask);
  const document = await openRules(ask, version.own, version.number);
  const line = lineOf(version);
  return answer({ ...line, document, names: await namesOf(ask, whoOf([line])) } satisfies VersionView);
}

/** The people of the steps of versions. */
function whoOf(versions: readonly VersionLine[]): readonly (AccountId | undefined)[] {
  return versions.flatMap(({ steps }) => steps.map(({ by }) => by));
}

/** The rows in which a version differs from another one (`?with=`), or from the active one: from that to this. */
export async function showDifference(ask: Ask): Promise<EdgeAnswer> {
  const { own, number: to } = await findVersion(ask);
  const { with: named } = queryOf(ask);
  const from = named === undefined ? own.row.rulesVersion : Number(named);
  const [before, after] = await Promise.all([openRules(ask, own, from), openRules(ask, own, to)]);
  const rows = differenceOf(before, after).map((row) => ({ ...row, path: [...row.path] }));
  return answer({ from, to, rows } satisfies DifferenceView);
}

/** What a change of a version works with: all of it as the transaction read it. */
export interface Changing {
  readonly transaction: Transaction;
  readonly half: RecordOf<'half'>;
  readonly row: RecordOf<'rules'>;
  readonly state: RuleState;
}

/** What a change leaves of the version, and of its half when that changes too. */
export interface Changed {
  readonly row: RecordOf<'rules'>;
  readonly half?: RecordOf<'half'>;
}

/**
 * Changes one version of the asker in a transaction. `revision`: the content that the change is about; somebody else's edit since
 * then ends it. `work` may read more and write more, in that order.
 * @throws Fault `store-changed`, `state-refused`
 */
export async function changeVersion(
  ask: Ask,
  { own, number }: Pick<Version, 'own' | 'number'>,
  revision: number,
  work: (changing: Changing) => Changed | Promise<Changed>,
): Promise<Version> {
  const { tenant } = ask.tenant;
  const halfPlace = { tenant, half: own.half };
  const place = { ...halfPlace, version: String(number) };
  return ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const half = (await transaction.read('half', halfPlace))?.row;
    const row = (await transaction.read('rules', place))?.row;
    if (half === undefined || row === undefined) throw new Fault('not-found');
    if (half.state === 'ended') throw new Fault('state-refused', { state: 'ended' });
    if ((row.revision ?? 0) !== revision) throw new Fault('store-changed', { path: 'revision' });
    const state = ruleStateOf(number, row.stage, half.rulesVersion);
    const next = await work({ transaction, half, row, state });
    if (next.row !== row) transaction.put('rules', place, next.row);
    if (next.half !== undefined) transaction.put('half', halfPlace, next.half);
    const after = next.half ?? half;
    return {
      own: { ...own, row: after },
      number,
      row: next.row,
      state: ruleStateOf(number, next.row.stage, after.rulesVersion),
    };
  });
}

/** The state after an event. @throws Fault `state-refused` */
export function stateAfter(state: RuleState, event: RuleEvent): RuleState {
  const next = ruleLife[state][event];
  if (next === 'refused') throw new Fault('state-refused', { state });
  return next;
}

/** The record in a new state, with the step that led there; the same record when both are as they were. */
export function withStep(
  row: RecordOf<'rules'>,
  state: RuleState,
  step: { readonly step: RuleStep; readonly at: number; readonly by?: Ask['account'] },
): RecordOf<'rules'> {
  const before = row.steps ?? [];
  const last = before.at(-1);
  const isSame = last?.step === step.step && last.by === step.by;
  if (isSame && step.step !== 'edited' && row.stage === stageOf(state)) return row;
  const kept = isSame ? before.slice(0, -1) : before;
  if (kept.length >= MAX_STEPS) throw new Fault('too-many', { path: 'steps' });
  return { ...row, stage: stageOf(state), steps: [...kept, step] };
}

/** The half when no version of it waits for the partner any more. */
export function withoutWaiting({ rulesWaiting: _waiting, ...half }: RecordOf<'half'>): RecordOf<'half'> {
  return half;
}
