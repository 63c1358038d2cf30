/** What operators do about news on this computer: the product's own functions, without the sign-in that production puts before them. */
import { sendMailing, writeMailing } from '../../../functions/console/mailings.ts';
import type { MailingPorts, MailingSettings } from '../../../functions/console/mailings.ts';
import { mailingSend, mailingWrite } from '../../../shared/wire/mailing.ts';
import { parsedBody } from './staff.ts';

/** What of the stack it needs. */
interface Desk {
  readonly ports: MailingPorts;
  readonly news: MailingSettings;
}
type Work = (desk: Desk, body: unknown) => Promise<unknown>;

/** All of them are posted. */
export const mailingRoutes: readonly (readonly [path: RegExp, work: Work])[] = [
  [
    /^\/operator\/mailings$/,
    async ({ ports, news }, body) => writeMailing(ports, news, parsedBody(mailingWrite, body)),
  ],
  [
    /^\/operator\/mailings\/send$/,
    async ({ ports, news }, body) => sendMailing(ports, news, parsedBody(mailingSend, body)),
  ],
];
