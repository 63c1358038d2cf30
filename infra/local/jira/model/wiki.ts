import type { AdfDoc, AdfNode } from './adfNodes.ts';
import { document, hardBreak, paragraph, textNode } from './adfNodes.ts';
import { fit } from './wikiFit.ts';
import type { WikiOptions } from './wikiInline.ts';
import { inlineOf } from './wikiInline.ts';
import { blocksOf } from './wikiLines.ts';
import { extractMacros, freeSign } from './wikiMacros.ts';

export { adfToWiki } from './wikiWriter.ts';

/**
 * Turns Jira's wiki markup into a document, as REST v3 shows a text that was written as markup.
 *
 * Guarantees: never throws, the document fits the published schema, and no word of the text is lost. Where the
 * document format cannot hold a construct (a table in a list, say), its text stays and its form goes.
 * Pictures and attachments stay text. @see https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa
 */
export function wikiToAdf(wiki: string, options: WikiOptions = {}): AdfDoc {
  const source = wiki.replace(/\r\n?/g, '\n');
  const sign = freeSign(source);
  // A text with all 32 noncharacters in it is no markup that anybody wrote.
  if (sign === undefined) return textToAdf(source);
  const table: (readonly AdfNode[])[] = [];
  const finder = new RegExp(`${sign}(\\d+)${sign}`);
  const make = (text: string): AdfNode[] => withMacros(text, finder, table, options);
  const text = extractMacros(source, sign, table, (inside, parent) => fit(blocksOf(inside, make), parent));
  return document(fit(blocksOf(text, make), 'doc'));
}

/** Plain text as a document: a blank line parts paragraphs, any other line break is one. No character means markup. */
export function textToAdf(text: string): AdfDoc {
  const parts = text.replace(/\r\n?/g, '\n').split(/\n{2,}/);
  return document(parts.filter((part) => part !== '').map((part) => paragraph(brokenLines(part))));
}

function brokenLines(text: string): AdfNode[] {
  return text.split('\n').flatMap((line, index) => {
    const nodes = line === '' ? [] : [textNode(line)];
    return index === 0 ? nodes : [hardBreak, ...nodes];
  });
}

/** Inline text with the signs of macros in it: a paragraph before, the macro's blocks, a paragraph after. */
function withMacros(
  text: string,
  finder: RegExp,
  table: readonly (readonly AdfNode[])[],
  options: WikiOptions,
): AdfNode[] {
  // Splitting by a pattern with a group puts the numbers at the odd places.
  return text.split(finder).flatMap((part, index) => {
    if (index % 2 === 1) return [...(table[Number(part)] ?? [])];
    const trimmed = part.trim();
    return trimmed === '' ? [] : [paragraph(inlineOf(trimmed, options))];
  });
}
