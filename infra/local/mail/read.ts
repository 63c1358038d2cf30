/** Reads a letter as it came over the wire, as far as a person wants to see it. Pure. @see RFC 5322, RFC 2045, RFC 2047 */

/** A letter that arrived. */
export interface MailView {
  readonly id: string;
  readonly arrivedAt: number;
  /** Whom the sender told the server: the envelope, not the header. */
  readonly to: readonly string[];
  readonly class: 'transactional' | 'marketing';
  /** Which of our texts it is, as its header says. */
  readonly template: string;
  readonly subject: string;
  /** Header lines, unfolded. */
  readonly headers: readonly string[];
  readonly text: string;
}

/** `raw`: the letter, one character for each byte. */
export function readMail(about: Pick<MailView, 'id' | 'arrivedAt' | 'to'>, raw: string): MailView {
  const { headers, body } = split(raw);
  return {
    ...about,
    class: valueOf(headers, 'list-unsubscribe') === '' ? 'transactional' : 'marketing',
    template: valueOf(headers, 'x-twinline-template'),
    subject: words(valueOf(headers, 'subject')),
    headers,
    text: textOf(headers, body),
  };
}

/** The text part: of a letter with several parts the first that is plain text. */
function textOf(headers: readonly string[], body: string): string {
  const type = valueOf(headers, 'content-type');
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) return decoded(valueOf(headers, 'content-transfer-encoding'), body).toString('utf8');
  const parts = body
    .split(`--${boundary}`)
    .slice(1)
    .map((part) => split(part.replace(/^\r\n/, '')));
  const plain = parts.find((part) => /^text\/plain/i.test(valueOf(part.headers, 'content-type')));
  return plain === undefined ? '' : textOf(plain.headers, plain.body);
}

function split(raw: string): { readonly headers: readonly string[]; readonly body: string } {
  const end = raw.indexOf('\r\n\r\n');
  const head = end < 0 ? raw : raw.slice(0, end);
  return { headers: head.replace(/\r\n[ \t]+/g, ' ').split('\r\n'), body: end < 0 ? '' : raw.slice(end + 4) };
}

function valueOf(headers: readonly string[], name: string): string {
  const line = headers.find((one) => one.toLowerCase().startsWith(`${name}:`));
  return line === undefined ? '' : line.slice(name.length + 1).trim();
}

function decoded(encoding: string, body: string): Buffer {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return quoted(body.replace(/=\r\n/g, ''));
    default:
      return Buffer.from(body, 'latin1');
  }
}

function quoted(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}

/** Words of a header outside ASCII. */
function words(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_all, how: string, text: string) =>
      (how.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quoted(text.replaceAll('_', ' '))).toString('utf8'),
    );
}
