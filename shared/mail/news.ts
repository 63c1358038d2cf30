/** The texts around news by mail: the question whether somebody wants them, the news themselves, and the two public pages. Pure. */
import type { Words } from '../model/mail.ts';
import { escaped, wordsFrom } from './words.ts';

/** Days for which the question in a mail can be answered. (Ours.) */
export const CONFIRM_DAYS = 7;

/** The letter that asks whether the owner of an address wants news. It holds none. */
export function confirmWords(site: string, confirmUrl: string): Words {
  return wordsFrom('Twinline: do you want news by mail?', [
    `An administrator of ${site} has entered this address for news about Twinline: a few mails a year.`,
    `You get them only if you confirm it on this page within ${CONFIRM_DAYS} days:`,
    { href: confirmUrl },
    'If you do nothing, you get no news, and the request is deleted.',
  ]);
}

/** What an operator has written, and the way out. */
export function newsWords(
  { subject, paragraphs }: { readonly subject: string; readonly paragraphs: readonly string[] },
  unsubscribeUrl: string,
): Words {
  return wordsFrom(subject, [
    ...paragraphs,
    'You get this mail because you have asked for news about Twinline. One click ends that, at once and without a login:',
    { href: unsubscribeUrl },
  ]);
}

/** A public page with at most one button, which posts to the page's own address. Reading it changes nothing. */
export function mailPage(title: string, text: string, button?: string): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex"><title>${escaped(title)}</title></head><body>`,
    `<h1>${escaped(title)}</h1>`,
    `<p>${escaped(text)}</p>`,
    ...(button === undefined ? [] : [`<form method="post"><button type="submit">${escaped(button)}</button></form>`]),
    '</body></html>',
    '',
  ].join('\n');
}
