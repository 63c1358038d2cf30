import { createServer } from 'node:http';
import type { Violation } from '../contract/judge.ts';
import { backupOf } from '../model/backup.ts';
import type { DumpIssue } from '../model/dump.ts';
import { type LimitNumbers, newMeter } from '../model/limits.ts';
import { type LoadedIssue, adoptPlaces, joinPeople, loadIssues } from '../model/load.ts';
import type { AttachmentSettings } from '../model/parts.ts';
import { uuid } from '../model/random.ts';
import { type SiteSnapshot, snapshotOf } from '../model/snapshot.ts';
import { setSprintState } from '../model/sprints.ts';
import { exportWorld } from '../model/state.ts';
import type {
  Act,
  Happening,
  Installation,
  Person,
  Project,
  Site,
  SiteContact,
  SiteLicence,
  Sprint,
  World,
} from '../model/types.ts';
import {
  type ProjectChange,
  type SiteSpec,
  type UserSpec,
  addUser,
  appAccountId,
  changeProject,
  licenceOf,
} from '../model/world.ts';
import type { JiraEvent, Listener } from './events.ts';
import { type Faults, noFaults } from './faults.ts';
import { Files } from './files.ts';
import { openWorld, saveWorld } from './keep.ts';
import { makeInstallKey, serveKeys } from './keys.ts';
import {
  type Life,
  type Outcome,
  type UninstallOptions,
  install,
  rotateSecret,
  setEnabled,
  uninstall,
} from './lifecycle.ts';
import { type Listening, listen } from './listen.ts';
import { MEDIA_ORIGIN, serveMedia } from './media.ts';
import { type People, personActing } from './people.ts';
import { type Serving, answerRest } from './rest.ts';
import { type Signer, contextClaims, iframeClaims, signerOf } from './signer.ts';
import { signHs256 } from './token.ts';
import { RETRY_GAP_MS, Webhooks } from './webhooks.ts';

export type { ProjectChange, ProjectSpec, SiteSpec, UserSpec } from '../model/world.ts';

/** How long the search index lags behind unless told otherwise. */
const INDEX_LAG_MS = 3_000;

/** What the stand-in is to be. */
export interface JiraOptions {
  /** Epoch ms; the one clock of the whole local world. */
  readonly clock: { now(): number };
  readonly seed: number;
  readonly sites: readonly SiteSpec[];
  /** The public base URL of the add-on, without a slash at its end. */
  readonly appBaseUrl: string;
  /** Port of the key server; absent or 0 takes a free one. */
  readonly keyServerPort?: number;
  /** Port of the media server; absent or 0 takes a free one. */
  readonly mediaServerPort?: number;
  /** Gap between attempts of a webhook, in ms; Jira takes 5–15 minutes. */
  readonly webhookRetryGapMs?: number;
  readonly indexLagMs?: number;
  readonly limits?: LimitNumbers;
  /** A file that keeps the world between runs: read at start, written by `save()` and `close()`. */
  readonly statePath?: string;
  /** Maps a public https origin to where it listens on loopback. */
  resolve(origin: string): string;
}

/** One site as others see it. */
export interface SiteHandle {
  readonly name: string;
  /** `https://alpha.atlassian.net`. */
  readonly baseUrl: string;
  /** Where it listens: `http://127.0.0.1:port`. */
  readonly address: string;
  readonly clientKey: string;
  readonly cloudId: string;
  /** The people of the site with what they need for basic auth. */
  readonly users: readonly {
    readonly accountId: string;
    readonly displayName: string;
    readonly emailAddress: string;
    readonly apiToken: string;
    readonly admin: boolean;
    readonly active: boolean;
  }[];
  readonly projects: readonly { readonly id: string; readonly key: string; readonly name: string }[];
  /** Null before the first install. */
  installationState(): Installation['state'] | null;
  /** Whether the licence of our app is active there; one that the site says nothing of counts as active. */
  isLicensed(): boolean;
}

