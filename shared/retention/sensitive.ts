/**
 * Finds what nobody should give us in what people type: card numbers, account numbers of banks, passwords, keys and tokens. Those
 * who are made for it keep them; here they are refused before anything is stored. Pure. @see SPEC.md R60, PROMISES.md X-26, X-27
 *
 * It knows forms and no meanings: what a sentence tells of somebody's health or faith has no form.
 */
import type { Code } from '../verdict.ts';

/** How a text is refused. */
export type SensitiveCode = Extract<Code, 'card-number-refused' | 'sensitive-refused'>;

/**
 * Digits alone, or grouped as they are printed, by one blank or dash. Nothing that is part of a longer word or number: ids of
 * other makers hold runs of digits, too.
 */
const CARD =
  /(?<![\w-])(?:\d{13,19}|\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}|\d{4}[ -]\d{6}[ -]\d{4,5}|\d{4}(?:[ -]\d{4}){3}[ -]\d{1,3})(?![\w-])/g;
/** First digits and lengths that issuers of cards use. @see ISO/IEC 7812, the issuers' public ranges */
const ISSUED = [
  /^4(?:\d{12}|\d{15}|\d{18})$/,
  /^(?:5[1-5]|2[2-7])\d{14}$/,
  /^3[47]\d{13}$/,
  /^3(?:0[0-5]|[689]\d)\d{11}$/,
  /^(?:6011|64[4-9]\d|65\d{2})\d{12}(?:\d{3})?$/,
  /^35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?$/,
  /^62\d{14,17}$/,
  /^(?:50|5[6-9]|6\d)\d{11,17}$/,
];
/** @see ISO 13616: country, two check digits, at most 30 more; printed in groups of four. */
const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])/g;
/** Forms of keys and tokens that their makers publish for scanners such as this one. */
const CREDENTIALS = [
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
  // A signed token: three parts, the first two are JSON.
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/,
  /\bATATT3[\w=-]{20,}/,
  /\bATCTT3[\w=-]{20,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bgh[oprsu]_[A-Za-z0-9]{36}/,
  /\bgithub_pat_\w{22,}/,
  /\bglpat-[\w-]{20}/,
  /\bxox[abeprs]-[\w-]{10,}/,
  /\bAIza[\w-]{35}/,
  /\b[rs]k_live_[A-Za-z0-9]{16,}/,
  // Said in so many words.
  /\b(?:password|passwort|passphrase|kennwort|secret|api[ _-]?key|api[ _-]?token)\s*[:=]\s*["']?(?=\S*\d)[^\s"']{8,}/i,
];

/** What a text holds that is not for us; `undefined` when nothing is found. */
export function sensitiveIn(text: string): SensitiveCode | undefined {
  if ([...text.matchAll(CARD)].some(([found]) => isCard(found.replace(/[ -]/g, '')))) return 'card-number-refused';
  if ([...text.matchAll(IBAN)].some(([found]) => isIban(found.replaceAll(' ', '')))) return 'sensitive-refused';
  return CREDENTIALS.some((form) => form.test(text)) ? 'sensitive-refused' : undefined;
}

/** The first text of a value that is refused, and where it is. */
export interface SensitiveFinding {
  readonly code: SensitiveCode;
  /** Names and places only, `rows.0.name`; a name that looks like content is `*`. */
  readonly path: string;
}

/** Looks through all texts of a value, names of its members included. */
export function sensitiveInAll(value: unknown, path = ''): SensitiveFinding | undefined {
  if (typeof value === 'string') {
    const code = sensitiveIn(value);
    return code === undefined ? undefined : { code, path };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const code = Array.isArray(value) ? undefined : sensitiveIn(name);
    const below = `${path}${path === '' ? '' : '.'}${PLAIN_NAME.test(name) ? name : '*'}`;
    const found = code === undefined ? sensitiveInAll(part, below) : { code, path: below };
    if (found !== undefined) return found;
  }
  return undefined;
}

const PLAIN_NAME = /^(?:[A-Za-z][A-Za-z]{0,40}|\d{1,5})$/;

function isCard(digits: string): boolean {
  return ISSUED.some((range) => range.test(digits)) && isLuhn(digits) && new Set(digits).size > 1;
}

/** From the right, every second digit counts twice. @see ISO/IEC 7812-1 annex B */
function isLuhn(digits: string): boolean {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

/** The number that it spells is one more than a multiple of 97. @see ISO 7064 MOD 97-10 */
function isIban(text: string): boolean {
  const turned = `${text.slice(4)}${text.slice(0, 4)}`;
  const digits = Array.from(turned)
    .map((sign) => Number.parseInt(sign, 36).toString())
    .join('');
  return Array.from(digits).reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}
