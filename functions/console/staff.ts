/**
 * How people who run the service come to a customer's data: not at all, but with a grant that a second person has agreed to, for some
 * hours. Every read is in the trail before anything is shown.
 * @see shared/retention/SPEC.md R80–R84, PROMISES.md E-34, THREATS.md T13
 */
import { verifyTrail } from '../../shared/evidence/trail.ts';
import { Holdings } from '../../shared/holdings.ts';
import { grantId, ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { GrantId, OperatorId, Owner, TenantId } from '../../shared/model/ids.ts';
import type { Grant, NamedGrant, Told, TrailAct, TrailEntry } from '../../shared/model/staff.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Ports, Stored } from '../../shared/ports.ts';
import { rowOf } from '../../shared/retention/catalogue.ts';
import type { OwnedCategory, RecordOf } from '../../shared/retention/catalogue.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { agreedGrant, askedGrant, isLive, isReadable, oddOf, whyNotRead } from '../../shared/retention/grants.ts';
import { appendTrail, lastOfTrail, readTrail, signHead } from '../../shared/trail.ts';
import { headOf } from '../../shared/evidence/trail.ts';
import { Fault } from '../../shared/verdict.ts';
import type { AccessReport, GrantView, StaffShown } from '../../shared/wire/trail.ts';
import type { TrailFile } from '../../shared/model/staff.ts';

/** What staff's access needs of the world. */
export type StaffPorts = Pick<Ports, 'clock' | 'ids' | 'store' | 'keys' | 'signer' | 'log'>;

/** Tenants that exist for nobody to look at: who reads them is asked why. */
export interface StaffSettings {
  readonly bait: readonly TenantId[];
}

/** Records of one read. Each is decrypted, and each may name two lives in the trail. */
const READ_PAGE = 50;
const GRANT_PAGE = 200;

/** A request for access. */
export type GrantAsk = TenantRef & Pick<Grant, 'purpose' | 'ticket' | 'categories'> & { readonly by: OperatorId };

/** Asks for access; opens nothing. @throws Fault `not-found`, `body-invalid` */
export async function askGrant(ports: StaffPorts, ask: GrantAsk): Promise<GrantView> {
  const tenant = await ports.store.read('tenant', { tenant: ask.tenant });
  if (tenant?.row.generation !== ask.generation) throw new Fault('not-found');
  const grant = askedGrant(ask, ports.clock.now());
  const id = grantId(`g-${ports.ids.next()}`);
  await appendTrail(ports, aboutGrant('grant-asked', ask.by, { grant: id, ...grant }));
  await ports.store.create('grant', { grant: id }, grant);
  return viewOf({ grant: id, ...grant });
}

/** A second person's yes: access begins, and ends by itself. @throws Fault `second-person`, `grant-ended`, `state-refused`, `not-found` */
export async function agreeGrant(
  ports: StaffPorts,
  { grant: id, by, hours }: { readonly grant: GrantId; readonly by: OperatorId; readonly hours?: number | undefined },
): Promise<GrantView> {
  const { found, grant } = await readGrant(ports, id);
  const agreed = agreedGrant(grant, by, ports.clock.now(), hours);
  // Before the access: one that nobody finds in the trail must never have been there.
  await appendTrail(ports, aboutGrant('grant-agreed', by, { grant: id, ...agreed }));
  await ports.store.replace('grant', found.place, agreed, found.version);
  return viewOf({ grant: id, ...agreed });
}

/** Ends access early, by anybody of the staff. Idempotent. @throws Fault `not-found` */
export async function endGrant(
  ports: StaffPorts,
  { grant: id, by }: { readonly grant: GrantId; readonly by: OperatorId },
): Promise<GrantView> {
  const { found, grant } = await readGrant(ports, id);
  if (grant.state === 'ended') return viewOf({ grant: id, ...grant });
  const ended: Grant = { ...grant, state: 'ended', until: Math.min(grant.until, ports.clock.now()) };
  await ports.store.replace('grant', found.place, ended, found.version);
  await appendTrail(ports, aboutGrant('grant-ended', by, { grant: id, ...ended }));
  return viewOf({ grant: id, ...ended });
}

/** One page of one category, under a grant. */
export interface StaffRead {
  readonly grant: GrantId;
  readonly by: OperatorId;
  readonly category: string;
  readonly after?: string | undefined;
}

/**
 * Reads for a person of the staff. The entry of the trail names every life whose data are shown, also a partner's, and is there before
 * they are; so is that of a refusal. Secrets stay closed, whatever was agreed.
 * @throws Fault `grant-missing`, `grant-open`, `grant-ended`, `grant-scope`
 */
export async function readAsStaff(ports: StaffPorts, settings: StaffSettings, ask: StaffRead): Promise<StaffShown> {
  const found = await ports.store.read('grant', { grant: ask.grant });
  const grant = found === undefined ? undefined : grantOf(found);
  const refusal = whyNotRead(grant, ask, ports.clock.now());
  const { category } = ask;
  if (refusal !== undefined || grant === undefined || found === undefined || !isReadable(category)) {
    const code = refusal ?? 'grant-scope';
    const told = { lives: grant === undefined ? [] : [lifeOf(grant)], categories: [], code };
    await appendTrail(ports, { act: 'read-refused', by: ask.by, about: ask.grant, ...told });
    throw new Fault(code);
  }
  const page = await ports.store.owned(category, lifeOf(grant), {
    limit: READ_PAGE,
    ...(ask.after === undefined ? {} : { after: ask.after }),
  });
  const lives = [...new Set([lifeOf(grant), ...page.items.flatMap(({ row }) => row.owners)])].sort();
  // Counted with the version that was seen: an end that comes in between wins.
  await ports.store.replace('grant', found.place, { ...grant, reads: grant.reads + 1 }, found.version);
  const entry = await appendTrail(ports, {
    ...aboutGrant('read', ask.by, { grant: ask.grant, ...grant }),
    ...{ lives, categories: [category], records: page.items.length },
  });
  const odd = oddOf({ at: entry.at, tenant: grant.tenant, reads: grant.reads + 1 }, settings.bait);
  if (odd.length > 0)
    ports.log.fault('staff', 'staff-read-odd', {
      entry: entry.number,
      by: ask.by,
      grant: ask.grant,
      odd: odd.join(','),
    });
  const holdings = new Holdings(ports, lifeOf(grant));
  const records = [];
  for (const stored of page.items) records.push(await shownOf(holdings, stored));
  return { category, records, ...(page.next === undefined ? {} : { next: page.next }) };
}

async function shownOf<C extends OwnedCategory>(
  holdings: Holdings,
  stored: Stored<C>,
): Promise<StaffShown['records'][number]> {
  const secrets = Object.entries(rowOf(stored.category).fields)
    .filter(([, field]) => field.personal === 'secret')
    .map(([name]) => name);
  const opened = await holdings.opened(stored, secrets);
  const row = Object.fromEntries(
    Object.entries<unknown>({ ...stored.row, ...opened }).filter(([name]) => !secrets.includes(name)),
  );
  return { path: pathOf(stored.category, stored.place), row };
}

/** What staff do beside reading. */
const deeds: ReadonlySet<TrailAct> = new Set(['deletion-ordered', 'deletion-withdrawn']);

/** Who read or did what, when and why, since an instant; whether each read had its grant; who has access now; whether the trail is whole. */
export async function reportAccess(
  ports: StaffPorts,
  settings: StaffSettings,
  { by, since }: { readonly by: OperatorId; readonly since: number },
): Promise<AccessReport> {
  const grants = new Map((await allGrants(ports)).map((grant) => [grant.grant as string, grant]));
  const entries = await readTrail(ports.store);
  const now = ports.clock.now();
  const recent = entries.filter(({ at }) => at >= since);
  const reads = recent.filter(({ act }) => act === 'read');
  const done = recent.filter(({ act }) => deeds.has(act));
  const check = verifyTrail(entries, headOf(await lastOfTrail(ports.store), now), now);
  const counted = new Map<string, number>();
  const report: AccessReport = {
    ...{ since, until: now },
    reads: reads.map((entry) => {
      const grant = grants.get(entry.about);
      const nth = (counted.get(entry.about) ?? 0) + 1;
      counted.set(entry.about, nth);
      const odd = grant === undefined ? [] : oddOf({ at: entry.at, tenant: grant.tenant, reads: nth }, settings.bait);
      return {
        ...{ at: entry.at, by: entry.by, grant: entry.about },
        ...{ purpose: entry.purpose ?? '', ticket: entry.ticket ?? '', agreedBy: agreedBy(entry, grant) },
        ...{ lives: [...entry.lives], categories: [...entry.categories], records: entry.records ?? 0, odd: [...odd] },
      };
    }),
    deeds: done.map((entry) => ({
      ...{ at: entry.at, by: entry.by, act: entry.act, grant: entry.about, ticket: entry.ticket ?? '' },
      ...{ agreedBy: agreedBy(entry, grants.get(entry.about)), lives: [...entry.lives] },
    })),
    refused: recent.filter(({ act }) => act === 'read-refused' || act === 'deed-refused').length,
    uncovered: [...reads, ...done].filter((entry) => !isCovered(entry, grants.get(entry.about))).length,
    live: [...grants.values()].filter((grant) => isLive(grant, now)).map(viewOf),
    trail: check.ok ? 'done' : check.code,
  };
  await appendTrail(ports, { act: 'report-made', by, about: 'access', lives: [], categories: [] });
  return report;
}

/** The whole trail with a head that is signed now. */
export async function exportTrail(ports: StaffPorts): Promise<TrailFile> {
  const entries = await readTrail(ports.store);
  return { entries, head: await signHead(ports, entries.at(-1)) };
}

/** What a customer has shown to support needs no grant: its own yes, and the ticket that the link was asked for with. @see R72 */
function isShownToSupport({ about, categories: [only, ...others], ticket }: TrailEntry): boolean {
  return about.startsWith('s-') && only === 'bundle' && others.length === 0 && ticket !== undefined;
}

function agreedBy(entry: TrailEntry, grant: NamedGrant | undefined): string {
  return isShownToSupport(entry) ? 'the customer' : (grant?.agreedBy ?? '');
}

function isCovered(entry: TrailEntry, grant: NamedGrant | undefined): boolean {
  if (isShownToSupport(entry)) return true;
  if (grant?.agreedAt === undefined || grant.agreedBy === undefined || grant.agreedBy === grant.askedBy) return false;
  const isInTime = entry.at >= grant.agreedAt && isLive({ ...grant, state: 'agreed' }, entry.at);
  return isInTime && entry.by === grant.askedBy && entry.categories.every((one) => grant.categories.includes(one));
}

function aboutGrant(act: Told['act'], by: OperatorId, grant: NamedGrant): Omit<Told, 'at'> {
  const { purpose, ticket, categories } = grant;
  return { act, by, about: grant.grant, lives: [lifeOf(grant)], categories, purpose, ticket };
}

function lifeOf({ tenant, generation }: TenantRef): Owner {
  return ownerOf(tenant, generation);
}

async function readGrant(
  { store }: StaffPorts,
  id: GrantId,
): Promise<{ readonly found: Stored<'grant'>; readonly grant: Grant }> {
  const found = await store.read('grant', { grant: id });
  if (found === undefined) throw new Fault('not-found');
  return { found, grant: grantOf(found) };
}

function grantOf({ row }: { readonly row: RecordOf<'grant'> }): Grant {
  return { ...row, tenant: tenantId(row.tenant) };
}

async function allGrants({ store }: StaffPorts): Promise<readonly NamedGrant[]> {
  const grants: NamedGrant[] = [];
  let after: string | undefined;
  do {
    const page = await store.scan('grant', { limit: GRANT_PAGE, ...(after === undefined ? {} : { after }) });
    grants.push(...page.items.map((found) => ({ grant: grantId(found.place.grant), ...grantOf(found) })));
    after = page.next;
  } while (after !== undefined);
  return grants;
}

function viewOf(named: NamedGrant): GrantView {
  const { askedAt: _askedAt, agreedAt: _agreedAt, removeAt: _removeAt, categories, ...rest } = named;
  return { ...rest, categories: [...categories] };
}
