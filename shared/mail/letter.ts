/** Letters of two classes that cannot be taken for each other, and the headers that each has. Pure. @see SPEC.md M3–M6 */
import { isMailSubject, mailAddress } from '../model/mail.ts';
import type {
  Letter,
  MailAddress,
  MarketingLetter,
  MarketingPermit,
  TransactionalLetter,
  Words,
} from '../model/mail.ts';
import { Fault } from '../verdict.ts';

/** A name of ours. */
const TEMPLATE = /^[a-z][a-z0-9-]{1,39}$/;
const MESSAGE_ID = /^<[a-z0-9.-]{8,120}@[a-z0-9.-]{3,120}>$/;
/** An address of ours in brackets of a header: no blank, no bracket, no comma. */
const WEB_ADDRESS = /^https:\/\/[a-z0-9.-]+(?:\/[A-Za-z0-9._~-]+)+$/;

/** A letter's words on their way to one address. */
export interface Sending {
  readonly words: Words;
  readonly messageId: string;
  readonly template: string;
  readonly at: number;
}

/** A notice about the contract or the customer's data. */
export function transactional(to: MailAddress, { words, ...sending }: Sending): TransactionalLetter {
  return { class: 'transactional', to, ...words, ...sending } as TransactionalLetter;
}

/** News to the person whose permit this is, and to nobody else. */
export function marketing(permit: MarketingPermit, { words, ...sending }: Sending): MarketingLetter {
  const { to, unsubscribeUrl } = permit;
  return { class: 'marketing', to, unsubscribeUrl, ...words, ...sending } as MarketingLetter;
}

/**
 * The last look at a letter before it leaves, whoever made it: what the types promise is asked again.
 * @throws Fault `address-refused`, `letter-refused` naming the part, `marketing-off`
 */
export function checkLetter(letter: Letter, { isMarketingOn }: { readonly isMarketingOn: boolean }): void {
  mailAddress(letter.to);
  refuseUnless('subject', isMailSubject(letter.subject));
  refuseUnless('messageId', MESSAGE_ID.test(letter.messageId));
  refuseUnless('template', TEMPLATE.test(letter.template));
  refuseUnless('at', Number.isFinite(letter.at));
  refuseUnless('text', letter.text.trim() !== '' && letter.html.trim() !== '');
  const kind: string = letter.class;
  if (letter.class === 'transactional') refuseUnless('class', !('unsubscribeUrl' in letter));
  else {
    refuseUnless('class', kind === 'marketing');
    if (!isMarketingOn) throw new Fault('marketing-off');
    refuseUnless('unsubscribe', WEB_ADDRESS.test(letter.unsubscribeUrl) && letter.text.includes(letter.unsubscribeUrl));
  }
}

/**
 * The headers of a class beside the usual ones. Each stands in one line of its own: folded ones have broken signatures.
 * @see RFC 8058 §3.1; RFC 3834 §5 for notices that nobody should answer by machine
 */
export function headersOf(letter: Letter): Readonly<Record<string, string>> {
  const template = { 'X-Twinline-Template': letter.template };
  return letter.class === 'transactional'
    ? { ...template, 'Auto-Submitted': 'auto-generated' }
    : {
        ...template,
        'List-Unsubscribe': `<${letter.unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        Precedence: 'bulk',
      };
}

function refuseUnless(part: string, holds: boolean): void {
  if (!holds) throw new Fault('letter-refused', { part });
}
