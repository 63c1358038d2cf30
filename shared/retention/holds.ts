/** When a part of a customer's data is held, and until when. Pure. @see SPEC.md R85–R87, PROMISES.md X-23, THREATS.md T34 */
import type { Hold } from '../model/hold.ts';
import type { OperatorId } from '../model/ids.ts';
import type { TenantRef } from '../model/tenant.ts';
import { Fault } from '../verdict.ts';
import { HOLD_DAYS, TRAIL_DAYS } from './catalogue.ts';
import { ASK_HOURS, isReadable } from './grants.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours after its end by which everything of a hold must be gone. @see THREATS.md T34 */
export const HOLD_GONE_HOURS = 24;

export type HoldAsk = TenantRef &
  Pick<Hold, 'basis' | 'role' | 'ticket' | 'categories' | 'only'> & { readonly by: OperatorId };

/** A request for a hold; it keeps nothing yet. @throws Fault `body-invalid` */
export function askedHold({ by, ...ask }: HoldAsk, now: number): Hold {
  const categories = [...new Set(ask.categories)].sort();
  if (categories.length === 0 || categories.some((category) => !isReadable(category)))
    throw new Fault('body-invalid', { path: 'categories' });
  const endsAt = now + ASK_HOURS * HOUR_MS;
  return {
    ...ask,
    categories,
    state: 'asked',
    askedBy: by,
    askedAt: now,
    renewals: 0,
    endsAt,
    removeAt: removeAtOf(endsAt),
  };
}

/** A request for another term. @throws Fault `grant-ended` when the hold is over */
export function renewingHold(hold: Hold, by: OperatorId, now: number): Hold {
  if (!isHeld(hold, now)) throw new Fault('grant-ended');
  return { ...hold, renewBy: by };
}

/** The second person's yes to what was asked last. @throws Fault `second-person`, `grant-ended`, `state-refused` */
export function agreedHold(hold: Hold, by: OperatorId, now: number): Hold {
  const asker = hold.state === 'asked' ? hold.askedBy : hold.renewBy;
  if (hold.state === 'ended' || now >= (hold.endsAt ?? 0)) throw new Fault('grant-ended');
  if (asker === undefined) throw new Fault('state-refused', { state: hold.state });
  if (by === asker) throw new Fault('second-person');
  const { renewBy: _asked, ...rest } = hold;
  const endsAt = now + HOLD_DAYS * DAY_MS;
  const [first] = hold.categories;
  const begin = hold.state === 'asked' && first !== undefined ? { cursor: { category: first }, copyBegan: now } : {};
  const renewals = hold.renewals + (hold.state === 'held' ? 1 : 0);
  return {
    ...rest,
    ...begin,
    state: 'held',
    agreedBy: by,
    agreedAt: now,
    renewals,
    endsAt,
    removeAt: removeAtOf(endsAt),
  };
}

/** The hold when nothing of it is left. */
export function endedHold({ endsAt: _over, cursor: _left, renewBy: _asked, ...hold }: Hold, now: number): Hold {
  return { ...hold, state: 'ended', endedAt: now, removeAt: removeAtOf(now) };
}

/** Is a part held at this instant? */
export function isHeld({ state, endsAt }: Hold, now: number): boolean {
  return state === 'held' && now < (endsAt ?? 0);
}

/** Has the copy to be made anew, because it was begun before this instant? */
export function isStale(hold: Hold, since: number): boolean {
  return (hold.copyBegan ?? 0) < since;
}

/** The category after one in the hold's own order. */
export function nextHeld({ categories }: Hold, category: string): string | undefined {
  return categories[categories.indexOf(category) + 1];
}

function removeAtOf(from: number): number {
  return from + TRAIL_DAYS * DAY_MS;
}
