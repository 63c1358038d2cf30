/**
 * Where the mails of this computer end: a real SMTP server on loopback that takes every letter and delivers none, so that a person can
 * see what would have gone out. Keeps the newest letters in memory until the stack stops.
 */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { readMail } from './read.ts';
import type { MailView } from './read.ts';

/** Letters that are kept; the oldest goes. (Ours: a day of playing.) */
const MAX_MAILS = 500;
/** A letter of ours has some kilobytes. */
const MAX_BYTES = 1_000_000;

export interface MailSink {
  readonly port: number;
  /** What arrived, the oldest first. */
  readonly mails: readonly MailView[];
  close(): Promise<void>;
}

/** Opens the sink on a free port. `now`: the clock of the local world. */
export async function startMailSink(now: () => number): Promise<MailSink> {
  const mails: MailView[] = [];
  let count = 0;
  const server = new SMTPServer({
    // Nothing leaves this computer: there is nobody to keep it from.
    disabledCommands: ['STARTTLS', 'AUTH'],
    authOptional: true,
    size: MAX_BYTES,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        count += 1;
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const about = { id: `m-${count}`, arrivedAt: now(), to };
        mails.push(readMail(about, Buffer.concat(chunks).toString('latin1')));
        if (mails.length > MAX_MAILS) mails.shift();
        done();
      });
    },
  });
  // A connection that breaks off is the sender's to report.
  server.on('error', () => undefined);
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, close: () => new Promise((done) => server.close(() => done())) };
}
