import { agileOperations } from './agile.ts';
import { attachmentOperations } from './attachments.ts';
import { audienceOperations } from './audience.ts';
import { commentOperations, commentPropertyOperations } from './comments.ts';
import { changelogOperations, issueMetaOperations, issueOperations, issuePropertyOperations } from './issues.ts';
import { jqlOperations } from './jql.ts';
import { listOperations } from './lists.ts';
import { linkOperations, remoteLinkOperations } from './links.ts';
import type { Operation } from './operation.ts';
import { addonOperations, permissionOperations, reportOperations, userOperations } from './people.ts';
import { projectOperations, siteOperations } from './places.ts';
import { searchOperations } from './search.ts';
import { worklogOperations, worklogPropertyOperations } from './worklogs.ts';

/** Every operation the stand-in offers; a call to anything else has no operation. */
export const operations: readonly Operation[] = [
  ...issueOperations,
  ...issuePropertyOperations,
  ...issueMetaOperations,
  ...changelogOperations,
  ...commentOperations,
  ...commentPropertyOperations,
  ...worklogOperations,
  ...worklogPropertyOperations,
  ...attachmentOperations,
  ...linkOperations,
  ...remoteLinkOperations,
  ...audienceOperations,
  ...searchOperations,
  ...projectOperations,
  ...siteOperations,
  ...userOperations,
  ...permissionOperations,
  ...listOperations,
  ...jqlOperations,
  ...agileOperations,
  ...addonOperations,
  ...reportOperations,
];

const byId: ReadonlyMap<string, Operation> = new Map(operations.map((one) => [one.operationId, one]));

/** The operation of that name. */
export function operationOf(operationId: string): Operation | undefined {
  return byId.get(operationId);
}

/** An operation found by its address, with the path parameters still percent-encoded. */
export interface Matched {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

// A literal path wins over a template that would fit too, as `project/search` over `project/{projectIdOrKey}`.
const templates = operations
  .map((operation) => ({ operation, segments: operation.path.split('/') }))
  .sort((a, b) => literals(b.segments) - literals(a.segments));

/** Finds the operation a call is for. */
export function matchOperation(method: string, path: string): Matched | undefined {
  const segments = path.split('/');
  for (const template of templates) {
    if (template.operation.method !== method.toUpperCase()) continue;
    const params = bind(template.segments, segments);
    if (params !== undefined) return { operation: template.operation, params };
  }
  return undefined;
}

function bind(template: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (template.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const given = segments[index] ?? '';
    if (part.startsWith('{') && given !== '') params[part.slice(1, -1)] = given;
    else if (part !== given) return undefined;
  }
  return params;
}

function literals(segments: readonly string[]): number {
  return segments.filter((segment) => !segment.startsWith('{')).length;
}
