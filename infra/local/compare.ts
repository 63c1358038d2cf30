/**
 * Compares the issues of one site with their twins on the other, field by field and comment by comment, as two people
 * with a browser each would: over REST, with none of the product's own code. Every difference has a named reason or is a
 * failure.
 */
import { isDeepStrictEqual } from 'node:util';
import { stripped } from './issuePicture.ts';
import type { PersonComment, PersonIssue, SitePerson } from './person.ts';

/** Why two values may differ in this version; everything else is unexplained. */
export type Reason =
  | 'the person is inactive on the other site'
  | 'a sub-task arrives as a plain issue'
  | 'a comment without a body'
  | 'the comment is restricted'
  | 'the other site has no such value'
  | 'media arrive as text'
  | 'the text holds an unsafe address';

export interface Difference {
  readonly issue: string;
  readonly what: string;
  /** Absent: nobody can explain it. */
  readonly reason?: Reason;
}

export interface Comparison {
  readonly compared: number;
  readonly equal: number;
  readonly differences: readonly Difference[];
  readonly missing: readonly string[];
  readonly comments: {
    readonly expected: number;
    readonly equal: number;
    readonly missing: number;
    readonly surplus: number;
  };
}

/** One side of a comparison. `inactive` holds account ids that Jira refuses to assign. */
export interface ComparedSide {
  readonly person: SitePerson;
  readonly inactive: ReadonlySet<string>;
}

interface Ask {
  readonly from: ComparedSide;
  readonly to: ComparedSide;
  /** Issue id on `from` → issue id on `to`. */
  readonly twins: ReadonlyMap<string, string>;
  readonly ids: readonly string[];
}

/** Compares each of `ids` on `from` with its twin on `to`. */
export async function compareSites({ from, to, twins, ids }: Ask): Promise<Comparison> {
  const differences: Difference[] = [];
  const missing: string[] = [];
  const comments = { expected: 0, equal: 0, missing: 0, surplus: 0 };
  let equal = 0;
  for (const id of ids) {
    const one = await from.person.read(id);
    const twin = twins.get(id);
    if (twin === undefined) {
      missing.push(one.key);
      continue;
    }
    const other = await to.person.read(twin);
    const found = [
      ...compareFields(one, other, to),
      ...(await compareComments({ one, other, from, to, tally: comments })),
    ];
    if (found.length === 0) equal += 1;
    differences.push(...found);
  }
  return { compared: ids.length, equal, differences, missing, comments };
}

function compareFields(one: PersonIssue, other: PersonIssue, to: ComparedSide): Difference[] {
  const [a, b] = [one.fields, other.fields];
  const found: Difference[] = [];
  const check = (what: string, left: unknown, right: unknown, reason?: Reason): void => {
    if (!isDeepStrictEqual(left, right))
      found.push({ issue: one.key, what, ...(reason === undefined ? {} : { reason }) });
  };
  check('summary', a.summary, b.summary);
  check('description', plainDoc(a.description), plainDoc(b.description), reasonForText(a.description));
  check(
    'issue type',
    a.issuetype.name,
    b.issuetype.name,
    a.issuetype.subtask ? 'a sub-task arrives as a plain issue' : undefined,
  );
  check(
    'priority',
    a.priority?.name ?? null,
    b.priority?.name ?? null,
    a.priority ? undefined : 'the other site has no such value',
  );
  check('labels', [...a.labels].sort(), [...b.labels].sort());
  check('status', a.status.name, b.status.name);
  check('assignee', a.assignee?.accountId ?? null, b.assignee?.accountId ?? null, reasonFor(a.assignee?.accountId, to));
  check('reporter', a.reporter?.accountId ?? null, b.reporter?.accountId ?? null, reasonFor(a.reporter?.accountId, to));
  return found;
}

function reasonFor(account: string | undefined, to: ComparedSide): Reason | undefined {
  return account !== undefined && to.inactive.has(account) ? 'the person is inactive on the other site' : undefined;
}

interface CommentAsk {
  readonly one: PersonIssue;
  readonly other: PersonIssue;
  readonly from: ComparedSide;
  readonly to: ComparedSide;
  readonly tally: { expected: number; equal: number; missing: number; surplus: number };
}

/** Every comment with a body must be on the other side exactly once, in the same order. */
async function compareComments({ one, other, from, to, tally }: CommentAsk): Promise<Difference[]> {
  const [left, right] = await Promise.all([from.person.comments(one.id), to.person.comments(other.id)]);
  const found: Difference[] = [];
  const travels = left.filter((comment) => {
    const reason = reasonToStay(comment);
    if (reason !== undefined) found.push({ issue: one.key, what: `comment ${comment.id}`, reason });
    return reason === undefined;
  });
  const rest = right.map((comment) => plainDoc(comment.body));
  tally.expected += travels.length;
  for (const comment of travels) {
    const at = rest.findIndex((body) => isDeepStrictEqual(body, plainDoc(comment.body)));
    if (at >= 0) {
      rest.splice(at, 1);
      tally.equal += 1;
    } else {
      tally.missing += 1;
      found.push({
        issue: one.key,
        what: `comment ${comment.id}`,
        ...withReason(reasonForText(comment.body)),
      });
    }
  }
  tally.surplus += rest.length;
  if (rest.length > 0) found.push({ issue: one.key, what: `${rest.length} comments too many` });
  return found;
}

function reasonToStay(comment: PersonComment): Reason | undefined {
  if (isEmptyDoc(comment.body)) return 'a comment without a body';
  return comment.visibility === undefined ? undefined : 'the comment is restricted';
}

function isEmptyDoc(doc: unknown): boolean {
  const plain = plainDoc(doc);
  return plain === null || (isRecord(plain) && Array.isArray(plain['content']) && plain['content'].length === 0);
}

/** A document without what Jira adds by itself: local ids, and the difference between no text and none. */
function plainDoc(doc: unknown): unknown {
  if (doc === undefined || doc === null) return null;
  return stripped(doc);
}

function withReason(reason: Reason | undefined): Pick<Difference, 'reason'> {
  return reason === undefined ? {} : { reason };
}

function reasonForText(doc: unknown): Reason | undefined {
  const text = JSON.stringify(doc ?? null);
  if (text.includes('"type":"media')) return 'media arrive as text';
  return hasOddAddress(doc) ? 'the text holds an unsafe address' : undefined;
}

/** An address of a link or a card that starts neither a page, nor a mail, nor a call, nor names a file of the reader's own. */
function hasOddAddress(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasOddAddress);
  if (!isRecord(value)) return false;
  const { href, url } = value;
  return [href, url].some(isOdd) || Object.values(value).some(hasOddAddress);
}

function isOdd(address: unknown): boolean {
  return (
    typeof address === 'string' && /^[^/?#]*:/.test(address) && !/^(?:https?|mailto|ftps?|tel|file):/i.test(address)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
