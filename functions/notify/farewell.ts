/**
 * The last notice of a life: its purge has begun, and where the receipt will be. It goes before anything is deleted, because
 * the address is deleted with the rest. To keep the address until the receipt is signed was rejected: the receipt would
 * say that everything is gone while something is not.
 */
import { transactional } from '../../shared/mail/letter.ts';
import { messageIdOf, noticeWords, siteName } from '../../shared/mail/notices.ts';
import { ownerOf } from '../../shared/model/ids.ts';
import type { Notice } from '../../shared/model/notice.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { noticeId } from '../../shared/retention/notices.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Code, Verdict } from '../../shared/verdict.ts';
import { addressOf } from './address.ts';
import type { NotifyWork } from './work.ts';

type PurgeRow = RecordOf<'purge'>;
type Farewell = NonNullable<RecordOf<'purge'>['farewell']>;

const codes = {
  sent: 'mail-sent',
  refused: 'mail-refused',
  'mail-off': 'mail-off',
  'no-contact': 'no-contact',
} as const satisfies Record<Farewell, Code>;

/**
 * Sends it while the purge still waits after its fence, and says in the purge's own record how that ended: a purging life
 * gets no other record any more. The purge asks again until it knows, for a limited time. Idempotent.
 * @throws Fault `mail-unavailable`
 */
export async function sayFarewell(work: NotifyWork, notice: Notice): Promise<Verdict> {
  const { tenant, generation, what } = notice;
  const place = { owner: ownerOf(tenant, generation) };
  const facts = { tenant, generation, what };
  const purge = await work.ports.store.read('purge', place);
  const row = purge?.row;
  if (!isAwaited(row)) return verdict('already-done', facts);
  const farewell = await send(work, notice, row);
  if (farewell === 'mail-later') return verdict(farewell, facts);
  await work.ports.store.transact(async (transaction) => {
    const now = (await transaction.read('purge', place))?.row;
    if (isAwaited(now)) transaction.put('purge', place, { ...now, farewell });
  });
  return verdict(codes[farewell], facts);
}

async function send(
  { ports, settings: { baseUrl } }: NotifyWork,
  notice: Notice,
  { receipt, dueAt, startedAt }: PurgeRow,
): Promise<Farewell | 'mail-later'> {
  const to = await addressOf(ports, notice);
  // A newer life may have taken the record's place; it is the same site.
  const tenant = await ports.store.read('tenant', { tenant: notice.tenant });
  if (to === undefined || tenant === undefined) return 'no-contact';
  const words = noticeWords({ site: siteName(tenant.row.baseUrl), baseUrl }, { what: 'purging', receipt, dueAt });
  const messageId = messageIdOf(noticeId(notice, 'purging', { dueAt }), baseUrl);
  const ending = await ports.mail.send(transactional(to, { words, messageId, template: 'purging', at: startedAt }));
  return ending === 'mail-sent' ? 'sent' : ending === 'mail-refused' ? 'refused' : ending;
}

function isAwaited(row: PurgeRow | undefined): row is PurgeRow {
  return row?.stage === 'fenced' && row.farewell === undefined;
}
