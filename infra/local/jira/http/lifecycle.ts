import { type Random, hex } from '../model/random.ts';
import type { Installation, Site, World } from '../model/types.ts';
import { addApp } from '../model/world.ts';
import { type Descriptor, readDescriptor } from './descriptor.ts';
import type { Listener } from './events.ts';
import type { InstallKey } from './keys.ts';
import { callAddon } from './outgoing.ts';
import { queryHash } from './qsh.ts';
import { signHs256, signRs256 } from './token.ts';
import { targetWithin } from './webhooks.ts';

/** How long a lifecycle token lives. */
const TOKEN_SECONDS = 180;
/** Bytes of a shared secret. */
const SECRET_BYTES = 32;

/** What installing and uninstalling needs from outside. */
export interface Life {
  readonly world: World;
  readonly clock: { now(): number };
  readonly random: Random;
  readonly appBaseUrl: string;
  readonly installKey: InstallKey;
  readonly resolve: (origin: string) => string;
  readonly tell: Listener;
}

/** What the add-on answered to the call that counts. */
export interface Outcome {
  readonly status: number;
}

type EventType = 'installed' | 'enabled' | 'disabled' | 'uninstalled';

/** Whether an answer to `installed` lets the installation stand. @see ATLASSIAN.md §2 */
function accepted(status: number): boolean {
  return status === 200 || status === 204;
}

/**
 * Installs the add-on, anew or again: fetches its descriptor, sends a signed `installed` with a new secret, then
 * `enabled`. Unless the add-on accepts, the site stays as it was.
 */
export async function install(life: Life, site: Site): Promise<Outcome> {
  const descriptor = await fetchDescriptor(life);
  const sharedSecret = hex(life.random, SECRET_BYTES);
  const outcome = await sendSigned(life, site, descriptor.lifecycle.installed, 'installed', {
    appKey: descriptor.key,
    sharedSecret,
  });
  if (!accepted(outcome.status)) return outcome;
  addApp(life.world, site, descriptor.key, descriptor.name);
  site.indexed.splice(0, site.indexed.length, ...descriptor.indexed);
  site.installation = {
    state: 'enabled',
    appKey: descriptor.key,
    appName: descriptor.name,
    sharedSecret,
    scopes: descriptor.scopes,
    webhooks: descriptor.webhooks,
  };
  await sendShared(life, site, site.installation, descriptor.lifecycle.enabled, 'enabled');
  return outcome;
}

/** Sends `installed` with a new secret to an add-on that is installed already. The old one stays if it refuses. */
export async function rotateSecret(life: Life, site: Site): Promise<Outcome> {
  const installation = installed(site);
  const descriptor = await fetchDescriptor(life);
  const sharedSecret = hex(life.random, SECRET_BYTES);
  const outcome = await sendSigned(life, site, descriptor.lifecycle.installed, 'installed', {
    appKey: installation.appKey,
    sharedSecret,
  });
  if (accepted(outcome.status)) site.installation = { ...installation, sharedSecret };
  return outcome;
}

/** Disables or enables the add-on and tells it. */
export async function setEnabled(life: Life, site: Site, enabled: boolean): Promise<Outcome> {
  const descriptor = await fetchDescriptor(life);
  const next: Installation = { ...installed(site), state: enabled ? 'enabled' : 'disabled' };
  site.installation = next;
  const event = enabled ? 'enabled' : 'disabled';
  return sendShared(life, site, next, descriptor.lifecycle[event], event);
}

/** How an uninstall goes wrong. */
export interface UninstallOptions {
  /** `disabled` comes after `uninstalled` and carries no token, as it sometimes does. @see ATLASSIAN.md §3.2 (5) */
  readonly disabledWithoutToken?: boolean;
  /** Neither event arrives, as after a site import. @see ATLASSIAN.md §3.3 */
  readonly silently?: boolean;
}

