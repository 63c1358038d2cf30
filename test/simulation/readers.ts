/**
 * Who may read a comment, in runs whose rules let restricted ones travel: what people do with it, and as what it has to arrive.
 * Written without the engine, like the rest of the judge.
 */
import type { Comment } from '../../infra/local/jira/model/types.ts';
import { APP_ROLE } from '../../infra/local/jira/model/scheme.ts';
import { pick } from './chance.ts';
import type { Chance } from './chance.ts';

/** The role of both projects whose comments the app may read, besides its administrators' own. */
const SHARED_ROLE = `role:${APP_ROLE}`;
const INTERNAL_KEY = 'sd.public.comment';

/** The rules' table: what is internal arrives for the role, because the sites have no internal comments. */
export const READER_TABLE: Readonly<Record<string, string>> = { [SHARED_ROLE]: SHARED_ROLE, internal: SHARED_ROLE };

/** What people choose from: everybody, a role that travels, one that stays and that the app does not even see. */
const OPEN = null;
const SHARED = { type: 'role', value: APP_ROLE } as const;
const HIDDEN = { type: 'role', value: 'Administrators' } as const;

/** What a new comment is given. */
export function bornReaders(chance: Chance): { readonly visibility?: unknown; readonly internal?: boolean } {
  const drawn = chance();
  if (drawn < 0.15) return { internal: true };
  return drawn < 0.5 ? { visibility: pick(chance, [SHARED, HIDDEN]) } : {};
}

/** What an edit makes of the readers; of a copy nobody makes one that the app does not see. */
export function nextReaders(chance: Chance, isCopy: boolean): { readonly visibility?: unknown } {
  if (chance() < 0.4) return {};
  return { visibility: pick(chance, isCopy ? [OPEN, SHARED] : [OPEN, SHARED, HIDDEN]) };
}

/** Who may read a comment, by a name; empty for everybody. */
export function readersOf({ visibility, properties }: Comment): string {
  const mark = properties[INTERNAL_KEY];
  const isInternal = typeof mark === 'object' && mark !== null && 'internal' in mark && mark.internal === true;
  const names = visibility === null ? [] : [`${visibility.type}:${visibility.value}`];
  return [...names, ...(isInternal ? ['internal'] : [])].join(' and ');
}

/** For whom it has to arrive on the other side, empty for everybody; `undefined`: it stays. */
export function arrivesFor(comment: Comment, isShared: boolean): string | undefined {
  const readers = readersOf(comment);
  if (readers === '') return '';
  return isShared ? READER_TABLE[readers] : undefined;
}
