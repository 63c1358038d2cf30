import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ErrorObject, ValidateFunction } from 'ajv';
import AjvDraft04 from 'ajv-draft-04';

/** The deepest document the editor's own nesting rules allow is far below this; the bound keeps the validator's recursion safe. */
const MAX_DEPTH = 100;
/** A 3.3 MB issue, the longest known, has fewer than 100,000 nodes per document. */
const MAX_NODES = 500_000;
/** More problems than this say nothing new about a document. */
const MAX_PROBLEMS = 10;

let compiled: ValidateFunction | undefined;

/**
 * What keeps a value from being an Atlassian document by the published schema; empty when nothing does.
 *
 * Each problem names a path and an expectation, never a value of the document.
 * The schema is compiled on the first call and kept.
 * @see npm `@atlaskit/adf-schema`, `json-schema/v1/full.json`
 */
export function adfProblems(doc: unknown): string[] {
  const tooLarge = sizeProblem(doc);
  if (tooLarge !== undefined) return [tooLarge];
  compiled ??= compile();
  return compiled(doc) ? [] : describe(compiled.errors ?? []);
}

function compile(): ValidateFunction {
  // The package has no `exports` map and no JSON types, so the schema is read as a file instead of imported.
  const file = createRequire(import.meta.url).resolve('@atlaskit/adf-schema/json-schema/v1/full.json');
  const schema: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return new AjvDraft04.default({ strict: false }).compile(schema as object);
}

/** Walks with its own stack: a hostile document may be deeper than the call stack allows. */
function sizeProblem(doc: unknown): string | undefined {
  const open: { value: unknown; depth: number }[] = [{ value: doc, depth: 0 }];
  let nodes = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    nodes += 1;
    if (nodes > MAX_NODES) return `/: has more than ${MAX_NODES} objects`;
    if (next.depth > MAX_DEPTH) return `/: is nested deeper than ${MAX_DEPTH}`;
    for (const value of Object.values(next.value)) open.push({ value, depth: next.depth + 1 });
  }
  return undefined;
}

/**
 * A node that fits none of thirty alternatives yields one error for each of them; those that reached deepest
 * into the document come from the alternative the writer meant.
 */
function describe(errors: readonly ErrorObject[]): string[] {
  const deepest = Math.max(...errors.map(depthOf));
  const told = errors.filter((error) => depthOf(error) === deepest).map(problemOf);
  return [...new Set(told)].slice(0, MAX_PROBLEMS);
}

function depthOf(error: ErrorObject): number {
  return error.instancePath.split('/').length;
}

function problemOf(error: ErrorObject): string {
  return `${error.instancePath === '' ? '/' : error.instancePath}: ${error.message ?? error.keyword}`;
}
