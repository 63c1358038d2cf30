/** When a pair ends because its issue has left what its side wants under sync. */
import type { HalfSettings } from '../model/connection.ts';
import type { JiraIssue } from '../model/replica.ts';
import type { RuleDocument } from '../model/rules.ts';
import { scopeJql } from './scope.ts';

/**
 * The JQL that an issue matches as long as it is inside its side's scope: what the triggers on creation or on changes would let in,
 * whether they are on or not. `undefined` when all of the project is inside.
 */
export function insideJql({ projectKey, scope, triggers }: HalfSettings): string | undefined {
  const parts = [scope, ...(triggers?.onUpdate === undefined ? [] : [triggers.onUpdate])];
  if (parts.some((part) => part.trim() === '')) return undefined;
  return scopeJql(projectKey, parts.map((part) => `(${part})`).join(' OR '));
}

/** What is known before the site is asked. */
export interface ScopeFacts {
  readonly settings: HalfSettings;
  readonly rules: Pick<RuleDocument, 'leaving'>;
  /** The issue of the side from which the pair began. */
  readonly issue: JiraIssue;
  /** The site's stamp of the issue as it was last settled. */
  readonly stamp: number | undefined;
}

/**
 * The JQL to ask the site of this issue, when it has to be asked at all: never while the rules keep pairs, and not about an issue that
 * has not changed since it was last settled. What a query means changes with time, too (`due < now()`): a full run asks of every pair.
 */
export function scopeQuestion({ settings, rules, issue, stamp }: ScopeFacts): string | undefined {
  if (rules.leaving !== 'end' || issue.projectKey !== settings.projectKey) return undefined;
  return issue.updatedAt === stamp ? undefined : insideJql(settings);
}