/** Uninstalls the add-on: `disabled` (HS256), then `uninstalled` (RS256), once each; nobody repeats them. */
export async function uninstall(life: Life, site: Site, options: UninstallOptions = {}): Promise<Outcome> {
  const installation = installed(site);
  const gone: Installation = { ...installation, state: 'uninstalled' };
  if (options.silently === true) {
    site.installation = gone;
    return { status: 0 };
  }
  const { lifecycle } = await fetchDescriptor(life);
  if (options.disabledWithoutToken !== true) await sendShared(life, site, installation, lifecycle.disabled, 'disabled');
  site.installation = gone;
  const outcome = await sendSigned(life, site, lifecycle.uninstalled, 'uninstalled', { appKey: installation.appKey });
  if (options.disabledWithoutToken === true)
    await send(life, site, lifecycle.disabled, 'disabled', payload(site, 'disabled', installation), undefined);
  return outcome;
}

function installed(site: Site): Installation {
  if (site.installation === null || site.installation.state === 'uninstalled')
    throw new Error(`the add-on is not installed on ${site.name}`);
  return site.installation;
}

async function fetchDescriptor(life: Life): Promise<Descriptor> {
  const answered = await callAddon(life.resolve, `${life.appBaseUrl}/atlassian-connect.json`, {
    method: 'GET',
    headers: { accept: 'application/json' },
  });
  if (answered.status !== 200) throw new Error(`the descriptor could not be fetched: HTTP ${answered.status}`);
  return readDescriptor(answered.text, life.appBaseUrl);
}

/** The body of a lifecycle event. @see ATLASSIAN.md §3.1 */
function payload(
  site: Site,
  eventType: EventType,
  secret: { readonly appKey: string; readonly sharedSecret?: string },
): Readonly<Record<string, unknown>> {
  return {
    key: secret.appKey,
    clientKey: site.clientKey,
    publicKey: '',
    ...(eventType === 'installed' ? { sharedSecret: secret.sharedSecret } : {}),
    serverVersion: '100999',
    pluginsVersion: '1001.0.0.SNAPSHOT',
    baseUrl: site.baseUrl,
    displayUrl: site.baseUrl,
    productType: 'jira',
    description: `Atlassian Jira at ${site.baseUrl}`,
    cloudId: site.cloudId,
    eventType,
  };
}

async function sendSigned(
  life: Life,
  site: Site,
  url: string | undefined,
  eventType: 'installed' | 'uninstalled',
  secret: { readonly appKey: string; readonly sharedSecret?: string },
): Promise<Outcome> {
  const claims = { ...baseClaims(life, site, url ?? ''), aud: [life.appBaseUrl] };
  const token = signRs256(claims, life.installKey.privateKey, life.installKey.kid);
  return send(life, site, url, eventType, payload(site, eventType, secret), token);
}

async function sendShared(
  life: Life,
  site: Site,
  installation: Installation,
  url: string | undefined,
  eventType: 'enabled' | 'disabled',
): Promise<Outcome> {
  const token = signHs256(baseClaims(life, site, url ?? ''), installation.sharedSecret);
  return send(life, site, url, eventType, payload(site, eventType, installation), token);
}

function baseClaims(life: Life, site: Site, url: string) {
  const now = Math.floor(life.clock.now() / 1000);
  const target = targetWithin(life.appBaseUrl, life.appBaseUrl + url);
  return { iss: site.clientKey, iat: now, exp: now + TOKEN_SECONDS, qsh: queryHash('POST', target) };
}

async function send(
  life: Life,
  site: Site,
  url: string | undefined,
  event: EventType,
  body: unknown,
  token: string | undefined,
): Promise<Outcome> {
  // A descriptor need not ask for every event; what is not asked for counts as heard.
  if (url === undefined) return { status: 204 };
  const answered = await callAddon(life.resolve, life.appBaseUrl + url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `JWT ${token}` }) },
    body: JSON.stringify(body),
  });
  life.tell({
    kind: 'lifecycle',
    at: life.clock.now(),
    site: site.name,
    event,
    status: answered.status,
    ms: answered.ms,
  });
  return { status: answered.status };
}
