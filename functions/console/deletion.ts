/**
 * Early deletion: a customer's own request, in two steps, or an operator's on a documented one. Works while the app is
 * still installed, and can be taken back until the purge has claimed the tenant. @see promise E-40, SPEC.md R34–R36
 */
import { CODE_BYTES, invitationCode, invitationHashOf } from '../../shared/auth/invitationCode.ts';
import { ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Stored, Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { CONFIRM_MINUTES } from '../../shared/retention/catalogue.ts';
import { goneByAfterRequest, purgeBeginsAt, REQUEST_GONE_DAYS } from '../../shared/retention/clocks.ts';
import { Fault } from '../../shared/verdict.ts';
import { deletionConfirmBody, parseAs } from '../../shared/wire/console.ts';
import type { DeletionAsked, DeletionView } from '../../shared/wire/console.ts';
import type { EdgeAnswer } from '../edge.ts';
import { changeLife } from '../life.ts';
import type { LifePorts } from '../life.ts';
import { tenancyOf } from '../tenantRecord.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';

const DAY_MS = 86_400_000;
const CONFIRM_MS = CONFIRM_MINUTES * 60_000;

type DeletionRow = RecordOf<'deletion'>;
type Tenant = Stored<'tenant'>;

/** What a request needs to know of the settings. */
export interface DeletionSettings {
  readonly liveDays: number;
}

/** GET /deletion: whether a deletion is asked for or counting down, until when it can be taken back, when what is gone. */
export async function showDeletion(ask: Ask, settings: DeletionSettings): Promise<EdgeAnswer> {
  const tenant = await readTenant(ask.ports, ask.tenant);
  const row = (await ask.ports.store.read('deletion', placeOf(ask.tenant)))?.row;
  return answer(viewOf(tenant, row, ask.ports.clock.now(), settings));
}

/** POST /deletion: the first step. Changes nothing yet: it gives a code that is good once and for minutes. */
export async function askDeletion(ask: Ask, settings: DeletionSettings): Promise<EdgeAnswer> {
  const { clock, ids, store } = ask.ports;
  const code = invitationCode(ids.bytes(CODE_BYTES));
  const hash = invitationHashOf(code);
  if (hash === undefined) throw new Fault('bug');
  const now = clock.now();
  const asked = { owners: [ask.owner], state: 'asked', askedAt: now, by: ask.account } as const;
  const host = await store.transact(async (transaction) => {
    const tenant = await openTenant(transaction, ask.tenant);
    transaction.put('deletion', placeOf(ask.tenant), { ...asked, code: hash, codeUntil: now + CONFIRM_MS });
    return hostOf(tenant);
  });
  const goneBy = goneByAfterRequest(now, settings);
  const backupsGoneBy = now + REQUEST_GONE_DAYS * DAY_MS;
  const body: DeletionAsked = { code, host, validUntil: now + CONFIRM_MS, goneBy, backupsGoneBy };
  return answer(body, 'done', 201);
}

/**
 * POST /deletion/confirm: the second step, with the code and the site's host as it was typed. Marks the tenant first and
 * then spends the code: after a stop in between, the same call again ends in the same place.
 * @throws Fault `confirmation-wrong`, `state-refused`
 */
export async function confirmDeletion(ask: Ask, settings: DeletionSettings): Promise<EdgeAnswer> {
  const { code, host } = parseAs(deletionConfirmBody, ask.request.body);
  const tenant = await readTenant(ask.ports, ask.tenant);
  const asked = (await ask.ports.store.read('deletion', placeOf(ask.tenant)))?.row;
  if (asked === undefined || !fits(asked, { code, host }, hostOf(tenant), ask.ports.clock.now()))
    throw new Fault('confirmation-wrong');
  const confirmed = { owners: [ask.owner], state: 'confirmed', askedAt: asked.askedAt, by: ask.account } as const;
  await request(ask.ports, settings, tenant, confirmed);
  return showDeletion(ask, settings);
}

/**
 * POST /deletion/withdraw: takes the request back. Everything is there, and what changed meanwhile is caught up.
 * @throws Fault `state-refused` when the purge has begun
 */
export async function withdrawDeletion(ask: Ask, settings: DeletionSettings): Promise<EdgeAnswer> {
  await withdraw(ask.ports, settings, ask.tenant, ask.account);
  return showDeletion(ask, settings);
}

/** How it was checked that whoever asked may ask. */
export type Authority = NonNullable<DeletionRow['authority']>;

/** A documented request that an operator carries out. */
export interface OperatorRequest {
  readonly tenant: TenantRef;
  /** The ticket that holds the request. */
  readonly ticket: string;
  readonly authority: Authority;
}

/** What `deletionGrant.ts` does once it may: marks a tenant on a documented request, whether it is still installed or not. Idempotent. @throws Fault `state-refused`, `not-found` */
export async function deleteForOperator(
  ports: LifePorts,
  settings: DeletionSettings,
  { tenant: ref, ticket, authority }: OperatorRequest,
): Promise<DeletionView> {
  const tenant = await readTenant(ports, ref);
  const owners = [ownerOf(ref.tenant, ref.generation)];
  const row = { owners, state: 'confirmed', askedAt: ports.clock.now(), ticket, authority } as const;
  await request(ports, settings, tenant, row);
  return viewForOperator(ports, settings, ref);
}

/** The way back, under the same grant. @throws Fault `state-refused` when the purge has begun */
export async function withdrawForOperator(
  ports: LifePorts,
  settings: DeletionSettings,
  ref: TenantRef,
): Promise<DeletionView> {
  await withdraw(ports, settings, ref, undefined);
  return viewForOperator(ports, settings, ref);
}

async function viewForOperator(ports: LifePorts, settings: DeletionSettings, ref: TenantRef): Promise<DeletionView> {
  const row = (await ports.store.read('deletion', placeOf(ref)))?.row;
  return viewOf(await readTenant(ports, ref), row, ports.clock.now(), settings);
}

async function request(
  ports: LifePorts,
  settings: DeletionSettings,
  tenant: Tenant,
  row: Omit<DeletionRow, 'confirmedAt'>,
): Promise<void> {
  const at = ports.clock.now();
  const { door, clientKey, generation } = tenant.row;
  const subject = { door, clientKey, generation };
  const event = { kind: 'leave', evidence: 'requested' } as const;
  const { outcome, tenancy } = await changeLife(ports, settings, { subject, event, at });
  if (outcome === 'expired' || tenancy?.state === 'purging' || tenancy?.state === 'purged')
    throw new Fault('state-refused');
  await note(ports, refOf(tenant), { ...row, confirmedAt: at });
}

async function withdraw(
  ports: LifePorts,
  settings: DeletionSettings,
  ref: TenantRef,
  by: AccountId | undefined,
): Promise<void> {
  const { door, clientKey, generation } = (await readTenant(ports, ref)).row;
  const subject = { door, clientKey, generation };
  const at = ports.clock.now();
  const { outcome } = await changeLife(ports, settings, { subject, event: { kind: 'withdraw' }, at });
  if (outcome === 'refused' || outcome === 'expired') throw new Fault('state-refused');
  const have = (await ports.store.read('deletion', placeOf(ref)))?.row;
  if (have === undefined) return;
  const { code: _code, codeUntil: _until, by: _by, ...rest } = have;
  const who = by === undefined ? {} : { by };
  await note(ports, ref, { ...rest, ...who, state: 'withdrawn', withdrawnAt: at });
}

/** Writes how the request stands; nothing for a life that is going. */
async function note(ports: LifePorts, ref: TenantRef, row: DeletionRow): Promise<void> {
  await ports.store.transact(async (transaction) => {
    await openTenant(transaction, ref);
    transaction.put('deletion', placeOf(ref), row);
  });
}

function fits(
  { state, code: hash, codeUntil }: DeletionRow,
  typed: { readonly code: string; readonly host: string },
  host: string,
  now: number,
): boolean {
  if (state !== 'asked' || hash === undefined || (codeUntil ?? 0) <= now) return false;
  // 128 bits that are good for minutes: how long a comparison takes tells nothing that helps.
  return invitationHashOf(typed.code) === hash && typed.host.trim().toLowerCase() === host;
}

function viewOf(tenant: Tenant, row: DeletionRow | undefined, now: number, settings: DeletionSettings): DeletionView {
  const tenancy = tenancyOf(tenant);
  const { state, evidence, dueAt = now } = tenancy;
  if (state === 'purging' || state === 'purged') return { state: 'deleting', mayWithdraw: false };
  const isRequested = state === 'marked' && evidence === 'requested';
  const host = hostOf(tenant);
  if (state === 'marked' && !isRequested) return { state: 'left', host, goneBy: dueAt, mayWithdraw: false };
  if (!isRequested) {
    const isOpen = row?.state === 'asked' && (row.codeUntil ?? 0) > now;
    return isOpen
      ? { state: 'asked', host, askedAt: row.askedAt, mayWithdraw: false }
      : { state: 'none', host, mayWithdraw: false };
  }
  const beginsAt = purgeBeginsAt(tenancy, settings);
  const confirmedAt = row?.confirmedAt ?? dueAt;
  return {
    state: 'counting',
    host,
    ...(row === undefined ? {} : { askedAt: row.askedAt, confirmedAt }),
    beginsAt,
    remainingMs: Math.max(0, beginsAt - now),
    goneBy: dueAt,
    backupsGoneBy: confirmedAt + REQUEST_GONE_DAYS * DAY_MS,
    mayWithdraw: true,
  };
}

async function readTenant({ store }: LifePorts, ref: TenantRef): Promise<Tenant> {
  const tenant = await store.read('tenant', { tenant: ref.tenant });
  if (tenant?.row.generation !== ref.generation) throw new Fault('not-found');
  return tenant;
}

/** The tenant as long as its data are there. @throws Fault `state-refused` */
async function openTenant(transaction: Transaction, ref: TenantRef): Promise<Tenant> {
  const tenant = await transaction.read('tenant', { tenant: ref.tenant });
  if (tenant?.row.generation !== ref.generation) throw new Fault('not-found');
  const { state } = tenant.row;
  if (state !== 'active' && state !== 'marked') throw new Fault('state-refused', { state });
  return tenant;
}

function hostOf({ row }: Tenant): string {
  return new URL(row.baseUrl).host.toLowerCase();
}

function refOf({ place, row }: Tenant): TenantRef {
  return { tenant: tenantId(place.tenant), generation: row.generation };
}

function placeOf({ tenant, generation }: TenantRef) {
  return { tenant, generation: String(generation) };
}
