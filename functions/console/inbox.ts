/** The conflict inbox: what waits for a person, both values read afresh, and the answer. */
import { isSafeAddress, isSafeText } from '../../shared/adf/safety.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import { isSetField, kindOf } from '../../shared/model/field.ts';
import type { TwinId, ValueHash } from '../../shared/model/ids.ts';
import type { SyncInput } from '../../shared/model/plan.ts';
import type { FieldValue, JiraIssue } from '../../shared/model/replica.ts';
import type { FieldTrace } from '../../shared/model/twin.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { hashOf, isDoc } from '../../shared/sync/echo.ts';
import { lanesOf, sendsLane } from '../../shared/sync/lanes.ts';
import type { Lane } from '../../shared/sync/lanes.ts';
import { bothValues } from '../../shared/sync/mergeField.ts';
import { offerOf } from '../../shared/sync/offer.ts';
import { hashNow, issueOf } from '../../shared/sync/view.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { resolveBody } from '../../shared/wire/inbox.ts';
import type { ConflictLine, ConflictPage, ConflictView, ResolveAnswer } from '../../shared/wire/inbox.ts';
import { isOfKind } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf } from './halves.ts';
import { changeTwin, findTwin, woken } from './twinActs.ts';
import type { OwnTwin, TwinRow } from './twinActs.ts';
import { afterOf } from './views.ts';

/** Pairs that one page looks through. */
const PAIRS_PER_PAGE = 200;
/** A worker is seldom at a pair for longer; after these tries the person is told to repeat. */
const MAX_TRIES = 5;
const RETRY_MS = 200;

/** GET …/conflicts: fields that both sides changed and the rules leave to a person. Ids and times, no values. */
export async function listConflicts(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { connection } = own;
  const after = afterOf(ask);
  if ((await connectionOf(ask, own)) === undefined) return answer({ conflicts: [] } satisfies ConflictPage);
  const from = after === undefined ? {} : { after: pathOf('twin', { connection, twin: after }) };
  const page = await ask.ports.store.list('twin', { connection }, { limit: PAIRS_PER_PAGE, ...from });
  const conflicts = page.items.flatMap(({ row }) => conflictsIn(row, own.row.side));
  const next = page.next === undefined ? undefined : page.items.at(-1)?.place.twin;
  return answer({ conflicts, ...(next === undefined ? {} : { next }) } satisfies ConflictPage);
}

function conflictsIn(row: TwinRow, side: Side): readonly ConflictLine[] {
  return Object.entries(row.fields).flatMap(([field, { blocked }]) => {
    if (blocked !== 'conflict-held') return [];
    const since = row.troubles?.find((one) => one.field === field && one.code === blocked)?.since;
    return [{ ...pairOf(row, side), field, ...(since === undefined ? {} : { since }) }];
  });
}

/** The ids of a pair, from the asker's side. */
export function pairOf(row: TwinRow, side: Side): Pick<ConflictLine, 'twin' | 'issue' | 'otherIssue'> {
  const [issue, otherIssue] = [row[side], row[otherSide(side)]];
  return {
    twin: row.twin,
    ...(issue === undefined ? {} : { issue }),
    ...(otherIssue === undefined ? {} : { otherIssue }),
  };
}

/** One field that waits, as both sites show it now. */
interface Waiting extends OwnTwin {
  readonly input: SyncInput;
  readonly issues: Readonly<Record<Side, JiraIssue>>;
  readonly lane: Lane;
  readonly trace: FieldTrace;
  readonly shown: ConflictView;
}

/**
 * GET …/conflicts/{twin}/{field}: both values. The own side's as its site shows it; the other's as its rules and the agreement let
 * it leave, or nothing of it, not even a hash that could be guessed at.
 */
export async function showConflict(ask: Ask): Promise<EdgeAnswer> {
  return answer((await waitingOf(ask)).shown satisfies ConflictView);
}

/** @throws Fault `not-found` when nothing of this field waits, `issue-gone`, `state-refused`, `jira-…` */
async function waitingOf(ask: Ask): Promise<Waiting> {
  const found = await findTwin(ask);
  const { side } = found.own.row;
  const issue = found.row[side];
  if (issue === undefined) throw new Fault('not-found');
  const seen = await ask.pairs.look({ connection: found.own.connection, side, issue, rules: {} });
  if ('code' in seen) throw new Fault(seen.code === 'not-found' ? 'issue-gone' : 'state-refused', { why: seen.code });
  const { input } = seen;
  const [a, b] = [issueOf(input.a), issueOf(input.b)];
  if (a === undefined || b === undefined) throw new Fault('issue-gone');
  const field = decoded(ask.request.params['field'] ?? '');
  const lane = lanesOf(input.rules).find(({ key }) => key === field);
  const trace = found.row.fields[field];
  if (lane === undefined || trace?.blocked === undefined) throw new Fault('not-found');
  const about = { ...found, input, issues: { a, b }, lane, trace };
  return { ...about, shown: shownOf(about) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault('not-found');
  }
}

function shownOf(about: Omit<Waiting, 'shown'>): ConflictView {
  const { own, row, lane, trace } = about;
  const { side } = own.row;
  const sides = { [side]: mineOf(about), [otherSide(side)]: theirsOf(about) } as Pick<ConflictView, 'a' | 'b'>;
  return {
    ...pairOf(row, side),
    field: lane.key,
    side,
    code: trace.blocked ?? 'conflict-held',
    ...sides,
    picks: [...picksOf(about)],
  };
}

