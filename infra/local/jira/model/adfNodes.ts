/** A mark on a text. */
export type AdfMark = {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, string>>;
};

/** A node of a document. A type alias, so that a document is also a plain record. */
export type AdfNode = {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, string | number>>;
  readonly text?: string;
  readonly marks?: readonly AdfMark[];
  readonly content?: readonly AdfNode[];
};

/** An Atlassian document. */
export type AdfDoc = {
  readonly type: 'doc';
  readonly version: 1;
  readonly content: readonly AdfNode[];
};

/** A line break inside a paragraph. */
export const hardBreak: AdfNode = { type: 'hardBreak' };

/** A text node. The caller sees to it that the text is not empty: the schema refuses empty ones. */
export function textNode(text: string, marks: readonly AdfMark[] = []): AdfNode {
  return marks.length === 0 ? { type: 'text', text } : { type: 'text', text, marks };
}

/** A paragraph; without content it is an empty line. */
export function paragraph(content: readonly AdfNode[]): AdfNode {
  return { type: 'paragraph', content };
}

/** A code block. */
export function codeBlock(text: string, language?: string): AdfNode {
  return {
    type: 'codeBlock',
    ...(language === undefined ? {} : { attrs: { language } }),
    content: text === '' ? [] : [textNode(text)],
  };
}

/** A node with children and nothing else. */
export function container(type: string, content: readonly AdfNode[]): AdfNode {
  return { type, content };
}

/** A document; one without blocks gets an empty paragraph, as Jira's editor writes it. */
export function document(content: readonly AdfNode[]): AdfDoc {
  return { type: 'doc', version: 1, content: content.length === 0 ? [paragraph([])] : content };
}
