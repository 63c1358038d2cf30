/** What a notice would say now, from what is stored now; or why there is nothing to say. */
import type { NoticeFacts } from '../../shared/mail/notices.ts';
import { otherSide } from '../../shared/model/connection.ts';
import { caseSteps } from '../caseSteps.ts';
import { incidentOf } from '../../shared/evidence/cases.ts';
import { ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { CaseId, ConnectionId } from '../../shared/model/ids.ts';
import type { Notice } from '../../shared/model/notice.ts';
import type { Tenancy } from '../../shared/model/tenant.ts';
import type { Stored } from '../../shared/ports.ts';
import { noticeId, noticesDue } from '../../shared/retention/notices.ts';
import type { LifeNotice, NoticeAbout, Told } from '../../shared/retention/notices.ts';
import type { Code } from '../../shared/verdict.ts';
import { readTrail } from '../../shared/trail.ts';
import { tenancyOf } from '../tenantRecord.ts';
import type { NotifyWork } from './work.ts';

/** A notice that is to be told. */
export interface Plan {
  readonly id: string;
  readonly facts: NoticeFacts;
  readonly about: NoticeAbout & { readonly connection?: ConnectionId; readonly case?: CaseId };
}

/** Notices of one tenant that are looked at: a mark has four, a partner two, a party one. */
const MAX_TOLD = 500;
const DAY_MS = 86_400_000;

/** Reads what the message is about. The message itself is a hint. */
export async function planNotice(work: NotifyWork, notice: Notice, tenant: Stored<'tenant'>): Promise<Plan | Code> {
  switch (notice.what) {
    case 'marked':
    case 'deletion-requested':
    case 'due-30':
    case 'due-7':
    case 'returned':
      return lifePlan(work, notice, tenant);
    case 'partner-left':
    case 'partner-back':
      return partnerPlan(work, notice);
    case 'processors-change':
      return partyPlan(work, notice, tenant);
    case 'incident':
      return incidentPlan(work, notice);
    // Nobody is left to be written to: the address went with everything else, and the receipts are public.
    case 'purging':
    case 'purged':
    case 'backups-gone':
      return 'no-contact';
  }
}

/** The notices of this life that are written down, told or not. */
export async function toldTo(
  work: NotifyWork,
  { tenant, generation }: Notice,
): Promise<readonly (Told & Stored<'notice'>)[]> {
  const { items } = await work.ports.store.list('notice', { tenant }, { limit: MAX_TOLD });
  const owner = ownerOf(tenant, generation);
  return items
    .filter(({ row }) => row.owners.includes(owner))
    .map((stored) => {
      const { what, at, state, dueAt } = stored.row;
      return { ...stored, what, at, dueAt, isSent: state === 'sent' || state === 'waiting' };
    });
}

async function lifePlan(work: NotifyWork, notice: Notice, tenant: Stored<'tenant'>): Promise<Plan | Code> {
  const tenancy = tenancyOf(tenant);
  const told = await toldTo(work, notice);
  // What waits is not told yet: this may be the message that sends it.
  const done = told.filter(({ row }) => row.state !== 'waiting');
  const [due] = noticesDue(tenancy, done, work.ports.clock.now());
  if (due === undefined) return 'already-done';
  return {
    id: noticeId(notice, due.what, { dueAt: due.dueAt }),
    about: { dueAt: due.dueAt },
    facts: factsOf(work, due, tenancy),
  };
}

function factsOf({ settings }: NotifyWork, { what, dueAt }: LifeNotice, tenancy: Tenancy): NoticeFacts {
  const { evidence = 'uninstalled', markedAt = dueAt } = tenancy;
  switch (what) {
    case 'marked':
      return { what, evidence, markedAt, dueAt, copiesAt: Math.min(markedAt + settings.copyDays * DAY_MS, dueAt) };
    case 'deletion-requested':
      return { what, markedAt, dueAt };
    case 'due-30':
    case 'due-7':
    case 'returned':
      return { what, dueAt };
  }
}

async function partnerPlan(work: NotifyWork, notice: Notice): Promise<Plan | Code> {
  const { connection } = notice;
  const { store } = work.ports;
  const agreed = connection === undefined ? undefined : await store.read('connection', { connection });
  if (connection === undefined || agreed === undefined || agreed.row.state === 'ended') return 'nothing-to-do';
  const { a, b } = agreed.row;
  const own = a.tenant === notice.tenant && a.generation === notice.generation ? 'a' : 'b';
  const other = { a, b }[otherSide(own)];
  const partner = await store.read('tenant', { tenant: tenantId(other.tenant) });
  if (partner?.row.generation !== other.generation) return 'nothing-to-do';
  if (notice.what === 'partner-left') {
    const { state, dueAt } = partner.row;
    if (state !== 'marked' || dueAt === undefined) return 'nothing-to-do';
    const about = { connection, dueAt };
    return { id: noticeId(notice, 'partner-left', about), about, facts: { what: 'partner-left', ...about } };
  }
  if (partner.row.state !== 'active') return 'nothing-to-do';
  const left = (await toldTo(work, notice))
    .filter(({ what, row, isSent }) => isSent && what === 'partner-left' && row.connection === connection)
    .sort((one, another) => another.at - one.at)[0];
  if (left?.dueAt === undefined) return 'nothing-to-do';
  const about = { connection, dueAt: left.dueAt };
  return { id: noticeId(notice, 'partner-back', about), about, facts: { what: 'partner-back', connection } };
}

async function partyPlan(work: NotifyWork, notice: Notice, tenant: Stored<'tenant'>): Promise<Plan | Code> {
  const party = work.settings.planned().find(({ id }) => id === notice.party);
  if (party === undefined || tenant.row.state !== 'active') return 'nothing-to-do';
  const { id, name, purpose, region, since } = party;
  const facts = { what: 'processors-change', name, purpose, region, from: Date.parse(`${since}T00:00:00Z`) } as const;
  const about = { party: id, since };
  return { id: noticeId(notice, 'processors-change', about), about, facts };
}

/** What the register and the trail say of an incident; nothing goes before somebody has said in the register that it goes. */
async function incidentPlan({ ports }: NotifyWork, notice: Notice): Promise<Plan | Code> {
  const { tenant, generation, case: id } = notice;
  const steps = id === undefined ? [] : await caseSteps(ports.store, id);
  if (id === undefined || !steps.some(({ kind }) => kind === 'notices-sent')) return 'nothing-to-do';
  const incident = incidentOf(steps, await readTrail(ports.store), ownerOf(tenant, generation));
  if (incident === undefined) return 'nothing-to-do';
  const about = { case: id };
  return { id: noticeId(notice, 'incident', about), about, facts: { what: 'incident', ...incident } };
}
