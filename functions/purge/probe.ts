/**
 * The probe: asks a customer's own site what it says of our installation and of the licence. Callbacks get lost, and a
 * site can vanish without a word. @see SPEC.md R27–R33 (shared/retention), THREATS.md T23, T25, T26
 */
import { ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { Tenancy, TenantRef } from '../../shared/model/tenant.ts';
import type { Stored } from '../../shared/ports.ts';
import { unheardDays } from '../../shared/retention/alarms.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import {
  afterProbe,
  answerOfFault,
  freshWatch,
  isProbed,
  isRefutable,
  recheckOf,
} from '../../shared/retention/probes.ts';
import type { Conclusion, ProbeAnswer, Probed, Watch } from '../../shared/retention/probes.ts';
import { toFault, verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { changeLife, tell } from '../life.ts';
import { tenancyOf, withFlags } from '../tenantRecord.ts';
import { keepContact } from './keepContact.ts';
import type { PurgePorts, Work } from './progress.ts';

type LicenceRow = RecordOf<'licence'>;
type Tenant = Stored<'tenant'>;

/** One worker asks a site at a time: the longest message of this function and its half. @see infra/topology.ts */
const LEASE_MS = 90_000;
/** Hints may come in numbers; they make us ask this seldom. */
const HINT_EVERY_MS = 60_000;

/** Asks for a probe when its time has come, and wakes somebody when a customer's site has long not been heard of. */
export async function askForProbe(ports: PurgePorts, tenant: Tenant): Promise<void> {
  const tenancy = tenancyOf(tenant);
  if (!isProbed(tenancy)) return;
  const licence = await ports.store.read('licence', placeOf(tenancy));
  const now = ports.clock.now();
  const { tenant: id, generation } = tenancy;
  const days = unheardDays(licence?.row.answeredAt ?? tenant.row.installedAt, now);
  if (tenancy.state === 'active' && days !== undefined)
    ports.log.fault('sweep', 'tenant-unheard', { tenant: id, generation, days });
  if (licence !== undefined && (licence.row.nextAt > now || isLeased(licence.row, now))) return;
  await ports.bus.publish('purge-jobs', { kind: 'probe-tenant', tenant: id, generation, askedAt: now });
}

/**
 * Probes one tenant, once for each time that it is due, however often and in whatever parallel it is asked for. In this
 * order, so that a stop at any line is healed by the next probe: the flags, the mark or the return (ledger first), then
 * what was seen, with the time of the next probe.
 */
export async function probeTenant(work: Work, ref: TenantRef, isHint: boolean): Promise<Verdict> {
  const { tenant, generation } = ref;
  const facts = { tenant, generation };
  const taken = await take(work.ports, ref, isHint);
  if (typeof taken === 'string') return verdict(taken, facts);
  const answer = await askSite(work.ports, taken.tenant);
  const seen = await apply(work, taken.tenant, taken.watch, answer);
  await settle(work.ports, ref, { token: taken.token, answer, seen });
  return verdict('probed', { ...facts, answer: answer.kind });
}

interface Taken {
  readonly tenant: Tenant;
  readonly watch: Watch;
  readonly token: string;
}

async function take({ store, clock, ids }: PurgePorts, ref: TenantRef, isHint: boolean): Promise<Taken | Code> {
  const now = clock.now();
  const token = ids.next();
  return store.transact(async (transaction): Promise<Taken | Code> => {
    const tenant = await transaction.read('tenant', { tenant: ref.tenant });
    const licence = (await transaction.read('licence', placeOf(ref)))?.row;
    if (tenant?.row.generation !== ref.generation) return 'generation-expired';
    if (!isProbed(tenant.row)) return 'tenant-not-active';
    if (licence !== undefined && isLeased(licence, now)) return 'probe-taken';
    const isDue = licence === undefined || licence.nextAt <= now;
    const mayHint = isHint && (licence?.answeredAt ?? 0) + HINT_EVERY_MS <= now;
    if (!isDue && !mayHint) return 'already-done';
    const have = licence ?? newRow(ref, entryOf(tenant), now);
    transaction.put('licence', placeOf(ref), { ...have, lease: { token, until: now + LEASE_MS } });
    return { tenant, watch: watchIn(have), token };
  });
}

/** What the site says, or what its silence does. */
async function askSite({ jira, ids, log }: PurgePorts, { place, row }: Tenant): Promise<ProbeAnswer> {
  const ref = { tenant: tenantId(place.tenant), generation: row.generation };
  try {
    return { kind: 'answered', addon: await jira.at(ref, ids.next(), 'bulk').readAddon(row.addonKey) };
  } catch (thrown) {
    const { code } = toFault(thrown);
    log.note('probe-unanswered', { tenant: ref.tenant, generation: ref.generation, code });
    return answerOfFault(code);
  }
}

/** Carries out what follows from an answer. Idempotent. */
async function apply(work: Work, asked: Tenant, watch: Watch, answer: ProbeAnswer): Promise<Probed> {
  const { ports } = work;
  const tenant = tenantId(asked.place.tenant);
  const seen = afterProbe(watch, answer, { tenant, entry: entryOf(asked), at: ports.clock.now() });
  await setFlags(ports, asked, seen.flags);
  if (seen.conclusion !== undefined) await conclude(work, asked, seen.conclusion);
  if (answer.kind === 'answered')
    await keepContact(ports, ownerOf(tenant, asked.row.generation), answer.addon.contacts);
  await tell(ports, tenant);
  return seen;
}

/** A call of the site that came while we asked knows better whether the app is switched on. */
async function setFlags({ store, clock }: PurgePorts, asked: Tenant, flags: Probed['flags']): Promise<void> {
  const at = clock.now();
  await store.transact(async (transaction) => {
    const now = await transaction.read('tenant', asked.place);
    if (now?.row.generation !== asked.row.generation) return;
    const { enabled, licensed } = now.row;
    const next = {
      enabled: now.version === asked.version ? (flags.enabled ?? enabled) : enabled,
      licensed: flags.licensed ?? licensed,
    };
    if (next.enabled === enabled && next.licensed === licensed) return;
    transaction.put('tenant', asked.place, withFlags(now.row, next, at));
  });
}

async function conclude({ ports, settings }: Work, { row }: Tenant, { event, at }: Conclusion): Promise<void> {
  // A return has something to say to a marked tenant only.
  if (event.kind === 'return' && row.state !== 'marked') return;
  const { door, clientKey, generation } = row;
  await changeLife(ports, settings, { subject: { door, clientKey, generation }, event, at });
}

interface Settling {
  readonly token: string;
  readonly answer: ProbeAnswer;
  readonly seen: Probed;
}

/** Stores what was seen, if the lease is still ours and the life still that one: nothing may be made for one that is going. */
async function settle({ store, clock }: PurgePorts, ref: TenantRef, { token, answer, seen }: Settling): Promise<void> {
  const now = clock.now();
  await store.transact(async (transaction) => {
    const tenant = await transaction.read('tenant', { tenant: ref.tenant });
    const licence = await transaction.read('licence', placeOf(ref));
    if (licence?.row.lease?.token !== token) return;
    if (tenant?.row.generation !== ref.generation || !isProbed(tenant.row)) return;
    transaction.put('licence', placeOf(ref), rowAfter(licence.row, answer, seen, now));
  });
}

function rowAfter(row: LicenceRow, answer: ProbeAnswer, { watch, nextAt }: Probed, now: number): LicenceRow {
  const { owners, active, evaluation, supportEntitlementNumber, answeredAt } = row;
  const had = answer.kind === 'answered' ? {} : defined({ active, evaluation, supportEntitlementNumber, answeredAt });
  return { owners, ...had, ...(answer.kind === 'answered' ? wordOf(answer.addon, now) : {}), ...watch, nextAt };
}

/** The newest answer takes the place of the one before as a whole. */
function wordOf({ licence }: Extract<ProbeAnswer, { kind: 'answered' }>['addon'], now: number) {
  return {
    answeredAt: now,
    ...(licence === undefined
      ? {}
      : {
          active: licence.isActive,
          ...defined({
            evaluation: licence.isEvaluation,
            supportEntitlementNumber: licence.supportEntitlementNumber,
          }),
        }),
  };
}

/**
 * The evidence once more, right before the claim: a purge whose only evidence is the site's word or silence asks again.
 * Nothing when the purge may go on; otherwise why it may not. A customer that is there after all is returned.
 */
export async function recheck(work: Work, tenant: Tenant, life: Tenancy): Promise<Code | undefined> {
  const { evidence, markedAt = 0 } = life;
  if (!isRefutable(evidence)) return undefined;
  const answer = await askSite(work.ports, tenant);
  const says = recheckOf(evidence, answer, { markedAt, now: work.ports.clock.now() });
  if (says === 'holds') return undefined;
  if (says === 'unclear') return 'evidence-unclear';
  await apply(work, { ...tenant, row: { ...tenant.row, state: 'marked' } }, freshWatch(entryOf(tenant)), answer);
  return 'returned-meanwhile';
}

function isLeased({ lease }: LicenceRow, now: number): boolean {
  return lease !== undefined && lease.until > now;
}

function entryOf({ row }: Tenant): number {
  return row.ledgerNumber ?? 0;
}

function placeOf({ tenant, generation }: TenantRef) {
  return { tenant, generation: String(generation) };
}

function newRow({ tenant, generation }: TenantRef, entry: number, now: number): LicenceRow {
  return { owners: [ownerOf(tenant, generation)], nextAt: now, ...freshWatch(entry) };
}

function watchIn({ entry, lapsed, lapsedSince, failed, failingSince }: LicenceRow): Watch {
  return { entry, lapsed, failed, ...defined({ lapsedSince, failingSince }) };
}

/** The members that are there. */
function defined<T extends object>(all: T): { [N in keyof T]?: Exclude<T[N], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as never;
}