function mineOf({ own, issues, lane }: Omit<Waiting, 'shown'>): ConflictView['a'] {
  const { side } = own.row;
  const value = issues[side].fields[lane[side]];
  return value === undefined ? {} : { value, hash: hashOf(lane[side], value) };
}

function theirsOf({ own, input, lane }: Omit<Waiting, 'shown'>): ConflictView['a'] {
  const from = otherSide(own.row.side);
  const offer = lane.isSet || !sendsLane(input.rules, from, lane) ? undefined : offerOf(input, from, lane);
  if (offer === undefined || offer.code === 'contract-refused') return {};
  return { value: offer.value, hash: offer.hash };
}

/** What the engine can carry out: a side that may not send cannot win, and only texts can both be kept. */
function picksOf({ own, input, lane, trace }: Omit<Waiting, 'shown'>): ConflictView['picks'] {
  if (trace.blocked !== 'conflict-held') return ['ignore'];
  const { side } = own.row;
  const sending = (['a', 'b'] as const).filter((one) => sendsLane(input.rules, one, lane));
  const canEdit = sending.includes(side) && lane.kind !== 'status' && lane.kind !== 'type' && !isSetField(lane[side]);
  return [
    ...sending,
    ...(bothValues(input, lane) === undefined ? [] : (['both'] as const)),
    ...(canEdit ? (['edit'] as const) : []),
    'ignore',
  ];
}

/**
 * POST …/conflicts/{twin}/{field}: writes the answer down and wakes the pair. The hashes are those of the values that the person
 * saw; when a site shows something else by now, `store-changed`. With `edit` the value is written to the own issue first: broken off
 * in between, the field waits as before, with the new value.
 */
export async function resolveConflict(ask: Ask): Promise<EdgeAnswer> {
  const { pick, a, b, value } = parseAs(resolveBody, ask.request.body);
  const waiting = await waitingOf(ask);
  const { lane, shown, twin } = waiting;
  if (!shown.picks.includes(pick)) throw new Fault('body-invalid', { path: 'pick' });
  if (shown.a.hash !== a || shown.b.hash !== b) throw new Fault('store-changed', { what: 'values' });
  const { side } = waiting.own.row;
  const edited = pick === 'edit' ? await edit(ask, waiting, value) : undefined;
  const now = { a: hashNow(waiting.issues.a, lane.a), b: hashNow(waiting.issues.b, lane.b) };
  const hashes = edited === undefined ? now : { ...now, [side]: edited };
  await writeAnswer(ask, waiting, pick, { pick: pick === 'edit' ? side : pick, ...present(hashes) });
  return answer({ twin, field: lane.key, pick } satisfies ResolveAnswer, 'accepted', 202);
}

function present({ a, b }: { readonly a?: ValueHash | undefined; readonly b?: ValueHash | undefined }) {
  return { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

/** Writes a person's own wording to the own issue; what the site then shows counts. */
async function edit(ask: Ask, { own, issues, lane }: Waiting, value: FieldValue | undefined): Promise<ValueHash> {
  const { side } = own.row;
  const field = lane[side];
  if (value === undefined || !isOfKind(value, kindOf(field))) throw new Fault('body-invalid', { path: 'value' });
  if (!isSafe(value, kindOf(field) === 'url')) throw new Fault('rich-text-unsafe', { path: 'value' });
  const { id: issue, projectKey: project, fields } = issues[side];
  const written = await ask.site.editIssue({ issue, project }, { [field]: value }, fields);
  const refusal = written.refusedFields?.[field] ?? (written.ok ? undefined : written.code);
  if (refusal !== undefined) throw new Fault(refusal, { path: 'value' });
  const after = await ask.site.readIssue(issue, [field]);
  const hash = after === 'gone' ? undefined : hashNow(after, field);
  if (hash === undefined) throw new Fault('issue-gone');
  return hash;
}

function isSafe(value: FieldValue, isAddress: boolean): boolean {
  if (isDoc(value)) return isSafeText(value);
  return !isAddress || typeof value !== 'string' || isSafeAddress(value);
}

/** The trace belongs to whoever has the lease: a worker at it is waited for, shortly. @throws Fault `store-changed` */
async function writeAnswer(
  ask: Ask,
  { own, twin, lane, trace }: Waiting,
  act: RecordOf<'intervention'>['act'],
  resolved: NonNullable<FieldTrace['resolved']>,
): Promise<TwinId> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await changeTwin(ask, { own, twin }, { act, field: lane.key }, (row, now) => {
        const stored = row.fields[lane.key];
        if (row.lease !== undefined && row.lease.until > now) throw new Fault('store-changed', { what: 'lease' });
        if (stored?.blocked !== trace.blocked) throw new Fault('store-changed', { what: 'field' });
        const next = { ...row, fields: { ...row.fields, [lane.key]: { ...stored, resolved } } };
        return row.pausedAt === undefined ? woken(next, now) : next;
      });
      return twin;
    } catch (thrown) {
      const isHeld = thrown instanceof Fault && thrown.facts['what'] === 'lease';
      if (!isHeld || attempt >= MAX_TRIES) throw thrown;
      await ask.ports.clock.sleep(RETRY_MS * attempt);
    }
  }
}
