/** What of a node the writer looks at; anything else in a document is left alone. */
interface Loose {
  readonly type: string;
  readonly text: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly marks: readonly Loose[];
  readonly content: readonly Loose[];
}

const MARKERS: Readonly<Record<string, string>> = { strong: '*', em: '_', strike: '-', underline: '+' };
/** Documents are nested less than this; deeper content is left out of the markup. */
const MAX_DEPTH = 64;
const WORD = /[\p{L}\p{N}]/u;

/**
 * Writes a document as wiki markup, as webhooks and REST v2 show a text that was written in the editor.
 *
 * Takes any value and never throws. Nodes that markup has no word for give their text.
 */
export function adfToWiki(doc: unknown): string {
  return blocks(loose(doc, 0).content).join('\n\n');
}

function loose(value: unknown, depth: number): Loose {
  const node = isRecord(value) && depth <= MAX_DEPTH ? value : {};
  const list = (name: string): Loose[] => {
    const items: unknown = node[name];
    return Array.isArray(items) ? items.map((item) => loose(item, depth + 1)) : [];
  };
  return {
    type: typeof node['type'] === 'string' ? node['type'] : '',
    text: typeof node['text'] === 'string' ? node['text'] : '',
    attrs: isRecord(node['attrs']) ? node['attrs'] : {},
    marks: list('marks'),
    content: list('content'),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function attr(node: Loose, name: string): string {
  const value = node.attrs[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function blocks(nodes: readonly Loose[]): string[] {
  return nodes.map(block);
}

function block(node: Loose): string {
  switch (node.type) {
    case 'heading':
      return `h${attr(node, 'level')}. ${inline(node.content)}`;
    case 'bulletList':
      return list(node, '*');
    case 'orderedList':
      return list(node, '#');
    case 'codeBlock':
      return code(node);
    case 'blockquote':
      return `{quote}\n${blocks(node.content).join('\n\n')}\n{quote}`;
    case 'panel':
      return `{panel}\n${blocks(node.content).join('\n\n')}\n{panel}`;
    case 'rule':
      return '----';
    case 'table':
      return node.content.map(row).join('\n');
    default:
      return isInline(node)
        ? inline([node])
        : holdsBlocks(node)
          ? blocks(node.content).join('\n\n')
          : inline(node.content);
  }
}

const INLINE = new Set([
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'inlineCard',
  'status',
  'date',
  'placeholder',
  'mediaInline',
]);

function isInline(node: Loose): boolean {
  return INLINE.has(node.type);
}

function holdsBlocks(node: Loose): boolean {
  return node.content.some((child) => !isInline(child));
}

/** Code is written as it is; a macro inside it that would end it early cannot be escaped, so the other macro is used. */
function code(node: Loose): string {
  const text = node.content.map((child) => child.text).join('');
  const language = attr(node, 'language').replace(/[^\w#+.-]/g, '');
  if (text.includes('{code}')) return `{noformat}\n${text}\n{noformat}`;
  return `{code${language === '' ? '' : `:${language}`}}\n${text}\n{code}`;
}

function list(node: Loose, marker: string): string {
  const items = node.content.map((item) => {
    const parts = item.content.map((child) => {
      if (child.type === 'bulletList') return `\n${list(child, `${marker}*`)}`;
      if (child.type === 'orderedList') return `\n${list(child, `${marker}#`)}`;
      return block(child).replaceAll('\n\n', '\n');
    });
    return `${marker} ${parts.join('\n').replaceAll('\n\n', '\n')}`;
  });
  return items.join('\n');
}

function row(node: Loose): string {
  const cells = node.content.map((cell) => {
    const bar = cell.type === 'tableHeader' ? '||' : '|';
    const text = blocks(cell.content)
      .join('\n')
      .replace(/\n{2,}/g, '\n')
      .trim();
    return `${bar}${text === '' ? ' ' : text}`;
  });
  return `${cells.join('')}${node.content.at(-1)?.type === 'tableHeader' ? '||' : '|'}`;
}

function inline(nodes: readonly Loose[]): string {
  let out = '';
  for (const node of nodes) out += inlineNode(node);
  // A paragraph must not begin like a list, a heading, a table or a rule.
  return out.replace(/^(\s*)(?=(?:[*#]+|-)\s|\||-{4})/gm, '$1\\').replace(/^(\s*)(h[1-6]|bq)\./gm, '$1$2\\.');
}

function inlineNode(node: Loose): string {
  switch (node.type) {
    case 'text':
      return marked(node);
    case 'hardBreak':
      return '\n';
    case 'mention':
      return `[~accountid:${attr(node, 'id')}]`;
    case 'inlineCard':
      return `[${attr(node, 'url')}]`;
    case 'emoji':
      return attr(node, 'text') || attr(node, 'shortName');
    default:
      return node.content.length > 0 ? inline(node.content) : escaped(attr(node, 'text'));
  }
}

/** Marks are set in the form that also works inside a word, and never around a text's outer spaces. */
function marked(node: Loose): string {
  const [, before = '', core = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(node.text) ?? [];
  if (core === '') return node.text;
  const types = new Map(node.marks.map((mark) => [mark.type, mark]));
  const link = types.get('link');
  let text = types.has('code') ? monospace(core) : escaped(core);
  for (const [type, marker] of Object.entries(MARKERS)) if (types.has(type)) text = around(text, `{${marker}}`);
  const subsup = types.get('subsup');
  if (subsup !== undefined) text = around(text, attr(subsup, 'type') === 'sub' ? '{~}' : '{^}');
  const colour = types.get('textColor');
  if (colour !== undefined) text = `{color:${attr(colour, 'color')}}${text}{color}`;
  if (link !== undefined) text = linked(core, text, attr(link, 'href'));
  return `${before}${text}${after}`;
}

function linked(core: string, text: string, href: string): string {
  return core === href ? core : `[${text}|${href}]`;
}

function around(text: string, marker: string): string {
  // Marks do not go past the end of a line.
  return text
    .split('\n')
    .map((line) => (line.trim() === '' ? line : `${marker}${line}${marker}`))
    .join('\n');
}

function monospace(text: string): string {
  return text.includes('}}') || text.includes('\n') ? escaped(text) : `{{${text}}}`;
}

/** Escapes what would be read as markup: brackets always, the signs of marks only where they could open one. */
function escaped(text: string): string {
  return text.replace(/[{[\\|]|[*_+^~?-]|&(?=#\d)/g, (sign, at: number) => {
    if (sign === '\\') return '&#92;';
    if (sign === '&') return '&\\';
    if ('{[|'.includes(sign)) return `\\${sign}`;
    const opens = !WORD.test(text[at - 1] ?? ' ') && /\S/.test(text[at + 1] ?? ' ');
    return opens ? `\\${sign}` : sign;
  });
}
