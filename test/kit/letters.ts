/** Small valid letters of both classes. */
import { permitOf } from '../../shared/mail/consent.ts';
import { marketing, transactional } from '../../shared/mail/letter.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { MarketingLetter, TransactionalLetter } from '../../shared/model/mail.ts';

export const KEEPER = mailAddress('keeper@customer.example');
const WAY_OUT = 'https://twinline.example/mail/unsubscribe/a1.b2';

const sending = {
  words: {
    subject: 'Your data – due on 1 March',
    text: 'Plain words, it’s all here.\n',
    html: '<p>Plain words, it’s all here.</p>',
  },
  messageId: '<0123456789abcdef@twinline.example>',
  template: 'marked',
  at: Date.UTC(2026, 0, 15, 9),
};

/** A notice. */
export function aNotice(over: Partial<TransactionalLetter> = {}): TransactionalLetter {
  return { ...transactional(KEEPER, sending), ...over };
}

/** News, with a permit. */
export function someNews(over: Partial<MarketingLetter> = {}): MarketingLetter {
  const permit = permitOf({ to: KEEPER, source: 'double-opt-in', liveSince: 1 }, undefined, WAY_OUT);
  const { words } = sending;
  const text = `${words.text}\nUnsubscribe: ${WAY_OUT}\n`;
  return { ...marketing(permit, { ...sending, words: { ...words, text } }), ...over };
}
