/** The Connect door: tokens in, principals out, and the header for calls the other way. @see ATLASSIAN.md §3 and §4 */
import { checkAudience, checkQueryHash, checkTimes } from '../../auth/claims.ts';
import type { Claims } from '../../auth/claims.ts';
import { keyServersOf, keyUrl } from '../../auth/installHosts.ts';
import { readToken, signAppToken, verifySignature } from '../../auth/jwt.ts';
import type { UnverifiedToken } from '../../auth/jwt.ts';
import { findToken } from '../../auth/place.ts';
import { CONTEXT_HASH, acceptedHashes, queryHash } from '../../auth/qsh.ts';
import type { Http } from '../../http.ts';
import { accountId } from '../../model/ids.ts';
import type { AccountId } from '../../model/ids.ts';
import type { Clock, ConnectDoor, Keys, SignedRequest, Store } from '../../ports.ts';
import { Fault, toFault } from '../../verdict.ts';
import { parseSite } from '../../wire/lifecycle.ts';
import { createInstallKeys } from './installKeys.ts';
import { createSites } from './sites.ts';
import type { KnownSite } from './sites.ts';

export interface ConnectPorts {
  readonly store: Store;
  readonly keys: Keys;
  readonly http: Http;
  readonly clock: Clock;
}

export interface ConnectSettings {
  /** Our own address, as the descriptor names it; no slash at the end. */
  readonly baseUrl: string;
  readonly addonKey: string;
}

/** A signature that fits no secret may mean a rotation: look again, but not for every bad token. */
const REFRESH_AFTER_MS = 5_000;
/** A call of ours must not be signed with a secret that was rotated long ago. */
const SIGNING_MAX_AGE_MS = 60_000;

/** Builds the door. Everything it keeps is in this instance's memory, bounded and for minutes. */
export function createConnectDoor(ports: ConnectPorts, settings: ConnectSettings): ConnectDoor {
  const { clock } = ports;
  const sites = createSites(ports);
  const installKeys = createInstallKeys(ports);
  const basePath = new URL(settings.baseUrl).pathname.replace(/\/$/, '');
  const hashes = ({ method, target }: SignedRequest) => acceptedHashes({ method, target, basePath });

  /** The site that signed a token with its secret, times and audience checked; the query hash is not. */
  async function siteOf(token: UnverifiedToken): Promise<KnownSite> {
    if (token.algorithm !== 'HS256') throw new Fault('token-algorithm');
    const issuer = token.claims.iss;
    let site = await sites.byClientKey(issuer);
    let trouble = whyUnsigned(token, site);
    if (trouble !== undefined && site !== undefined && clock.now() - site.readAt >= REFRESH_AFTER_MS) {
      site = await sites.byClientKey(issuer, 0);
      trouble = whyUnsigned(token, site);
    }
    if (trouble !== undefined || site === undefined) throw trouble ?? new Fault('token-issuer');
    checkTimes(token.claims, clock.now());
    // Jira's own calls carry no audience; one that is there must not be somebody else's.
    checkAudience(token.claims, [settings.baseUrl, settings.addonKey, issuer], true);
    return site;
  }

  function whyUnsigned(token: UnverifiedToken, site: KnownSite | undefined): Fault | undefined {
    const secrets = [site?.secret, previousOf(site, clock.now())].filter((secret) => secret !== undefined);
    if (secrets.length === 0) return new Fault('token-issuer');
    return secrets.some((key) => isSigned(token, key)) ? undefined : new Fault('token-signature');
  }

  return {
    name: 'connect',

    verifySite: async (request) => {
      const { text, place } = findToken(request);
      const token = readToken(text);
      const site = await siteOf(token);
      // Addresses end up in logs and histories; no server-to-server call of Jira has its token there.
      if (place === 'query' || token.claims.qsh === CONTEXT_HASH) throw new Fault('token-kind');
      checkQueryHash(token.claims, hashes(request));
      return { kind: 'site', ...principalOf(site) };
    },

    verifyPerson: async (request) => {
      const { text, place } = findToken(request);
      const token = readToken(text);
      const site = await siteOf(token);
      // A page's own address is bound to its token; only calls that the page then makes may use a context token.
      if (token.claims.qsh !== CONTEXT_HASH) checkQueryHash(token.claims, hashes(request));
      else if (place === 'query') throw new Fault('token-kind');
      const isLicensed = token.claims.context?.license.active;
      const hint = isLicensed === undefined ? {} : { isLicensed };
      return { kind: 'person', ...principalOf(site), account: personOf(token.claims), ...hint };
    },

    authorise: async (tenant, method, target) => {
      const site = await sites.byTenant(tenant, SIGNING_MAX_AGE_MS);
      if (site?.secret === undefined) throw new Fault('site-not-ready');
      const facts = {
        addonKey: settings.addonKey,
        clientKey: site.clientKey,
        hash: queryHash({ method, target }),
        now: clock.now(),
      };
      return { baseUrl: site.baseUrl, authorization: `JWT ${signAppToken(facts, site.secret)}` };
    },

    // All that needs no key is checked first: a made-up token must not make us call anybody.
    verifyInstall: async (request, body) => {
      const { text, place } = findToken(request);
      if (place === 'query') throw new Fault('token-kind');
      const token = readToken(text);
      if (token.algorithm !== 'RS256') throw new Fault('token-algorithm');
      keyUrl('', token.keyId);
      checkTimes(token.claims, clock.now());
      checkAudience(token.claims, [settings.baseUrl, `${settings.baseUrl}/`], false);
      if (token.claims.qsh === CONTEXT_HASH) throw new Fault('token-kind');
      checkQueryHash(token.claims, hashes(request));
      const site = parseSite(body);
      if (site.clientKey !== token.claims.iss) throw new Fault('tenant-mismatch');
      keyServersOf(site.baseUrl);
      verifySignature(token, { algorithm: 'RS256', key: await installKeys.find(site.baseUrl, token.keyId) });
      if (site.addonKey !== settings.addonKey) throw new Fault('body-invalid', { field: 'key' });
      const { iat } = token.claims;
      return iat === undefined ? site : { ...site, saidAt: Math.floor(iat) * 1000 };
    },
  };
}

function previousOf(site: KnownSite | undefined, now: number): string | undefined {
  return site?.previous !== undefined && now < site.previous.until ? site.previous.secret : undefined;
}

function isSigned(token: UnverifiedToken, key: string): boolean {
  try {
    verifySignature(token, { algorithm: 'HS256', key });
    return true;
  } catch (thrown) {
    if (toFault(thrown).code === 'token-signature') return false;
    throw thrown;
  }
}

function principalOf(site: KnownSite) {
  return { tenant: site.tenant, owner: site.owner, isActive: site.isActive };
}

/** @throws Fault `token-kind` for a token without a person in it */
function personOf(claims: Claims): AccountId {
  if (claims.sub === undefined) throw new Fault('token-kind');
  try {
    return accountId(claims.sub);
  } catch (cause) {
    throw new Fault('token-malformed', { part: 'claims', claim: 'sub' }, cause);
  }
}
