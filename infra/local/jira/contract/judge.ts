import { z } from 'zod';
import type { Operation, Parameter } from './operation.ts';
import { matchOperation, operationOf } from './operations.ts';
import { problemsOf } from './problems.ts';
import type { Problem } from './problems.ts';

/** A point where a call or an answer leaves the contract. Names paths and expectations, never content. */
export interface Violation {
  operation: string;
  where: 'request' | 'response';
  status?: number;
  path: string;
  problem: string;
}

/** A call whose operation is known: its path parameters, decoded, and all that is wrong with it. */
export interface Judged {
  operation: string;
  params: Record<string, string>;
  violations: Violation[];
}

/**
 * Judges a call by the contract: path and query parameters, and body.
 *
 * `path` is the percent-encoded path without the query; `body` is the parsed JSON, undefined where there was none.
 * Undefined is returned for a call that is no operation of the contract.
 */
export function judgeRequest(request: {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}): Judged | undefined {
  const matched = matchOperation(request.method, request.path);
  if (matched === undefined) return undefined;
  const { operation } = matched;
  const params: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const [name, encoded] of Object.entries(matched.params)) {
    const value = decoded(encoded);
    params[name] = value ?? encoded;
    if (value === undefined) problems.push({ path: `/path/${name}`, problem: 'is not percent-encoded UTF-8' });
  }
  problems.push(...queryProblems(operation, request.query), ...bodyProblems(operation, request.body));
  const violations = problems.map((problem): Violation => {
    return { operation: operation.operationId, where: 'request', ...problem };
  });
  return { operation: operation.operationId, params, violations };
}

/** Judges an answer by the contract. `body` is the parsed JSON, undefined where there was none. */
export function judgeResponse(operation: string, status: number, body: unknown): Violation[] {
  const found = (problem: Problem): Violation => ({ operation, where: 'response', status, ...problem });
  const schema = operationOf(operation)?.responses[status];
  if (operationOf(operation) === undefined) return [found({ path: '', problem: 'is no operation of the contract' })];
  if (schema === undefined) return [found({ path: '', problem: 'this operation never answers that status' })];
  if (schema !== null) return problemsOf(schema, body, '/body').map(found);
  return isEmpty(body) ? [] : [found({ path: '/body', problem: 'expected no body' })];
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || body === '';
}

function bodyProblems(operation: Operation, body: unknown): Problem[] {
  if (operation.body !== undefined) return problemsOf(operation.body, body, '/body');
  return isEmpty(body) ? [] : [{ path: '/body', problem: 'expected no body' }];
}

function queryProblems(operation: Operation, query: URLSearchParams): Problem[] {
  const problems: Problem[] = [];
  for (const name of new Set(query.keys())) {
    const parameter = Object.hasOwn(operation.query, name) ? operation.query[name] : undefined;
    if (parameter === undefined)
      problems.push({ path: `/query/${name}`, problem: 'is no parameter of this operation' });
    else problems.push(...parameterProblems(parameter, name, query.getAll(name)));
  }
  for (const [name, parameter] of Object.entries(operation.query)) {
    if (parameter.required && !query.has(name)) problems.push({ path: `/query/${name}`, problem: 'is required' });
  }
  return problems;
}

function parameterProblems(parameter: Parameter, name: string, given: readonly string[]): Problem[] {
  const path = `/query/${name}`;
  const { schema } = parameter;
  if (schema instanceof z.ZodArray) {
    const items = given.flatMap((value) => value.split(',')).map((value) => value.trim());
    const wanted = schema.element;
    return problemsOf(
      schema,
      items.map((item) => typed(wanted as z.ZodType, item)),
      path,
    );
  }
  if (given.length > 1) return [{ path, problem: 'is given more than once' }];
  return problemsOf(schema, typed(schema, given[0] ?? ''), path);
}

/** A text of a query as the value its schema speaks of; left as it is where it is not one. */
function typed(schema: z.ZodType, value: string): unknown {
  if (schema instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (schema instanceof z.ZodBoolean) return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
