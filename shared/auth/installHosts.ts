/** Which sites may install, and who vouches for them. Pure. @see ATLASSIAN.md §3.2 */
import { Fault } from '../verdict.ts';

interface HostFamily {
  /** The domain of the sites; a site has exactly one label before it. */
  readonly domain: string;
  /** Where the public keys of its signed installs are: the first is asked first. */
  readonly keyServers: readonly [string, string];
}

/**
 * Atlassian also runs staging (`.jira-dev.com`) and government clouds (`.atlassian-us-gov-mod.net`,
 * `.atlassian-stg-fedm.net`) with keys of their own. They have no row: their key servers are not on the register of
 * processors, and a staging key must not be able to vouch for anything here.
 */
const families: readonly HostFamily[] = ['.atlassian.net', '.jira.com'].map((domain) => ({
  domain,
  keyServers: ['https://asap-distribution.us-west-2.prod.atl-asap.net', 'https://connect-install-keys.atlassian.com'],
}));

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The key servers for a site's base URL.
 * @throws Fault `host-refused` for anything but `https://`, one label and a known domain
 */
export function keyServersOf(baseUrl: string): readonly string[] {
  const host = /^https:\/\/([a-z0-9.-]+)$/.exec(baseUrl)?.[1] ?? '';
  const family = families.find(
    ({ domain }) => host.endsWith(domain) && LABEL.test(host.slice(0, host.length - domain.length)),
  );
  if (family === undefined) throw new Fault('host-refused');
  return family.keyServers;
}

/** A key id is the attacker's to choose until its key was found: it stays one segment and cannot climb. */
const KEY_ID = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/**
 * Where a public key is on a key server.
 * @throws Fault `token-key-unknown` for a key id that is absent or more than one plain segment
 */
export function keyUrl(server: string, keyId: string | undefined): string {
  if (keyId === undefined || !KEY_ID.test(keyId)) throw new Fault('token-key-unknown', { reason: 'key-id' });
  return `${server}/${keyId}`;
}
