/** Mail that goes nowhere: kept here, with the same last look as in front of a real server. */
import { checkLetter, headersOf } from '../mail/letter.ts';
import type { Letter, MailAddress } from '../model/mail.ts';
import type { Mail, MailEnding } from '../ports.ts';
import { Fault } from '../verdict.ts';

/** How this mail behaves. */
export interface MemoryMailOptions {
  readonly isMarketingOn?: boolean;
  /** What the server says of an address; left out, it takes every letter. */
  readonly answer?: (to: MailAddress) => MailEnding | 'down';
}

/** A letter as it was handed over. */
export interface MemoryLetter {
  readonly letter: Letter;
  readonly headers: Readonly<Record<string, string>>;
}

export class MemoryMail implements Mail {
  readonly isOn = true;
  readonly sent: MemoryLetter[] = [];
  readonly #options: MemoryMailOptions;

  constructor(options: MemoryMailOptions = {}) {
    this.#options = options;
  }

  async send(letter: Letter): Promise<MailEnding> {
    const { isMarketingOn = false, answer = () => 'mail-sent' } = this.#options;
    checkLetter(letter, { isMarketingOn });
    const ending = answer(letter.to);
    if (ending === 'down') throw new Fault('mail-unavailable', { why: 'down' });
    if (ending === 'mail-sent') this.sent.push({ letter, headers: headersOf(letter) });
    return ending;
  }
}
