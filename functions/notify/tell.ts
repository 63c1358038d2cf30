/** Tells one notice: at least once, and as a rule exactly once. */
import { transactional } from '../../shared/mail/letter.ts';
import { messageIdOf, noticeWords, siteName } from '../../shared/mail/notices.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import type { Notice, NoticeState } from '../../shared/model/notice.ts';
import type { MailEnding } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { addressOf } from './address.ts';
import { planNotice, toldTo } from './plan.ts';
import type { Plan } from './plan.ts';
import type { NotifyWork } from './work.ts';

/** How long a try is believed to be under way, and how long a server that wants a letter later is left alone. (Ours.) */
export const RETRY_MS = 15 * 60_000;
/** With a sweep each hour these are four days: longer than any mailbox stays full unnoticed. (Ours.) */
export const MAX_TRIES = 96;

type NoticeRow = RecordOf<'notice'>;

/**
 * Tells a notice if it is due and was not told. In this order, so that a stop at any line is found by the next sweep:
 *
 * 1. the record says that it is being sent, and when somebody may try again
 * 2. the address is read and the letter handed over, under an id that is made from the notice
 * 3. the record says how that ended
 *
 * A stop between 2 and 3 makes the letter go twice, with one and the same id.
 * @throws Fault `mail-unavailable`; the notice waits, and the sweep asks for it again
 */
export async function tell(work: NotifyWork, notice: Notice): Promise<Verdict> {
  const { tenant, generation, what } = notice;
  const facts = { tenant, generation, what };
  const stored = await work.ports.store.read('tenant', { tenant });
  if (stored?.row.generation !== generation) return verdict('generation-expired', facts);
  const plan = await planNotice(work, notice, stored);
  await putAside(work, notice, typeof plan === 'string' ? undefined : plan);
  if (typeof plan === 'string') return verdict(plan, facts);
  const taken = await take(work, notice, plan);
  if (taken !== 'taken') return verdict(taken, facts);
  const ending = await send(work, notice, plan, stored.row.baseUrl);
  await settle(work, notice, plan.id, endings[ending]);
  return verdict(ending, { ...facts, told: plan.facts.what });
}

type Ending = MailEnding | 'no-contact';

const endings: Readonly<Record<Ending, NoticeState>> = {
  'mail-sent': 'sent',
  'mail-refused': 'refused',
  'mail-later': 'waiting',
  'mail-off': 'mail-off',
  'no-contact': 'no-contact',
};

/** What waited for a try and is not so any more (a partner has come back, a day has moved) is over: nobody has to look at it again. */
async function putAside(work: NotifyWork, notice: Notice, plan: Plan | undefined): Promise<void> {
  const now = work.ports.clock.now();
  const { what, connection, party, case: incident } = notice;
  for (const { place, row } of await toldTo(work, notice)) {
    const isOfThis = row.what === what && row.connection === connection && row.party === party && row.case === incident;
    if (!isOfThis || row.state !== 'waiting' || (row.wakeAt ?? 0) > now || place.notice === plan?.id) continue;
    await settle(work, notice, place.notice, 'overtaken');
  }
}

/** Writes the intent, under the fence of the tenant's life. */
function take({ ports }: NotifyWork, { tenant, generation }: Notice, plan: Plan): Promise<'taken' | Code> {
  const now = ports.clock.now();
  const place = { tenant, notice: plan.id };
  return ports.store.transact(async (transaction) => {
    const life = await transaction.read('tenant', { tenant });
    if (!isLive(life?.row, generation)) return 'tenant-not-active';
    const have = (await transaction.read('notice', place))?.row;
    if (have !== undefined && have.state !== 'waiting') return 'already-done';
    if ((have?.wakeAt ?? 0) > now) return 'mail-later';
    const tries = (have?.tries ?? 0) + 1;
    const owners = [ownerOf(tenant, generation)];
    const { dueAt, connection, party, case: incident } = plan.about;
    const row: NoticeRow = {
      ...{ owners, what: plan.facts.what, state: 'waiting', at: have?.at ?? now, tries, wakeAt: now + RETRY_MS },
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(connection === undefined ? {} : { connection }),
      ...(party === undefined ? {} : { party }),
      ...(incident === undefined ? {} : { case: incident }),
    };
    if (tries <= MAX_TRIES) {
      transaction.put('notice', place, row);
      return 'taken';
    }
    transaction.put('notice', place, over(row, 'given-up'));
    return 'mail-refused';
  });
}

async function send({ ports, settings }: NotifyWork, notice: Notice, plan: Plan, site: string): Promise<Ending> {
  const to = await addressOf(ports, notice);
  if (to === undefined) return 'no-contact';
  const { baseUrl } = settings;
  const words = noticeWords({ site: siteName(site), baseUrl }, plan.facts);
  const stored = await ports.store.read('notice', { tenant: notice.tenant, notice: plan.id });
  const at = stored?.row.at ?? ports.clock.now();
  return ports.mail.send(
    transactional(to, { words, messageId: messageIdOf(plan.id, baseUrl), template: plan.facts.what, at }),
  );
}

/** A life that has gone into its purge meanwhile gets no record any more. */
function settle({ ports }: NotifyWork, { tenant, generation }: Notice, id: string, state: NoticeState): Promise<void> {
  const place = { tenant, notice: id };
  return ports.store.transact(async (transaction) => {
    const life = await transaction.read('tenant', { tenant });
    const have = await transaction.read('notice', place);
    if (have === undefined || !isLive(life?.row, generation)) return;
    if (state !== 'waiting') transaction.put('notice', place, over(have.row, state));
  });
}

function over({ wakeAt: _wake, ...row }: NoticeRow, state: NoticeState): NoticeRow {
  return { ...row, state };
}

function isLive(row: RecordOf<'tenant'> | undefined, generation: number): boolean {
  return row?.generation === generation && (row.state === 'active' || row.state === 'marked');
}
