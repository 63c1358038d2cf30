import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { JiraOptions, JiraServer, SiteSpec } from '../../../infra/local/jira/http/serve.ts';
import { serveJira } from '../../../infra/local/jira/http/serve.ts';
import type { Listening } from '../../../infra/local/jira/http/listen.ts';
import { listen } from '../../../infra/local/jira/http/listen.ts';

/** The public address of the add-on in these tests. */
export const APP_BASE_URL = 'https://addon.example';
/** Where the tests' clock stands at first: 2026-11-23 10:00 UTC. */
export const START = Date.UTC(2026, 10, 23, 10);

/** The members of webhooks and lifecycle events that tests look at; which are there depends on the event. */
export interface Body {
  readonly webhookEvent: string;
  readonly issue_event_type_name: string;
  readonly issue: { readonly id: string; readonly self: string; readonly fields: Readonly<Record<string, unknown>> };
  readonly comment: unknown;
  readonly user: { readonly accountType: string };
  readonly changelog: { readonly items: readonly { readonly field: string }[] };
  readonly sharedSecret: string;
  readonly clientKey: string;
}

/** A call the add-on got. */
export interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}

/** An add-on that accepts everything and remembers it, or answers as told. */
export interface Addon extends Listening {
  readonly received: Received[];
  /** Statuses of the next answers to webhooks; 204 when there are none. */
  readonly answers: number[];
  webhooks(event?: string): Received[];
}

const EVENTS = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
];

/** The descriptor of the tests' add-on. */
export const DESCRIPTOR = {
  key: 'example.addon',
  name: 'Example add-on',
  baseUrl: APP_BASE_URL,
  authentication: { type: 'jwt' },
  lifecycle: { installed: '/installed', enabled: '/enabled', disabled: '/disabled', uninstalled: '/uninstalled' },
  scopes: ['READ', 'WRITE', 'DELETE'],
  modules: {
    webhooks: EVENTS.map((event) => ({ event, url: '/webhook' })),
    jiraEntityProperties: [
      {
        entityType: 'issue',
        keyConfigurations: [{ propertyKey: 'marker', extractions: [{ objectName: 'of', type: 'string' }] }],
      },
    ],
  },
};

/** Starts the add-on. */
export async function serveAddon(descriptor: unknown = DESCRIPTOR): Promise<Addon> {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('utf8');
      const { method = '', url: target = '', headers } = request;
      if (target === '/atlassian-connect.json') {
        response.end(JSON.stringify(descriptor));
        return;
      }
      received.push({ method, target, headers, body: JSON.parse(text === '' ? '{}' : text) as Body });
      response.writeHead(target.startsWith('/webhook') ? (answers.shift() ?? 204) : 204).end();
    })();
  });
  const listening = await listen(server, 0);
  const webhooks = (event?: string): Received[] =>
    received.filter(
      (one) => one.target.startsWith('/webhook') && (event === undefined || one.body.webhookEvent === event),
    );
  return { ...listening, received, answers, webhooks };
}

/** Two sites: a simple project each, and one with the workflow of the dumps. */
export const SITES: readonly SiteSpec[] = [
  {
    name: 'alpha',
    projects: [
      { key: 'ALPHA', components: ['API', 'Web'], versions: ['1.0'] },
      { key: 'OLD', workflow: 'classic' },
    ],
  },
  { name: 'beta', projects: [{ key: 'BETA' }] },
];

/** A stand-in with its add-on and a clock that tests move. */
export interface Rig {
  readonly jira: JiraServer;
  readonly addon: Addon;
  readonly clock: { at: number; now(): number };
  /** Waits until no webhook is on its way. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

/** Starts both. */
export async function standIn(options: Partial<JiraOptions> = {}, given?: Addon): Promise<Rig> {
  const addon = given ?? (await serveAddon());
  const clock = { at: START, now: () => clock.at };
  const jira = await serveJira({
    clock,
    seed: 7,
    sites: SITES,
    appBaseUrl: APP_BASE_URL,
    resolve: () => addon.address,
    webhookRetryGapMs: 5,
    ...options,
  });
  return {
    jira,
    addon,
    clock,
    quiet: async () => {
      // The bound is the runner's own: a webhook that never ends fails the test by its timeout.
      while (jira.pending() > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    close: async () => {
      await jira.close();
      await addon.close();
    },
  };
}

/** A document of one paragraph. */
export function doc(text: string) {
  return {
    type: 'doc' as const,
    version: 1 as const,
    content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
  };
}
