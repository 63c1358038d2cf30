import type { AdfDoc, AdfMark, AdfNode } from '../model/adf.ts';

type Attrs = Readonly<Record<string, unknown>>;

/**
 * The one form that all documents of the same meaning share; for comparing and hashing, not for writing to a site.
 * Keys and marks are sorted; adjacent texts with equal marks are one; `localId`, empty attributes, empty lists and empty texts are
 * gone; a mention is its account, an emoji its short name and a file its id, because sites fill in the rest by themselves.
 * A document without any content is the empty document, whatever blank paragraphs it has.
 * `canonical(canonical(x))` equals `canonical(x)`.
 */
export function canonical(doc: AdfDoc): AdfDoc {
  const content = isBlank(doc) ? [] : merged(doc.content.map(canonicalNode));
  return { type: 'doc', version: 1, content };
}

/** True when two documents have the same meaning. */
export function isSameText(one: AdfDoc, other: AdfDoc): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

/** What a node means, as one string: equal for nodes that differ only in what sites fill in by themselves. */
export function meaningOf(node: AdfNode): string {
  return JSON.stringify(canonicalNode(node));
}

/** True when the document shows nothing: no content, or only paragraphs without any, however much space they hold. */
export function isBlank(doc: AdfDoc): boolean {
  return doc.content.every((node) => node.type === 'paragraph' && (node.content ?? []).every(isBlankInline));
}

function isBlankInline(node: AdfNode): boolean {
  return node.type === 'hardBreak' || (node.type === 'text' && (node.text ?? '').trim() === '');
}

function canonicalNode(node: AdfNode): AdfNode {
  const attrs = canonicalAttrs(keptAttrs(node));
  const marks = canonicalMarks(node.marks ?? []);
  const content = merged((node.content ?? []).map(canonicalNode));
  return {
    ...(attrs === undefined ? {} : { attrs }),
    ...(content.length === 0 ? {} : { content }),
    ...(marks.length === 0 ? {} : { marks }),
    ...(node.text === undefined ? {} : { text: node.text }),
    type: node.type,
  };
}

function keptAttrs(node: AdfNode): Attrs {
  if (node.type === 'mention') return { id: node.attrs?.['id'] };
  if (node.type === 'emoji') return { shortName: node.attrs?.['shortName'] };
  if (node.type === 'media' || node.type === 'mediaInline') return showingOf(node.attrs ?? {});
  return node.attrs ?? {};
}

/**
 * A file is told by its id alone: the collection that it is kept in and the key of this one showing are the site's own, and names
 * that begin with two underscores are its editor's.
 */
function showingOf({ collection: _collection, occurrenceKey: _occurrenceKey, ...attrs }: Attrs): Attrs {
  return Object.fromEntries(Object.entries(attrs).filter(([name]) => !name.startsWith('__')));
}

function canonicalMarks(marks: readonly AdfMark[]): AdfMark[] {
  return marks
    .map((mark) => {
      const attrs = canonicalAttrs(mark.attrs ?? {});
      return attrs === undefined ? { type: mark.type } : { attrs, type: mark.type };
    })
    .sort((one, other) => inOrder(JSON.stringify(one), JSON.stringify(other)));
}

function canonicalAttrs(attrs: Attrs): Attrs | undefined {
  const entries = Object.entries(attrs)
    .filter(([key, value]) => key !== 'localId' && value !== undefined && value !== null && value !== '')
    .map(([key, value]): [string, unknown] => [key, sorted(value)])
    .sort(([one], [other]) => inOrder(one, other));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, sorted(inner)])
      .sort(([one], [other]) => inOrder(one, other)),
  );
}

/** Code unit order: the same on every computer, which a locale's order is not. */
function inOrder(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function merged(nodes: readonly AdfNode[]): readonly AdfNode[] {
  const kept: AdfNode[] = [];
  for (const node of nodes) {
    if (node.type === 'text' && (node.text ?? '') === '') continue;
    const last = kept.at(-1);
    if (last !== undefined && isJoinable(last, node)) {
      kept[kept.length - 1] = { ...last, text: `${last.text ?? ''}${node.text ?? ''}` };
    } else kept.push(node);
  }
  return kept;
}

function isJoinable(one: AdfNode, other: AdfNode): boolean {
  if (one.type !== 'text' || other.type !== 'text') return false;
  return JSON.stringify([one.marks, one.attrs]) === JSON.stringify([other.marks, other.attrs]);
}
