import type { AdfDoc, AdfNode } from '../model/adf.ts';

/**
 * How deep nodes of a document may be nested. The deepest of 172 public documents has 13 levels; the editor allows six levels of lists,
 * so about 20 with a table and a panel around them. Recursion over 128 levels is safe; THREATS.md §4.1 has what happens at 5,000.
 */
export const depthLimit = 128;

/** True when the document is nested deeper than `depthLimit`. Safe for any depth: it does not recurse. */
export function isTooDeep(doc: AdfDoc): boolean {
  let level = doc.content;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > depthLimit) return true;
    level = level.flatMap((node) => node.content ?? []);
  }
  return false;
}

/**
 * Every node below the document, parents before children, in reading order.
 * Depth is bounded by the parser at the edge (`body-too-deep`), so recursion is safe here.
 */
export function* nodesOf(doc: AdfDoc): Generator<AdfNode, void, undefined> {
  for (const node of doc.content) yield* below(node);
}

/**
 * The document with each node replaced by what `change` gives for it: the same node to keep it, another one, or `undefined`
 * to leave it out. Parents are asked before children; a replacement is not asked again.
 * Copy on write: a document in which nothing changes is returned as the same object.
 */
export function rewrite(doc: AdfDoc, change: (node: AdfNode) => AdfNode | undefined): AdfDoc {
  const content = rewriteAll(doc.content, change);
  return content === doc.content ? doc : { ...doc, content };
}

function* below(node: AdfNode): Generator<AdfNode, void, undefined> {
  yield node;
  for (const child of node.content ?? []) yield* below(child);
}

function rewriteAll(nodes: readonly AdfNode[], change: (node: AdfNode) => AdfNode | undefined): readonly AdfNode[] {
  let copy: AdfNode[] | undefined;
  nodes.forEach((node, at) => {
    const next = rewriteNode(node, change);
    if (copy === undefined && next !== node) copy = nodes.slice(0, at);
    if (copy !== undefined && next !== undefined) copy.push(next);
  });
  return copy ?? nodes;
}

function rewriteNode(node: AdfNode, change: (node: AdfNode) => AdfNode | undefined): AdfNode | undefined {
  const next = change(node);
  if (next !== node || node.content === undefined) return next;
  const content = rewriteAll(node.content, change);
  return content === node.content ? node : { ...node, content };
}
