import { z } from 'zod';
import { mayAnswer, mayDiffer } from '../../../infra/local/jira/contract/deviations.ts';
import type { Operation, Parameter } from '../../../infra/local/jira/contract/operation.ts';
import type { DeclaredOperation, DeclaredParameter, OpenApi, Schema } from './openApi.ts';
import { jsonSchema, resolved } from './openApi.ts';

interface Comparison {
  readonly operation: Operation;
  readonly document: OpenApi;
  readonly complaints: string[];
}

/** Nothing of Jira's interface is nested deeper than this before it refers to itself. */
const MAX_DEPTH = 12;

/** Every point where an operation of the contract is not what the OpenAPI document declares, less the known deviations. */
export function compareOperation(operation: Operation, document: OpenApi): string[] {
  const declared = document.paths[operation.path]?.[operation.method.toLowerCase()];
  if (declared === undefined)
    return [`${operation.operationId}: ${operation.method} ${operation.path} is not declared`];
  if (declared.operationId !== operation.operationId) {
    return [`${operation.operationId}: is declared as ${declared.operationId}`];
  }
  const comparison: Comparison = { operation, document, complaints: [] };
  compareParameters(comparison, declared, 'path', operation.pathParameters);
  compareParameters(comparison, declared, 'query', operation.query);
  compareRequest(comparison, declared);
  compareResponses(comparison, declared);
  return comparison.complaints.map((complaint) => `${operation.operationId} ${complaint}`);
}

function compareParameters(
  comparison: Comparison,
  declared: DeclaredOperation,
  place: 'path' | 'query',
  ours: Readonly<Record<string, Parameter>>,
): void {
  const theirs = new Map((declared.parameters ?? []).filter((one) => one.in === place).map((one) => [one.name, one]));
  for (const [name, parameter] of Object.entries(ours)) {
    const match = theirs.get(name);
    if (match === undefined) comparison.complaints.push(`${place} ${name}: is not declared`);
    else compareParameter(comparison, `${place} ${name}`, parameter, match);
  }
  for (const { name, required } of theirs.values()) {
    if (required === true && ours[name]?.required !== true) comparison.complaints.push(`${place} ${name}: is required`);
  }
}

function compareParameter(comparison: Comparison, at: string, ours: Parameter, theirs: DeclaredParameter): void {
  compareSchema(comparison, at, shapeOf(ours.schema), theirs.schema ?? {}, 'request');
}

function compareRequest(comparison: Comparison, declared: DeclaredOperation): void {
  const { operation, complaints } = comparison;
  if (declared.requestBody === undefined) {
    if (operation.body !== undefined) complaints.push('request: no body is declared');
  } else if (operation.body === undefined) complaints.push('request: a body is declared');
  else {
    const theirs = jsonSchema(declared.requestBody.content) ?? {};
    compareSchema(comparison, 'request', shapeOf(operation.body), theirs, 'request');
  }
}

function compareResponses(comparison: Comparison, declared: DeclaredOperation): void {
  const { operation, complaints } = comparison;
  for (const [status, schema] of Object.entries(operation.responses)) {
    const at = `response ${status}`;
    const match = declared.responses[status];
    if (match === undefined && !mayAnswer(operation.operationId, Number(status)))
      complaints.push(`${at}: is not declared`);
    const theirs = jsonSchema(match?.content);
    if (schema === null && theirs !== undefined && Object.keys(theirs).length > 0) {
      complaints.push(`${at}: a body is declared`);
    }
    if (schema !== null && theirs !== undefined) compareSchema(comparison, at, shapeOf(schema), theirs, 'response');
  }
}

function shapeOf(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { unrepresentable: 'any', io: 'output' }) as Schema;
}

type Side = 'request' | 'response';

function compareSchema(comparison: Comparison, at: string, ours: Schema, declared: Schema, side: Side): void {
  if (at.split('.').length > MAX_DEPTH) throw new Error(`${at}: is nested deeper than ${MAX_DEPTH}`);
  const theirs = resolved(declared, comparison.document);
  if (theirs.type === undefined && theirs.properties === undefined) return;
  const branches = branchesOf(ours);
  if (branches.length > 0) {
    for (const branch of branches) compareSchema(comparison, at, branch, theirs, side);
    return;
  }
  if (ours.type === 'null' && theirs.nullable === true) return;
  if (!agrees(typeOf(ours), theirs.type) && !mayDiffer(comparison.operation.operationId, lastName(at))) {
    comparison.complaints.push(`${at}: is ${String(typeOf(ours))}, declared ${String(theirs.type)}`);
    return;
  }
  compareWords(comparison, at, ours, theirs);
  if (ours.items !== undefined && theirs.items !== undefined) {
    compareSchema(comparison, `${at}.[]`, ours.items, theirs.items, side);
  }
  if (theirs.type === 'object' || theirs.properties !== undefined) compareMembers(comparison, at, ours, theirs, side);
}

/** The alternatives of a schema, however it writes them; empty for one without. */
function branchesOf(schema: Schema): readonly Schema[] {
  if (schema.anyOf !== undefined) return schema.anyOf;
  return Array.isArray(schema.type) ? (schema.type as string[]).map((type) => ({ ...schema, type })) : [];
}

function compareWords(comparison: Comparison, at: string, ours: Schema, theirs: Schema): void {
  if (theirs.enum === undefined) return;
  const words = ours.enum ?? (ours.const === undefined ? undefined : [ours.const]);
  if (words === undefined) comparison.complaints.push(`${at}: is any text, declared a closed list`);
  for (const word of words ?? []) {
    if (!theirs.enum.includes(word)) comparison.complaints.push(`${at}: ${String(word)} is not in the declared list`);
  }
}

function compareMembers(comparison: Comparison, at: string, ours: Schema, theirs: Schema, side: Side): void {
  const { complaints, operation } = comparison;
  const isMap = theirs.properties === undefined || Object.keys(theirs.properties).length === 0;
  const rest = typeof theirs.additionalProperties === 'object' ? theirs.additionalProperties : {};
  for (const [name, member] of Object.entries(ours.properties ?? {})) {
    const match = Object.hasOwn(theirs.properties ?? {}, name) ? theirs.properties?.[name] : isMap ? rest : undefined;
    if (match !== undefined) compareSchema(comparison, `${at}.${name}`, member, match, side);
    else if (!mayDiffer(operation.operationId, name)) complaints.push(`${at}.${name}: is not declared`);
  }
  for (const name of theirs.required ?? []) {
    if (ours.required?.includes(name) !== true) complaints.push(`${at}.${name}: is required`);
  }
  if (typeof ours.additionalProperties === 'object' && Object.keys(ours.additionalProperties).length > 0) {
    compareSchema(comparison, `${at}.*`, ours.additionalProperties, rest, side);
  }
  if (side === 'request' && !isMap && isOpen(ours)) complaints.push(`${at}: takes members that are not declared`);
}

function isOpen(schema: Schema): boolean {
  return schema.properties === undefined || schema.additionalProperties !== false;
}

function typeOf(schema: Schema): string | undefined {
  if (typeof schema.type === 'string') return schema.type;
  const first = schema.enum?.[0] ?? schema.const;
  return first === undefined ? undefined : typeof first;
}

/** A schema without a type takes anything, which agrees only with a declaration that does. */
function agrees(ours: string | undefined, theirs: Schema['type']): boolean {
  return ours === theirs || (ours === 'integer' && theirs === 'number');
}

function lastName(at: string): string {
  return at.split('.').at(-1) ?? '';
}
