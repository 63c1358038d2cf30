import type { AdfDoc, AdfNode } from '../model/adf.ts';
import { isTooDeep, nodesOf } from './walk.ts';

/**
 * Schemes that a link may have. `tel` and `ftp` do nothing without a person's will; `smb`, and `file` with a host, make a computer show
 * its credentials to a foreign server and are left out, as is everything that runs a script or another program.
 */
const safeSchemes: ReadonlySet<string> = new Set(['http', 'https', 'mailto', 'ftp', 'ftps', 'tel']);

/** Attributes whose value is an address wherever they stand, besides all whose name ends like one (`avatarUrl`, `xlink:href`). */
const addressKeys: ReadonlySet<string> = new Set(['link', 'icon', 'image', 'poster', 'action', 'formaction', '@id']);
const addressEnding = /(?:url|uri|href|src)$/;

/** How often an address is decoded before it counts as a trick by itself. Real addresses need one round, rarely two. */
const decodeRounds = 4;

/** Control characters, every kind of space, soft hyphens, zero-width and direction marks: browsers and people overlook them. */
const invisible =
  /[\u0000-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff]/g;

const namedEntities: Readonly<Record<string, string>> = {
  amp: '&',
  colon: ':',
  tab: '',
  newline: '',
  nbsp: '',
  sol: '/',
  bsol: '\\',
  num: '#',
  lpar: '(',
  rpar: ')',
  shy: '',
  zwnj: '',
  zwj: '',
};

/**
 * True when no address in the document can do harm where it arrives. Link marks, cards, external media and every nested
 * attribute are looked at; text that merely spells an address is content and may travel.
 * Values that hold JSON as text (parameters of macros do) are opened. What is nested deeper than `depthLimit` was not looked at
 * and is not safe. The document's schema is no help here: a card with a `javascript:` address is valid by it.
 */
export function isSafeText(doc: AdfDoc): boolean {
  if (isTooDeep(doc)) return false;
  for (const node of nodesOf(doc)) if (!isSafeNode(node)) return false;
  return true;
}

/**
 * True for an address with one of the accepted schemes, or with none: relative paths, queries and anchors lose their
 * meaning on another site, but cannot run anything. An address with a password in it gives that away, and one whose user name looks
 * like a host (`https://bank.example@evil.example`) deceives; a plain user name (`https://ann@bitbucket.org`) may stand. Decoding tricks (entities, percent signs, control characters, full-width
 * letters) are undone first; an address must be safe in each form that a reader might make of it.
 */
export function isSafeAddress(address: string): boolean {
  const forms = formsOf(address);
  return forms.length <= decodeRounds && forms.every((form) => hasSafeScheme(form) && !hasCredentials(form));
}

/** The text as written and as each round of decoding makes it. */
function formsOf(text: string): readonly string[] {
  const forms = [text];
  for (let round = 0; round < decodeRounds; round += 1) {
    const form = forms.at(-1) ?? '';
    const next = decoded(form);
    if (next === form) break;
    forms.push(next);
  }
  return forms;
}

function isSafeNode(node: AdfNode): boolean {
  return isSafeAttrs(node.attrs) && (node.marks ?? []).every((mark) => isSafeAttrs(mark.attrs));
}

function isSafeAttrs(value: unknown, key = ''): boolean {
  if (typeof value === 'string') return isSafeValue(value, key.toLowerCase());
  if (Array.isArray(value)) return value.every((inner) => isSafeAttrs(inner, key));
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => isSafeAttrs(inner, name));
}

function isSafeValue(value: string, key: string): boolean {
  if (addressKeys.has(key) || addressEnding.test(key)) return isSafeAddress(value);
  if (formsOf(value).some(isHarmful)) return false;
  const inner = opened(value);
  return inner === undefined || (!isTooDeep(inner) && isSafeAttrs(inner));
}

/** The object or list that the text spells in JSON, if it does. */
function opened(value: string): object | undefined {
  if (!/^\s*[[{]/.test(value)) return undefined;
  try {
    const inner: unknown = JSON.parse(value);
    return typeof inner === 'object' && inner !== null ? inner : undefined;
  } catch {
    return undefined;
  }
}

/** Attributes that need not be an address are refused only when they start like a script or like a file of a foreign host. */
function isHarmful(form: string): boolean {
  const text = plain(form);
  return (
    /^(?:javascript|vbscript|livescript):|^data:(?:[a-z]+\/|[,;])|^(?:file|smb):[/\\]/.test(text) && !isOwnFile(text)
  );
}

/** A user name with a password, or one with a dot, before the host. Browsers take any number and kind of slashes. */
function hasCredentials(form: string): boolean {
  const text = plain(form);
  const user = /^(?:(?:https?|ftps?):[/\\]*|[/\\]{2,})([^/\\?#]*)@/.exec(text)?.[1];
  return user !== undefined && /[:.]/.test(user);
}

function hasSafeScheme(form: string): boolean {
  const text = plain(form);
  const scheme = /^([^/?#\\]*?):/.exec(text)?.[1];
  if (scheme === undefined || safeSchemes.has(scheme)) return true;
  return isHostWithPort(text) || isOwnFile(text);
}

/** A path on the reader's own computer, as crash reports are full of: no host, so nobody to show credentials to. */
function isOwnFile(text: string): boolean {
  return /^file:\/\/\/[^/\\]/.test(text);
}

/** `www.example.com:8080/path`: a dot before the colon and digits after it, so no scheme of any program. */
function isHostWithPort(text: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+:[0-9]{1,5}(?:[/?#]|$)/.test(text);
}

function plain(form: string): string {
  return form.normalize('NFKC').replace(invisible, '').toLowerCase();
}

function decoded(form: string): string {
  return form
    .replace(/%([0-9a-f]{2})/gi, (whole, hex: string) => ascii(parseInt(hex, 16), whole))
    .replace(/&#x0*([0-9a-f]{1,6});?/gi, (whole, hex: string) => character(parseInt(hex, 16), whole))
    .replace(/&#0*([0-9]{1,7});?/g, (whole, digits: string) => character(Number(digits), whole))
    .replace(/\\u\{?0*([0-9a-f]{1,6})\}?/gi, (whole, hex: string) => character(parseInt(hex, 16), whole))
    .replace(/&([a-z]{2,8});?/gi, (whole, name: string) => namedEntities[name.toLowerCase()] ?? whole);
}

/** Percent signs beyond ASCII stand for bytes, not characters; no scheme is written with them. */
function ascii(code: number, whole: string): string {
  return code < 0x80 ? String.fromCodePoint(code) : whole;
}

function character(code: number, whole: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
