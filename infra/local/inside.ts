/**
 * The stand-in's sites in this process: its own request handling with a request and an answer that need no socket. What happens on
 * a site is told to whoever listens, in the order in which it happened.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { descriptorOf } from '../../functions/lifecycle/descriptor.ts';
import { readDescriptor } from './jira/http/descriptor.ts';
import { noFaults } from './jira/http/faults.ts';
import { Files } from './jira/http/files.ts';
import { personActing } from './jira/http/people.ts';
import type { People } from './jira/http/people.ts';
import { answerRest } from './jira/http/rest.ts';
import type { Serving } from './jira/http/rest.ts';
import { webhookBody } from './jira/http/webhookBody.ts';
import { backupOf, replicaOf } from './jira/model/backup.ts';
import { newMeter } from './jira/model/limits.ts';
import { seeded } from './jira/model/random.ts';
import type { Happening, Site, World } from './jira/model/types.ts';
import { addApp, appAccountId, makeWorld } from './jira/model/world.ts';
import type { SiteSpec } from './jira/model/world.ts';
import type { HttpAnswer, HttpAsk, HttpOpened } from '../../shared/http.ts';
import { Fault } from '../../shared/verdict.ts';

export const APP = 'https://addon.example';
export const APP_KEY = 'app.twinline';
const DESCRIPTOR = readDescriptor(JSON.stringify(descriptorOf({ baseUrl: APP, addonKey: APP_KEY })), APP);
/** The account under which the app writes. */
export const APP_ACCOUNT = appAccountId(APP_KEY);

