import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { adfProblems } from '../../../infra/local/jira/contract/adf.ts';
import { deviations } from '../../../infra/local/jira/contract/deviations.ts';
import { judgeRequest, judgeResponse } from '../../../infra/local/jira/contract/judge.ts';
import type { Operation } from '../../../infra/local/jira/contract/operation.ts';
import { flag, needed, text } from '../../../infra/local/jira/contract/operation.ts';
import { operationOf, operations } from '../../../infra/local/jira/contract/operations.ts';
import { compareOperation } from './compare.ts';
import type { OpenApi } from './openApi.ts';
import { describeWithSharedData, sharedJson } from './sharedData.ts';

interface Example {
  readonly operationId: string;
  readonly kind: 'request' | 'response';
  readonly status?: string;
  readonly example: unknown;
}

/** Examples of the OpenAPI document that no Jira would answer or take, and why we know. */
const WRONG_EXAMPLES: Readonly<Record<string, string>> = {
  'getCreateIssueMetaIssueTypes response 400':
    'httpStatusCode is not in ErrorCollection: a Java object printed by accident',
  'getCreateIssueMetaIssueTypeId response 400':
    'httpStatusCode is not in ErrorCollection: a Java object printed by accident',
  'getCreateIssueMetaIssueTypeId response 200': 'has no schema, which FieldCreateMetadata itself requires',
  'getIssue response 200': 'updated is the number 1 and comment a bare list; real issues have an instant and a page',
  'searchAndReconsileIssuesUsingJql response 200': 'description is text: an answer of REST v2',
  'searchAndReconsileIssuesUsingJqlPost response 200': 'description is text: an answer of REST v2',
  'getProjectVersions response 200': 'days as numbers, and releaseDateSet, which Version does not have',
  'getTransitions response 200': 'a status category without the name that all four of Jira have',
  'getStatuses response 200': 'a status category without the name that all four of Jira have',
  'getServerInfo response 200': 'defaultLocale is not in ServerInformation',
  'addAttachment response 200': 'created is a number, where the schema and real answers have an instant',
  'getIssueLink response 200': 'an outward issue without an id, which every issue has',
  'findAssignableUsers response 200': 'one user, where the schema beside it says a list',
  'doTransition request': 'names the assignee by user name, which left the interface in 2019',
};

const doc = { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'x' }] }] };
const fields = { project: { key: 'FERRY' }, issuetype: { id: '1' }, summary: 'Boat', description: doc };

function requestProblems(method: string, target: string, body?: unknown): string[] | undefined {
  const url = new URL(target, 'https://one.example');
  const judged = judgeRequest({ method, path: url.pathname, query: url.searchParams, body });
  return judged?.violations.map(({ path, problem }) => `${path}: ${problem}`);
}

const responseProblems = (operation: string, status: number, body: unknown): string[] =>
  judgeResponse(operation, status, body).map(({ path, problem }) => `${path}: ${problem}`);

