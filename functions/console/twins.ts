/** What an admin asks of one pair: take it afresh, or end it. */
import { twinId } from '../../shared/model/ids.ts';
import type { TwinId } from '../../shared/model/ids.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseAs, twinAccepted, unlinkBody } from '../../shared/wire/console.ts';
import type { TwinAccepted } from '../../shared/wire/console.ts';
import { idSchema } from '../../shared/wire/message.ts';
import { issueNamed } from '../../shared/wire/pairsCsv.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf, shownState } from './halves.ts';
import type { OwnHalf } from './halves.ts';

/** Looks at a pair although nothing changed; what sites refused is tried again. May be repeated. */
export async function resyncTwin(ask: Ask): Promise<EdgeAnswer> {
  const { own, twin } = await activeTwin(ask);
  const { connection } = own;
  await ask.ports.bus.publish('sync-jobs', { kind: 'sync-twin', connection, twin, ...now(ask), isAfresh: true });
  return accepted(own, twin);
}

/**
 * Ends a pair once what is open has been carried out, or at once when `force` is asked for. Both issues stay. May be repeated.
 */
export async function unlinkTwin(ask: Ask): Promise<EdgeAnswer> {
  const { own, twin } = await activeTwin(ask);
  const { connection } = own;
  const forced = parseAs(unlinkBody, ask.request.body ?? {}).force ? ({ isForced: true } as const) : {};
  await ask.ports.bus.publish('sync-jobs', { kind: 'unlink-twin', connection, twin, ...now(ask), ...forced });
  return accepted(own, twin);
}

function now(ask: Ask): { readonly askedAt: number } {
  return { askedAt: ask.ports.clock.now() };
}

function accepted({ connection }: OwnHalf, twin: TwinId): EdgeAnswer {
  return answer(twinAccepted.parse({ connection, twin }) satisfies TwinAccepted, 'accepted', 202);
}

/** The pair that the path names, by its own id or by the asker's issue. @throws Fault `not-found`, `state-refused` */
async function activeTwin(ask: Ask): Promise<{ readonly own: OwnHalf; readonly twin: TwinId }> {
  const own = await findHalf(ask);
  const state = shownState(own, await connectionOf(ask, own));
  if (state !== 'active') throw new Fault('state-refused', { state });
  const { connection } = own;
  const named = ask.request.params['twin'] ?? '';
  const parsed = idSchema(twinId).safeParse(named);
  const twin = parsed.success ? parsed.data : await twinOfIssue(ask, own, named);
  if (twin === undefined || (await ask.ports.store.read('twin', { connection, twin })) === undefined)
    throw new Fault('not-found', { path: 'twin' });
  return { own, twin };
}

async function twinOfIssue(ask: Ask, { connection }: OwnHalf, named: string): Promise<TwinId | undefined> {
  const issue = issueNamed(named);
  const found = issue === undefined ? 'gone' : await ask.site.readIssue(issue, []);
  if (found === 'gone') return undefined;
  const place = { tenant: ask.tenant.tenant, issue: found.id, connection };
  return (await ask.ports.store.read('link', place))?.row.twin;
}
