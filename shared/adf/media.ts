import type { AdfDoc, AdfNode } from '../model/adf.ts';
import { isSafeAddress } from './safety.ts';
import { inlineText } from './text.ts';
import { nodesOf, rewrite } from './walk.ts';

const mediaTypes: ReadonlySet<string> = new Set(['mediaSingle', 'mediaGroup', 'media', 'mediaInline', 'caption']);

/** How a document of one site names a file of that site: the attributes `id` and `collection` of its media nodes. */
export interface MediaFile {
  readonly id: string;
  readonly collection: string;
}

/** True when the document shows files or pictures. They belong to one site; a text written over them destroys them. */
export function hasMedia(doc: AdfDoc): boolean {
  for (const node of nodesOf(doc)) if (mediaTypes.has(node.type)) return true;
  return false;
}

/**
 * The ids of all files of its site that the document shows, each once, in reading order. Pictures with an address of their own
 * (`type` is `external`) are no files and have none.
 */
export function mediaIn(doc: AdfDoc): readonly string[] {
  const ids = new Set<string>();
  for (const node of nodesOf(doc)) {
    const id = idOf(node);
    if (id !== undefined) ids.add(id);
  }
  return [...ids];
}

/**
 * The document with every file or picture as a plain word: a paragraph for a block, text for an inline one.
 * Alternative texts and captions are content and stay; file names and ids do not.
 * A valid document stays valid: a paragraph may stand wherever a media block may.
 */
export function withoutMedia(doc: AdfDoc): AdfDoc {
  return rewrite(doc, (node) => {
    if (node.type === 'mediaInline') return text(label(node));
    return mediaTypes.has(node.type) ? paragraphOf([node]) : node;
  });
}

/**
 * The document with every file that has a counterpart on the other site as that counterpart; sizes, captions, alternative texts and
 * marks stay. `files` is keyed by the id that the media node has here (`mediaIn`). A file without counterpart becomes words as with
 * `withoutMedia`; of a group the words follow the files that stay. Pictures with a safe https address of their own stay as they are.
 * A valid document stays valid, and the same with the map turned round gives the first document back, if all files were in it.
 */
export function mapMedia(doc: AdfDoc, files: ReadonlyMap<string, MediaFile | undefined>): AdfDoc {
  return withNodes(doc, (node) => counterpart(node, files));
}

/** The document with words in place of the files whose ids are named; everything else stays as it is. */
export function withoutFiles(doc: AdfDoc, gone: ReadonlySet<string>): AdfDoc {
  return withNodes(doc, (node) => (gone.has(idOf(node) ?? '') ? undefined : node));
}

/** The document with each file or picture as `become` has it; `undefined`: words stand for it. */
function withNodes(doc: AdfDoc, become: Become): AdfDoc {
  return rewrite(doc, (node) => {
    switch (node.type) {
      case 'mediaSingle': {
        const media = (node.content ?? []).find(({ type }) => type === 'media');
        return media !== undefined && become(media) !== undefined ? node : paragraphOf([node]);
      }
      case 'mediaGroup':
        return groupOf(node, become);
      case 'media':
        return become(node) ?? paragraphOf([node]);
      case 'mediaInline':
        return become(node) ?? text(label(node));
      default:
        return node;
    }
  });
}

type Become = (media: AdfNode) => AdfNode | undefined;

function groupOf(group: AdfNode, become: Become): AdfNode | readonly AdfNode[] {
  const media = (group.content ?? []).map((node) => ({ node, there: become(node) }));
  if (media.length > 0 && media.every(({ node, there }) => node === there)) return group;
  const kept = media.flatMap(({ there }) => (there === undefined ? [] : [there]));
  const left = media.filter(({ there }) => there === undefined).map(({ node }) => node);
  if (kept.length === 0) return paragraphOf([group]);
  return left.length === 0 ? { ...group, content: kept } : [{ ...group, content: kept }, paragraphOf(left)];
}

/** The node as the other site has it; a node of a picture with its own address is the same everywhere. */
function counterpart(node: AdfNode, files: ReadonlyMap<string, MediaFile | undefined>): AdfNode | undefined {
  const url = node.attrs?.['url'];
  if (node.attrs?.['type'] === 'external') {
    return typeof url === 'string' && /^https:\/\//i.test(url) && isSafeAddress(url) ? node : undefined;
  }
  const id = idOf(node);
  const file = id === undefined ? undefined : files.get(id);
  if (file === undefined) return undefined;
  // The key names one showing of the file in one document of one site.
  const { occurrenceKey: _occurrenceKey, ...attrs } = node.attrs ?? {};
  return { ...node, attrs: { ...attrs, id: file.id, collection: file.collection } };
}

function idOf(node: AdfNode): string | undefined {
  if ((node.type !== 'media' && node.type !== 'mediaInline') || node.attrs?.['type'] === 'external') return undefined;
  const id = node.attrs?.['id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function paragraphOf(media: readonly AdfNode[]): AdfNode {
  return { type: 'paragraph', content: [text(media.map(wordsOf).join(' '))] };
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