describeWithSharedData("the contract and Jira's OpenAPI document", () => {
  const document = sharedJson('jira-openapi/jira-platform-v3.json') as OpenApi;
  const software = sharedJson('jira-openapi/jira-software.json') as OpenApi;
  const documentOf = (path: string): OpenApi => (path.startsWith('/rest/agile/') ? software : document);
  const examples = (sharedJson('rest-samples/openapi-examples.json') as Example[]).filter(
    ({ operationId }) => operationOf(operationId) !== undefined,
  );
  const declared = operations.filter(({ outsideOpenApi }) => outsideOpenApi === undefined);

  test.each(declared.map((operation) => [operation.operationId, operation] as const))('agree on %s', (_, operation) => {
    expect(compareOperation(operation, documentOf(operation.path))).toEqual([]);
  });

  test('an operation outside the document says where it is described', () => {
    const outside = operations.filter(({ outsideOpenApi }) => outsideOpenApi !== undefined);
    expect(outside.map(({ operationId }) => operationId)).toEqual(['getAddon', 'reportAccounts']);
    expect(compareOperation(operationOf('getAddon')!, document)).toHaveLength(1);
  });

  test.each(mutants())('a contract with %s is found out', (_, operation, complaint) => {
    expect(compareOperation(operation, document).join('\n')).toMatch(complaint);
  });

  test('every example of the document passes, but for those known to be wrong', () => {
    const failed = examples.filter((example) => exampleProblems(example).length > 0).map(nameOf);
    console.log(
      `judged ${examples.length} examples of the OpenAPI document, ${failed.length} of them known to be wrong`,
    );
    expect(failed.sort()).toEqual(Object.keys(WRONG_EXAMPLES).sort());
  });

  test('every deviation of one operation is still needed', () => {
    const unneeded = deviations
      .filter((row) => row.status !== undefined && row.operations !== 'all')
      .filter((row) => {
        const ids = row.operations as readonly string[];
        return declared.some(({ operationId, path, method }) => {
          const statuses = documentOf(path).paths[path]?.[method.toLowerCase()]?.responses ?? {};
          return ids.includes(operationId) && String(row.status) in statuses;
        });
      });
    expect(unneeded).toEqual([]);
  });

  test('every document of the collection gets the verdict its index gives', () => {
    const index = sharedJson('adf/INDEX.json') as { file: string; validFull: boolean }[];
    const differing = index.filter(({ file, validFull }) => {
      return (adfProblems(sharedJson(`adf/docs/${file}`)).length === 0) !== validFull;
    });
    expect(index.length).toBeGreaterThan(100);
    expect(differing).toEqual([]);
  });
});

function nameOf({ operationId, kind, status }: Example): string {
  return `${operationId} ${kind}${kind === 'response' ? ` ${status ?? ''}` : ''}`;
}

function exampleProblems({ operationId, kind, status, example }: Example): string[] {
  if (kind === 'response') return responseProblems(operationId, Number(status), example);
  const { method, path } = operationOf(operationId)!;
  // Examples are bodies; what the query would need is not theirs to give.
  const problems = requestProblems(method, path.replace(/\{\w+\}/g, '1'), example) ?? ['no operation'];
  return problems.filter((problem) => !problem.startsWith('/query/'));
}

/** Contracts with one thing wrong, and what the comparison must say about each. */
function mutants(): [string, Operation, RegExp][] {
  const search = operationOf('countIssues')!;
  const comment = operationOf('getComment')!;
  const bulk = operationOf('bulkGetUsers')!;
  const properties = operationOf('getIssuePropertyKeys')!;
  return [
    ['another path', { ...search, path: '/rest/api/3/search/count' }, /is not declared/],
    ['another method', { ...search, method: 'PUT' }, /is not declared/],
    ['another name', { ...search, operationId: 'countThem' }, /is declared as countIssues/],
    ['a renamed request member', { ...search, body: z.strictObject({ query: z.string() }) }, /request.query: is not/],
    [
      'a request member of another type',
      { ...search, body: z.strictObject({ jql: z.int() }) },
      /request.jql: is integer/,
    ],
    ['an open request', { ...search, body: z.looseObject({ jql: z.string() }) }, /takes members that are not declared/],
    ['a request without a body', withoutBody(search), /request: a body is declared/],
    ['a body where none is declared', { ...comment, body: z.unknown() }, /no body is declared/],
    [
      'an optional member that is required',
      { ...operationOf('matchIssues')!, body: z.strictObject({ jqls: z.array(z.string()) }) },
      /request.issueIds: is required/,
    ],
    ['an undeclared parameter', { ...bulk, query: { ...bulk.query, names: text() } }, /query names: is not declared/],
    [
      'a parameter of another type',
      { ...bulk, query: { ...bulk.query, startAt: flag() } },
      /query startAt: is boolean/,
    ],
    [
      'a required parameter left optional',
      { ...bulk, query: { ...bulk.query, accountId: { ...needed(text()), required: false } } },
      /query accountId: is required/,
    ],
    ['an undeclared status', { ...comment, responses: { ...comment.responses, 418: null } }, /418: is not declared/],
    [
      'a renamed answer member',
      { ...properties, responses: { 200: z.strictObject({ names: z.array(z.unknown()) }) } },
      /response 200.names: is not declared/,
    ],
    [
      'an answer member of another type, deep inside',
      { ...properties, responses: { 200: z.strictObject({ keys: z.array(z.strictObject({ key: z.int() })) }) } },
      /response 200.keys.\[\].key: is integer, declared string/,
    ],
    ['an answer without its body', { ...properties, responses: { 200: null } }, /response 200: a body is declared/],
    [
      'words outside a closed list',
      { ...operationOf('deleteIssue')!, query: { deleteSubtasks: { schema: z.enum(['yes']), required: false } } },
      /yes is not in the declared list/,
    ],
  ];
}

