/**
 * The register of everybody outside who gets to see any data, and of the hosts where they are. The outgoing door refuses
 * a host that no row names. Data only; the README's list is made from it.
 */

/** One outside party and where it is reached. */
export interface Processor {
  readonly name: string;
  readonly purpose: string;
  /** Where the data are: a region of ours, or the place that the customer chose at its own provider. */
  readonly region: string;
  /** The day from which it may be used. */
  readonly since: string;
  /**
   * `host`: exactly this name. `*.domain`: one label before the domain, never two.
   */
  readonly hosts: readonly string[];
  /** `door`: reached through `shared/http.ts`. `client`: through the maker's own client library. */
  readonly by: 'door' | 'client';
}

const since = '2026-11-23';

export const processors: readonly Processor[] = [
  {
    name: 'Atlassian: the customer’s own Jira site',
    purpose: 'reads and writes the issues that the customer puts under sync',
    region: 'the customer’s choice at Atlassian',
    since,
    hosts: ['*.atlassian.net', '*.jira.com'],
    by: 'door',
  },
  {
    name: 'Atlassian: install keys',
    purpose: 'public keys that prove an install or an uninstall; receives key ids only',
    region: 'no customer data',
    since,
    hosts: ['asap-distribution.us-west-2.prod.atl-asap.net', 'connect-install-keys.atlassian.com'],
    by: 'door',
  },
  {
    name: 'Google Cloud',
    purpose: 'runs the functions, stores the records, carries the messages, wraps the keys',
    region: 'europe-west1',
    since,
    hosts: [
      'firestore.googleapis.com',
      'pubsub.googleapis.com',
      'cloudkms.googleapis.com',
      'cloudscheduler.googleapis.com',
      'logging.googleapis.com',
    ],
    by: 'client',
  },
];

/** One label of a host name, in lower case. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Does a host fit a pattern? Exact, or with one label in the place of a leading `*`. */
export function fitsHost(host: string, pattern: string): boolean {
  if (!pattern.startsWith('*.')) return host === pattern;
  const domain = pattern.slice(1);
  return host.endsWith(domain) && LABEL.test(host.slice(0, -domain.length));
}

/** The party that a host belongs to, among those that the outgoing door may call. */
export function processorOf(host: string, register: readonly Processor[] = processors): Processor | undefined {
  return register.find((row) => row.by === 'door' && row.hosts.some((pattern) => fitsHost(host, pattern)));
}
