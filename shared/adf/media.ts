import type { AdfDoc, AdfNode } from '../model/adf.ts';
import { inlineText } from './text.ts';
import { nodesOf, rewrite } from './walk.ts';

const mediaTypes: ReadonlySet<string> = new Set(['mediaSingle', 'mediaGroup', 'media', 'mediaInline', 'caption']);

/** True when the document shows files or pictures. They belong to one site; a text written over them destroys them. */
export function hasMedia(doc: AdfDoc): boolean {
  for (const node of nodesOf(doc)) if (mediaTypes.has(node.type)) return true;
  return false;
}

/**
 * The document with every file or picture as a plain word: a paragraph for a block, text for an inline one.
 * Alternative texts and captions are content and stay; file names and ids do not.
 * A valid document stays valid: a paragraph may stand wherever a media block may.
 */
export function withoutMedia(doc: AdfDoc): AdfDoc {
  return rewrite(doc, (node) => {
    if (node.type === 'mediaInline') return text(label(node));
    return mediaTypes.has(node.type) ? { type: 'paragraph', content: [text(wordsOf(node))] } : node;
  });
}

function wordsOf(node: AdfNode): string {
  if (node.type === 'media') return label(node);
  if (node.type === 'caption') return inlineText(node.content ?? []);
  const words = (node.content ?? []).map(wordsOf).filter((word) => word !== '');
  return words.length === 0 ? label(node) : words.join(' ');
}

function label(node: AdfNode): string {
  const alt = node.attrs?.['alt'];
  return typeof alt === 'string' && alt.trim() !== '' ? `[media: ${alt.trim()}]` : '[media]';
}

function text(words: string): AdfNode {
  return { type: 'text', text: words === '' ? '[media]' : words };
}