function withoutBody(operation: Operation): Operation {
  const rest: Partial<Operation> = { ...operation };
  Reflect.deleteProperty(rest, 'body');
  return rest as Operation;
}

describe('the judge', () => {
  test('knows an operation by its method and path, and prefers the literal path', () => {
    const found = (method: string, path: string): string | undefined =>
      judgeRequest({ method, path, query: new URLSearchParams(), body: undefined })?.operation;
    expect(found('GET', '/rest/api/3/project/search')).toBe('searchProjects');
    expect(found('GET', '/rest/api/3/project/FERRY')).toBe('getProject');
    expect(found('get', '/rest/api/3/user')).toBe('getUser');
    expect(found('PATCH', '/rest/api/3/issue/FERRY-1')).toBeUndefined();
    expect(found('GET', '/rest/api/2/issue/FERRY-1')).toBeUndefined();
    expect(found('GET', '/rest/api/3/issue/')).toBeUndefined();
  });

  test('gives path parameters decoded', () => {
    const judged = judgeRequest({
      method: 'GET',
      path: '/rest/api/3/issue/FERRY-1/properties/a%2Fb%20c',
      query: new URLSearchParams(),
      body: undefined,
    });
    expect(judged).toEqual({
      operation: 'getIssueProperty',
      params: { issueIdOrKey: 'FERRY-1', propertyKey: 'a/b c' },
      violations: [],
    });
  });

  test.each<[string, string, unknown, string[]]>([
    ['GET', '/rest/api/3/issue/F-1?fields=summary,labels&fields=status', undefined, []],
    ['GET', '/rest/api/3/issue/F-1?field=summary', undefined, ['/query/field: is no parameter of this operation']],
    ['GET', '/rest/api/3/issue/F-1?failFast=1', undefined, ['/query/failFast: expected boolean']],
    ['GET', '/rest/api/3/issue/F-1?expand=a&expand=b', undefined, ['/query/expand: is given more than once']],
    ['GET', '/rest/api/3/issue/F-1', {}, ['/body: expected no body']],
    ['GET', '/rest/api/3/issue/%E0%A4%A', undefined, ['/path/issueIdOrKey: is not percent-encoded UTF-8']],
    ['GET', '/rest/api/3/search/jql?fields=id', undefined, ['/query/jql: is required']],
    ['GET', '/rest/api/3/search/jql?jql=a&maxResults=5001', undefined, ['/query/maxResults: expected at most 5000']],
    ['POST', '/rest/api/3/issue', { fields }, []],
    ['POST', '/rest/api/3/issue', undefined, ['/body: expected object']],
    ['POST', '/rest/api/3/issue', { fields: { ...fields, customfield_10001: [1] } }, []],
    ['POST', '/rest/api/3/issue', { fields: { ...fields, colour: 1 } }, ['/body/fields/colour: is not a field']],
    ['POST', '/rest/api/3/issue', { fields, fieldz: {} }, ['/body/fieldz: is not known here']],
    [
      'POST',
      '/rest/api/3/issue',
      { fields: { ...fields, description: 'x' } },
      ['/body/fields/description: expected object'],
    ],
    [
      'POST',
      '/rest/api/3/issue',
      { fields: { ...fields, labels: ['a b'] } },
      ['/body/fields/labels/0: expected a label without spaces'],
    ],
    ['PUT', '/rest/api/3/issue/F-1', { fields: { description: null } }, []],
    ['PUT', '/rest/api/3/issue/F-1', { transition: { id: '1' } }, ['/body/transition: is not known here']],
    [
      'POST',
      '/rest/api/3/issue/F-1/comment',
      { body: { ...doc, version: 2 } },
      ['/body/body/version: expected one of 1'],
    ],
    ['POST', '/rest/api/3/comment/list', { ids: ['1'] }, ['/body/ids/0: expected number']],
    [
      'POST',
      '/rest/api/3/issue/bulkfetch',
      { issueIdsOrKeys: Array(101).fill('1') },
      ['/body/issueIdsOrKeys: expected at most 100'],
    ],
    ['PUT', '/rest/api/3/issue/F-1/properties/p', 'x'.repeat(32_767), ['/body: expected at most 32768 characters']],
    ['PUT', '/rest/api/3/issue/F-1/properties/p', undefined, ['/body: expected a value']],
    ['GET', '/rest/atlassian-connect/1/addons/twinline', undefined, []],
  ])('of a call: %s %s', (method, target, body, problems) => {
    expect(requestProblems(method, target, body)).toEqual(problems);
  });

  test('names the place inside a bad document, and none of its content', () => {
    const secret = 'Ada Brook';
    const bad = {
      ...doc,
      content: [{ type: 'bulletList', content: [{ type: 'listItem', content: [{ type: secret, text: secret }] }] }],
    };
    const problems = requestProblems('POST', '/rest/api/3/issue/F-1/comment', { body: bad }) ?? [];
    expect(problems.join('\n')).toContain('/content/0/content/0/content/0');
    expect(problems.join('\n')).not.toContain(secret);
  });

  test.each<[string, number, unknown, string[]]>([
    ['createIssue', 201, { id: '1', key: 'FE-1', self: 'https://one.example/1' }, []],
    ['createIssue', 201, { id: 1, key: 'FE-1', self: 'https://one.example/1' }, ['/body/id: expected string']],
    ['createIssue', 201, { id: '1', self: 'https://one.example/1' }, ['/body/key: expected string']],
    ['createIssue', 400, { errorMessages: [], errors: { summary: 'is needed' } }, []],
    [
      'createIssue',
      400,
      { message: 'is needed' },
      ['/body/errorMessages: expected array', '/body/errors: expected record', '/body/message: is not known here'],
    ],
    ['createIssue', 418, {}, [': this operation never answers that status']],
    ['deleteIssue', 204, undefined, []],
    ['deleteIssue', 204, {}, ['/body: expected no body']],
    ['getComment', 429, undefined, []],
    ['getNothing', 200, {}, [': is no operation of the contract']],
  ])('of an answer: %s %i', (operation, status, body, problems) => {
    expect(responseProblems(operation, status, body)).toEqual(problems);
  });

  test('a history without `toString` is missing it, though every object inherits one', () => {
    const item = { field: 'summary', fieldtype: 'jira' };
    const history = { id: '1', created: '2026-01-01T00:00:00.000+0000', items: [item] };
    const page = { startAt: 0, maxResults: 1, total: 1, values: [history] };
    expect(responseProblems('getChangeLogs', 200, page)).toEqual(['/body/values/0/items/0/toString: expected string']);
  });
});

describe('the document check', () => {
  test.each<[string, unknown, number]>([
    ['a plain document', doc, 0],
    ['text', 'x', 1],
    ['nothing', undefined, 1],
    ['an empty text', { ...doc, content: [{ type: 'paragraph', content: [{ type: 'text', text: '' }] }] }, 1],
    ['code that is bold', withMarks('code', 'strong'), 1],
    ['code that is a link', withMarks('code'), 0],
    ['nesting without end', nested(200), 1],
  ])('of %s', (_, value, problems) => {
    expect(Math.min(adfProblems(value).length, 1)).toBe(problems);
  });
});

function withMarks(...types: string[]): unknown {
  const marks = types.map((type) => ({ type }));
  return { ...doc, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'x', marks }] }] };
}

function nested(depth: number): unknown {
  let list: unknown = { type: 'paragraph', content: [] };
  for (let level = 0; level < depth; level += 1) {
    list = { type: 'bulletList', content: [{ type: 'listItem', content: [list] }] };
  }
  return { ...doc, content: [list] };
}
