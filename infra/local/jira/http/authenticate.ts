import { timingSafeEqual } from 'node:crypto';
import { refuse } from '../model/problem.ts';
import type { Person, Site, World } from '../model/types.ts';
import { appAccountId } from '../model/world.ts';
import { queryHash } from './qsh.ts';
import { isSignedHs256, openToken } from './token.ts';

/** How far ahead of us an app's clock may be. */
const CLOCK_SKEW_SECONDS = 60;

/** What of a request decides who it is from. */
export interface Signed {
  readonly method: string;
  /** Raw request target: path and query as sent. */
  readonly target: string;
  readonly authorization: string | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Says who calls: the add-on by its JWT, or a person by e-mail and API token.
 * @throws JiraProblem 401 for every other case, 403 for a disabled add-on
 */
export function authenticate(world: World, site: Site, request: Signed): Person {
  const [scheme, ...rest] = (request.authorization ?? '').split(' ');
  const credential = rest.join(' ').trim();
  if (scheme?.toLowerCase() === 'jwt') return authenticateApp(world, site, request, credential);
  if (scheme?.toLowerCase() === 'basic') return authenticatePerson(world, site, credential);
  throw unauthorized('no known authorization');
}

function unauthorized(why: string): Error {
  return refuse(401, `Client must be authenticated to access this resource (${why}).`);
}

function authenticatePerson(world: World, site: Site, credential: string): Person {
  const pair = Buffer.from(credential, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const [email, token] = [pair.slice(0, colon).toLowerCase(), pair.slice(colon + 1)];
  for (const member of site.members.values()) {
    const person = world.people.get(member.accountId);
    if (person?.emailAddress.toLowerCase() !== email || member.apiToken === '') continue;
    if (person.active && equal(token, member.apiToken)) return person;
  }
  throw unauthorized('wrong e-mail address or API token');
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function authenticateApp(world: World, site: Site, request: Signed, token: string): Person {
  const installation = site.installation;
  if (installation === null || installation.state === 'uninstalled') throw unauthorized('the add-on is not installed');
  const opened = openToken(token);
  if (opened === undefined || !isSignedHs256(opened, installation.sharedSecret)) throw unauthorized('wrong signature');
  const { iss, exp, iat, qsh, aud } = opened.claims;
  const seconds = Math.floor(request.now / 1000);
  if (iss !== installation.appKey) throw unauthorized('wrong issuer');
  if (typeof exp !== 'number' || exp <= seconds) throw unauthorized('expired');
  if (typeof iat !== 'number' || iat > seconds + CLOCK_SKEW_SECONDS) throw unauthorized('issued in the future');
  if (aud !== undefined && !(Array.isArray(aud) ? aud : [aud]).includes(site.clientKey))
    throw unauthorized('wrong audience');
  if (qsh !== queryHash(request.method, request.target)) throw unauthorized('wrong query hash');
  if (installation.state === 'disabled') throw refuse(403, 'The add-on is disabled.');
  const person = world.people.get(appAccountId(installation.appKey));
  if (person === undefined) throw unauthorized('the add-on has no user');
  return person;
}
