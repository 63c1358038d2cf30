/** T31, G20: a hundred thousand orders of what can happen to an address, over the real rules, tokens and letters. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permitOf } from '../../../shared/mail/consent.ts';
import { checkLetter, marketing, transactional } from '../../../shared/mail/letter.ts';
import { listPlaces, unsubscribePlace, unsubscribeToken } from '../../../shared/mail/tokens.ts';
import type { MailKeys } from '../../../shared/mail/tokens.ts';
import { mailAddress } from '../../../shared/model/mail.ts';
import type { Letter, MailAddress } from '../../../shared/model/mail.ts';
import { Fault } from '../../../shared/verdict.ts';

const people = [mailAddress('jo@customer.example'), mailAddress('Ann@customer.example')];
const allKeys = [1, 2, 3].map((n) => new Uint8Array(32).fill(n));
const keysAfter = (rotations: number): MailKeys => allKeys.slice(0, rotations + 1).reverse();
/** Hashing is what costs; it is the same each time. */
const places = new Map<string, readonly string[]>();
const tokens = new Map<string, string>();
const placesOf = (rotations: number, to: MailAddress): readonly string[] =>
  remembered(places, `${rotations} ${to}`, () => listPlaces(keysAfter(rotations), to));
const tokenOf = (rotations: number, to: MailAddress): string =>
  remembered(tokens, `${rotations} ${to}`, () => unsubscribeToken(keysAfter(rotations), to));

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  const have = known.get(name);
  if (have !== undefined) return have;
  const made = make();
  known.set(name, made);
  return made;
}

const words = { subject: 'News', html: '<p>x</p>' };
const messageId = '<0123456789abcdef@twinline.example>';
const urlOf = (token: string): string => `https://twinline.example/mail/unsubscribe/${token}`;

const acts = [
  'ask',
  'confirm',
  'record',
  'record-badly',
  'send',
  'notice',
  'click',
  'old-click',
  'open',
  'forge',
  'rotate',
] as const;
const act = fc.record({ who: fc.nat(1), what: fc.constantFrom(...acts), isSameInstant: fc.boolean() });

/** One address as it is known. */
interface Person {
  consent: Parameters<typeof permitOf>[0];
  /** Links of all the news that it ever got. */
  readonly links: string[];
  /** By the judge alone: whether the person wants news. */
  isWanted: boolean;
}

test('M19 in 100,000 orders: no news without consent, none after an unsubscribing, every notice delivered', () => {
  let news = 0;
  let notices = 0;
  let ended = 0;
  fc.assert(
    fc.property(fc.array(act, { maxLength: 14 }), (steps) => {
      let now = 0;
      let rotations = 0;
      const list = new Map<string, number>();
      const known = people.map((): Person => ({ consent: undefined, links: [], isWanted: false }));
      for (const { who, what, isSameInstant } of steps) {
        if (!isSameInstant) now += 1;
        const to = people[who] ?? fail();
        const person = known[who] ?? fail();
        switch (what) {
          case 'ask':
            person.consent ??= { to, source: 'double-opt-in' };
            break;
          case 'confirm':
            // Once: a link that is opened again does not undo what came after it.
            if (person.consent === undefined || person.consent.liveSince !== undefined) break;
            person.consent = { ...person.consent, liveSince: now };
            person.isWanted = lastEnd(list, to, rotations) < now;
            break;
          case 'record':
            person.consent = { to, source: 'in-person', operator: 'ann', liveSince: now };
            person.isWanted = lastEnd(list, to, rotations) < now;
            break;
          case 'record-badly':
            person.consent = { to, source: 'in-person', liveSince: now };
            person.isWanted = false;
            break;
          case 'send': {
            const sent = trySending(person, to, rotations, list);
            expect(sent).toBe(person.isWanted);
            if (sent) news += 1;
            else ended += 1;
            break;
          }
          case 'notice':
            expect(
              isTaken(transactional(to, { words: { ...words, text: 'x' }, messageId, template: 'marked', at: now })),
            ).toBe(true);
            notices += 1;
            break;
          case 'click':
          case 'old-click': {
            const link = what === 'click' ? person.links.at(-1) : person.links[0];
            if (link === undefined) break;
            const place = unsubscribePlace(keysAfter(rotations), link);
            expect(place).toBeDefined();
            list.set(place ?? '', now);
            person.isWanted = false;
            break;
          }
          case 'open':
            // Nothing is written: see the route.
            break;
          case 'forge':
            expect(
              unsubscribePlace(keysAfter(rotations), `${placesOf(rotations, to)[0] ?? ''}.${'0'.repeat(64)}`),
            ).toBeUndefined();
            break;
          case 'rotate':
            rotations = Math.min(rotations + 1, allKeys.length - 1);
            break;
        }
      }
    }),
    { numRuns: 100_000 },
  );
  // The orders were of every kind.
  expect(Math.min(news, notices, ended)).toBeGreaterThan(2_000);
}, 120_000);

function lastEnd(list: ReadonlyMap<string, number>, to: MailAddress, rotations: number): number {
  return Math.max(-1, ...placesOf(rotations, to).flatMap((place) => list.get(place) ?? []));
}

function trySending(person: Person, to: MailAddress, rotations: number, list: ReadonlyMap<string, number>): boolean {
  const token = tokenOf(rotations, to);
  const end = lastEnd(list, to, rotations);
  try {
    const permit = permitOf(person.consent, end < 0 ? undefined : end, urlOf(token));
    const text = `x ${urlOf(token)}`;
    if (!isTaken(marketing(permit, { words: { ...words, text }, messageId, template: 'news', at: 1 }))) return false;
    person.links.push(token);
    return true;
  } catch (thrown) {
    if (thrown instanceof Fault && (thrown.code === 'consent-missing' || thrown.code === 'unsubscribed')) return false;
    throw thrown;
  }
}

function isTaken(letter: Letter): boolean {
  checkLetter(letter, { isMarketingOn: true });
  return true;
}

function fail(): never {
  throw new Error('there are two people');
}
