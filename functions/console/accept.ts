/** The second side of a connection accepts. */
import { invitationHashOf } from '../../shared/auth/invitationCode.ts';
import type { HalfSettings } from '../../shared/model/connection.ts';
import { FULL_EVERY_MS, LIGHT_EVERY_MS } from '../../shared/model/drift.ts';
import { connectionKey, halfOf, ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { ConnectionId, InvitationHash, Owner } from '../../shared/model/ids.ts';
import { halfLife } from '../../shared/model/connectionLife.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { defaultRules } from '../../shared/rules/defaults.ts';
import { Fault } from '../../shared/verdict.ts';
import { acceptBody, parseAs } from '../../shared/wire/console.ts';
import type { ConnectionLine } from '../../shared/wire/console.ts';
import type { EdgeAnswer } from '../edge.ts';
import { sealFor } from './agreement.ts';
import type { ContractPart } from './agreement.ts';
import { answer, fence, isActive } from './ask.ts';
import type { Ask } from './ask.ts';
import { checkSettings, createHalf, makeHalf, openSettings, ownHalf } from './halves.ts';
import type { NewHalf } from './halves.ts';
import { partnerRules } from './partner.ts';

/**
 * Accepts an invitation: both sides are active afterwards. Unknown, used and expired codes, and those of a tenant that
 * has left, end alike with `invitation-unknown`.
 *
 * The connection's data key is made before the one transaction that does the rest. A stop in between, or a faster
 * second redeemer, leaves a key that seals nothing; it carries its owners, so a purge finds it.
 */
export async function accept(ask: Ask): Promise<EdgeAnswer> {
  const { code, ...settings } = parseAs(acceptBody, ask.request.body);
  const { hash, row } = await findInvitation(ask, code);
  await checkSettings(ask, settings);
  await refuseOwnProject(ask, row, settings);
  const { connection } = row;
  const inviter = { tenant: row.tenant, generation: row.generation };
  const inviterOwner = ownerOf(row.tenant, row.generation);
  const owners = [...new Set<Owner>([inviterOwner, ask.owner])];
  await ask.ports.keys.make(connectionKey(connection, inviterOwner, ask.owner), owners);
  const half = await makeHalf(ask, { connection, side: 'b', state: 'active' }, settings);
  const contracts = await firstContracts(ask, connection, { inviter, owner: inviterOwner });
  await ask.ports.store.transact((transaction) => join(transaction, ask, { hash, inviter, owners, half, contracts }));
  const line: ConnectionLine = {
    connection,
    side: 'b',
    state: 'active',
    name: settings.name,
    projectKey: settings.projectKey,
  };
  return answer(line, 'done', 201);
}

async function findInvitation(
  ask: Ask,
  code: string,
): Promise<{ readonly hash: InvitationHash; readonly row: RecordOf<'invitation'> }> {
  const hash = invitationHashOf(code);
  const stored = hash === undefined ? undefined : await ask.ports.store.read('invitation', { code: hash });
  if (hash === undefined || stored === undefined || stored.row.expiresAt <= ask.ports.clock.now())
    throw new Fault('invitation-unknown');
  return { hash, row: stored.row };
}

/** One site may connect two of its projects, but no project with itself. */
async function refuseOwnProject(ask: Ask, row: RecordOf<'invitation'>, settings: HalfSettings): Promise<void> {
  const half = halfOf(row.connection, 'a');
  const stored = await ask.ports.store.read('half', { tenant: row.tenant, half });
  const [own] = ownHalf(ask, stored);
  if (own === undefined) return;
  const { projectKey } = await openSettings(ask, own);
  if (projectKey === settings.projectKey) throw new Fault('invitation-own', { path: 'projectKey' });
}

/** What is agreed by accepting: both sides send what their rules say at this moment. */
interface FirstContracts {
  readonly sealed: ContractPart;
  /** The version of the inviter's rules. */
  readonly version: number;
}

async function firstContracts(
  ask: Ask,
  connection: ConnectionId,
  { inviter, owner }: { readonly inviter: TenantRef; readonly owner: Owner },
): Promise<FirstContracts> {
  const place = { tenant: inviter.tenant, half: halfOf(connection, 'a') };
  const row = (await ask.ports.store.read('half', place))?.row;
  if (row === undefined) throw new Fault('invitation-unknown');
  const rules = await partnerRules(ask, { side: 'a', tenant: inviter, owner, row });
  if (rules === undefined) throw new Fault('invitation-unknown');
  const owners = { a: owner, b: ask.owner };
  const [a, b] = await Promise.all([
    sealFor(ask, { connection }, 'a', owners, rules),
    sealFor(ask, { connection }, 'b', owners, defaultRules()),
  ]);
  return { sealed: { ...a, ...b }, version: row.rulesVersion };
}

interface Joining {
  readonly contracts: FirstContracts;
  readonly hash: InvitationHash;
  readonly inviter: TenantRef;
  readonly owners: readonly Owner[];
  readonly half: NewHalf;
}

/** Reads all again, because only here nobody can come in between: the second of two redeemers finds nothing. */
async function join(transaction: Transaction, ask: Ask, joining: Joining): Promise<void> {
  const { hash, inviter, owners, half, contracts } = joining;
  const { connection } = half.row;
  const now = ask.ports.clock.now();
  await fence(transaction, ask.tenant);
  const isInviterActive = await isActive(transaction, inviter);
  const invitation = await transaction.read('invitation', { code: hash });
  const place = { tenant: tenantId(inviter.tenant), half: halfOf(connection, 'a') };
  const inviting = await transaction.read('half', place);
  if (invitation === undefined || inviting === undefined || !isInviterActive) throw new Fault('invitation-unknown');
  const next = halfLife[inviting.row.state].accept;
  if (next === 'refused') throw new Fault('invitation-unknown');
  if (inviting.row.rulesVersion !== contracts.version) throw new Fault('store-changed');
  transaction.create(
    'connection',
    { connection },
    {
      ...{ owners, a: inviter, b: ask.tenant, state: 'active', activatedAt: now, watermarkAt: now },
      ...{ reconcileAt: now + LIGHT_EVERY_MS, fullAt: now + FULL_EVERY_MS },
      ...contracts.sealed,
    },
  );
  transaction.put('half', place, { ...inviting.row, state: next });
  createHalf(transaction, half);
  transaction.remove('invitation', { code: hash });
}
