/**
 * What a published document is made of: plain parts that are rendered as a page, as Markdown and as PDF alike. Texts
 * may hold links as `[label](address)`; nothing else in them is markup. Pure.
 */

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  /** Detail that a page folds away and that paper shows. */
  | { readonly kind: 'fold'; readonly title: string; readonly blocks: readonly Block[] };

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** Names of the documents, as addresses and the policy register use them. */
export const documentIds = [
  'statement',
  'processors',
  'security',
  'cookies',
  'record',
  'agreement',
  'marketplace',
  'glossary',
] as const;
export type DocumentId = (typeof documentIds)[number];

/** One document. */
export interface Document {
  readonly id: DocumentId;
  readonly title: string;
  /** Said before the first section. */
  readonly lead: string;
  readonly sections: readonly Section[];
}

export const say = (text: string): Block => ({ kind: 'text', text });
export const list = (...items: readonly string[]): Block => ({ kind: 'list', items });
export const grid = (head: readonly string[], rows: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  head,
  rows,
});
export const fold = (title: string, ...blocks: readonly Block[]): Block => ({ kind: 'fold', title, blocks });
export const section = (title: string, ...blocks: readonly Block[]): Section => ({ title, blocks });

/** A part of a text: words, or words that lead somewhere. */
export interface Span {
  readonly text: string;
  readonly href?: string;
}

/** A link: an address of our own, an https one, or a mail address. */
const LINK = /\[([^\]]+)\]\(((?:\/|https:\/\/|mailto:|#)[^\s)]*)\)/g;

/** Takes a text apart into words and links. */
export function spansOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    const [whole, label = '', href = ''] = match;
    if (match.index > at) spans.push({ text: text.slice(at, match.index) });
    spans.push({ text: label, href });
    at = match.index + whole.length;
  }
  if (at < text.length) spans.push({ text: text.slice(at) });
  return spans;
}

/** Every address that a document leads to, once. */
export function linksOf(document: Document): readonly string[] {
  const texts = [document.lead, ...document.sections.flatMap(({ blocks }) => blocks.flatMap(textsOf))];
  return [...new Set(texts.flatMap(spansOf).flatMap(({ href }) => href ?? []))];
}

function textsOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'text':
      return [block.text];
    case 'list':
      return block.items;
    case 'table':
      return [...block.head, ...block.rows.flat()];
    case 'fold':
      return block.blocks.flatMap(textsOf);
  }
}
