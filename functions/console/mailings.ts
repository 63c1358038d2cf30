/**
 * A mailing of news, by two persons: one writes it and is shown the letter and how many would get it; another says yes to just that.
 * Who gets it is asked again for each letter, right before it is sent. @see shared/mail/SPEC.md M22–M24, THREATS.md T31
 */
import { hashOf } from '../../shared/evidence/canonical.ts';
import { permitOf } from '../../shared/mail/consent.ts';
import { newsWords } from '../../shared/mail/news.ts';
import type { MailKeys } from '../../shared/mail/tokens.ts';
import { partsOf } from '../../shared/model/ids.ts';
import type { OperatorId } from '../../shared/model/ids.ts';
import type { TrailEntry } from '../../shared/model/staff.ts';
import type { Ports, Stored } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { ASK_HOURS } from '../../shared/retention/grants.ts';
import { appendTrail, readTrail } from '../../shared/trail.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import type { MailingAudience, MailingText, MailingView } from '../../shared/wire/mailing.ts';
import { addressOfWish, unsubscribedAt } from '../wishes.ts';

export type MailingPorts = Pick<Ports, 'clock' | 'ids' | 'store' | 'keys' | 'bus'>;

export interface MailingSettings {
  readonly mailKeys: MailKeys;
  /** Without it, news are refused. */
  readonly isMarketingOn: boolean;
}

const PAGE = 200;
/** What stands in the shown letter in the place of each person's own link. */
const LINK = '(a link of its own in each letter)';

/** Writes a mailing; sends nothing. The trail has it with its hash. @throws Fault `marketing-off` */
export async function writeMailing(
  ports: MailingPorts,
  settings: MailingSettings,
  { by, ticket, subject, paragraphs }: MailingText & { readonly by: OperatorId; readonly ticket: string },
): Promise<MailingView> {
  if (!settings.isMarketingOn) throw new Fault('marketing-off');
  const mailing = `m-${ports.ids.next()}`;
  const row = { subject, paragraphs: [...paragraphs], writtenAt: ports.clock.now() };
  const step = hashOf(textOf(mailing, row));
  await ports.store.create('mailing', { mailing }, row);
  await appendTrail(ports, {
    act: 'mailing-written',
    by,
    about: mailing,
    lives: [],
    categories: CONSENTS,
    ticket,
    step,
  });
  return viewOf(ports, settings, mailing, row);
}

/**
 * The second person's yes to just what was shown; from then on it goes. Said again, it goes on where it stopped: nobody gets it twice.
 * @throws Fault `not-found`, `report-changed`, `second-person`, `grant-ended` a day after it was written, `marketing-off`
 */
export async function sendMailing(
  ports: MailingPorts,
  settings: MailingSettings,
  { by, mailing, hash }: { readonly by: OperatorId; readonly mailing: string; readonly hash: string },
): Promise<MailingView> {
  if (!settings.isMarketingOn) throw new Fault('marketing-off');
  const { store, bus, clock } = ports;
  const stored = await store.read('mailing', { mailing });
  const written = stored === undefined ? undefined : await writtenEntry(ports, mailing);
  if (stored === undefined || written === undefined) throw new Fault('not-found');
  const now = clock.now();
  // The trail, where nothing can be changed unseen, says what was written and by whom.
  if (hashOf(textOf(mailing, stored.row)) !== hash || written.step !== hash) throw new Fault('report-changed');
  if (written.by === by) throw new Fault('second-person');
  if (now >= written.at + ASK_HOURS * HOUR_MS) throw new Fault('grant-ended');
  const row = { ...stored.row, sentAt: stored.row.sentAt ?? now };
  const about = { by, about: mailing, lives: [], categories: CONSENTS, step: hash };
  const why = written.ticket === undefined ? {} : { ticket: written.ticket };
  await appendTrail(ports, { act: 'mailing-sent', ...about, ...why });
  await store.replace('mailing', { mailing }, row, stored.version);
  await bus.publish('notices', { kind: 'mailing', mailing, at: now });
  return viewOf(ports, settings, mailing, row);
}

const HOUR_MS = 3_600_000;
const CONSENTS = ['consent'];

function textOf(mailing: string, { subject, paragraphs }: RecordOf<'mailing'>) {
  return { mailing, subject, paragraphs: [...paragraphs] };
}

async function writtenEntry({ store }: MailingPorts, mailing: string): Promise<TrailEntry | undefined> {
  return (await readTrail(store)).find(({ act, about }) => act === 'mailing-written' && about === mailing);
}

async function viewOf(
  ports: MailingPorts,
  settings: MailingSettings,
  mailing: string,
  row: RecordOf<'mailing'>,
): Promise<MailingView> {
  const { subject, text } = newsWords(row, LINK);
  return {
    ...{ mailing, subject, text, hash: hashOf(textOf(mailing, row)), writtenAt: row.writtenAt },
    ...(row.sentAt === undefined ? {} : { sentAt: row.sentAt }),
    audience: await audienceOf(ports, settings),
  };
}

/** How many would get news now, and why others would not: counts, and nobody's address. */
async function audienceOf(ports: MailingPorts, { mailKeys }: MailingSettings): Promise<MailingAudience> {
  const counts = { wanted: 0, unconfirmed: 0, unsubscribed: 0, away: 0 };
  let after: string | undefined;
  do {
    const page = await ports.store.scan('consent', { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const stored of page.items) counts[await standingOf(ports, mailKeys, stored)] += 1;
    after = page.next;
  } while (after !== undefined);
  return counts;
}

/** `away`: of a site that left, or that cannot be opened any more. */
async function standingOf(
  ports: MailingPorts,
  mailKeys: MailKeys,
  { place, row }: Stored<'consent'>,
): Promise<keyof MailingAudience> {
  const [owner] = row.owners;
  if (row.liveSince === undefined) return 'unconfirmed';
  if (owner === undefined) return 'away';
  const ref = partsOf(owner);
  const life = (await ports.store.read('tenant', { tenant: ref.tenant }))?.row;
  if (life?.generation !== ref.generation || life.state !== 'active') return 'away';
  try {
    const to = await addressOfWish(ports, ref, place.consent, row);
    const { source, liveSince, operator } = row;
    permitOf({ to, source, liveSince, operator }, await unsubscribedAt(ports, mailKeys, to), '');
    return 'wanted';
  } catch (thrown) {
    const { code } = toFault(thrown);
    if (code === 'unsubscribed') return 'unsubscribed';
    if (code === 'consent-missing') return 'unconfirmed';
    if (code === 'key-gone') return 'away';
    throw thrown;
  }
}
