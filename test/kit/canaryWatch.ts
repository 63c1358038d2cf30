/**
 * Watches every place where things leave that must hold no content: what is said to the log, faults, messages, answers that refuse, paths
 * and open fields of stored records, what is signed, bytes of backups, letters, tickets, and the process's own outputs. The plugin of
 * `canaryPlaces.ts` calls it from the product's code as the tests load it, so that no suite has to remember to look. A sighting tells the
 * place and the kind of the canary, never the text.
 */
import type { Field, Fields } from '../../shared/retention/fields.ts';
import { canariesIn, canariesInValue, rememberTyped } from './canaries.ts';
import type { CanaryKind } from './canaries.ts';

/** Where something leaves, or is kept in the open. */
export type Sink =
  | 'log'
  | 'fault'
  | 'message'
  | 'answer'
  | 'path'
  | 'row'
  | 'signed'
  | 'backup'
  | 'letter'
  | 'ticket'
  | 'output';

export const sinks: readonly Sink[] = [
  ...(['log', 'fault', 'message', 'answer', 'path', 'row', 'signed', 'backup', 'letter', 'ticket', 'output'] as const),
];

/** One canary where none may be. */
export interface Sighting {
  readonly sink: Sink;
  /** A name of ours: a function, a topic, a category with its field. */
  readonly place: string;
  readonly kind: CanaryKind;
}

/** What may be somewhere, with its reason. Everything else may not. */
const ALLOWED: Readonly<Partial<Record<Sink, readonly CanaryKind[]>>> = {
  // A letter goes to an address, and names the sites that it is about.
  letter: ['address', 'site'],
  // The words are the person's own, to us, and in its name. @see R64
  ticket: ['words', 'address'],
};
/** Ids in paths that are account ids: of the register of accounts, and of the names that are kept for a day. */
const ACCOUNT_PATHS = /^tenants\/[^/]+\/(accounts|people)\/[^/]+$/;

const sightings: Sighting[] = [];
const looked = new Map<Sink, number>();

/** Takes what was seen since the last call. */
export function takeSightings(): readonly Sighting[] {
  return sightings.splice(0);
}

/** How often each place was looked at in this test file: a watch that sees nothing because nothing comes by proves nothing. */
export function lookedAt(): Readonly<Record<Sink, number>> {
  return Object.fromEntries(sinks.map((sink) => [sink, looked.get(sink) ?? 0])) as Record<Sink, number>;
}

/** Looks at something that leaves. */
export function look(
  sink: Sink,
  place: string,
  value: unknown,
  allowed: readonly CanaryKind[] = ALLOWED[sink] ?? [],
): void {
  looked.set(sink, (looked.get(sink) ?? 0) + 1);
  for (const kind of canariesInValue(value)) if (!allowed.includes(kind)) sightings.push({ sink, place, kind });
}

/** What the log prints of a cause: class names and codes down the chain. */
function causesOf(thrown: unknown): readonly string[] {
  const told: string[] = [];
  for (let one = thrown, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth += 1)
    told.push(one.constructor.name, 'code' in one ? String(one.code) : '');
  return told;
}

/** A port with a look at what each call of one of its methods hands over. */
function watched<P extends object>(port: P, see: (method: string, given: readonly unknown[]) => void): P {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]): unknown => {
        see(String(name), given);
        return Reflect.apply(member, target, given);
      };
    },
  });
}

