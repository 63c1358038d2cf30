/** The public list of processors, as a page and as a feed for machines. Pure. @see PROMISES.md X-12, E-35 */
import { backupRegion, NOTICE_DAYS, processors } from '../../retention/processors.ts';
import type { Processor } from '../../retention/processors.ts';
import { grid, list, say, section } from './document.ts';
import type { Block, Document, Section } from './document.ts';
import { paths } from './paths.ts';
import { classWords, storedClasses } from './words.ts';
import type { DocumentFacts } from './facts.ts';

/** The page. It does not ask what day it is: each row shows its own. */
export function processorListOf(
  { features }: Pick<DocumentFacts, 'features'>,
  register: readonly Processor[],
): Document {
  const of = (role: Processor['role']): readonly Processor[] => register.filter((row) => row.role === role);
  return {
    id: 'processors',
    title: 'Companies that work for us',
    lead: 'Everybody outside our company to whom the service sends anything. The program cannot call a host that is not on this list.',
    sections: [
      section(
        'Processors: they work for us and may see data of yours',
        grid(
          ['Company', 'What for', 'Where', 'Receives', 'Agreement', 'Used since'],
          of('sub-processor').map((row) => [
            row.name,
            upper(row.purpose),
            placeOf(row),
            received(row),
            agreementOf(row),
            sinceOf(row),
          ]),
        ),
        say('“Sealed” means that the company only ever has encrypted data, and no key to them.'),
      ),
      section(
        'Your own provider',
        say(
          'Your Jira is at Atlassian, under your own agreement with Atlassian and at the place that you chose there. The service reads and writes the issues that you put under sync.',
        ),
        ...ownProviders(of('customer').filter(({ id }) => id !== 'jira')),
      ),
      section(
        'Asked without any data of yours',
        list(...of('no-data').map(({ name, purpose }) => `${name} (${purpose})`)),
      ),
      changesSection(features.mail),
      section(
        'All hosts',
        grid(
          ['Company', 'Hosts'],
          register.map(({ name, hosts }) => [name, hosts.join(', ')]),
        ),
      ),
    ],
  };
}

/** Where the app is run by its operator for itself, its other providers are its own, too. */
function ownProviders(own: readonly Processor[]): readonly Block[] {
  if (own.length === 0) return [];
  return [list(...own.map((row) => `${row.name} (${placeOf(row)}): ${row.purpose}`))];
}

function changesSection(isMailed: boolean): Section {
  return section(
    'How this list changes',
    say(
      `A new company, and a known one with another purpose, another place or more data, is announced here${isMailed ? ' and by mail to your contact' : ''} at least ${NOTICE_DAYS} days before it receives anything. In that time you may object or leave. Until its day has come the program refuses to call it.`,
    ),
    say(`The same list for machines: [${paths.processorsFeed}](${paths.processorsFeed}).`),
  );
}

/** The feed: the same rows, for machines. */
export interface ProcessorFeed {
  readonly version: 1;
  readonly noticeDays: number;
  readonly processors: readonly {
    readonly id: string;
    readonly name: string;
    readonly purpose: string;
    readonly region: string;
    readonly role: string;
    readonly agreement: string;
    readonly since: string;
    readonly announced: string | null;
    readonly receives: readonly string[];
    readonly sealed: boolean;
    readonly hosts: readonly string[];
  }[];
}

export function processorFeedOf(register: readonly Processor[]): ProcessorFeed {
  return {
    version: 1,
    noticeDays: NOTICE_DAYS,
    processors: register.map((row) => ({
      id: row.id,
      name: row.name,
      purpose: row.purpose,
      region: row.region,
      role: row.role,
      agreement: agreementOf(row),
      since: row.since,
      announced: row.announced ?? null,
      receives: row.receives,
      sealed: row.isSealed === true,
      hosts: row.hosts,
    })),
  };
}

const countries: Readonly<Record<string, string>> = {
  [processors.find(({ id }) => id === 'google')?.region ?? '']: 'Belgium',
  [backupRegion.eu]: 'the Netherlands',
  [backupRegion['be+zrh']]: 'Zurich, Switzerland',
};

/** A region of Google's with its country. */
export function placeOf({ region }: Pick<Processor, 'region'>): string {
  const country = countries[region];
  return country === undefined ? region : `${upper(country)} (${region})`;
}

/** The agreement, with the operator's own reference when it has been set. */
export function agreementOf({ agreement: { title, reference } }: Processor): string {
  return reference === undefined ? title : `${title}, ${reference}`;
}

/** The classes of data that a party receives, in words: of those that are stored at all. */
export function received({ receives, isSealed }: Processor): string {
  const stored = storedClasses();
  const classes = receives
    .filter((statement) => stored.includes(statement))
    .map((statement) => classWords[statement].title.toLowerCase())
    .join(', ');
  return isSealed === true ? `sealed: ${classes}` : classes;
}

function sinceOf({ since, announced }: Processor): string {
  return announced === undefined ? since : `${since} (announced ${announced})`;
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
