/**
 * A report to support, in two steps. The first shows all of it and sends nothing; the second is the person's yes to just what was
 * shown. @see shared/retention/SPEC.md R64–R67, PROMISES.md E-26 to E-29
 */
import { bundleCategories, BUNDLE_RECORDS, bundleOf } from '../../shared/evidence/bundle.ts';
import type { Bundle, BundleRecord } from '../../shared/evidence/bundle.ts';
import { hashOf } from '../../shared/evidence/canonical.ts';
import { Holdings, sealedNamesOf } from '../../shared/holdings.ts';
import { reportId, tenantKey } from '../../shared/model/ids.ts';
import type { ReportId } from '../../shared/model/ids.ts';
import type { MailAddress } from '../../shared/model/mail.ts';
import type { Stored } from '../../shared/ports.ts';
import type { OwnedCategory, Place, RecordOf } from '../../shared/retention/catalogue.ts';
import { closedFields, exportedRow, isExported } from '../../shared/retention/export.ts';
import type { ExportView } from '../../shared/retention/export.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { idSchema } from '../../shared/wire/message.ts';
import { reportPreviewBody, reportSendBody } from '../../shared/wire/report.ts';
import type { ReportLine, ReportPage, ReportShown } from '../../shared/wire/report.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { viewOf } from './exportView.ts';
import type { TrustSettings } from './trust.ts';

/** How long a person may look before saying yes. What was shown and not agreed to goes then. */
const SHOWN_MS = 3_600_000;
/** Reports of one site that are kept at a time, those that were only shown among them. (Ours: support answers people.) */
const MAX_REPORTS = 50;

/**
 * POST /reports: what would be sent, to be looked at: the ticket's words and the whole bundle. Kept for an hour, sealed; nothing leaves.
 * @throws Fault `desk-off`, `mail-unknown`, `too-many`, `site-not-ready`
 */
export async function showReport(ask: Ask, { parties }: TrustSettings): Promise<EdgeAnswer> {
  const body = parseAs(reportPreviewBody, ask.request.body);
  if (parties.desk === undefined) throw new Fault('desk-off');
  // From the site itself, for the person of the verified token: nobody can name an address.
  const address = await ask.site.readMail(ask.account);
  if (address === undefined) throw new Fault('mail-unknown');
  const { clock, ids, store } = ask.ports;
  const { items } = await store.list('report', { tenant: ask.tenant.tenant }, { limit: MAX_REPORTS });
  if (items.length >= MAX_REPORTS) throw new Fault('too-many');
  const report = reportId(`s-${ids.next()}`);
  const bundle = await readBundle(ask, body);
  const ticket = ticketOf(report, address, body.message);
  const hash = hashOf({ bundle: bundle.hash, ticket });
  const until = clock.now() + SHOWN_MS;
  await keep(ask, { report, bundle, ticket, hash, until });
  return answer({ report, hash, ticket, bundle: bundle.text, until } satisfies ReportShown, 'done', 201);
}

/**
 * POST /reports/{report}/send: the yes of the person who was shown it, to what was shown. Only then it goes on its way.
 * @throws Fault `not-found`, `report-changed` when the hash is another than that of what was shown, `site-not-ready`
 */
export async function sendReport(ask: Ask): Promise<EdgeAnswer> {
  const { hash } = parseAs(reportSendBody, ask.request.body);
  const place = placeOf(ask);
  const { clock, store, bus } = ask.ports;
  const now = clock.now();
  await store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const stored = await transaction.read('report', place);
    const bundle = await transaction.read('bundle', { ...place, bundle: 'shown' });
    if (stored === undefined || !stored.row.owners.includes(ask.owner) || stored.row.by !== ask.account)
      throw new Fault('not-found');
    if (stored.row.hash !== hash) throw new Fault('report-changed');
    // Said twice: the first yes counts.
    if (stored.row.state !== 'shown') return;
    if (bundle === undefined || now >= (stored.row.removeAt ?? 0)) throw new Fault('not-found');
    const { removeAt: _report, ...row } = stored.row;
    const { removeAt: _bundle, ...kept } = bundle.row;
    transaction.put('report', place, { ...row, state: 'waiting', agreedAt: now, tries: 0, wakeAt: now });
    transaction.put('bundle', { ...place, bundle: 'shown' }, kept);
  });
  // A stop before this line: the record says since when it waits, and the sweep asks for it.
  await bus.publish('notices', { kind: 'report', ...ask.tenant, report: reportId(place.report), at: now });
  return answer({ report: place.report, code: 'accepted' }, 'accepted', 202);
}

