/**
 * Files that texts show, in runs about them. A document names a file by a media id of its site; what is compared are the names of the
 * files, and the words around them. Written without the engine, like the rest of the judge.
 */
import { isRecord, plainText } from '../../infra/local/jira/model/richText.ts';
import type { Adf, Issue, Site } from '../../infra/local/jira/model/types.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import { pick } from './chance.ts';
import type { Chance } from './chance.ts';
import type { History } from './history.ts';
import type { Pair, Tell } from './judging.ts';

/** Share of the texts that show a file, where the issue has one. */
const SHOWING = 0.7;

/** A text that shows one of the issue's files, or a plain one. */
export function pictured(chance: Chance, site: Site, issue: Issue, said: string): string | Adf {
  const ids = site.issues.get(issue.id)?.attachmentIds ?? [];
  const files = ids.flatMap((id) => site.attachments.get(id) ?? []);
  if (files.length === 0 || chance() >= SHOWING) return said;
  const { mediaId, filename } = pick(chance, files);
  const media = { type: 'media', attrs: { type: 'file', id: mediaId, collection: '', alt: filename } };
  const picture = { type: 'mediaSingle', attrs: { layout: 'center' }, content: [media] };
  const words = { type: 'paragraph', content: [{ type: 'text', text: said }] };
  return { type: 'doc', version: 1, content: [words, picture] };
}

/** What a text says beside its pictures; words that stand for one are none of it. */
export function spoken(document: unknown): string {
  return plainText(document)
    .replaceAll(/\[media(?::[^\]]*)?\]/g, '')
    .trim();
}

/** The media ids of the files that a document shows. */
function shownIn(node: unknown): readonly string[] {
  if (!isRecord(node)) return [];
  const id = node['type'] === 'media' && isRecord(node['attrs']) ? node['attrs']['id'] : undefined;
  const inner = Array.isArray(node['content']) ? (node['content'] as unknown[]).flatMap(shownIn) : [];
  return typeof id === 'string' ? [id, ...inner] : inner;
}

/** One text of a pair, as both sides have it. */
interface Shown {
  readonly what: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** What judging the pictures of one pair needs. */
export interface PictureCase {
  readonly pair: Pair;
  readonly siteOf: (side: Side) => Site;
  readonly history: History;
  /** What the product says of a text. */
  readonly codeOf: (what: string) => string | undefined;
}

/** Each picture is a file of its own issue, and where both sides have the file, both show it. */
export function judgePictures(one: PictureCase, tell: Tell): void {
  for (const shown of textsOf(one)) {
    const names = { a: namesOn(one, shown, 'a', tell), b: namesOn(one, shown, 'b', tell) };
    const code = one.codeOf(shown.what);
    const isWhole = [...names.a, ...names.b].every((name) => hasFile(one, 'a', name) && hasFile(one, 'b', name));
    const hasWords = [shown.a, shown.b].some((text) => plainText(text).includes('[media'));
    // Words stand for what the other side does not have; with all files there nothing can be lost.
    if (code === 'rich-text-media' && isWhole && !hasWords)
      tell('picture-missing', `${shown.what} of ${one.pair.token}: both sides have its files, and it waits`);
    if (spoken(shown.a) !== spoken(shown.b) || code !== undefined) continue;
    for (const side of ['a', 'b'] as const)
      for (const name of livingOn(one, shown, side))
        if (!names[otherSide(side)].includes(name) && hasFile(one, otherSide(side), name))
          tell('picture-missing', `${name} in ${shown.what} of ${one.pair.token} is shown on ${side} only`);
  }
}

function textsOf({ pair, siteOf }: PictureCase): readonly Shown[] {
  const { a, b } = pair.issues;
  if (a === undefined || b === undefined) return [];
  const commentsOn = (side: Side, { id }: Issue) =>
    (siteOf(side).issues.get(id)?.commentIds ?? []).flatMap((comment) => siteOf(side).comments.get(comment) ?? []);
  const there = commentsOn('b', b);
  const comments = commentsOn('a', a).flatMap(({ body }): Shown[] => {
    const word = /^\S+/.exec(spoken(body))?.[0] ?? '';
    const twin = there.find((comment) => new RegExp(`^${word}(?:\\s|$)`).test(spoken(comment.body)));
    return twin === undefined ? [] : [{ what: word, a: body, b: twin.body }];
  });
  return [{ what: 'description', a: a.values['description'], b: b.values['description'] }, ...comments];
}

/** The names of the files that a side's text shows. */
function namesOn({ pair, history }: PictureCase, { what, ...texts }: Shown, side: Side, tell: Tell): readonly string[] {
  return shownIn(texts[side]).flatMap((id) => {
    const file = history.pictures.get(`${side} ${id}`);
    if (file?.issue === pair.token) return [file.name];
    tell('foreign-picture', `${what} of ${pair.token} on ${side} shows a file of ${file?.issue ?? 'nobody'}`);
    return [];
  });
}

/** The names of the files that a side's text shows and that are still there: another file may have the name of one that is gone. */
function livingOn({ siteOf, history }: PictureCase, shown: Shown, side: Side): readonly string[] {
  const living = new Set([...siteOf(side).attachments.values()].map(({ mediaId }) => mediaId));
  return shownIn(shown[side]).flatMap((id) =>
    living.has(id) ? (history.pictures.get(`${side} ${id}`)?.name ?? []) : [],
  );
}

function hasFile({ pair, siteOf }: PictureCase, side: Side, name: string): boolean {
  const ids = siteOf(side).issues.get(pair.issues[side]?.id ?? '')?.attachmentIds ?? [];
  return ids.some((id) => siteOf(side).attachments.get(id)?.filename === name);
}
