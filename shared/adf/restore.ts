import type { AdfDoc, AdfNode } from '../model/adf.ts';
import { meaningOf } from './canonical.ts';

/** Blocks without blocks inside, and the media blocks: the smallest things whose way to the other site can be told apart. */
const units: ReadonlySet<string> = new Set([
  'paragraph',
  'heading',
  'taskItem',
  'decisionItem',
  'mediaSingle',
  'mediaGroup',
]);

/**
 * A text that comes back from the other site, with this side's own blocks in place of what became of them on their way there: the
 * picture instead of its words, the mention instead of a name. So an edit over there does not destroy what could not travel.
 *
 * `own` is this side's text as both last agreed on it, `forms` the ways in which a block of it may arrive when nobody has touched it:
 * as it would leave and come home today, and as it may have left before. A block is given back where one of them arrives, under the
 * same kind of parent; where several blocks have the same form, only if as many come back. What was edited on the other site stays
 * as it was edited. Valid documents stay valid.
 */
export function withOwn(arriving: AdfDoc, own: AdfDoc, ...forms: readonly ((doc: AdfDoc) => AdfDoc)[]): AdfDoc {
  const left = new Map<string, AdfNode[]>();
  const lengths = new Set([1]);
  eachUnit(own, (node, parent) => {
    const outs = forms.map((form) => form({ type: 'doc', version: 1, content: [node] }).content);
    for (const { length } of outs) lengths.add(length);
    for (const key of new Set(outs.map((out) => keyOf(parent, out)))) left.set(key, [...(left.get(key) ?? []), node]);
  });
  const known: Known = { left, lengths: [...lengths].filter((length) => length > 0).sort((one, other) => other - one) };
  const back = new Map<string, number>();
  eachPiece(arriving, known, (key) => back.set(key, (back.get(key) ?? 0) + 1));
  const given = new Map<string, number>();
  const give = (key: string, nodes: readonly AdfNode[]): readonly AdfNode[] => {
    const mine = left.get(key) ?? [];
    const nth = given.get(key) ?? 0;
    given.set(key, nth + 1);
    const isCertain =
      mine.length === back.get(key) || mine.every((one) => meaningOf(one) === meaningOf(mine[0] ?? one));
    const own = isCertain ? (mine[nth] ?? mine[0]) : undefined;
    return own === undefined ? nodes : [own];
  };
  return { ...arriving, content: changed(arriving.content, arriving.type, known, give) };
}

/** This side's blocks by the form in which they arrive, and how many blocks one of them may have become, most first. */
interface Known {
  readonly left: ReadonlyMap<string, readonly AdfNode[]>;
  readonly lengths: readonly number[];
}

function keyOf(parent: string, nodes: readonly AdfNode[]): string {
  return JSON.stringify([parent, ...nodes.map(meaningOf)]);
}

function eachUnit(parent: AdfDoc | AdfNode, visit: (node: AdfNode, parent: string) => void): void {
  for (const node of parent.content ?? []) {
    if (units.has(node.type)) visit(node, parent.type);
    else eachUnit(node, visit);
  }
}

/** What stands at a place of a list and may be one of this side's blocks: the longest run of blocks that is a known form, else one. */
function pieceAt(
  nodes: readonly AdfNode[],
  at: number,
  parent: string,
  { left, lengths }: Known,
): { readonly key: string; readonly nodes: readonly AdfNode[] } {
  for (const length of lengths) {
    const run = nodes.slice(at, at + length);
    if (run.length < length || !run.every(({ type }) => units.has(type))) continue;
    const key = keyOf(parent, run);
    if (length === 1 || left.has(key)) return { key, nodes: run };
  }
  return { key: '', nodes: nodes.slice(at, at + 1) };
}

function eachPiece(parent: AdfDoc | AdfNode, known: Known, visit: (key: string) => void): void {
  const nodes = parent.content ?? [];
  for (let at = 0; at < nodes.length; ) {
    const node = nodes[at];
    if (node !== undefined && !units.has(node.type)) eachPiece(node, known, visit);
    const piece = pieceAt(nodes, at, parent.type, known);
    if (node !== undefined && units.has(node.type)) visit(piece.key);
    at += piece.nodes.length;
  }
}

function changed(
  nodes: readonly AdfNode[],
  parent: string,
  known: Known,
  give: (key: string, nodes: readonly AdfNode[]) => readonly AdfNode[],
): readonly AdfNode[] {
  const list: AdfNode[] = [];
  for (let at = 0; at < nodes.length; ) {
    const piece = pieceAt(nodes, at, parent, known);
    const [node] = piece.nodes;
    if (node !== undefined && units.has(node.type)) list.push(...give(piece.key, piece.nodes));
    else if (node?.content !== undefined) {
      list.push({ ...node, content: changed(node.content, node.type, known, give) });
    } else if (node !== undefined) list.push(node);
    at += piece.nodes.length;
  }
  return list;
}
