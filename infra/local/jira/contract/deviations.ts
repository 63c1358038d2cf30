/** A point where Jira is known to differ from its own OpenAPI document. */
export interface Deviation {
  /** The operations it concerns. */
  readonly operations: 'all' | readonly string[];
  /** A status answered without being declared. */
  readonly status?: number;
  /** Members answered with another type than declared: the last names of their paths. */
  readonly members?: readonly string[];
  readonly what: string;
  /** Where this is known from. */
  readonly source: string;
}

/** All of them that matter to the stand-in. A contract that differs from the document without a row here is wrong. */
export const deviations: readonly Deviation[] = [
  {
    operations: 'all',
    status: 429,
    what: 'Any call may be throttled; the document declares it for ten operations of the whole interface.',
    source: 'ATLASSIAN.md §6.1; developer.atlassian.com/cloud/jira/platform/rate-limiting',
  },
  {
    operations: 'all',
    status: 503,
    what: 'Any call may find the site unavailable, with or without Retry-After.',
    source: 'ATLASSIAN.md §6.1; developer.atlassian.com/cloud/jira/platform/rate-limiting',
  },
  {
    operations: 'all',
    status: 500,
    what: 'Any call may fail; no operation declares it.',
    source: 'RFC 9110 §15.6.1',
  },
  {
    operations: 'all',
    status: 401,
    what: 'Any call may carry a token that does not count; the document knows OAuth 2 and basic authentication, not Connect JWT.',
    source: 'ATLASSIAN.md §4.1; data/README.md',
  },
  {
    operations: 'all',
    status: 403,
    what: 'An app may lack the scope, be blocked from a project by a data policy, or send a GET with a body.',
    source: 'ATLASSIAN.md §4.3 (CHANGE-2328), §6.3',
  },
  {
    operations: 'all',
    status: 413,
    what: 'A body that is too long is refused before the operation sees it, and an issue that is full takes no more.',
    source: 'RFC 9110 §15.5.14; ATLASSIAN.md §6.2',
  },
  {
    operations: ['getCreateIssueMetaIssueTypes', 'getCreateIssueMetaIssueTypeId'],
    status: 404,
    what: 'A project or issue type that does not exist, or that the caller may not see.',
    source: 'inferred: getProject declares it for the same project',
  },
  {
    operations: [
      'getChangeLogs',
      'getBulkChangelogs',
      'getIssue',
      'bulkFetchIssues',
      'searchAndReconsileIssuesUsingJql',
      'searchAndReconsileIssuesUsingJqlPost',
    ],
    members: ['from', 'fromString', 'to', 'toString'],
    what: 'A change from or to nothing has null where the document declares text.',
    source: "the document's own example for getChangeLogs",
  },
  {
    operations: ['getBulkChangelogs'],
    members: ['created'],
    what: 'The instant of a history is a number where the document declares text.',
    source: "the document's own example for getBulkChangelogs; sooperset/mcp-atlassian pull request 346 reads numbers",
  },
  {
    operations: ['getAllBoards', 'getAllSprints'],
    members: ['query state', 'query type'],
    what: 'Words separated by commas, where the document declares an object.',
    source: "the document's own description of `state`: state=active,closed",
  },
  {
    operations: ['deleteProject'],
    status: 400,
    what: 'An archived project, which has to be restored before it can be deleted.',
    source:
      "the document's own text for archiveProject and deleteProject: \"You can't delete a project if it's archived\"",
  },
  {
    operations: ['addAttachment'],
    status: 400,
    what: 'A multipart body that is malformed.',
    source: 'RFC 9110 §15.5.1; RFC 7578',
  },
  {
    operations: ['bulkFetchIssues'],
    members: ['expand'],
    what: 'The answer names what can be expanded, in a member the document does not declare.',
    source: "the document's own example for bulkFetchIssues",
  },
];

/** Whether a status may be answered without being declared. */
export function mayAnswer(operationId: string, status: number): boolean {
  return deviations.some((row) => row.status === status && concerns(row, operationId));
}

/** Whether a member may have another type than declared. */
export function mayDiffer(operationId: string, member: string): boolean {
  return deviations.some((row) => row.members?.includes(member) === true && concerns(row, operationId));
}

function concerns(row: Deviation, operationId: string): boolean {
  return row.operations === 'all' || row.operations.includes(operationId);
}
