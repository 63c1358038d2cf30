/** A real SMTP server on loopback that keeps what it takes. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** The name in the certificate. */
export const SMTP_HOST = 'smtp.mail.example';
const fixture = (name: string): string => readFileSync(new URL(`../fixtures/mail/${name}`, import.meta.url), 'utf8');
/** The certificate, self-signed: who trusts it trusts the server. */
export const SMTP_CA = fixture('cert.pem');

/** A message as it came over the wire. */
export interface Arrived {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  /** Header lines as they stood, folded ones not joined. */
  readonly headerLines: readonly string[];
  readonly body: string;
}

export interface SmtpOptions {
  readonly tls: 'starttls' | 'implicit' | 'none';
  readonly login?: { readonly user: string; readonly password: string };
  /** Answers a recipient with an SMTP code instead of taking it. */
  readonly refuse?: (address: string) => number | undefined;
}

export interface LoopbackSmtp {
  readonly port: number;
  readonly arrived: Arrived[];
  connections(): number;
  close(): Promise<void>;
}

/** Starts a server on a free port. */
export async function startSmtp({ tls, login, refuse }: SmtpOptions): Promise<LoopbackSmtp> {
  const arrived: Arrived[] = [];
  let connections = 0;
  const server = new SMTPServer({
    key: fixture('key.pem'),
    cert: SMTP_CA,
    secure: tls === 'implicit',
    hideSTARTTLS: tls === 'none',
    disabledCommands: [...(tls === 'none' ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    authOptional: login === undefined,
    onConnect: (_session, done) => {
      connections += 1;
      done();
    },
    onAuth: ({ username, password }, _session, done) => {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(new Error('no'));
    },
    onRcptTo: ({ address }, _session, done) => {
      const code = refuse?.(address);
      done(code === undefined ? null : Object.assign(new Error('not here'), { responseCode: code }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const end = text.indexOf('\r\n\r\n');
        const { mailFrom, rcptTo } = session.envelope;
        arrived.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure,
          user: typeof session.user === 'string' ? session.user : undefined,
          headerLines: text.slice(0, end).split('\r\n'),
          body: text.slice(end + 4),
        });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await new Promise<void>((done) => listening.once('listening', done));
  return {
    port: (listening.address() as AddressInfo).port,
    arrived,
    connections: () => connections,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