/** A running stand-in Jira. Methods that take a site take its name and throw for one that is not there. */
export interface JiraServer {
  readonly sites: readonly SiteHandle[];
  /** Serves public install keys at `/{kid}`; answers for both of Atlassian's key origins. */
  readonly keyServer: { readonly origin: 'https://connect-install-keys.atlassian.com'; readonly address: string };
  /** Serves the files of attachments at the signed addresses that `attachment/content/{id}` redirects to. */
  readonly mediaServer: { readonly origin: typeof MEDIA_ORIGIN; readonly address: string };
  readonly faults: Faults;
  install(site: string): Promise<Outcome>;
  rotateSecret(site: string): Promise<Outcome>;
  disable(site: string): Promise<Outcome>;
  enable(site: string): Promise<Outcome>;
  uninstall(site: string, options?: UninstallOptions): Promise<Outcome>;
  /** A token as `AP.context.getToken()` gives it to a page of that person. */
  contextToken(site: string, accountId: string): string;
  /** The `jwt` parameter for a page in an iframe; `target` is its path and query below the add-on's base URL. */
  iframeToken(site: string, accountId: string, target: string): string;
  sign(site: string): Signer;
  /** A person's hands; without an account those of the site's first administrator. */
  acts(site: string, accountId?: string): People;
  /** Changes screens, required fields, components, versions or options of a project while the site runs. */
  changeProject(site: string, projectKey: string, change: ProjectChange): void;
  /** Starts or completes a sprint. */
  setSprint(site: string, id: number, state: Sprint['state']): void;
  /** Adds a person to a site, or changes one: give the same account id with `active: false` to deactivate. */
  addUser(site: string, user: UserSpec): void;
  /** Closes an account at Atlassian, or changes its data: apps hear of it when they report it. */
  setAccount(accountId: string, status: 'closed' | 'updated'): void;
  /** How often apps are to report each account, as the answers to reports say. */
  setReportCycle(days: number): void;
  /** Changes what an administrator sets for a whole site. */
  configure(
    site: string,
    settings: {
      readonly attachments?: Partial<AttachmentSettings>;
      /** Of our app; `null`: the site says nothing of one. */
      readonly licence?: Partial<SiteLicence> | null;
      readonly contacts?: readonly SiteContact[];
    },
  ): void;
  load(
    site: string,
    projectKey: string,
    issues: readonly DumpIssue[],
    options: { readonly announce: boolean },
  ): readonly LoadedIssue[];
  /** Makes everybody whom these issues name a member of the site. */
  join(site: string, issues: readonly DumpIssue[]): void;
  /** Gives a project the components and versions that these issues have and it lacks. */
  adopt(site: string, projectKey: string, issues: readonly DumpIssue[]): void;
  /** Calls and answers that left the contract, the first thousand. */
  violations(): readonly Violation[];
  /** Hears what happens; returns how to stop hearing. */
  onEvent(listener: Listener): () => void;
  /** Webhooks that are neither delivered nor given up. */
  pending(): number;
  snapshot(site: string): SiteSnapshot;
  /** The whole world as JSON text, for `statePath` files of one's own. */
  exportState(): string;
  /** Takes a backup of a site's issues; calling it puts them back as they were, as an import does: without an event. */
  backup(site: string): () => void;
  /** Writes the world to `statePath`, if there is one. */
  save(): void;
  close(): Promise<void>;
}

