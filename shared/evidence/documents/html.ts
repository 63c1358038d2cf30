/**
 * A document as a page: plain HTML with one style sheet inside, no script, nothing from elsewhere. Readable on a phone,
 * in the dark, on paper and by a screen reader. Pure.
 */
import { createHash } from 'node:crypto';
import { spansOf } from './document.ts';
import type { Block, Document } from './document.ts';
import { paths } from './paths.ts';

/** What stands at the foot of a page. */
export interface Imprint {
  readonly version: number;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Of the text, SHA-256, hex. */
  readonly fingerprint: string;
  /** Not in force yet. */
  readonly isOpen: boolean;
}

/** What a page is made of beside its title: parts that are HTML already. */
export interface Page {
  readonly title: string;
  readonly body: string;
  /** The address of this page, so that the menu can say where one is. */
  readonly path: string;
  readonly foot?: string;
}

const STYLE = `
:root{color-scheme:light dark;--text:#1c2733;--quiet:#56626f;--line:#d9dee4;--back:#fff;--soft:#f5f7f9;--link:#0b57b7;--new:#e2f6e6;--gone:#fde7e7}
@media (prefers-color-scheme:dark){:root{--text:#e3e7eb;--quiet:#a2acb7;--line:#39434e;--back:#14191f;--soft:#1c232b;--link:#8ab8ff;--new:#173a22;--gone:#4a1f22}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
header,main,footer{max-width:58rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline;padding-top:1rem;padding-bottom:.75rem;border-bottom:1px solid var(--line)}
header strong{font-size:1.05rem;margin-right:auto}
nav{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;font-size:.92rem}
nav a{padding:.25rem 0}
nav a[aria-current]{color:var(--text);font-weight:600;text-decoration:none}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
h1{font-size:1.9rem;line-height:1.2;margin:2.2rem 0 .8rem;letter-spacing:-.01em}
h2{font-size:1.25rem;line-height:1.3;margin:2.4rem 0 .6rem;scroll-margin-top:1rem}
h3{font-size:1.02rem;margin:1.4rem 0 .4rem}
p,ul{margin:.6rem 0;max-width:44rem}
.lead{font-size:1.12rem;color:var(--quiet)}
ul{padding-left:1.2rem}
li{margin:.35rem 0}
.contents{columns:17rem;column-gap:2rem;max-width:none;padding:.9rem 1.2rem .9rem 2rem;background:var(--soft);border-radius:8px;font-size:.93rem}
.contents li{margin:.15rem 0;break-inside:avoid}
table{border-collapse:collapse;width:100%;margin:.9rem 0 1.2rem;font-size:.92rem;line-height:1.45}
th,td{text-align:left;vertical-align:top;padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-weight:600;color:var(--quiet);border-bottom-width:2px;overflow-wrap:normal}
td:first-child{font-weight:600;min-width:8.5rem;overflow-wrap:break-word}
details{border-bottom:1px solid var(--line)}
details:first-of-type{border-top:1px solid var(--line)}
summary{cursor:pointer;padding:.5rem 0;font-weight:600;font-size:.95rem}
.note{padding:.7rem 1rem;background:var(--soft);border-left:3px solid var(--link);border-radius:0 6px 6px 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:.82rem/1.5 ui-monospace,SFMono-Regular,Menlo,monospace;background:var(--soft);padding:1rem;border-radius:8px}
ins,del{display:block;text-decoration:none;padding:.3rem .6rem;border-radius:4px;margin:.2rem 0}
ins{background:var(--new)}
ins::before{content:"+ "}
del{background:var(--gone)}
del::before{content:"\u2212 "}
.skip{display:block;color:var(--quiet)}
footer{margin-top:3.5rem;padding-top:1rem;padding-bottom:2.5rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.86rem}
footer p{margin:.25rem 0;max-width:none}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
@media (max-width:40rem){
h1{font-size:1.55rem}
table,tbody,tr,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{padding:.7rem 0;border-bottom:1px solid var(--line)}
td{border:0;padding:.1rem 0}
td:first-child{font-size:1rem;min-width:0}
td[data-label]:not(:first-child)::before{content:attr(data-label) ": ";color:var(--quiet)}
}
@media print{header nav,.contents{display:none}body{font-size:10pt}a{color:inherit}details>*{display:block}}
`;

/** The only policy of a page: its own style, nothing else; it cannot be framed and sends no form. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE, 'utf8').digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const MENU: readonly (readonly [label: string, path: string])[] = [
  ['Statement', paths.statement],
  ['Processors', paths.processors],
  ['Security', paths.security],
  ['Cookies', paths.cookies],
  ['Words', paths.glossary],
  ['Contact', paths.contact],
];

/** A whole page. */
export function pageOf({ title, body, path, foot = '' }: Page): string {
  const menu = MENU.map(
    ([label, to]) => `<a href="${to}"${to === path ? ' aria-current="page"' : ''}>${escaped(label)}</a>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)} – Twinline</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<header><strong>Twinline</strong><nav aria-label="Documents">${menu.join('')}</nav></header>`,
    `<main>\n${body}\n</main>`,
    `<footer>${foot}<p><a href="${paths.index}">All documents</a> · <a href="${paths.contact}">Contact</a></p></footer>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** From this many sections on a page has a list of contents. */
const CONTENTS_FROM = 6;

/** The body of a document. */
export function bodyOf({ title, lead, sections }: Document): string {
  const contents = sections.map((one) => `<li><a href="#${anchor(one.title)}">${escaped(one.title)}</a></li>`);
  return [
    `<h1>${escaped(title)}</h1>`,
    `<p class="lead">${inline(lead)}</p>`,
    ...(sections.length < CONTENTS_FROM ? [] : [`<ul class="contents">${contents.join('')}</ul>`]),
    ...sections.flatMap((one) => [
      `<h2 id="${anchor(one.title)}">${escaped(one.title)}</h2>`,
      ...one.blocks.map(blockHtml),
    ]),
  ].join('\n');
}

/** The line at the foot by which anybody can tell which text this is. */
export function imprintLine({ version, date, fingerprint, isOpen }: Imprint): string {
  const state = isOpen ? ' (in preparation)' : '';
  return `<p>Version ${version}${state}, ${longDate(date)}</p><p>Fingerprint (SHA-256 of the text): <code>${fingerprint}</code></p>`;
}

const MONTHS = [
  ...(['January', 'February', 'March', 'April', 'May', 'June'] as const),
  ...(['July', 'August', 'September', 'October', 'November', 'December'] as const),
];

/** `2026-11-25` as `25 November 2026`. */
export function longDate(day: string): string {
  const [year = '', month = '', date = ''] = day.split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${inline(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${inline(item)}</li>`).join('')}</ul>`;
    case 'table':
      return tableHtml(block.head, block.rows);
    case 'fold':
      return `<details><summary>${escaped(block.title)}</summary>${block.blocks.map(blockHtml).join('')}</details>`;
  }
}

/** On a phone each row becomes a small card, in which each cell says what it is. */
function tableHtml(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const top = head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('');
  const lines = rows.map(
    (cells) =>
      `<tr>${cells.map((cell, at) => `<td data-label="${escaped(head[at] ?? '')}">${inline(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${top}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}

/** Words and links of a text. */
export function inline(text: string): string {
  return spansOf(text)
    .map(({ text: words, href }) =>
      href === undefined ? escaped(words) : `<a href="${escaped(href)}">${escaped(words)}</a>`,
    )
    .join('');
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is safe between tags and in attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
}
