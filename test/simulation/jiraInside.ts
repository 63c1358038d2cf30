/**
 * The stand-in's sites in this process: its own request handling with a request and an answer that need no socket. What happens on
 * a site is told to whoever listens, in the order in which it happened.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { descriptorOf } from '../../functions/lifecycle/descriptor.ts';
import { readDescriptor } from '../../infra/local/jira/http/descriptor.ts';
import { noFaults } from '../../infra/local/jira/http/faults.ts';
import { Files } from '../../infra/local/jira/http/files.ts';
import { personActing } from '../../infra/local/jira/http/people.ts';
import type { People } from '../../infra/local/jira/http/people.ts';
import { answerRest } from '../../infra/local/jira/http/rest.ts';
import type { Serving } from '../../infra/local/jira/http/rest.ts';
import { webhookBody } from '../../infra/local/jira/http/webhookBody.ts';
import { newMeter } from '../../infra/local/jira/model/limits.ts';
import { seeded } from '../../infra/local/jira/model/random.ts';
import type { Happening, Site, World } from '../../infra/local/jira/model/types.ts';
import { addApp, appAccountId, makeWorld } from '../../infra/local/jira/model/world.ts';
import type { SiteSpec } from '../../infra/local/jira/model/world.ts';
import type { HttpAnswer, HttpAsk } from '../../shared/http.ts';
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
  people(site: string, accountId: string): People;
  /** The body that Jira's webhook about a happening has. */
  bodyOf(site: Site, happening: Happening): unknown;
  /** Installs, or installs again with another secret. */
  install(site: string, life: number): void;
  uninstall(site: string): void;
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
  return {
    world,
    serving,
    site: siteOf,
    answer: async (ask, planned) => {
      const { origin } = new URL(ask.url);
      const site = [...world.sites.values()].find(({ baseUrl }) => baseUrl === origin);
      if (site === undefined) throw new Fault('outside-unavailable', { reason: 'not-mapped' });
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
  };
}

/** The secret of one life of an installation. */
export function secretOf(site: string, life: number): string {
  return createHash('sha256').update(`${site}/${life}`).digest('hex');
}

/** Hands a request to the stand-in's own request handling; only what it reads and writes of Node's objects is there. */
async function inside(serving: Serving, site: Site, ask: HttpAsk): Promise<HttpAnswer> {
  const headers = { accept: 'application/json', 'content-type': 'application/json', ...ask.headers };
  const body = ask.json === undefined ? [] : [Buffer.from(JSON.stringify(ask.json))];
  const request = {
    ...{ method: ask.method, url: ask.url.slice(site.baseUrl.length), headers },
    [Symbol.asyncIterator]: async function* () {
      for (const chunk of body) yield await Promise.resolve(chunk);
    },
  };
  const got = { status: 0, headers: {} as Record<string, string>, text: '' };
  const response = {
    writeHead: (status: number, sent: Readonly<Record<string, string>>) => {
      got.status = status;
      for (const [name, value] of Object.entries(sent)) got.headers[name.toLowerCase()] = value;
    },
    end: (text?: string) => {
      got.text = text ?? '';
    },
  };
  await answerRest(serving, site, request as unknown as IncomingMessage, response as unknown as ServerResponse);
  return {
    status: got.status,
    headers: got.headers,
    body: got.text === '' ? undefined : (JSON.parse(got.text) as unknown),
  };
}
