/** How a side's scope becomes JQL. */
import type { ProjectKey } from '../model/ids.ts';

/**
 * The JQL of a side's scope: its own project, narrowed by what the admin wrote. Safe to join only when the scope was
 * found valid on its own (see {@link scopeChecks}): then its parentheses are balanced and it cannot leave the project.
 */
export function scopeJql(project: ProjectKey, scope: string): string {
  const own = `project = "${project}"`;
  return scope.trim() === '' ? own : `${own} AND (${scope})`;
}

/**
 * The queries that Jira must accept before a scope is stored: the scope alone (`a) OR (b` is refused there) and joined
 * (an `ORDER BY` is refused there). None for an empty scope.
 */
export function scopeChecks(project: ProjectKey, scope: string): readonly string[] {
  return scope.trim() === '' ? [] : [scope, scopeJql(project, scope)];
}
