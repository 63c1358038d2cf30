/**
 * Canaries: values that stand for what must not get out, made so that they are known again wherever they turn up. Each names what it
 * stands for. Free of dependencies: the set-up of every test file reads it.
 */

/** What every canary begins with: small letters only, so that addresses, labels, files and log lines take it as it is. */
export const STEM = 'qzcanary';

/** What a canary stands for, and in which words a sighting names it. */
export const canaryKinds = [
  // What people write in Jira.
  'summary',
  'description',
  'environment',
  'comment',
  'worklog',
  'filename',
  'filebytes',
  'link',
  'label',
  'component',
  'version',
  'sprint',
  'option',
  'text',
  'number',
  'date',
  'issuekey',
  // What admins write.
  'fieldname',
  'setting',
  'script',
  'jql',
  'table',
  'words',
  // Who people are, and how their sites are called.
  'account',
  'name',
  'address',
  'site',
  // What opens doors.
  'secret',
  'token',
  // A stored value of any class, from the catalogue’s description of it.
  'stored',
  // A text that a person typed into a stand-in site.
  'typed',
] as const;

export type CanaryKind = (typeof canaryKinds)[number];

/** A canary of a kind. `nth` tells one from another where a test has several. */
export function canary(kind: CanaryKind, nth: number | string = 0): string {
  return `${STEM}-${kind}-${nth}`;
}

/** A mail address with a canary in it. */
export function canaryAddress(nth: number | string = 0): string {
  return `${canary('address', nth)}@customer.example`;
}

/** Domains of addresses that only tests’ people have: the stand-in’s own, and those of the kit’s contacts. */
export const ADDRESS_DOMAINS = ['@people.example', '@customer.example'] as const;

/** Values of kinds that take no letters, as no clock, count or id of these tests has them. */
export const BARE = {
  number: 731_042_598.71,
  seconds: 26_317_380,
  date: '2093-11-17',
  dateTime: '2093-10-19T05:43:00.000Z',
} as const;
const BARE_FORMS: readonly [string, string, string, string, string] = [
  String(BARE.number),
  String(BARE.seconds),
  BARE.date,
  BARE.dateTime.slice(0, 16),
  String(Date.parse(BARE.dateTime)),
];

/** The forms in which the stem stays what it is when somebody packs it. Each is found as it is. */
const PACKED = base64Forms(STEM);
const HEX = Buffer.from(STEM).toString('hex');
/** Any of these at once, whatever the case: what has none of them has no canary but perhaps a typed text. */
const ANY = new RegExp(
  [STEM, HEX, ...PACKED, ...ADDRESS_DOMAINS, ...BARE_FORMS]
    .map((form) => form.replaceAll('.', '\\.').replaceAll('+', '\\+'))
    .join('|'),
  'i',
);
const NAMED = new RegExp(`${STEM}-([a-z]+)`, 'gi');

/** Texts that people typed into stand-in sites in this test file; the newest, because simulations type thousands. */
const typed = new Map<string, CanaryKind>();
const MAX_TYPED = 400;
/** A text is known again when it is long enough to be nobody’s word and has a blank, as no code or id has. */
const MIN_TYPED_LENGTH = 8;

/** Remembers a text of a person as a canary. Short ones and single words are left out: codes and names of ours look like them. */
export function rememberTyped(text: string, kind: CanaryKind = 'typed'): void {
  if (text.length < MIN_TYPED_LENGTH || !/\S\s+\S/.test(text)) return;
  typed.set(text, kind);
  if (typed.size <= MAX_TYPED) return;
  for (const oldest of typed.keys()) {
    typed.delete(oldest);
    break;
  }
}

/** How many texts of people are known now. */
export function typedCount(): number {
  return typed.size;
}

/** Forgets what people typed: another test file, other people. */
export function forgetTyped(): void {
  typed.clear();
}

const NONE: readonly CanaryKind[] = [];

/** The kinds of canaries in a text, each once; none is the usual answer and the quick one. */
export function canariesIn(text: string): readonly CanaryKind[] {
  const found = new Set<CanaryKind>();
  for (const [words, kind] of typed) if (text.includes(words)) found.add(kind);
  if (!ANY.test(text)) return found.size === 0 ? NONE : [...found];
  const small = text.toLowerCase();
  if (small.includes(STEM)) {
    for (const [, kind] of small.matchAll(NAMED)) found.add(isKind(kind) ? kind : 'stored');
    if (found.size === 0) found.add('stored');
  }
  if (small.includes(HEX) || PACKED.some((form) => text.includes(form))) found.add('token');
  const [number, seconds, ...dates] = BARE_FORMS;
  if (text.includes(number) || text.includes(seconds)) found.add('number');
  if (dates.some((date) => text.includes(date))) found.add('date');
  if (ADDRESS_DOMAINS.some((domain) => small.includes(domain))) found.add('address');
  return [...found];
}

/** The same for anything that can be told as JSON. What cannot is no text that could leave. */
export function canariesInValue(value: unknown): readonly CanaryKind[] {
  if (typeof value === 'string') return canariesIn(value);
  if (value instanceof Uint8Array) return canariesIn(Buffer.from(value).toString('latin1'));
  return canariesIn(textOf(value));
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify([value]);
  } catch {
    return '';
  }
}

function isKind(name: string | undefined): name is CanaryKind {
  return canaryKinds.some((kind) => kind === name);
}

/** What base64 makes of a text, wherever in a longer one it stands: the middle of each of the three ways to begin. */
function base64Forms(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const packed = Buffer.from(`${'\0'.repeat(before)}${text}`)
      .toString('base64')
      .replaceAll('=', '');
    const bits = (before + text.length) * 8;
    return packed.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
  });
}
