/** What a Mail keeps to: memory, and SMTP against a real server on loopback, in TLS. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemoryMail } from '../../shared/memory/mail.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { Letter } from '../../shared/model/mail.ts';
import { createSmtp, noMail } from '../../shared/outside/smtp.ts';
import type { SmtpSettings } from '../../shared/outside/smtp.ts';
import type { Mail } from '../../shared/ports.ts';
import { Fault } from '../../shared/verdict.ts';
import { aNotice, KEEPER, someNews } from '../kit/letters.ts';
import { SMTP_CA, SMTP_HOST, startSmtp } from '../kit/smtpServer.ts';
import type { LoopbackSmtp, SmtpOptions } from '../kit/smtpServer.ts';

/** Addresses to which the servers of this suite say no. */
const GONE = mailAddress('gone@customer.example');
const BUSY = mailAddress('busy@customer.example');
const FROM = mailAddress('notices@twinline.example');
const LOGIN = { user: 'twinline', password: 'a secret of the test' };

interface Backend {
  mail(isMarketingOn: boolean): Mail;
  /** What arrived: to whom, which headers (names in lower case), the message's id. */
  arrived(): readonly { readonly to: readonly string[]; readonly headers: ReadonlyMap<string, string> }[];
  stop(): Promise<void>;
}

function headersIn(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*:\s*/, '')]));
}

async function memory(): Promise<Backend> {
  const answer = (to: string) => (to === GONE ? 'mail-refused' : to === BUSY ? 'mail-later' : 'mail-sent');
  const made: MemoryMail[] = [];
  return {
    mail: (isMarketingOn) => {
      const mail = new MemoryMail({ isMarketingOn, answer });
      made.push(mail);
      return mail;
    },
    arrived: () =>
      made.flatMap(({ sent }) =>
        sent.map(({ letter, headers }) => ({
          to: [letter.to],
          headers: headersIn([
            `message-id: ${letter.messageId}`,
            ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
          ]),
        })),
      ),
    stop: async () => undefined,
  };
}

const refuse = (to: string): number | undefined => (to === GONE ? 550 : to === BUSY ? 451 : undefined);

function smtpSettings(server: LoopbackSmtp, over: Partial<SmtpSettings> = {}): SmtpSettings {
  return {
    host: SMTP_HOST,
    port: 587,
    login: LOGIN,
    from: FROM,
    isMarketingOn: false,
    isRegistered: (host) => host === SMTP_HOST,
    local: { port: server.port, ca: SMTP_CA },
    ...over,
  };
}

async function smtp(): Promise<Backend> {
  const server = await startSmtp({ tls: 'starttls', login: LOGIN, refuse });
  return {
    mail: (isMarketingOn) => createSmtp(smtpSettings(server, { isMarketingOn })),
    arrived: () => server.arrived.map(({ to, headerLines }) => ({ to, headers: headersIn(headerLines) })),
    stop: () => server.close(),
  };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    return String(await work);
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : `not ours: ${String(thrown)}`;
  }
}

const crlf = '\r\nBcc: all@customer.example';
const refusedLetters: readonly (readonly [what: string, letter: Letter, code: string])[] = [
  ['a line break in the subject', aNotice({ subject: `Hello${crlf}` }), 'letter-refused'],
  ['a line separator in the subject', aNotice({ subject: 'Hello\u2028Bcc: x' }), 'letter-refused'],
  ['a sign that turns the direction', aNotice({ subject: 'Hello \u202e' }), 'letter-refused'],
  ['a subject that is too long', aNotice({ subject: 'a'.repeat(151) }), 'letter-refused'],
  ['a line break in the address', aNotice({ to: `${KEEPER}${crlf}` as typeof KEEPER }), 'address-refused'],
  ['two addresses', aNotice({ to: `${KEEPER},${GONE}` as typeof KEEPER }), 'address-refused'],
  ['a line break in the id', aNotice({ messageId: `<0123456789@x.example>${crlf}` }), 'letter-refused'],
  ['a line break in the way out', someNews({ unsubscribeUrl: `https://x.example/a${crlf}` }), 'letter-refused'],
  [
    'a comma in the way out',
    someNews({ unsubscribeUrl: 'https://x.example/a>,<https://y.example/b' }),
    'letter-refused',
  ],
  ['a way out in clear', someNews({ unsubscribeUrl: 'http://x.example/a' }), 'letter-refused'],
  ['a way out that the text does not name', someNews({ text: 'Hello' }), 'letter-refused'],
  ['an empty text', aNotice({ text: ' ' }), 'letter-refused'],
  ['a way out in a notice', { ...someNews(), class: 'transactional' } as never, 'letter-refused'],
  ['a class of its own', { ...aNotice(), class: 'other' } as never, 'letter-refused'],
];

