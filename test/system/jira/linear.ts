import type { AdfDoc, AdfNode } from '../../../infra/local/jira/model/adfNodes.ts';

/** Letters and digits of a text, in order: what a conversion may not lose, whatever it does to signs and spaces. */
export function words(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}

/** All text of a document in reading order; the address of a link follows its text, as in markup. */
export function linear(doc: AdfDoc): string {
  return doc.content.map(linearNode).join('');
}

function linearNode(node: AdfNode): string {
  if (node.text !== undefined) return node.text;
  const content = node.content ?? [];
  const language = String(node.attrs?.['language'] ?? '');
  return language + content.map((child, index) => linearNode(child) + addressAfter(child, content[index + 1])).join('');
}

function addressAfter(node: AdfNode, next: AdfNode | undefined): string {
  const link = linkOf(node);
  if (link?.['href'] === undefined || link['href'] === node.text || linkOf(next)?.['href'] === link['href']) return '';
  return link['href'] + (link['title'] ?? '');
}

function linkOf(node: AdfNode | undefined): Readonly<Record<string, string>> | undefined {
  return node?.marks?.find(({ type }) => type === 'link')?.attrs;
}

/** Markup without the words that are not text: names of macros, levels of headings, colours. */
export function withoutMarkup(wiki: string): string {
  return (
    wiki
      .replace(/\{(code|noformat|panel)(?::([^}\n]*))?\}/g, (_, name: string, parameters: string | undefined) => {
        return shownParameters(name, parameters ?? '');
      })
      .replace(/\{quote\}|\{color(:[^}\n]*)?\}/g, ' ')
      .replace(/^(\s*|.*\|\s*)(h[1-6]|bq)\./gm, '$1')
      .replace(/&#92;/g, '')
      .replace(/\[~accountid:/g, '[~')
      // A link whose text is its address is shown once.
      .replace(/\[([^|\]\n]+)\|\s*\1\s*([|\]])/g, '[$1$2')
  );
}

/** Of a macro's parameters its title is shown, and of code the language is kept; a second bare word is a title too. */
function shownParameters(name: string, parameters: string): string {
  const bare: string[] = [];
  let title = '';
  let language: string | undefined;
  for (const part of parameters.split('|')) {
    const [key = '', ...rest] = part.split('=');
    if (rest.length === 0) bare.push(key);
    else if (key.trim() === 'title') title = rest.join('=');
    else if (key.trim() === 'language') language = rest.join('=');
  }
  const shownTitle = title === '' ? (bare[1] ?? '') : title;
  return ` ${shownTitle} ${name === 'code' ? (language ?? bare[0] ?? '') : ''} `;
}

/** Whether all of one text occurs in another in the same order, with anything between. */
export function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (let index = 0; index < whole.length && at < part.length; index += 1) if (whole[index] === part[at]) at += 1;
  return at === part.length;
}
