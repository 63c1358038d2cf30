/** A bracket that means something: a link, or a person's name. */
export type Bracket =
  | {
      readonly kind: 'link';
      readonly text: string;
      readonly href: string;
      readonly title?: string;
      readonly next: number;
    }
  | { readonly kind: 'mention'; readonly name: string; readonly next: number };

/** Where a link may point. Anything else in brackets is text: program code is full of brackets. */
const TARGET = /^(?:(?:https?|ftps?|file|irc|news|nntp|skype|tel|sip):\/{0,3}[^\s/]|mailto:\S|www\.\S)/i;
/** Longer brackets are no links. */
const MAX_BRACKET = 2500;

/** Reads a bracket as link or mention; undefined for one that is plain text. */
export function linkAt(text: string, at: number): Bracket | undefined {
  const window = text.slice(at + 1, at + 1 + MAX_BRACKET);
  const end = window.search(/[\]\n[]/);
  if (end <= 0 || window[end] !== ']') return undefined;
  const inside = window.slice(0, end);
  const next = at + end + 2;
  const name = /^~(?:accountid:)?([^\s|\]]+)$/.exec(inside)?.[1];
  if (name !== undefined) return { kind: 'mention', name, next };
  return targetOf(inside, next);
}

/** `[address]`, `[text|address]` or `[text|address|title]`; a text may hold bars itself. */
function targetOf(inside: string, next: number): Bracket | undefined {
  const parts = inside.split('|');
  const index = parts.length === 1 ? 0 : parts.findIndex((part, place) => place > 0 && isTarget(part));
  const target = parts[index]?.trim();
  if (target === undefined || !isTarget(target)) return undefined;
  const text = index === 0 ? target.replace(/^mailto:/i, '') : parts.slice(0, index).join('|');
  const title = parts
    .slice(index + 1)
    .join('|')
    .trim();
  const href = /^www\./i.test(target) ? `http://${target}` : target;
  const shown = text.trim() === '' ? target : text;
  return { kind: 'link', text: shown, href, next, ...(title === '' ? {} : { title }) };
}

function isTarget(part: string): boolean {
  const trimmed = part.trim();
  return TARGET.test(trimmed) && !/\s/.test(trimmed);
}
