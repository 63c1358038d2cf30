/**
 * Addresses under keyed hashes, and links that nobody can make up. Several keys may be live, the newest first: what an older
 * one has made stays good as long as that key is kept. Pure: the keys are given. @see SPEC.md M16–M18, THREATS.md T31
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { tenantId } from '../model/ids.ts';
import type { MailAddress } from '../model/mail.ts';
import type { TenantRef } from '../model/tenant.ts';
import { Fault } from '../verdict.ts';

/** The newest first; at least one. A key is taken away only when nothing that it has made is stored any more. */
export type MailKeys = readonly Uint8Array[];

const HASH = /^[0-9a-f]{64}$/;

/**
 * Where an address stands on the list of those who want no news: one place for each live key, the newest first. Upper and
 * lower case are one address: who unsubscribes as the one is not written to as the other.
 */
export function listPlaces(keys: MailKeys, address: MailAddress): readonly string[] {
  return keys.map((key) => placeOf(key, address));
}

/** The part of an unsubscribing link that nobody can guess. It names a place on the list and no address. */
export function unsubscribeToken(keys: MailKeys, address: MailAddress): string {
  const [newest] = keys;
  if (newest === undefined) throw new Fault('config-invalid', { setting: 'TWINLINE_MAIL_KEYS' });
  const place = placeOf(newest, address);
  return `${place}.${macOf(newest, `unsubscribe:${place}`)}`;
}

/** The place on the list that a link names; nothing for a link that none of the live keys has made. */
export function unsubscribePlace(keys: MailKeys, token: string): string | undefined {
  const [place = '', mac = '', ...more] = token.split('.');
  if (more.length > 0 || !HASH.test(place)) return undefined;
  return isMade(keys, `unsubscribe:${place}`, mac) ? place : undefined;
}

/** What a link to confirm a wish names. */
export interface ConsentRef extends TenantRef {
  readonly consent: string;
}

/** The part of a confirming link that nobody can guess. */
export function confirmToken(keys: MailKeys, { tenant, generation, consent }: ConsentRef): string {
  const [newest] = keys;
  if (newest === undefined) throw new Fault('config-invalid', { setting: 'TWINLINE_MAIL_KEYS' });
  const said = `${tenant}.${generation}.${consent}`;
  return `${said}.${macOf(newest, `confirm:${said}`)}`;
}

/** The wish that a link names; nothing for a link that none of the live keys has made. */
export function confirmRef(keys: MailKeys, token: string): ConsentRef | undefined {
  const at = token.lastIndexOf('.');
  const said = token.slice(0, Math.max(at, 0));
  if (!isMade(keys, `confirm:${said}`, token.slice(at + 1))) return undefined;
  // Made by us, so its parts are ours.
  const [tenant = '', generation = '', consent = ''] = said.split('.');
  return { tenant: tenantId(tenant), generation: Number(generation), consent };
}

function placeOf(key: Uint8Array, address: MailAddress): string {
  return macOf(key, `address:${address.toLowerCase()}`);
}

function macOf(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

function isMade(keys: MailKeys, text: string, mac: string): boolean {
  if (!HASH.test(mac)) return false;
  const given = Buffer.from(mac, 'hex');
  return keys.map((key) => timingSafeEqual(Buffer.from(macOf(key, text), 'hex'), given)).includes(true);
}
