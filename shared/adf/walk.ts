import type { AdfDoc, AdfNode } from '../model/adf.ts';

/**
 * How deep objects and lists of a document may be nested; a node takes two levels, one for itself and one for its content. The deepest
 * of 172 public documents has 13 nodes above each other, and the editor stops at six levels of lists. `JSON.stringify` fails at 5,000
 * levels (THREATS.md §4.1), our own recursion later than that.
 */
export const depthLimit = 256;

/** True when the value is nested deeper than `depthLimit`, attributes included. Safe for any depth: it does not recurse. */
export function isTooDeep(value: unknown): boolean {
  let level = [value].filter(isNested);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > depthLimit) return true;
    level = level.flatMap((one) => Object.values(one).filter(isNested));
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Every node below the document, parents before children, in reading order.
 * Depth is bounded where documents come in (`wire/adf.ts` refuses what `isTooDeep`), so recursion is safe here.
 */
export function* nodesOf(doc: AdfDoc): Generator<AdfNode, void, undefined> {
  for (const node of doc.content) yield* below(node);
}

/**
 * The document with each node replaced by what `change` gives for it: the same node to keep it, another one or several, or
 * `undefined` to leave it out. Parents are asked before children; a replacement is not asked again.
 * Copy on write: a document in which nothing changes is returned as the same object.
 */
export function rewrite(doc: AdfDoc, change: Change): AdfDoc {
  const content = rewriteAll(doc.content, change);
  return content === doc.content ? doc : { ...doc, content };
}

type Change = (node: AdfNode) => AdfNode | readonly AdfNode[] | undefined;

function* below(node: AdfNode): Generator<AdfNode, void, undefined> {
  yield node;
  for (const child of node.content ?? []) yield* below(child);
}

function rewriteAll(nodes: readonly AdfNode[], change: Change): readonly AdfNode[] {
  let copy: AdfNode[] | undefined;
  nodes.forEach((node, at) => {
    const next = rewriteNode(node, change);
    if (copy === undefined && next !== node) copy = nodes.slice(0, at);
    if (copy !== undefined && next !== undefined) copy.push(...(isList(next) ? next : [next]));
  });
  return copy ?? nodes;
}

function rewriteNode(node: AdfNode, change: Change): AdfNode | readonly AdfNode[] | undefined {
  const next = change(node);
  if (next !== node || node.content === undefined) return next;
  const content = rewriteAll(node.content, change);
  return content === node.content ? node : { ...node, content };
}

function isList(value: AdfNode | readonly AdfNode[]): value is readonly AdfNode[] {
  return Array.isArray(value);
}