/** Where a call goes wrong inside the stand-in. */
export interface PlannedError {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The sites of one run. */
export interface JiraInside {
  readonly world: World;
  readonly serving: Serving;
  site(name: string): Site;
  /** Answers one call of the app, as over HTTP. */
  answer(ask: HttpAsk, planned?: PlannedError): Promise<HttpAnswer>;
  /** The same with a body that is read by the caller, a chunk at a time. */
  open(ask: HttpAsk): Promise<HttpOpened>;
  people(site: string, accountId: string): People;
  /** Lets something be heard that happened without anybody's call, as an import does. */
  tell(site: Site, happening: Happening): void;
  /** The body that Jira's webhook about a happening has. */
  bodyOf(site: Site, happening: Happening): unknown;
  /** Installs, or installs again with another secret. */
  install(site: string, life: number): void;
  uninstall(site: string): void;
  /** Takes a backup of a site's issues; calling it puts them back as they were, without an event. */
  backup(site: string): () => void;
  /** A replica that falls behind now; it answers calls that read. */
  replica(site: string): (ask: HttpAsk) => Promise<HttpAnswer>;
}

/** What making the sites needs. */
export interface InsideOptions {
  readonly clock: { now(): number };
  readonly seed: number;
  readonly sites: readonly SiteSpec[];
  readonly indexLagMs: number;
  /** Hears each thing that happened, at once. */
  readonly hear: (site: Site, happening: Happening) => void;
}

/** Makes the sites; the app is not installed yet. */
export function jiraInside({ clock, seed, sites, indexLagMs, hear }: InsideOptions): JiraInside {
  const world = makeWorld(sites, seeded(seed), indexLagMs);
  const faults = noFaults(world.denials);
  const files = new Files(undefined);
  const drain = (site: Site): void => {
    for (const happening of site.happenings.splice(0)) hear(site, happening);
  };
  const serving: Serving = {
    ...{ world, clock, faults, drain, files, meter: newMeter(), violations: [], tell: () => undefined },
  };
  const siteOf = (name: string): Site => {
    const site = world.sites.get(name);
    if (site === undefined) throw new Error(`there is no site ${name}`);
    return site;
  };
  const siteAt = (url: string): Site => {
    const { origin } = new URL(url);
    const site = [...world.sites.values()].find(({ baseUrl }) => baseUrl === origin);
    if (site === undefined) throw new Fault('outside-unavailable', { reason: 'not-mapped' });
    return site;
  };
  return {
    world,
    serving,
    site: siteOf,
    open: async (ask) => opened(serving, siteAt(ask.url), ask),
    answer: async (ask, planned) => {
      const site = siteAt(ask.url);
      if (planned !== undefined) faults.apiErrors.push({ ...planned, count: 1 });
      const answer = await inside(serving, site, ask);
      faults.apiErrors.length = 0;
      return answer;
    },
    people: (name, accountId) => {
      const site = siteOf(name);
      const actor = world.people.get(accountId);
      if (actor === undefined) throw new Error(`there is no person ${accountId}`);
      return personActing(
        () => ({ world, site, actor, now: clock.now() }),
        () => drain(site),
        files,
      );
    },
    tell: (site, happening) => {
      site.happenings.push(happening);
      drain(site);
    },
    bodyOf: (site, happening) => {
      const actor = world.people.get(APP_ACCOUNT);
      if (actor === undefined) throw new Error('the app has no account');
      return webhookBody({ world, site, actor, now: happening.at }, happening, undefined);
    },
    install: (name, life) => {
      const site = siteOf(name);
      addApp(world, site, DESCRIPTOR.key, DESCRIPTOR.name);
      site.indexed.splice(0, site.indexed.length, ...DESCRIPTOR.indexed);
      site.installation = {
        ...{ state: 'enabled', appKey: DESCRIPTOR.key, appName: DESCRIPTOR.name, scopes: DESCRIPTOR.scopes },
        ...{ webhooks: DESCRIPTOR.webhooks, sharedSecret: secretOf(name, life) },
      };
    },
    uninstall: (name) => {
      const site = siteOf(name);
      if (site.installation !== null) site.installation = { ...site.installation, state: 'uninstalled' };
    },
    backup: (name) => backupOf(siteOf(name)),
    replica: (name) => {
      const show = replicaOf(siteOf(name));
      return (ask) => {
        const site = show();
        return inside({ ...serving, world: { ...world, sites: new Map(world.sites).set(name, site) } }, site, ask);
      };
    },
  };
}

/** The secret of one life of an installation. */
export function secretOf(site: string, life: number): string {
  return createHash('sha256').update(`${site}/${life}`).digest('hex');
}

/** Hands a request to the stand-in's own request handling; only what it reads and writes of Node's objects is there. */
async function inside(serving: Serving, site: Site, ask: HttpAsk): Promise<HttpAnswer> {
  const got = { status: 0, headers: {} as Record<string, string>, text: '' };
  const response = {
    writeHead: (status: number, sent: Readonly<Record<string, string>>) => {
      got.status = status;
      got.headers = lowered(sent);
    },
    end: (text?: string) => {
      got.text = text ?? '';
    },
  };
  await answerRest(serving, site, requestOf(site, ask), response as unknown as ServerResponse);
  return {
    status: got.status,
    headers: got.headers,
    body: got.text === '' ? undefined : (JSON.parse(got.text) as unknown),
  };
}

/** The same as a stream: the head is there as soon as the stand-in has written it, the body while it is read. */
async function opened(serving: Serving, site: Site, ask: HttpAsk): Promise<HttpOpened> {
  const body = new PassThrough();
  const head = Promise.withResolvers<Omit<HttpOpened, 'chunks'>>();
  const response = Object.assign(body, {
    writeHead: (status: number, sent: Readonly<Record<string, string>>) =>
      head.resolve({ status, headers: lowered(sent) }),
  });
  const answering = answerRest(serving, site, requestOf(site, ask), response as unknown as ServerResponse);
  // A reader that leaves early breaks the stand-in's pipeline off, as a closed connection does.
  answering.catch(head.reject);
  return { ...(await head.promise), chunks: body };
}

function lowered(sent: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]));
}

function requestOf(site: Site, { method, url, headers, json, upload }: HttpAsk): IncomingMessage {
  const type = upload?.type ?? 'application/json';
  const request = {
    ...{ method, url: url.slice(site.baseUrl.length) },
    headers: { accept: 'application/json', 'content-type': type, ...headers },
    [Symbol.asyncIterator]: async function* (): AsyncGenerator<Buffer> {
      if (json !== undefined) yield await Promise.resolve(Buffer.from(JSON.stringify(json)));
      if (upload !== undefined) for await (const chunk of upload.chunks) yield Buffer.from(chunk);
    },
  };
  return request as unknown as IncomingMessage;
}
