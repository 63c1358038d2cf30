import type { ValueHash } from '../model/ids.ts';
import type { Abilities } from '../model/plan.ts';
import type { Visibility } from '../model/replica.ts';
import type { RuleDocument } from '../model/rules.ts';
import type { Code } from '../verdict.ts';
import { digest } from './echo.ts';

/** Who may read a note, as far as its site tells. */
export interface Audience {
  readonly isRestricted: boolean;
  readonly visibility?: Visibility;
}

/** Whom a note is meant for on the other side (`null`: everybody who sees the issue), or why it stays. */
export type Aim = { readonly visibility: Visibility | null } | { readonly code: Code };

/** The name of an audience in the rules' table: `role:Developers`, `group:staff`, `internal`. */
export function audienceName({ type, name }: Visibility): string {
  return type === 'internal' ? type : `${type}:${name}`;
}

/**
 * As what a note arrives. One that everybody may read stays so; a restricted one goes only where the table of its side says.
 * An audience that the other site cannot have is never replaced by everybody.
 */
export function aimOf(
  note: Audience,
  { visibility: table = {} }: Pick<RuleDocument, 'visibility'>,
  { hasInternal = false }: Pick<Abilities, 'hasInternal'>,
  restricted: Code,
): Aim {
  if (!note.isRestricted) return { visibility: null };
  const mapped = note.visibility === undefined ? undefined : entryOf(table, audienceName(note.visibility));
  if (mapped === 'public') return { visibility: null };
  const visibility = mapped === undefined ? undefined : parseAudience(mapped);
  if (visibility === undefined) return { code: restricted };
  return visibility.type === 'internal' && !hasInternal ? { code: 'visibility-unknown' } : { visibility };
}

/** True when the note may leave at all, whatever the other site knows. */
export function mayBeRead(note: Audience, { visibility: table = {} }: Pick<RuleDocument, 'visibility'>): boolean {
  if (!note.isRestricted) return true;
  return note.visibility !== undefined && entryOf(table, audienceName(note.visibility)) !== undefined;
}

/** The hash of a restriction; `undefined` where there is none. One that is not told in full is like no other. */
export function hashOfAudience(note: Audience): ValueHash | undefined {
  if (!note.isRestricted) return undefined;
  return digest(['for', note.visibility === undefined ? '' : audienceName(note.visibility)]);
}

/** The audience that a restriction amounts to. */
export function audienceFor(visibility: Visibility | null): Audience {
  return visibility === null ? { isRestricted: false } : { isRestricted: true, visibility };
}

/**
 * Can an edit lead from one audience to the other? Jira does not promise that an edit takes a restriction away, and an internal
 * comment is marked otherwise than one of a role. Where it cannot, the copy is made anew.
 */
export function canBecome(now: Audience, wanted: Visibility | null): boolean {
  if (hashOfAudience(now) === hashOfAudience(audienceFor(wanted))) return true;
  if (!now.isRestricted) return wanted !== null;
  return (
    wanted !== null && wanted.type !== 'internal' && now.visibility !== undefined && now.visibility.type !== 'internal'
  );
}

function entryOf(table: NonNullable<RuleDocument['visibility']>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function parseAudience(text: string): Visibility | undefined {
  if (text === 'internal') return { type: 'internal', name: '' };
  const [, type, name] = /^(role|group):(.+)$/s.exec(text) ?? [];
  return (type === 'role' || type === 'group') && name !== undefined ? { type, name } : undefined;
}