describe.each([
  ['memory', memory],
  ['smtp', smtp],
] as const)('mail over %s', (_name, start) => {
  let backend: Backend;
  beforeEach(async () => {
    backend = await start();
  });
  afterEach(() => backend.stop());

  test('hands a notice over to its one address, marked as made by a machine, with nothing of marketing', async () => {
    expect(await backend.mail(false).send(aNotice())).toBe('mail-sent');
    const [one, ...others] = backend.arrived();
    expect(others).toEqual([]);
    expect(one?.to).toEqual([KEEPER]);
    expect(one?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(one?.headers.get('message-id')).toBe('<0123456789abcdef@twinline.example>');
    expect([...(one?.headers.keys() ?? [])].filter((name) => name.startsWith('list-'))).toEqual([]);
  });

  test('M6 the same letter has the same id when it is sent again', async () => {
    const mail = backend.mail(false);
    await mail.send(aNotice());
    await mail.send(aNotice());
    const ids = backend.arrived().map(({ headers }) => headers.get('message-id'));
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test('M3 news are refused while they are switched off, and notices go all the same', async () => {
    expect(await codeOf(backend.mail(false).send(someNews()))).toBe('marketing-off');
    expect(backend.arrived()).toEqual([]);
    expect(await backend.mail(false).send(aNotice())).toBe('mail-sent');
  });

  test('M5 news carry both headers of one-click unsubscribing, each in one line', async () => {
    expect(await backend.mail(true).send(someNews())).toBe('mail-sent');
    const headers = backend.arrived()[0]?.headers;
    expect(headers?.get('list-unsubscribe')).toBe('<https://twinline.example/mail/unsubscribe/a1.b2>');
    expect(headers?.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  });

  test.each(refusedLetters)('M4 %s is refused, and nothing leaves', async (_what, letter, code) => {
    expect(await codeOf(backend.mail(true).send(letter))).toBe(code);
    expect(backend.arrived()).toEqual([]);
  });

  test('what the server says of one address is told, for good or for now', async () => {
    const mail = backend.mail(false);
    expect(await mail.send(aNotice({ to: GONE }))).toBe('mail-refused');
    expect(await mail.send(aNotice({ to: BUSY }))).toBe('mail-later');
    expect(await mail.send(aNotice())).toBe('mail-sent');
    expect(backend.arrived()).toHaveLength(1);
  });
});

describe('the adapter for SMTP', () => {
  let server: LoopbackSmtp | undefined;
  afterEach(async () => {
    await server?.close();
  });

  test('sends both texts as they are, from our address, encrypted and logged in', async () => {
    server = await startSmtp({ tls: 'starttls', login: LOGIN });
    await createSmtp(smtpSettings(server)).send(aNotice());
    const [one] = server.arrived;
    expect(one).toMatchObject({ from: FROM, isEncrypted: true, user: LOGIN.user });
    const headers = headersIn(one?.headerLines ?? []);
    expect(headers.get('from')).toBe(`Twinline <${FROM}>`);
    expect(headers.get('to')).toBe(KEEPER);
    expect(headers.get('date')).toBe('Thu, 15 Jan 2026 09:00:00 +0000');
    expect(headers.get('content-type')).toMatch(/^multipart\/alternative/);
    expect(one?.body).toContain('text/plain');
    expect(one?.body).toContain('text/html');
  });

  test('speaks TLS from the start on port 465', async () => {
    server = await startSmtp({ tls: 'implicit', login: LOGIN });
    expect(await createSmtp(smtpSettings(server, { port: 465 })).send(aNotice())).toBe('mail-sent');
    expect(server.arrived[0]?.isEncrypted).toBe(true);
  });

  test.each<[string, SmtpOptions, Partial<SmtpSettings>]>([
    ['offers no TLS', { tls: 'none' }, { login: undefined }],
    ['has a certificate for another name', { tls: 'starttls', login: LOGIN }, { host: 'other.mail.example' }],
    ['does not take our login', { tls: 'starttls', login: { user: 'x', password: 'y' } }, {}],
  ])('sends nothing to a server that %s', async (_what, options, over) => {
    server = await startSmtp(options);
    const mail = createSmtp(smtpSettings(server, { isRegistered: () => true, ...over }));
    expect(await codeOf(mail.send(aNotice()))).toBe('mail-unavailable');
    expect(server.arrived).toEqual([]);
  });

  test('does not even connect to a host that the register does not name', async () => {
    server = await startSmtp({ tls: 'starttls', login: LOGIN });
    const mail = createSmtp(smtpSettings(server, { isRegistered: () => false }));
    expect(await codeOf(mail.send(aNotice()))).toBe('host-not-registered');
    expect(server.connections()).toBe(0);
  });

  test('tells when nobody listens', async () => {
    const gone = await startSmtp({ tls: 'starttls' });
    await gone.close();
    expect(await codeOf(createSmtp(smtpSettings(gone)).send(aNotice()))).toBe('mail-unavailable');
  });

  test('in clear goes to this computer only', async () => {
    server = await startSmtp({ tls: 'none' });
    const { port } = server;
    const mail = createSmtp(smtpSettings(server, { login: undefined, local: { port } }));
    expect(await mail.send(aNotice())).toBe('mail-sent');
  });

  test('without configuration nothing is sent, and that is told', async () => {
    expect(noMail.isOn).toBe(false);
    expect(await noMail.send(aNotice())).toBe('mail-off');
  });
});
