import type { AdfDoc, AdfNode } from '../model/adf.ts';
import { accountId, type AccountId } from '../model/ids.ts';
import { nodesOf, rewrite } from './walk.ts';

/** Account ids as `model/ids.ts` accepts them; groups (`all`, `here`) look the same and are simply nobody's account. */
const accountPattern = /^[A-Za-z0-9:-]{1,128}$/;

/** Everyone whom the document mentions, each once, in reading order. */
export function mentionedIn(doc: AdfDoc): readonly AccountId[] {
  const accounts = new Set<AccountId>();
  for (const node of nodesOf(doc)) {
    const account = accountOf(node);
    if (account !== undefined) accounts.add(account);
  }
  return [...accounts];
}

/**
 * The document with every mention of somebody outside `usable` as plain text, so that it notifies nobody: neither a stranger
 * with a similar name nor a whole group. Mentions of usable people stay as they are.
 */
export function withMentionsOf(doc: AdfDoc, usable: ReadonlySet<AccountId>): AdfDoc {
  return rewrite(doc, (node) => {
    if (node.type !== 'mention') return node;
    const account = accountOf(node);
    return account !== undefined && usable.has(account) ? node : { type: 'text', text: nameOf(node) };
  });
}

function accountOf(node: AdfNode): AccountId | undefined {
  if (node.type !== 'mention') return undefined;
  const id = node.attrs?.['id'];
  return typeof id === 'string' && accountPattern.test(id) ? accountId(id) : undefined;
}

/** The name as written, with its sign; an account id is never put into a text. */
function nameOf(node: AdfNode): string {
  const name = node.attrs?.['text'];
  if (typeof name !== 'string' || name.trim() === '') return '@user';
  return name.startsWith('@') ? name : `@${name}`;
}
