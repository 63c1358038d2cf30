/** When staff may look at a customer's data. Pure. @see SPEC.md R80–R83, PROMISES.md E-34 */
import type { Grant } from '../model/staff.ts';
import type { OperatorId, TenantId } from '../model/ids.ts';
import type { TenantRef } from '../model/tenant.ts';
import { Fault } from '../verdict.ts';
import type { Code } from '../verdict.ts';
import { isOwned } from './address.ts';
import { categories, TRAIL_DAYS } from './catalogue.ts';
import type { OwnedCategory } from './catalogue.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Hours for which access is given, at most. @see PROMISES.md E-34 */
export const GRANT_HOURS = 4;
/** Hours in which a second person has to agree; after that, it has to be asked for again. (Ours: a working day.) */
export const ASK_HOURS = 24;
/** Reads in one grant after which somebody else is told. (Ours: a look into a ticket takes a handful.) */
export const USUAL_READS = 20;
/** When staff work, in UTC: Monday to Friday, from six to twenty. (Ours.) */
const WORK_BEGINS = 6;
const WORK_ENDS = 20;
/** 1970-01-01 was a Thursday: with Monday as day 0, day 3. */
const FIRST_WEEKDAY = 3;
const FIRST_WEEKEND_DAY = 5;

/** A request for access. @throws Fault `body-invalid` for a category that holds nothing of a customer, or keys */
export function askedGrant(
  ask: TenantRef & Pick<Grant, 'purpose' | 'ticket' | 'categories'> & { readonly by: OperatorId },
  now: number,
): Grant {
  const { tenant, generation, purpose, ticket, by } = ask;
  const asked = [...new Set(ask.categories)].sort();
  if (asked.length === 0 || asked.some((category) => !isReadable(category)))
    throw new Fault('body-invalid', { path: 'categories' });
  return {
    ...{ tenant, generation, purpose, ticket, categories: asked, askedBy: by, askedAt: now },
    ...{ state: 'asked', until: now + ASK_HOURS * HOUR_MS, reads: 0, removeAt: now + TRAIL_DAYS * DAY_MS },
  };
}

/** The grant after the second person's yes. @throws Fault `second-person`, `grant-ended`, `state-refused` */
export function agreedGrant(grant: Grant, by: OperatorId, now: number, hours = GRANT_HOURS): Grant {
  if (grant.state !== 'asked') throw new Fault('state-refused', { state: grant.state });
  if (now >= grant.until) throw new Fault('grant-ended');
  if (by === grant.askedBy) throw new Fault('second-person');
  const until = now + Math.min(hours, GRANT_HOURS) * HOUR_MS;
  return { ...grant, state: 'agreed', agreedBy: by, agreedAt: now, until };
}

/** Why somebody may not read; nothing when it is allowed. */
export function whyNotRead(
  grant: Grant | undefined,
  ask: { readonly by: OperatorId; readonly category: string },
  now: number,
): Code | undefined {
  if (grant === undefined || grant.askedBy !== ask.by) return 'grant-missing';
  if (grant.state === 'asked') return 'grant-open';
  if (!isLive(grant, now)) return 'grant-ended';
  return grant.categories.includes(ask.category) && isReadable(ask.category) ? undefined : 'grant-scope';
}

/** The category of a customer's request to delete: what a grant for a deletion has to name. */
const DELETION = 'deletion';

/** Why somebody may not delete a customer's data early, or keep them: it takes a grant for just that. @see SPEC.md R100 */
export function whyNotDelete(grant: Grant | undefined, by: OperatorId, now: number): Code | undefined {
  const refusal = whyNotRead(grant, { by, category: DELETION }, now);
  if (refusal !== undefined) return refusal;
  return grant?.purpose === 'deletion-request' ? undefined : 'grant-scope';
}

/** Does a grant allow anything at this instant? */
export function isLive({ state, agreedAt, until }: Grant, now: number): boolean {
  return state === 'agreed' && agreedAt !== undefined && now < Math.min(until, agreedAt + GRANT_HOURS * HOUR_MS);
}

/** What is unusual about a read. */
export const oddities = ['hours', 'many', 'bait'] as const;
export type Oddity = (typeof oddities)[number];

/** `bait`: tenants that exist for nobody to look at. */
export function oddOf(
  read: { readonly at: number; readonly tenant: TenantId; readonly reads: number },
  bait: readonly TenantId[],
): readonly Oddity[] {
  const odd: Oddity[] = [];
  if (!isWorkTime(read.at)) odd.push('hours');
  if (read.reads > USUAL_READS) odd.push('many');
  if (bait.includes(read.tenant)) odd.push('bait');
  return odd;
}

function isWorkTime(at: number): boolean {
  const day = (Math.floor(at / DAY_MS) + FIRST_WEEKDAY) % 7;
  const hour = Math.floor((at % DAY_MS) / HOUR_MS);
  return day < FIRST_WEEKEND_DAY && hour >= WORK_BEGINS && hour < WORK_ENDS;
}

/** Data keys are for the service alone. */
export function isReadable(category: string): category is Exclude<OwnedCategory, 'key'> {
  return category !== 'key' && categories.some((one) => one === category && isOwned(one));
}
