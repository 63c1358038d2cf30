/**
 * The outside parties of this computer: a mail server and a service desk, on loopback. Twinline reaches both as it would reach real
 * ones, through the adapters and the register.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { DeskStandIn } from './desk/standIn.ts';
import { startMailSink } from './mail/sink.ts';
import type { MailView } from './mail/read.ts';

const MAIL_HOST = 'smtp.mail.example';
const DESK_HOST = 'support.desk.example';
const DESK = { deskId: '1', requestType: '10', user: 'agent@twinline.example', token: 'token-of-the-local-agent' };
/** The first day of the register: nobody comes later, so nobody has to be told. */
const since = '2026-11-23';

/** What the register says of them. */
const parties = {
  mail: { name: 'the mail sink of this computer', region: 'this computer', host: MAIL_HOST, agreement: 'none', since },
  desk: { name: 'the desk of this computer', region: 'this computer', host: DESK_HOST, agreement: 'none', since },
};

export interface LocalParties {
  /** What Twinline has to be told of them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where their hosts listen: origin and address. */
  readonly hosts: readonly (readonly [origin: string, address: string])[];
  readonly mails: readonly MailView[];
  readonly desk: DeskStandIn;
  close(): Promise<void>;
}

/** Opens both. `statePath`: keeps the tickets between runs. */
export async function openParties(ask: {
  readonly now: () => number;
  readonly statePath?: string | undefined;
}): Promise<LocalParties> {
  const sink = await startMailSink(ask.now);
  const desk = new DeskStandIn({ ...DESK, now: ask.now });
  const { statePath } = ask;
  if (statePath !== undefined && existsSync(statePath)) desk.importState(readFileSync(statePath, 'utf8'));
  const address = `http://127.0.0.1:${await desk.listen()}`;
  return {
    environment: {
      TWINLINE_PARTIES: JSON.stringify(parties),
      TWINLINE_MAIL_FROM: 'notices@twinline.example',
      TWINLINE_SMTP_LOCAL_PORT: String(sink.port),
      TWINLINE_MAIL_MARKETING: 'on',
      TWINLINE_DESK_ID: DESK.deskId,
      TWINLINE_DESK_REQUEST_TYPE: DESK.requestType,
      TWINLINE_DESK_USER: DESK.user,
      TWINLINE_DESK_TOKEN: DESK.token,
    },
    hosts: [[`https://${DESK_HOST}`, address]],
    mails: sink.mails,
    desk,
    close: async () => {
      await sink.close();
      await desk.close();
      if (statePath !== undefined) writeFileSync(statePath, desk.exportState(), { mode: 0o600 });
    },
  };
}