/** Starts all sites and the key server on loopback. Rejects when a port is taken. */
export async function serveJira(options: JiraOptions): Promise<JiraServer> {
  const { world, random } = openWorld({ indexLagMs: INDEX_LAG_MS, ...options });
  const listeners = new Set<Listener>();
  const tell = (event: JiraEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const faults = noFaults(world.denials);
  const { clock, appBaseUrl } = options;
  const resolve = (origin: string): string => options.resolve(origin);
  const webhooks = new Webhooks({
    clock,
    random,
    faults,
    appBaseUrl,
    resolve,
    tell,
    retryGapMs: options.webhookRetryGapMs ?? RETRY_GAP_MS,
  });
  const files = new Files(options.statePath === undefined ? undefined : `${options.statePath}.files`);
  const drain = (site: Site): void => drainSite({ world, files, webhooks, tell }, site);
  const meter = newMeter(options.limits);
  const serving: Serving = { world, clock, meter, faults, violations: [], files, tell, drain };
  const keys = { real: makeInstallKey(uuid(random)), unknown: makeInstallKey(uuid(random)) };
  const life: Life = { world, clock, random, appBaseUrl, installKey: keys.real, resolve, tell };
  const keyServer = await serveKeys([keys.real], options.keyServerPort ?? 0);
  const mediaServer = await serveMedia({ world, clock, files }, options.mediaServerPort ?? 0);
  const servers = new Map<string, Listening>();
  for (const spec of options.sites)
    servers.set(spec.name, await serveSite(serving, siteOf(world, spec.name), spec.port ?? 0));
  const save = (): void => saveWorld(world, options.statePath);
  const personOf = (site: Site, accountId?: string): Person => personNamed(world, site, accountId);

  return {
    sites: [...world.sites.values()].map((site) => handleOf(world, site, servers.get(site.name)?.address ?? '')),
    keyServer: { origin: 'https://connect-install-keys.atlassian.com', address: keyServer.address },
    mediaServer: { origin: MEDIA_ORIGIN, address: mediaServer.address },
    faults,
    install: (name) => install(life, siteOf(world, name)),
    rotateSecret: (name) => rotateSecret(life, siteOf(world, name)),
    disable: (name) => setEnabled(life, siteOf(world, name), false),
    enable: (name) => setEnabled(life, siteOf(world, name), true),
    uninstall: (name, how) => uninstall(life, siteOf(world, name), how),
    contextToken: (name, accountId) => {
      const site = siteOf(world, name);
      return signHs256(contextClaims(site, clock.now(), accountId), site.installation?.sharedSecret ?? '');
    },
    iframeToken: (name, accountId, target) => {
      const site = siteOf(world, name);
      return signHs256(iframeClaims(site, clock.now(), accountId, target), site.installation?.sharedSecret ?? '');
    },
    sign: (name) => signerOf(siteOf(world, name), clock, appBaseUrl, keys),
    acts: (name, accountId) => {
      const site = siteOf(world, name);
      const begin = (): Act => ({ world, site, actor: personOf(site, accountId), now: clock.now() });
      return personActing(begin, () => drain(site), files);
    },
    changeProject: (name, projectKey, change) => {
      const site = siteOf(world, name);
      changeProject(site, projectOf(site, projectKey), change);
    },
    setSprint: (name, id, state) => setSprintState(siteOf(world, name), String(id), state, clock.now()),
    addUser: (name, user) => void addUser(world, siteOf(world, name), user),
    setAccount: (accountId, status) => {
      const person = world.people.get(accountId);
      if (status === 'closed' && person !== undefined)
        world.people.set(accountId, { ...person, displayName: 'Former user', emailAddress: '', active: false });
      world.accountChanges.set(accountId, { status, at: clock.now() });
    },
    setReportCycle: (days) => {
      world.cycleDays = days;
    },
    configure: (name, { attachments, licence, contacts }) => {
      const site = siteOf(world, name);
      site.attachmentSettings = { ...site.attachmentSettings, ...attachments };
      if (licence !== undefined)
        site.licence = licence === null ? null : { ...(site.licence ?? licenceOf(0)), ...licence };
      if (contacts !== undefined) site.contacts = contacts;
    },
    load: (name, projectKey, issues, { announce }) => {
      const site = siteOf(world, name);
      const loaded = loadIssues(world, site, projectOf(site, projectKey), issues, { announce, now: clock.now() });
      drain(site);
      return loaded;
    },
    join: (name, issues) => joinPeople(world, siteOf(world, name), issues),
    adopt: (name, projectKey, issues) => {
      const site = siteOf(world, name);
      adoptPlaces(site, projectOf(site, projectKey), issues);
    },
    violations: () => serving.violations,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    pending: () => webhooks.pending(),
    snapshot: (name) => snapshotOf(world, siteOf(world, name)),
    exportState: () => exportWorld(world),
    backup: (name) => backupOf(siteOf(world, name)),
    save,
    close: async () => {
      webhooks.close();
      save();
      await Promise.all([keyServer, mediaServer, ...servers.values()].map((server) => server.close()));
    },
  };
}

function siteOf(world: World, name: string): Site {
  const site = world.sites.get(name);
  if (site === undefined) throw new Error(`there is no site ${name}`);
  return site;
}

function projectOf(site: Site, key: string): Project {
  const project = site.projects.get(key);
  if (project === undefined) throw new Error(`${site.name} has no project ${key}`);
  return project;
}

function personNamed(world: World, site: Site, accountId?: string): Person {
  const id = accountId ?? [...site.members.values()].find((member) => member.admin)?.accountId ?? '';
  const person = site.members.has(id) ? world.people.get(id) : undefined;
  if (person === undefined) throw new Error(`nobody on ${site.name} has the account ${id}`);
  return person;
}

function handleOf(world: World, site: Site, address: string): SiteHandle {
  const { name, baseUrl, clientKey, cloudId } = site;
  return {
    name,
    baseUrl,
    address,
    clientKey,
    cloudId,
    get users() {
      return [...site.members.values()].flatMap(({ accountId, apiToken, admin }) => {
        const person = world.people.get(accountId);
        if (person?.accountType !== 'atlassian') return [];
        const { displayName, emailAddress, active } = person;
        return [{ accountId, displayName, emailAddress, apiToken, admin, active }];
      });
    },
    get projects() {
      return [...site.projects.values()].map(({ id, key, name: projectName }) => ({ id, key, name: projectName }));
    },
    installationState: () => site.installation?.state ?? null,
    isLicensed: () => site.licence?.active ?? true,
  };
}

async function serveSite(serving: Serving, site: Site, port: number): Promise<Listening> {
  const server = createServer((request, response) => void answerRest(serving, site, request, response));
  return listen(server, port);
}

/** What telling needs. */
interface Telling {
  readonly world: World;
  readonly files: Files;
  readonly webhooks: Webhooks;
  readonly tell: Listener;
}

/** Tells listeners and the add-on what happened since the last time, and forgets the bytes of files that are gone. */
function drainSite({ world, files, webhooks, tell }: Telling, site: Site): void {
  for (const happening of site.happenings.splice(0)) {
    tell(changeEvent(world, site, happening));
    const gone = happening.event === 'attachment_deleted' ? happening.attachment?.fileId : undefined;
    if (typeof gone === 'string') files.remove(gone);
    const app = site.installation === null ? undefined : world.people.get(appAccountId(site.installation.appKey));
    if (app !== undefined) webhooks.send({ world, site, actor: app, now: happening.at }, happening);
  }
}

function changeEvent(world: World, site: Site, happening: Happening): JiraEvent {
  const by = world.people.get(happening.actorId)?.accountType === 'app' ? 'app' : 'person';
  return {
    kind: 'change',
    at: happening.at,
    site: site.name,
    event: happening.event,
    issueId: happening.issue.id,
    issueKey: happening.issue.key,
    by,
    ...(happening.comment === undefined ? {} : { commentId: happening.comment.id }),
    ...(happening.trace === undefined ? {} : { trace: happening.trace }),
  };
}
