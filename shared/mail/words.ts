/** One source for the plain text and the HTML of a letter. Pure. */
import type { Words } from '../model/mail.ts';

/** A paragraph, or an address that stands alone in one. */
export type Paragraph = string | { readonly href: string };

/** How long a line of the plain text is: what mail programs show unbroken. */
const LINE = 76;

/** The same paragraphs twice. The HTML has no picture, no style and no script: nothing in it is fetched when it is read. */
export function wordsFrom(subject: string, paragraphs: readonly Paragraph[]): Words {
  return {
    subject,
    text: `${paragraphs.map((one) => (typeof one === 'string' ? wrapped(one) : one.href)).join('\n\n')}\n`,
    html: [
      '<!doctype html>',
      `<html lang="en"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head><body>`,
      ...paragraphs.map((one) =>
        typeof one === 'string'
          ? `<p>${escaped(one)}</p>`
          : `<p><a href="${escaped(one.href)}">${escaped(one.href)}</a></p>`,
      ),
      '</body></html>',
      '',
    ].join('\n'),
  };
}

/** Text that stands in HTML as it is. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
