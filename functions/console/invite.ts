/** The first side of a connection invites. */
import { CODE_BYTES, invitationCode, invitationHashOf } from '../../shared/auth/invitationCode.ts';
import { connectionId } from '../../shared/model/ids.ts';
import type { Stored } from '../../shared/ports.ts';
import { INVITATION_HOURS } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import { inviteBody, parseAs } from '../../shared/wire/console.ts';
import type { InvitationMade } from '../../shared/wire/console.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { checkSettings, createHalf, makeHalf } from './halves.ts';

/** Far more than anybody waits for at once. Two admins at the same moment may go over it by one. */
const MAX_OPEN_INVITATIONS = 20;
/** Open ones and the expired ones that the hourly sweep has not taken away yet. */
const MAX_LISTED = 100;
const HOUR_MS = 3_600_000;

/**
 * Makes a pending half, its first rules and an invitation. The code is in this answer and nowhere else: the invitation
 * stands under its hash. Not idempotent: asked twice, it invites twice.
 */
export async function invite(ask: Ask): Promise<EdgeAnswer> {
  const settings = parseAs(inviteBody, ask.request.body);
  await checkSettings(ask, settings);
  await checkRoom(ask);
  const { clock, ids, store } = ask.ports;
  const connection = connectionId(`c-${ids.next()}`);
  const code = invitationCode(ids.bytes(CODE_BYTES));
  const hash = invitationHashOf(code);
  if (hash === undefined) throw new Fault('bug');
  const half = await makeHalf(ask, { connection, side: 'a', state: 'pending' }, settings);
  const expiresAt = clock.now() + INVITATION_HOURS * HOUR_MS;
  await store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    createHalf(transaction, half);
    transaction.create('invitation', { code: hash }, { owners: [ask.owner], connection, ...ask.tenant, expiresAt });
  });
  return answer({ connection, code, expiresAt } satisfies InvitationMade, 'done', 201);
}

async function checkRoom(ask: Ask): Promise<void> {
  const now = ask.ports.clock.now();
  const invitations = await invitationsOf(ask);
  const open = invitations.filter(({ row }) => row.expiresAt > now);
  if (open.length >= MAX_OPEN_INVITATIONS || invitations.length >= MAX_LISTED) throw new Fault('too-many');
}

/** The invitations of the asking tenant. */
export async function invitationsOf(ask: Ask): Promise<readonly Stored<'invitation'>[]> {
  return (await ask.ports.store.owned('invitation', ask.owner, { limit: MAX_LISTED })).items;
}
