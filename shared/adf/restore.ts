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
 * `own` is this side's text as both last agreed on it, `leave` how texts leave it (the same function as was used then). A block is
 * given back where it arrives as it left, under the same kind of parent; where several blocks left as the same words, only if
 * as many come back. What was edited on the other site stays as it was edited. Valid documents stay valid.
 */
export function withOwn(arriving: AdfDoc, own: AdfDoc, leave: (doc: AdfDoc) => AdfDoc): AdfDoc {
  const left = new Map<string, AdfNode[]>();
  eachUnit(own, (node, parent) => {
    const out = leave({ type: 'doc', version: 1, content: [node] }).content;
    const key = keyOf(parent, out);
    left.set(key, [...(left.get(key) ?? []), node]);
  });
  const back = new Map<string, number>();
  eachUnit(arriving, (node, parent) => {
    const key = keyOf(parent, [node]);
    back.set(key, (back.get(key) ?? 0) + 1);
  });
  const given = new Map<string, number>();
  const give = (node: AdfNode, parent: string): AdfNode => {
    const key = keyOf(parent, [node]);
    const mine = left.get(key) ?? [];
    const nth = given.get(key) ?? 0;
    given.set(key, nth + 1);
    const isCertain =
      mine.length === back.get(key) || mine.every((one) => meaningOf(one) === meaningOf(mine[0] ?? one));
    return (isCertain ? (mine[nth] ?? mine[0]) : undefined) ?? node;
  };
  return { ...arriving, content: changed(arriving.content, arriving.type, give) };
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

function changed(
  nodes: readonly AdfNode[],
  parent: string,
  give: (node: AdfNode, parent: string) => AdfNode,
): readonly AdfNode[] {
  return nodes.map((node) => {
    if (units.has(node.type)) return give(node, parent);
    return node.content === undefined ? node : { ...node, content: changed(node.content, node.type, give) };
  });
}
