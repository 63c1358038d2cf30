/** Legal holds: two persons place one and two renew it. The purge function copies and ends them. @see shared/retention/SPEC.md R85 */
import { hashOf } from '../../shared/evidence/canonical.ts';
import { holdId, ownerOf, ownerOfHold, tenantId, tenantKey } from '../../shared/model/ids.ts';
import type { HoldId, OperatorId } from '../../shared/model/ids.ts';
import type { Hold } from '../../shared/model/hold.ts';
import type { TrailAct } from '../../shared/model/staff.ts';
import type { Stored } from '../../shared/ports.ts';
import { agreedHold, askedHold, isHeld, renewingHold } from '../../shared/retention/holds.ts';
import type { HoldAsk } from '../../shared/retention/holds.ts';
import { appendTrail } from '../../shared/trail.ts';
import { Fault } from '../../shared/verdict.ts';
import type { HoldView } from '../../shared/wire/trail.ts';
import type { StaffPorts } from './staff.ts';

/** Asks for a hold; keeps nothing until a second person agrees. @throws Fault `not-found`, `body-invalid` */
export async function askHold(ports: StaffPorts, ask: HoldAsk): Promise<HoldView> {
  await needLiving(ports, ask);
  const hold = askedHold(ask, ports.clock.now());
  const id = holdId(`h-${ports.ids.next()}`);
  await tell(ports, 'hold-asked', ask.by, id, hold);
  await ports.store.create('hold', { hold: id }, hold);
  return viewOf(id, hold);
}

/** Asks for another term of a hold. @throws Fault `not-found`, `grant-ended` */
export async function renewHold(ports: StaffPorts, { hold: id, by }: Act): Promise<HoldView> {
  return change(ports, id, by, 'hold-asked', (hold) => renewingHold(hold, by, ports.clock.now()));
}

/**
 * The second person's yes: to the hold, or to its next term. Of a tenant whose purge has begun meanwhile nothing can be held any more.
 * @throws Fault `second-person`, `grant-ended`, `state-refused`, `not-found`
 */
export async function agreeHold(ports: StaffPorts, { hold: id, by }: Act): Promise<HoldView> {
  const before = await read(ports, id);
  const act = before.row.state === 'held' ? 'hold-renewed' : 'hold-agreed';
  const view = await change(ports, id, by, act, (hold) => agreedHold(hold, by, ports.clock.now()));
  // After the hold is written: a purge that begins from here on finds it, because it looks after its fence.
  if (act === 'hold-agreed') await needLiving(ports, { ...before.row, tenant: tenantId(before.row.tenant) });
  return view;
}

/** One record of a hold, for who asked for it or agreed to it; in the trail before it is shown. @throws Fault `grant-missing`, `not-found` */
export async function readHeld(
  ports: StaffPorts,
  { hold: id, by, path }: Act & { readonly path: string },
): Promise<unknown> {
  const { row } = await read(ports, id);
  const isTheirs = by === row.askedBy || by === row.agreedBy;
  if (!isTheirs || !isHeld(holdOf(row), ports.clock.now())) throw new Fault('grant-missing');
  const held = await ports.store.read('heldRecord', { hold: id, record: hashOf(path) });
  if (held === undefined) throw new Fault('not-found');
  await tell(ports, 'hold-read', by, id, { ...holdOf(row), categories: [held.row.category] });
  return ports.keys.open(tenantKey(ownerOfHold(id)), `held:${id}:${hashOf(path)}`, held.row.content);
}

interface Act {
  readonly hold: HoldId;
  readonly by: OperatorId;
}

async function change(
  ports: StaffPorts,
  id: HoldId,
  by: OperatorId,
  act: TrailAct,
  step: (hold: Hold) => Hold,
): Promise<HoldView> {
  const { row, version } = await read(ports, id);
  const after = step(holdOf(row));
  await tell(ports, act, by, id, after);
  await ports.store.replace('hold', { hold: id }, after, version);
  return viewOf(id, after);
}

async function tell(ports: StaffPorts, act: TrailAct, by: OperatorId, id: HoldId, hold: Hold): Promise<void> {
  const { tenant, generation, categories, basis, ticket } = hold;
  await appendTrail(ports, {
    act,
    by,
    about: id,
    lives: [ownerOf(tenant, generation)],
    categories,
    purpose: basis,
    ticket,
  });
}

async function read({ store }: StaffPorts, id: HoldId): Promise<Stored<'hold'>> {
  const found = await store.read('hold', { hold: id });
  if (found === undefined) throw new Fault('not-found');
  return found;
}

async function needLiving(
  { store }: StaffPorts,
  { tenant, generation }: Pick<Hold, 'tenant' | 'generation'>,
): Promise<void> {
  const found = await store.read('tenant', { tenant });
  if (found?.row.generation !== generation) throw new Fault('not-found');
  if (found.row.state !== 'active' && found.row.state !== 'marked')
    throw new Fault('state-refused', { state: found.row.state });
}

function holdOf(row: Stored<'hold'>['row']): Hold {
  return { ...row, tenant: tenantId(row.tenant) };
}

function viewOf(
  id: HoldId,
  { tenant, generation, state, basis, role, ticket, categories, endsAt, renewals }: Hold,
): HoldView {
  const end = endsAt === undefined ? {} : { endsAt };
  return { hold: id, tenant, generation, state, basis, role, ticket, categories: [...categories], renewals, ...end };
}
