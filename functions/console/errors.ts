/** What goes wrong in a connection, by cause, and another try for all pairs that have one. */
import { healsItself, isOfCause } from '../../shared/model/trouble.ts';
import type { Cause, Trouble } from '../../shared/model/trouble.ts';
import type { TwinId } from '../../shared/model/ids.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { helpPath, meaningOf } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { causeQuery, retryBody } from '../../shared/wire/inbox.ts';
import type { ErrorGroup, ErrorPage, FailingLine, FailingPage, RetryAnswer } from '../../shared/wire/inbox.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { pairOf } from './inbox.ts';
import { changeTwin, retried } from './twinActs.ts';
import type { TwinRow } from './twinActs.ts';
import { afterOf } from './views.ts';

/** Pairs that one answer counts: one query of the store. */
const COUNTED_PER_PAGE = 500;
/** Each pair that tries again costs a transaction and a message; a page ends well within the function's half minute. (Ours.) */
const RETRIED_PER_PAGE = 100;

interface Rows {
  readonly rows: readonly TwinRow[];
  readonly next: { readonly next?: TwinId };
}

async function rowsOf(ask: Ask, own: OwnHalf, limit: number, after: TwinId | undefined): Promise<Rows> {
  const { connection } = own;
  if ((await connectionOf(ask, own)) === undefined) return { rows: [], next: {} };
  const from = after === undefined ? {} : { after: pathOf('twin', { connection, twin: after }) };
  const page = await ask.ports.store.list('twin', { connection }, { limit, ...from });
  const last = page.next === undefined ? undefined : page.items.at(-1)?.row.twin;
  return { rows: page.items.map(({ row }) => row), next: last === undefined ? {} : { next: last } };
}

/** Every cause of a pair: what its last settle told, and the trouble for which it waits as a whole. */
function troublesOf({ troubles = [], error }: TwinRow): readonly Trouble[] {
  if (error === undefined || troubles.some(({ code }) => code === error.code)) return troubles;
  const { code, at, since = at } = error;
  return [...troubles, { code, part: 'issue', count: 1, since, at }];
}

/** GET …/errors: causes with the number of pairs and the first and last time, the most frequent first. No values. */
export async function listErrors(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { rows, next } = await rowsOf(ask, own, COUNTED_PER_PAGE, afterOf(ask));
  const groups: ErrorGroup[] = [];
  for (const trouble of rows.flatMap(troublesOf)) {
    const at = groups.findIndex((group) => isOfCause(causeIn(group), trouble));
    const known = groups[at];
    if (known === undefined) groups.push(groupOf(trouble));
    else groups[at] = joined(known, trouble);
  }
  const errors = groups.sort((one, other) => other.count - one.count || (one.code < other.code ? -1 : 1));
  return answer({ errors, counted: rows.length, ...next } satisfies ErrorPage);
}

type Told = { readonly [N in 'on' | 'field' | 'part']?: ErrorGroup[N] } & { readonly code: string };

function causeIn({ code, on, field, part }: Told): Cause {
  return {
    code: code as Cause['code'],
    ...(on === undefined ? {} : { side: on }),
    ...(field === undefined ? {} : { field }),
    ...(part === undefined ? {} : { part }),
  };
}

function groupOf({ code, side, field, part, since, at }: Trouble): ErrorGroup {
  return {
    ...{ code, says: meaningOf(code).says, help: helpPath(code) },
    ...(side === undefined ? {} : { on: side }),
    ...(field === undefined ? {} : { field }),
    ...(part === undefined ? {} : { part }),
    ...{ count: 1, firstAt: since, lastAt: at, heals: healsItself(code) },
  };
}

function joined(group: ErrorGroup, { since, at }: Trouble): ErrorGroup {
  const { count, firstAt, lastAt } = group;
  return { ...group, count: count + 1, firstAt: Math.min(firstAt, since), lastAt: Math.max(lastAt, at) };
}

/** GET …/errors/twins: the pairs that have one cause, by id. */
export async function listFailing(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { after: _after, ...told } = parseAs(causeQuery, Object.fromEntries(ask.request.query));
  const cause = causeIn(told);
  const { rows, next } = await rowsOf(ask, own, COUNTED_PER_PAGE, afterOf(ask));
  const twins = rows.flatMap((row): FailingLine[] => {
    const trouble = troublesOf(row).find((one) => isOfCause(one, cause));
    if (trouble === undefined) return [];
    const nextAt = row.wakeAt ?? row.lookAt;
    const { since, at: lastAt } = trouble;
    return [{ ...pairOf(row, own.row.side), since, lastAt, ...(nextAt === undefined ? {} : { nextAt }) }];
  });
  return answer({ twins, ...next } satisfies FailingPage);
}

/**
 * POST …/errors/retry: every pair of one page that has the cause tries again; `next` leads to the next page. May be repeated: a
 * second wish before the first was heard is the same wish.
 */
export async function retryAll(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { after: text, ...told } = parseAs(retryBody, ask.request.body);
  const cause = causeIn(told);
  const { rows, next } = await rowsOf(ask, own, RETRIED_PER_PAGE, afterOf(ask, text));
  const failing = rows.filter((row) => troublesOf(row).some((one) => isOfCause(one, cause)));
  for (const { twin } of failing) await changeTwin(ask, { own, twin }, { act: 'retry' }, retried);
  const body: RetryAnswer = { connection: own.connection, asked: failing.length, ...next };
  return answer(body, 'accepted', 202);
}
