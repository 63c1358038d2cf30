import { badField } from './problem.ts';
import { isRecord } from './richText.ts';
import type { Act, Field, Named, Option } from './types.ts';

/** What people write as an address; Jira asks for a scheme and something behind it. */
const ADDRESS = /^(?:https?|ftp|mailto|file|news):\S+$/i;
/** Longest address. @see Jira's field limits */
const ADDRESS_LIMIT = 255;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})$/;
const MINUTE_MS = 60_000;

/** Takes an address. @throws JiraProblem 400 */
export function parseUrl(field: Field, raw: unknown): string | null {
  if (raw === null || raw === '') return null;
  if (typeof raw !== 'string') throw badField(field.id, 'Operation value must be a string');
  if (raw.length > ADDRESS_LIMIT)
    throw badField(
      field.id,
      `The entered text is too long. It exceeds the allowed limit of ${ADDRESS_LIMIT} characters.`,
    );
  if (!ADDRESS.test(raw)) throw badField(field.id, 'Not a valid URL');
  return raw;
}

/** Takes a number. @throws JiraProblem 400 */
export function parseNumber(field: Field, raw: unknown): number | null {
  if (raw === null || (typeof raw === 'number' && Number.isFinite(raw))) return raw;
  throw badField(field.id, 'Operation value must be a number');
}

/** Takes a calendar day. @throws JiraProblem 400 */
export function parseDate(field: Field, raw: unknown): string | null {
  if (raw === null || raw === '') return null;
  if (typeof raw !== 'string') throw badField(field.id, 'Operation value must be a string');
  const at = /^\d{4}-\d{2}-\d{2}$/.test(raw) ? Date.parse(raw) : Number.NaN;
  // `Date.parse` refuses a 13th month but lets the 31st of February become the 3rd of March.
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(raw)) return raw;
  throw badField(field.id, `Error parsing date string: ${raw}`);
}

/** Takes an instant with its offset, as epoch ms; Jira keeps no seconds of it. @throws JiraProblem 400 */
export function parseDateTime(field: Field, raw: unknown): number | null {
  if (raw === null || raw === '') return null;
  if (typeof raw !== 'string') throw badField(field.id, 'Operation value must be a string');
  const at = INSTANT.test(raw) ? Date.parse(raw.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')) : Number.NaN;
  if (Number.isNaN(at)) throw badField(field.id, `Error parsing time: ${raw}`);
  return at - (at % MINUTE_MS);
}

/** Takes one option by id or value. @throws JiraProblem 400 */
export function parseOption(field: Field, among: readonly (Named | Option)[], raw: unknown): string | null {
  if (raw === null) return null;
  const { id, value } = isRecord(raw) ? raw : {};
  if (typeof id !== 'string' && typeof value !== 'string')
    throw badField(field.id, "Could not find valid 'id' or 'value' in the Parent Option object.");
  // Jira's own sign for "none".
  if (id === '-1') return null;
  const found = among.find((option) => (typeof id === 'string' ? option.id === id : option.name === value));
  if (found !== undefined && !('disabled' in found && found.disabled)) return found.id;
  throw badField(
    field.id,
    typeof id === 'string' ? `Option id '${id}' is not valid` : `Option value '${String(value)}' is not valid`,
  );
}

/** Takes several options, each once. @throws JiraProblem 400 */
export function parseOptions(field: Field, raw: unknown): readonly string[] {
  return listOf(field, raw, (one) => parseOption(field, field.options ?? [], one));
}

/** Takes the option of a cascading select with, perhaps, its child. @throws JiraProblem 400 */
export function parseCascade(field: Field, raw: unknown): readonly string[] | null {
  const parentId = parseOption(field, field.options ?? [], raw);
  if (parentId === null) return null;
  const child = isRecord(raw) ? (raw['child'] ?? null) : null;
  const children = field.options?.find((option) => option.id === parentId)?.children ?? [];
  const childId = parseOption(field, children, child);
  return childId === null ? [parentId] : [parentId, childId];
}

/** Takes a person for a custom field: anybody of the site who is active. @throws JiraProblem 400 */
export function parsePerson(act: Act, field: Field, raw: unknown): string | null {
  if (raw === null) return null;
  if (!isRecord(raw)) throw badField(field.id, 'expected Object');
  const accountId = raw['accountId'] ?? raw['id'] ?? null;
  if (accountId === null) return null;
  if (typeof accountId !== 'string') throw badField(field.id, 'Operation value must be a string');
  if (!act.site.members.has(accountId)) throw badField(field.id, `User '${accountId}' was not found in the system.`);
  if (act.world.people.get(accountId)?.active !== true)
    throw badField(field.id, `User '${accountId}' is not valid for this user picker.`);
  return accountId;
}

/** Takes several persons, each once. @throws JiraProblem 400 */
export function parsePersons(act: Act, field: Field, raw: unknown): readonly string[] {
  return listOf(field, raw, (one) => parsePerson(act, field, one));
}

function listOf(field: Field, raw: unknown, parse: (one: unknown) => string | null): readonly string[] {
  if (raw === null) return [];
  if (!Array.isArray(raw)) throw badField(field.id, 'data was not an array');
  return [...new Set((raw as unknown[]).map(parse).filter((one) => one !== null))];
}
