/** Which notices of a tenant's life are due. Pure. @see SPEC of mail M8–M11, PROMISES.md E-37 */
import { ownerOf } from '../model/ids.ts';
import type { NoticeKind } from '../model/notice.ts';
import type { Tenancy, TenantRef } from '../model/tenant.ts';

/** A notice that was sent, is being sent, or was found impossible to send. */
export interface Told {
  readonly what: NoticeKind;
  readonly at: number;
  /** The due day that it told. */
  readonly dueAt?: number | undefined;
  /** False when nobody got it: no address, no server, or refused. */
  readonly isSent: boolean;
}

/** A notice of a tenant's life, and the due day that it is about. */
export interface LifeNotice {
  readonly what: 'marked' | 'deletion-requested' | 'due-30' | 'due-7' | 'returned';
  readonly dueAt: number;
}

const DAY_MS = 86_400_000;
/** Reminders before the due day, the latest first: when the later one is due, the earlier one has nothing to add. */
const REMINDERS = [
  { what: 'due-7', beforeMs: 7 * DAY_MS },
  { what: 'due-30', beforeMs: 30 * DAY_MS },
] as const;
/** What tells a due day for the first time. */
const FIRST: ReadonlySet<NoticeKind> = new Set(['marked', 'deletion-requested']);

/**
 * The notice that is due now, if any: the date as soon as there is one (and again when it has moved), a reminder 30 and 7 days
 * before, and the return of somebody who was told a date. A reminder whose time had come before the date was told is left out.
 * Nothing is due of a tenant that is being purged: its last notice belongs to the purge.
 */
export function noticesDue(tenancy: Tenancy, told: readonly Told[], now: number): readonly LifeNotice[] {
  if (tenancy.state === 'active') return returnDue(told);
  const { state, dueAt, evidence } = tenancy;
  if (state !== 'marked' || dueAt === undefined) return [];
  const first = told.find((one) => FIRST.has(one.what) && one.dueAt === dueAt && !isOver(one, told));
  if (first === undefined) return [{ what: evidence === 'requested' ? 'deletion-requested' : 'marked', dueAt }];
  const reminder = REMINDERS.find(({ beforeMs }) => now >= dueAt - beforeMs);
  if (reminder === undefined || first.at >= dueAt - reminder.beforeMs || now >= dueAt) return [];
  const isTold = told.some((one) => one.what === reminder.what && one.dueAt === dueAt);
  return isTold ? [] : [{ what: reminder.what, dueAt }];
}

function returnDue(told: readonly Told[]): readonly LifeNotice[] {
  const firsts = told.filter(({ what, isSent }) => isSent && FIRST.has(what)).sort((one, other) => other.at - one.at);
  const [last] = firsts;
  if (last?.dueAt === undefined || isOver(last, told)) return [];
  return [{ what: 'returned', dueAt: last.dueAt }];
}

/** The customer has come back since, and was told so. */
function isOver(first: Told, told: readonly Told[]): boolean {
  return told.some(({ what, at, dueAt }) => what === 'returned' && dueAt === first.dueAt && at >= first.at);
}

/** What a notice is about, beside its kind: a day, a connection and a day, a party and a day, a case. */
export type NoticeAbout = Readonly<
  Partial<{ dueAt: number; connection: string; party: string; since: string; case: string }>
>;

/** The id of a notice's record: the same notice has the same one, and so is told once. */
export function noticeId({ tenant, generation }: TenantRef, what: NoticeKind, about: NoticeAbout): string {
  const { connection, party, since, dueAt, case: incident } = about;
  return [ownerOf(tenant, generation).replace('#', '.'), what, connection, party, since, dueAt, incident]
    .filter((part) => part !== undefined)
    .join('.');
}