/** GET /reports: what the site's admins have reported, without the words. */
export async function listReports(ask: Ask): Promise<EdgeAnswer> {
  const { items } = await ask.ports.store.list('report', { tenant: ask.tenant.tenant }, { limit: MAX_REPORTS });
  const own = items.filter(({ row }) => row.owners.includes(ask.owner));
  return answer({ reports: own.map(lineOf) } satisfies ReportPage);
}

function lineOf({ place, row }: Stored<'report'>): ReportLine {
  const { state, shownAt, agreedAt, ticket, closedAt, removeAt, by } = row;
  return {
    ...{ report: place.report, state, shownAt, by },
    ...(agreedAt === undefined ? {} : { agreedAt }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(removeAt === undefined ? {} : { removeAt }),
  };
}

function placeOf(ask: Ask): Place<'report'> {
  const named = idSchema(reportId).safeParse(ask.request.params['report']);
  if (!named.success) throw new Fault('not-found');
  return { tenant: ask.tenant.tenant, report: named.data };
}

/** What the ticket says. The bundle is no part of it: it stays where it is, and support fetches it there. @see PROMISES.md E-30 */
function ticketOf(report: ReportId, onBehalfOf: MailAddress, message: string): ReportShown['ticket'] {
  return { onBehalfOf, summary: `Twinline report ${report}`, text: message };
}

interface Shown {
  readonly report: ReportId;
  readonly bundle: Bundle;
  readonly ticket: ReportShown['ticket'];
  readonly hash: string;
  readonly until: number;
}

async function keep(ask: Ask, { report, bundle, ticket, hash, until }: Shown): Promise<void> {
  const { keys, clock, store } = ask.ports;
  const key = tenantKey(ask.owner);
  const place = { tenant: ask.tenant.tenant, report };
  const at = [place.tenant, report] as const;
  const row: RecordOf<'report'> = {
    ...{ owners: [ask.owner], state: 'shown', shownAt: clock.now(), by: ask.account, hash, tries: 0, removeAt: until },
    address: await keys.seal(key, contextOf('report.address', ...at), ticket.onBehalfOf),
    message: await keys.seal(key, contextOf('report.message', ...at), ticket.text),
  };
  const content = await keys.seal(key, contextOf('bundle.content', ...at), bundle.text);
  await store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    transaction.create('report', place, row);
    transaction.create('bundle', { ...place, bundle: 'shown' }, { owners: [ask.owner], content, removeAt: until });
  });
}

// ── The bundle ──────────────────────────────────────────────────────────────────────────────────────────────────

interface About {
  readonly connection?: string;
  readonly twin?: string;
  readonly ticked: readonly string[];
}

async function readBundle(ask: Ask, about: About): Promise<Bundle> {
  const { ports, owner, tenant } = ask;
  const holdings = new Holdings(ports, owner);
  const records: BundleRecord[] = [];
  const left: Record<string, number> = {};
  const views = new Map<string, ExportView>();
  for (const category of bundleCategories) {
    const found = await ports.store.owned<OwnedCategory>(category, owner, { limit: BUNDLE_RECORDS });
    if (found.next !== undefined)
      left[category] = Math.max(0, (await ports.store.ownedCount(category, owner)) - found.items.length);
    for (const stored of found.items) {
      if (!isExported(stored.place, tenant) || !isAbout(stored, about)) continue;
      records.push(
        await recordOf(holdings, stored, await viewOf(ask.ports.store, ask.tenant, stored, views), about.ticked),
      );
    }
  }
  const { connection, twin } = about;
  const named = { ...(connection === undefined ? {} : { connection }), ...(twin === undefined ? {} : { twin }) };
  return bundleOf({ ...tenant, ...named }, records, { ticked: about.ticked, left });
}

/** Of one connection, or one pair, when the person has chosen: the rest of the site's own records goes along. */
function isAbout({ category, place, row }: Stored<OwnedCategory>, { connection, twin }: About): boolean {
  const ids: Readonly<Record<string, unknown>> = { ...row, ...place };
  const half = typeof ids['half'] === 'string' ? ids['half'].slice(0, -2) : undefined;
  const of = ids['connection'] ?? half;
  if (connection !== undefined && of !== undefined && of !== connection) return false;
  return twin === undefined || category !== 'twin' || ids['twin'] === twin;
}

/** Only what was ticked is opened. */
async function recordOf(
  holdings: Holdings,
  stored: Stored<OwnedCategory>,
  view: ExportView,
  ticked: readonly string[],
): Promise<BundleRecord> {
  const { category, place, row } = stored;
  const untold = sealedNamesOf(category).filter((name) => !ticked.includes(`${category}.${name}`));
  const opened = await holdings.opened(stored, [...closedFields(category, view), ...untold]);
  return { category, place, row: exportedRow(category, { ...row }, opened, view) };
}
