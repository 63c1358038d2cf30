/**
 * What is stored of one person, for the admins of a site who answer for it: found, handed out, refreshed and erased, and the requests
 * that people make, with their clock. @see SPEC.md R53–R56 (shared/retention), GDPR 12(3), 15–17, 20
 */
import { accountId } from '../../shared/model/ids.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import { contentWithout, rowWithout } from '../../shared/retention/accounts.ts';
import { catalogue } from '../../shared/retention/catalogue.ts';
import type { OwnedCategory, RecordOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { erasureElsewhere } from '../../shared/retention/elsewhere.ts';
import { registerOf } from '../../shared/retention/processors.ts';
import type { RegisterSettings } from '../../shared/retention/processors.ts';
import { alarmAfter, deadlinesOf } from '../../shared/retention/requests.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { idSchema } from '../../shared/wire/message.ts';
import { parseCursor } from '../../shared/wire/exportFile.ts';
import type { ExportPage } from '../../shared/wire/exportFile.ts';
import { requestBody } from '../../shared/wire/people.ts';
import type { PersonPage, RequestPage, RequestView } from '../../shared/wire/people.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, idIn, ownId } from './ask.ts';
import type { Ask } from './ask.ts';
import { exportPageOf, refusePurged } from './export.ts';
import type { Picks } from './export.ts';
import { queryOf } from './halves.ts';

const DAY_MS = 86_400_000;
const REQUESTS_PER_PAGE = 50;

type RequestRow = RecordOf<'request'>;

/** GET /people/{account}: where the person is named. What its own site's Jira holds is not here. */
export async function findPerson(ask: Ask): Promise<EdgeAnswer> {
  const { page, account } = await pageAbout(ask);
  const counts = page.next === undefined ? endOf(page.lines) : parseCursor(page.next).counts;
  const isNamed = page.next === undefined && (await nameOf(ask, account)) !== undefined;
  const body = {
    counts: isNamed ? { ...counts, person: 1 } : counts,
    ...(page.next === undefined ? {} : { next: page.next }),
  };
  return answer(body satisfies PersonPage);
}

/** GET /people/{account}/export: the records that name the person, in the form of an export. */
export async function exportPerson(ask: Ask): Promise<EdgeAnswer> {
  return answer((await pageAbout(ask)).page satisfies ExportPage);
}

async function pageAbout(ask: Ask): Promise<{ readonly page: ExportPage; readonly account: AccountId }> {
  const account = namedIn(ask);
  await refusePurged(ask);
  return { page: await exportPageOf(ask, queryOf(ask).after, naming(account)), account };
}

/** Picks the records that name a person: those that would be other ones without it. */
function naming(account: AccountId): Picks {
  const gone = new Set([account]);
  return (category: OwnedCategory, row, opened) =>
    rowWithout(category, row, gone) !== row || Object.values(opened).some((one) => contentWithout(one, gone) !== one);
}

function namedIn(ask: Ask): AccountId {
  return parseAs(idSchema(accountId), decodeURIComponent(ask.request.params['account'] ?? ''));
}

function endOf(lines: string): Readonly<Record<string, number>> {
  const [last = '{}'] = lines.trimEnd().split('\n').slice(-1);
  const { counts } = JSON.parse(last) as { readonly counts?: Readonly<Record<string, number>> };
  return { ...counts };
}

function nameOf({ ports, tenant }: Ask, account: AccountId): Promise<Stored<'person'> | undefined> {
  return ports.store.read('person', { tenant: tenant.tenant, account });
}

/** POST /people/{account}/refresh: the name that we keep is forgotten and read again when it is needed; the rest is Jira's to correct. */
export async function refreshPerson(ask: Ask): Promise<EdgeAnswer> {
  const account = namedIn(ask);
  await ask.ports.store.remove('person', { tenant: ask.tenant.tenant, account });
  return answer({ account });
}

// ── Requests ────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * POST /requests: takes a request in. An erasure begins at once and ends by itself; the others are done by people. Not idempotent: asked
 * again it is another request.
 */
export async function openRequest(ask: Ask, settings: RegisterSettings): Promise<EdgeAnswer> {
  const { kind, account } = parseAs(requestBody, ask.request.body ?? {});
  const { clock, ids, store, bus } = ask.ports;
  const askedAt = clock.now();
  const acknowledged = kind === 'erase' ? { acknowledgedAt: askedAt } : {};
  const row: RequestRow = {
    ...{ owners: [ask.owner], kind, askedAt, by: ask.account, ...deadlinesOf(askedAt), ...acknowledged },
    ...withAlarm({ askedAt, ...acknowledged }, askedAt),
    ...(account === undefined ? {} : { account }),
  };
  const place = { tenant: ask.tenant.tenant, request: ids.next() };
  await store.transact(async (transaction) => {
    const tenant = (await transaction.read('tenant', { tenant: ask.tenant.tenant }))?.row;
    const isThere =
      tenant?.generation === ask.tenant.generation && (tenant.state === 'active' || tenant.state === 'marked');
    if (!isThere) throw new Fault('site-not-ready');
    transaction.create('request', place, row);
  });
  if (kind === 'erase' && account !== undefined) {
    await store.remove('person', { tenant: ask.tenant.tenant, account });
    await bus.publish('purge-jobs', { kind: 'walk-people', ...ask.tenant, askedAt });
  }
  return answer(viewOf(place.request, row, settings), 'accepted', 202);
}

function withAlarm(times: Parameters<typeof alarmAfter>[0], now: number): Pick<RequestRow, 'alarmAt'> {
  const alarmAt = alarmAfter(times, now - DAY_MS);
  return alarmAt === undefined ? {} : { alarmAt };
}

/** GET /requests: by when each has to be done, and how it stands. */
export async function listRequests(ask: Ask, settings: RegisterSettings): Promise<EdgeAnswer> {
  const { tenant } = ask.tenant;
  const { after } = queryOf(ask);
  const from = after === undefined ? {} : { after: pathOf('request', { tenant, request: idIn(after) }) };
  const page = await ask.ports.store.list('request', { tenant }, { limit: REQUESTS_PER_PAGE, ...from });
  const requests = page.items
    .filter(({ row }) => row.owners.includes(ask.owner))
    .map(({ place, row }) => viewOf(place.request, row, settings));
  const next = page.next === undefined ? undefined : page.items.at(-1)?.place.request;
  return answer({ requests, ...(next === undefined ? {} : { next }) } satisfies RequestPage);
}

/** POST /requests/{request}/acknowledge and …/done. An erasure is done when the walks say so. */
export async function settleRequest(
  ask: Ask,
  settings: RegisterSettings,
  how: 'acknowledge' | 'done',
): Promise<EdgeAnswer> {
  const place = { tenant: ask.tenant.tenant, request: ownId(ask, 'request') };
  const now = ask.ports.clock.now();
  const row = await ask.ports.store.transact(async (transaction) => {
    const before = (await transaction.read('request', place))?.row;
    if (before?.owners.includes(ask.owner) !== true) throw new Fault('not-found');
    if (how === 'done' && before.kind === 'erase') throw new Fault('state-refused', { state: 'erase' });
    const { alarmAt: _alarm, ...rest } = before;
    const acknowledgedAt = before.acknowledgedAt ?? now;
    const done =
      how === 'done' ? { doneAt: before.doneAt ?? now, removeAt: now + catalogue.request.retention.days * DAY_MS } : {};
    const times = { askedAt: rest.askedAt, acknowledgedAt, doneAt: done.doneAt ?? before.doneAt };
    const next = { ...rest, acknowledgedAt, ...done, ...withAlarm(times, now) };
    transaction.put('request', place, next);
    return next;
  });
  return answer(viewOf(place.request, row, settings));
}

function viewOf(request: string, row: RequestRow, settings: RegisterSettings): RequestView {
  const { kind, account, askedAt, acknowledgeBy, acknowledgedAt, dueAt, doneAt, isLeft } = row;
  return {
    ...{ request, kind, askedAt, acknowledgeBy, dueAt },
    ...(account === undefined ? {} : { account }),
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt }),
    ...(doneAt === undefined ? {} : { doneAt }),
    ...(isLeft === undefined ? {} : { isLeft }),
    ...(kind === 'erase' ? { elsewhere: [...erasureElsewhere(registerOf(settings))] } : {}),
  };
}