/** The looks that the plugin puts into the product's code. */
export const watch = {
  log: <P extends object>(log: P): P =>
    watched(log, (method, given) => {
      const causes = method === 'fault' ? causesOf(given[3]) : [];
      const facts = method === 'fault' ? given.slice(0, 3) : given;
      look('log', String(given[0]), [facts, causes]);
    }),
  bus: <P extends object>(bus: P): P =>
    watched(bus, (_method, [topic, message]) => look('message', String(topic), message)),
  mail: <P extends object>(mail: P): P =>
    watched(mail, (method, given) => (method === 'send' ? look('letter', 'mail', given) : undefined)),
  desk: <P extends object>(desk: P): P =>
    watched(desk, (method, given) => (method === 'open' ? look('ticket', 'desk', given) : undefined)),
  signer: <P extends object>(signer: P): P => watched(signer, (method, given) => look('signed', method, given)),
  append: <P extends object>(append: P): P =>
    watched(append, (_method, [, file, bytes]) => {
      look('backup', 'file', file);
      look('backup', 'bytes', bytes);
    }),
  fault: (code: string, facts: unknown): void => look('fault', code, facts),
  answer: (status: number, text: string | Uint8Array): void => {
    if (status >= 400) look('answer', String(status), text);
  },
  path: (path: string): void => look('path', 'store', path, ACCOUNT_PATHS.test(path) ? ['account'] : []),
  row: (category: string, fields: Fields, row: unknown): void => {
    looked.set('row', (looked.get('row') ?? 0) + 1);
    // Most rows have none anywhere: one look at all of it is quicker than one at each field.
    if (canariesInValue(row).length === 0) return;
    lookAtFields(category, fields, row);
  },
  people: <P extends object>(people: P): P => watched(people, (method, given) => hear(method, given)),
} as const;

declare global {
  /** Called from the product's code where `canaryPlaces.ts` has put it; there in tests only. */
  var twinlineWatch: typeof watch;
}

function lookAtFields(place: string, fields: Fields, row: unknown): void {
  if (typeof row !== 'object' || row === null) return;
  for (const [name, value] of Object.entries(row)) {
    const field = fields[name];
    if (field !== undefined) lookAtField(`${place}.${name}`, field, value);
  }
}

function lookAtField(place: string, field: Field, value: unknown): void {
  if (value === undefined || value === null) return;
  const { parts = {} } = field;
  if (field.kind === 'shape') {
    lookAtFields(place, parts, value);
    return;
  }
  if (field.kind === 'rows' && Array.isArray(value)) {
    for (const one of value) lookAtFields(place, parts, one);
    return;
  }
  if (field.kind === 'table') {
    for (const [name, one] of Object.entries(value)) {
      lookAtText(place, name, field.isByLane === true ? ['fieldname'] : []);
      lookAtFields(place, parts, one);
    }
    return;
  }
  if (typeof value === 'string') lookAtText(place, value, allowedIn(field));
  else if (Array.isArray(value)) for (const one of value) lookAtText(place, String(one), allowedIn(field));
}

function lookAtText(place: string, text: string, allowed: readonly CanaryKind[]): void {
  for (const kind of canariesIn(text)) if (!allowed.includes(kind)) sightings.push({ sink: 'row', place, kind });
}

/** What the catalogue says may be in an open field: names of fields that admins chose, account ids, what a site is called. */
function allowedIn({ origin, personal, isAccount }: Field): readonly CanaryKind[] {
  if (isAccount === true) return ['account'];
  if (personal === 'indirect') return ['account', 'site', 'stored'];
  return origin === 'admin' ? ['fieldname'] : [];
}

/** Texts that people type: free ones only, for a status or a label of theirs may be a word of ours. */
const FREE_FIELDS = ['summary', 'description', 'environment'] as const;

function hear(method: string, given: readonly unknown[]): void {
  const last = given[given.length - 1];
  switch (method) {
    case 'createIssue': {
      hearFields(given[0]);
      return;
    }
    case 'editIssue': {
      hearFields(given[1]);
      return;
    }
    case 'comment': {
      hearText(given[1], 'comment');
      return;
    }
    case 'editComment': {
      hearText(given[2], 'comment');
      return;
    }
    case 'logWork':
    case 'editWork': {
      hearText(memberOf(last, 'comment'), 'worklog');
      return;
    }
    case 'attach': {
      hearText(memberOf(last, 'filename'), 'filename');
      return;
    }
    case 'remoteLink':
      for (const name of ['title', 'summary']) hearText(memberOf(last, name), 'link');
  }
}

function hearFields(fields: unknown): void {
  for (const name of FREE_FIELDS) hearText(memberOf(fields, name), name);
}

function hearText(text: unknown, kind: CanaryKind): void {
  if (typeof text === 'string') rememberTyped(text, kind);
  else if (Array.isArray(text)) for (const one of text) hearText(one, kind);
  else if (typeof text === 'object' && text !== null)
    for (const name of ['text', 'content']) hearText(memberOf(text, name), kind);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
