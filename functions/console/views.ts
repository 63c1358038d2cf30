/** What a side is shown of its connections and twins: its own half in full, of the other side only what concerns it. */
import { otherSide } from '../../shared/model/connection.ts';
import { halfId, halfOf, twinId } from '../../shared/model/ids.ts';
import type { Id, TwinId } from '../../shared/model/ids.ts';
import { twinErrorsOf, twinStateOf } from '../../shared/model/twinState.ts';
import type { TwinState } from '../../shared/model/twinState.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { meaningOf } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import type { ConnectionLine, ConnectionPage, ConnectionView, TwinLine, TwinPage } from '../../shared/wire/console.ts';
import { idSchema } from '../../shared/wire/message.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf, openSettings, ownHalf, queryOf, shownState } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { waitOf } from './waits.ts';

/** Each line costs a second read. */
const CONNECTIONS_PER_PAGE = 25;
const TWINS_PER_PAGE = 50;
/** Twins that a view counts; beyond, it says that there are more. */
const MAX_COUNTED = 500;

/** The tenant's connections by id, pending and ended ones included. */
export async function listConnections(ask: Ask): Promise<EdgeAnswer> {
  const { tenant } = ask.tenant;
  const after = cursorOf(ask, halfId);
  const page = await ask.ports.store.list(
    'half',
    { tenant },
    {
      limit: CONNECTIONS_PER_PAGE,
      ...(after === undefined ? {} : { after: pathOf('half', { tenant, half: after }) }),
    },
  );
  const own = page.items.flatMap((stored) => ownHalf(ask, stored));
  const connections = await Promise.all(own.map(async (half) => lineOf(ask, half, await connectionOf(ask, half))));
  const next = page.next === undefined ? undefined : page.items.at(-1)?.place.half;
  return answer({ connections, ...(next === undefined ? {} : { next }) } satisfies ConnectionPage);
}

async function lineOf(
  ask: Ask,
  own: OwnHalf,
  agreed: RecordOf<'connection'> | undefined,
): Promise<ConnectionLine & { readonly scope: string }> {
  const { name, projectKey, scope } = await openSettings(ask, own);
  return { connection: own.connection, side: own.row.side, state: shownState(own, agreed), name, projectKey, scope };
}

/** One connection: its settings here, how many twins are in which state, and what blocks them. */
export async function showConnection(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const agreed = await connectionOf(ask, own);
  const twins = await ask.ports.store.list('twin', { connection: own.connection }, { limit: MAX_COUNTED });
  const seen = agreed === undefined ? [] : twins.items.map(({ row }) => row);
  const wait = await waitOf(ask, own, agreed);
  const body: ConnectionView = {
    ...(await lineOf(ask, own, agreed)),
    rulesVersion: own.row.rulesVersion,
    isPausedHere: own.row.state === 'paused',
    isPausedThere: await isPausedThere(ask, own, agreed),
    ...(agreed === undefined ? {} : { activatedAt: agreed.activatedAt }),
    ...(agreed?.restored === undefined ? {} : { restored: agreed.restored }),
    ...(wait === undefined ? {} : { waits: { code: wait, says: meaningOf(wait).says } }),
    twins: { byState: countStates(seen), counted: seen.length, hasMore: twins.next !== undefined },
    errors: groupErrors(seen),
  };
  return answer(body);
}

/** The one thing that a side learns of the other's half. */
async function isPausedThere(ask: Ask, own: OwnHalf, agreed: RecordOf<'connection'> | undefined): Promise<boolean> {
  if (agreed === undefined) return false;
  const side = otherSide(own.row.side);
  const place = { tenant: agreed[side].tenant, half: halfOf(own.connection, side) };
  return (await ask.ports.store.read('half', place))?.row.state === 'paused';
}

/**
 * Where a listing goes on. A cursor is the bare id of the last one shown; the path is made here, so that no cursor leads
 * into another collection. @throws Fault `body-invalid`
 */
function cursorOf<T extends Id<string>>(ask: Ask, parse: (text: string) => T): T | undefined {
  const { after } = queryOf(ask);
  return after === undefined ? undefined : parseAs(idSchema(parse), after);
}

/** Where a listing of pairs goes on. @throws Fault `body-invalid` */
export function afterOf(ask: Ask, text: string | undefined = queryOf(ask).after): TwinId | undefined {
  return text === undefined ? undefined : parseAs(idSchema(twinId), text);
}

type TwinRow = RecordOf<'twin'>;

function countStates(twins: readonly TwinRow[]): ConnectionView['twins']['byState'] {
  const states = twins.map(twinStateOf);
  const count = (state: TwinState): number => states.filter((other) => other === state).length;
  return {
    'in-step': count('in-step'),
    working: count('working'),
    blocked: count('blocked'),
    paused: count('paused'),
    new: count('new'),
  };
}

function groupErrors(twins: readonly TwinRow[]): ConnectionView['errors'] {
  const codes = [...new Set(twins.flatMap(twinErrorsOf))].sort();
  return codes.map((code) => {
    const hit = twins.filter((twin) => twinErrorsOf(twin).includes(code));
    const times = hit.flatMap(({ error }) => (error?.code === code ? [error.at] : []));
    const last = times.length === 0 ? {} : { lastAt: Math.max(...times) };
    return { code, says: meaningOf(code).says, count: hit.length, ...last };
  });
}

/** The twins of a connection by id: both issue ids, as both sides agreed, but no content. */
export async function listTwins(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { connection } = own;
  const after = cursorOf(ask, twinId);
  const agreed = await connectionOf(ask, own);
  if (agreed === undefined) return answer({ twins: [] } satisfies TwinPage);
  const page = await ask.ports.store.list(
    'twin',
    { connection },
    {
      limit: TWINS_PER_PAGE,
      ...(after === undefined ? {} : { after: pathOf('twin', { connection, twin: after }) }),
    },
  );
  const twins = page.items.map(({ row }) => twinLineOf(own, row));
  const next = page.next === undefined ? undefined : page.items.at(-1)?.place.twin;
  return answer({ twins, ...(next === undefined ? {} : { next }) } satisfies TwinPage);
}

/** A pair as one of its sides sees it in a list. */
export function twinLineOf({ row: { side } }: OwnHalf, row: TwinRow): TwinLine {
  const issue = row[side];
  const otherIssue = row[otherSide(side)];
  return {
    twin: row.twin,
    state: twinStateOf(row),
    ...(issue === undefined ? {} : { issue }),
    ...(otherIssue === undefined ? {} : { otherIssue }),
    errors: [...twinErrorsOf(row)],
    ...(row.settledAt === undefined ? {} : { settledAt: row.settledAt }),
    ...(row.verifiedAt === undefined ? {} : { verifiedAt: row.verifiedAt }),
  };
}
