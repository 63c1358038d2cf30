/**
 * How a bundle gets to the support person whose ticket it is for: by a link that is good once and for minutes, with the trail told
 * before; what was taken is a copy, registered with its own last day. @see shared/retention/SPEC.md R72, R73, PROMISES.md E-30
 */
import { ownerOf, reportId, sealed, tenantId, tenantKey } from '../../shared/model/ids.ts';
import type { OperatorId, ReportId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Ports } from '../../shared/ports.ts';
import { SUPPORT_COPY_DAYS } from '../../shared/retention/catalogue.ts';
import { lastInstantOf, withAlarm } from '../../shared/retention/supportCopies.ts';
import { appendTrail } from '../../shared/trail.ts';
import { Fault, toFault, verdict } from '../../shared/verdict.ts';
import { parseSupportLink } from '../../shared/wire/report.ts';
import type { OpenCopy, SupportLink } from '../../shared/wire/report.ts';
import { contextOf, parseMessageText } from '../../shared/wire/stored.ts';
import type { EdgeAnswer, EdgeRequest } from '../edge.ts';

type SupportPorts = Pick<Ports, 'clock' | 'ids' | 'store' | 'keys'>;

/** How long a link is good. @see PROMISES.md E-30 */
const LINK_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
/** Copies that one look at the register answers. */
const MAX_COPIES = 500;

/** Who wants which bundle, for which ticket. */
export interface LinkAsk extends TenantRef {
  readonly report: ReportId;
  readonly by: OperatorId;
  /** The ticket of that very report. */
  readonly ticket: string;
}

/** Makes a link. The trail is told first. @throws Fault `not-found` for another ticket than the report's own */
export async function linkToBundle(ports: SupportPorts, ask: LinkAsk): Promise<SupportLink> {
  const { tenant, generation, report, by, ticket } = ask;
  const owner = ownerOf(tenant, generation);
  const stored = await ports.store.read('report', { tenant, report });
  if (stored?.row.owners.includes(owner) !== true || stored.row.ticket !== ticket) throw new Fault('not-found');
  const copy = ports.ids.next();
  const now = ports.clock.now();
  const until = now + LINK_MS;
  const why = { purpose: 'support', ticket } as const;
  await appendTrail(ports, { act: 'read', by, about: report, lives: [owner], categories: ['bundle'], ...why });
  const removeAt = now + SUPPORT_COPY_DAYS * DAY_MS;
  await ports.store.create('supportCopy', { copy }, { report, ticket, by, linkedAt: now, until, removeAt });
  const token = await ports.keys.seal(tenantKey(owner), contextOf('support.link', tenant), { report, copy, until });
  return { copy, path: `/console/support/${tenant}/${generation}/${Buffer.from(token).toString('base64url')}`, until };
}

/**
 * GET /console/support/…: the bundle, once. Whoever has the link has it from us: it is sealed under the customer's own key, and with
 * that key it ends.
 * @throws Fault `not-found` for a link that is over, used, or none of ours
 */
export async function takeBundle(ports: SupportPorts, { params }: EdgeRequest): Promise<EdgeAnswer> {
  const tenant = tenantId(params['tenant'] ?? '');
  const owner = ownerOf(tenant, Number(params['generation']));
  const link = await openLink(ports, tenant, owner, params['token'] ?? '');
  const now = ports.clock.now();
  if (now >= link.until) throw new Fault('not-found');
  const place = { tenant, report: reportId(link.report), bundle: 'shown' };
  const stored = await ports.store.read('bundle', place);
  if (stored?.row.owners.includes(owner) !== true) throw new Fault('not-found');
  const context = contextOf('bundle.content', tenant, place.report);
  const text = parseMessageText(await ports.keys.open(tenantKey(owner), context, stored.row.content));
  // The copy is on the register before it exists; of two who come at once, one gets it.
  const isFirst = await ports.store.transact(async (transaction) => {
    const have = await transaction.read('supportCopy', { copy: link.copy });
    if (have === undefined || have.row.takenAt !== undefined) return false;
    const removeAt = now + SUPPORT_COPY_DAYS * DAY_MS;
    transaction.put('supportCopy', { copy: link.copy }, withAlarm({ ...have.row, takenAt: now, removeAt }, now));
    return true;
  });
  if (!isFirst) throw new Fault('not-found');
  return { verdict: verdict('done'), body: text, contentType: 'application/json; charset=utf-8' };
}

async function openLink(
  ports: SupportPorts,
  tenant: ReturnType<typeof tenantId>,
  owner: ReturnType<typeof ownerOf>,
  token: string,
): Promise<ReturnType<typeof parseSupportLink>> {
  try {
    const envelope = sealed(Buffer.from(token, 'base64url').toString());
    return parseSupportLink(await ports.keys.open(tenantKey(owner), contextOf('support.link', tenant), envelope));
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'store-unavailable') throw fault;
    throw new Fault('not-found', {}, thrown);
  }
}

/** Every copy that was taken and of which nobody has said that it is deleted, with the day by which it must be. */
export async function openCopies({ store, clock }: SupportPorts): Promise<readonly OpenCopy[]> {
  const { items } = await store.scan('supportCopy', { limit: MAX_COPIES });
  const now = clock.now();
  return items.flatMap(({ place, row: { takenAt, endedAt, calledBackAt, report, ticket, by, removeAt } }) => {
    if (takenAt === undefined || endedAt !== undefined) return [];
    const until = lastInstantOf({ calledBackAt, removeAt });
    const isCalledBack = calledBackAt !== undefined;
    return [{ copy: place.copy, report, ticket, by, takenAt, until, isCalledBack, isLate: now > until }];
  });
}

/** Notes that a copy is deleted. @throws Fault `not-found` */
export async function endCopy({ store, clock }: SupportPorts, copy: string): Promise<void> {
  const stored = await store.read('supportCopy', { copy });
  if (stored === undefined) throw new Fault('not-found');
  const now = clock.now();
  await store.replace('supportCopy', { copy }, withAlarm({ ...stored.row, endedAt: now }, now), stored.version);
}
