/** Mail over SMTP, to the one server that the operator has set and the register of processors names. */
import type { SentMessageInfo, Transporter } from 'nodemailer';
import { checkLetter, headersOf } from '../mail/letter.ts';
import type { Letter, MailAddress } from '../model/mail.ts';
import type { Mail, MailEnding } from '../ports.ts';
import { Fault } from '../verdict.ts';

/** Of connecting, of the greeting, and of silence in between; the function has 60 s. (Ours.) */
const CONNECT_MS = 10_000;
const GREETING_MS = 10_000;
const SILENCE_MS = 20_000;
/** Implicit TLS. Every other port has to offer STARTTLS before anything is said. @see RFC 8314 §3.3 */
const TLS_PORT = 465;

/** The mail server and how to speak to it. */
export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  readonly from: MailAddress;
  /** Without it, letters of that class are refused. */
  readonly isMarketingOn: boolean;
  /** Is the host on the register of processors, as a mail server, today? */
  readonly isRegistered: (host: string) => boolean;
  /**
   * Where the host listens on this computer; production's settings refuse it. Without `ca` in clear, which never leaves the
   * computer; with it, as outside, trusting these certificates (PEM).
   */
  readonly local?: { readonly port: number; readonly ca?: string } | undefined;
}

/** Without a server nothing is sent, and whoever asks is told so. */
export const noMail: Mail = { isOn: false, send: async () => 'mail-off' };

/** Mail through one server. A letter is handed over when the server has said that it has it. */
export function createSmtp(settings: SmtpSettings): Mail {
  let opened: Promise<Transporter> | undefined;
  return {
    isOn: true,
    send: async (letter) => {
      checkLetter(letter, settings);
      if (!settings.isRegistered(settings.host)) throw new Fault('host-not-registered', { by: 'smtp' });
      opened ??= open(settings);
      return handOver(await opened, settings.from, letter);
    },
  };
}

/** Loaded with the first letter: most instances never send one. */
async function open({ host, port, login, local }: SmtpSettings): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  const isClear = local !== undefined && local.ca === undefined;
  const isImplicit = port === TLS_PORT && !isClear;
  return createTransport({
    host: local === undefined ? host : '127.0.0.1',
    port: local?.port ?? port,
    secure: isImplicit,
    requireTLS: !isImplicit && !isClear,
    ignoreTLS: isClear,
    tls: { servername: host, minVersion: 'TLSv1.2', ...(local?.ca === undefined ? {} : { ca: local.ca }) },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    // Nothing in a letter may make the library read a file or an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

async function handOver(transport: Transporter, from: MailAddress, letter: Letter): Promise<MailEnding> {
  const own = Object.entries(headersOf(letter)).map(([key, value]) => ({ key, value: { prepared: true, value } }));
  try {
    const sent: SentMessageInfo = await transport.sendMail({
      from: { name: 'Twinline', address: from },
      // As a pair, so that nothing in it is ever read as a list.
      to: { name: '', address: letter.to },
      envelope: { from, to: [letter.to] },
      subject: letter.subject,
      text: letter.text,
      html: letter.html,
      messageId: letter.messageId,
      date: new Date(letter.at),
      headers: own,
    });
    return (sent.rejected ?? []).length === 0 ? 'mail-sent' : 'mail-refused';
  } catch (thrown) {
    return endingOf(thrown);
  }
}

/** Errors of the library that speak of this letter and not of the server. */
const OF_THE_LETTER = new Set(['EENVELOPE', 'EMESSAGE']);
const PERMANENT = 500;
const TEMPORARY = 400;

/** What the server said of this letter; trouble with the server itself is thrown. */
function endingOf(thrown: unknown): MailEnding {
  const { code, responseCode } = facts(thrown);
  if (OF_THE_LETTER.has(code) && responseCode >= PERMANENT) return 'mail-refused';
  if (OF_THE_LETTER.has(code) && responseCode >= TEMPORARY) return 'mail-later';
  throw new Fault('mail-unavailable', { why: code, ...(responseCode > 0 ? { smtp: responseCode } : {}) }, thrown);
}

function facts(thrown: unknown): { readonly code: string; readonly responseCode: number } {
  if (!(thrown instanceof Error)) return { code: '', responseCode: 0 };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const responseCode = 'responseCode' in thrown && typeof thrown.responseCode === 'number' ? thrown.responseCode : 0;
  return { code, responseCode };
}
