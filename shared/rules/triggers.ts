/** Which issues a side wants under sync, at which moment. */
import type { HalfSettings, Triggers } from '../model/connection.ts';
import { scopeJql } from './scope.ts';

/** What a side that said nothing else has: new issues of its scope. */
export const usualTriggers: Triggers = { isActive: true, onCreate: true };

/** What happened to an issue that is not under sync. */
export interface Moment {
  /** It was made while the connection was there: told so, or seen by its date when that message was lost. */
  readonly isNew: boolean;
  /** It was changed after it was made. */
  readonly isChanged: boolean;
}

/** Nothing wants it; every issue of the project is wanted; or those that match. */
export type Want = 'none' | 'all' | { readonly jql: string };

/** What a side's triggers want at that moment, joined to the side's project. */
export function wantOf(settings: HalfSettings, { isNew, isChanged }: Moment): Want {
  const { isActive, onCreate, onUpdate } = settings.triggers ?? usualTriggers;
  if (!isActive) return 'none';
  const wanted = [
    ...(isNew && onCreate ? [settings.scope] : []),
    ...(isChanged && onUpdate !== undefined ? [onUpdate] : []),
  ];
  if (wanted.length === 0) return 'none';
  if (wanted.some((scope) => scope.trim() === '')) return 'all';
  return { jql: scopeJql(settings.projectKey, wanted.map((scope) => `(${scope})`).join(' OR ')) };
}

/**
 * The JQL of the changed issues that the triggers want: the new ones among them, which are those made since `since`, and those that
 * the trigger on changes wants. `undefined`: none.
 */
export function freshJql(settings: HalfSettings, since: number): string | undefined {
  const { projectKey } = settings;
  const of = (want: Want): readonly string[] =>
    want === 'none' ? [] : [want === 'all' ? scopeJql(projectKey, '') : want.jql];
  const made = of(wantOf(settings, { isNew: true, isChanged: false })).map((jql) => `created >= ${since} AND ${jql}`);
  const wanted = [...made, ...of(wantOf(settings, { isNew: false, isChanged: true }))];
  return wanted.length < 2 ? wanted[0] : wanted.map((jql) => `(${jql})`).join(' OR ');
}
