/**
 * Compares every issue of one site of a replay with its twin, field by field, comment by comment, file by file, with none of the
 * product's own code. What differs needs a reason: a code that the sync gives for exactly this, and that is true of the two sites.
 */
import { isDeepStrictEqual } from 'node:util';
import { isRecord, pictureOf } from './issuePicture.ts';
import type { Picture, PicturePart } from './issuePicture.ts';
import type { IssueRecord, Site, World } from './jira/model/types.ts';
import { isTrue } from './reasons.ts';
import type { Dispute } from './reasons.ts';

/** What the sync says of one thing that it could not carry over. */
export interface Said {
  /** The field, or `comment`, `worklog`, `file`. */
  readonly what: string;
  readonly part?: string;
  readonly code: string;
}

/** One thing that differs. */
export interface Difference {
  readonly issue: string;
  readonly what: string;
  readonly part?: string;
  /** The code that explains it. Absent: nobody can explain it. */
  readonly reason?: string;
  /** A code that was given and is not true. */
  readonly untrue?: string;
}

export interface Tally {
  compared: number;
  equal: number;
  fields: number;
  comments: number;
  worklogs: number;
  files: number;
  surplus: number;
}

export interface Comparison {
  readonly tally: Tally;
  readonly differences: readonly Difference[];
  /** Issues without a twin. */
  readonly missing: readonly string[];
}

/** What is compared, and how the sync is asked about what differs. */
export interface ComparisonAsk {
  readonly world: World;
  readonly from: Site;
  readonly to: Site;
  /** Issue id on `from` → issue id on `to`. */
  readonly twins: ReadonlyMap<string, string>;
  readonly ids: readonly string[];
  readonly ask: (id: string) => Promise<readonly Said[]>;
  /** Of a file: digest of its bytes, however long they are. */
  readonly digest: (site: Site, attachment: string) => Promise<string>;
}

/** Compares each of `ids` with its twin. */
export async function compareInside(asked: ComparisonAsk): Promise<Comparison> {
  const { from, to, twins, ids } = asked;
  const tally: Tally = { compared: 0, equal: 0, fields: 0, comments: 0, worklogs: 0, files: 0, surplus: 0 };
  const differences: Difference[] = [];
  const missing: string[] = [];
  const back = new Map([...twins].map(([one, other]) => [other, one]));
  for (const id of ids) {
    const one = from.issues.get(id);
    const other = to.issues.get(twins.get(id) ?? '');
    if (one === undefined || other === undefined) {
      missing.push(one?.issue.key ?? id);
      continue;
    }
    const left = pictureOf(from, one, (target) => (twins.has(target) ? target : `without twin ${target}`));
    const right = pictureOf(to, other, (target) => back.get(target) ?? `of nobody ${target}`);
    const found = [...fieldsOf(asked, left, right), ...(await partsOf(asked, left, right))];
    count(tally, left);
    if (found.length === 0) tally.equal += 1;
    else differences.push(...explained(asked, { one, other }, found, await asked.ask(id)));
  }
  tally.surplus = to.issues.size - (ids.length - missing.length);
  return { tally, differences, missing };
}

function count(tally: Tally, { fields, comments, worklogs, files }: Picture): void {
  tally.compared += 1;
  tally.fields += Object.keys(fields).length;
  tally.comments += comments.length;
  tally.worklogs += worklogs.length;
  tally.files += files.length;
}

/** Something that differs. `reason` where it needs no code: what arrives is not the same and should not be. */
type Found = Omit<Difference, 'untrue'>;

function fieldsOf(asked: ComparisonAsk, left: Picture, right: Picture): readonly Found[] {
  return Object.entries(left.fields).flatMap(([what, value]): Found[] => {
    const there = right.fields[what];
    if (isDeepStrictEqual(value, there)) return [];
    const found = { issue: left.key, what };
    return [isSameSpoken(asked, value, there) ? { ...found, reason: MENTION_AS_TEXT } : found];
  });
}

async function partsOf(asked: ComparisonAsk, left: Picture, right: Picture): Promise<readonly Found[]> {
  const files = async (site: Site, parts: readonly PicturePart[]): Promise<readonly PicturePart[]> =>
    Promise.all(
      parts.map(async ({ id, value }) => ({
        id,
        value: { ...(value as object), sha256: await asked.digest(site, id) },
      })),
    );
  return [
    ...matched(asked, left.key, 'comment', left.comments, right.comments),
    ...matched(asked, left.key, 'worklog', left.worklogs, right.worklogs),
    ...matched(asked, left.key, 'file', await files(asked.from, left.files), await files(asked.to, right.files)),
  ];
}

/** Every part must be there exactly once, whatever the order. */
function matched(
  asked: ComparisonAsk,
  issue: string,
  what: string,
  left: readonly PicturePart[],
  right: readonly PicturePart[],
): readonly Found[] {
  const found: Found[] = [];
  const rest = [...right];
  const take = (fits: (value: unknown) => boolean): boolean => {
    const at = rest.findIndex(({ value }) => fits(value));
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  };
  const alone = left.filter(({ value }) => !take((there) => isDeepStrictEqual(value, there)));
  for (const { id, value } of alone) {
    const isSpoken = take((there) => isSameSpoken(asked, value, there));
    found.push({ issue, what, part: id, ...(isSpoken ? { reason: MENTION_AS_TEXT } : {}) });
  }
  for (const { id } of rest) found.push({ issue, what: `${what} too many`, part: id });
  return found;
}

/** A mention of somebody who is not usable on the other site arrives as words, so that nobody else is notified. */
const MENTION_AS_TEXT = 'mention-as-text';

function isSameSpoken({ world, to }: ComparisonAsk, one: unknown, other: unknown): boolean {
  const isUsable = (account: unknown): boolean =>
    typeof account === 'string' && world.people.get(account)?.active === true && to.members.has(account);
  return isDeepStrictEqual(spoken(one, isUsable), spoken(other, isUsable));
}

/** A value with the mentions of unusable people as words, and neighbouring texts of the same marks as one. */
function spoken(value: unknown, isUsable: (account: unknown) => boolean): unknown {
  if (Array.isArray(value)) return joined(value.map((inner) => spoken(inner, isUsable)));
  if (!isRecord(value)) return value;
  const { type, attrs } = value;
  if (type === 'mention' && isRecord(attrs) && !isUsable(attrs['id'])) {
    const words = typeof attrs['text'] === 'string' ? attrs['text'] : 'user';
    return { type: 'text', text: words.startsWith('@') ? words : `@${words}` };
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoken(inner, isUsable)]));
}

function joined(values: readonly unknown[]): readonly unknown[] {
  const all: unknown[] = [];
  for (const value of values) {
    const last = all.at(-1);
    const isText = isRecord(value) && value['type'] === 'text' && isRecord(last) && last['type'] === 'text';
    if (isText && isDeepStrictEqual(value['marks'], last['marks'])) {
      all.splice(-1, 1, { ...last, text: `${String(last['text'])}${String(value['text'])}` });
    } else all.push(value);
  }
  return all;
}

function explained(
  { world, from, to, twins }: ComparisonAsk,
  { one, other }: { readonly one: IssueRecord; readonly other: IssueRecord },
  found: readonly Found[],
  said: readonly Said[],
): readonly Difference[] {
  return found.map((difference): Difference => {
    if (difference.reason !== undefined) return difference;
    const { what, part } = difference;
    const dispute: Dispute = {
      ...{ world, from, to, one, other, what, hasTwin: (id: string) => twins.has(id) },
      ...(part === undefined ? {} : { part }),
    };
    const given = said.filter((each) => each.what === what && each.part === part).map(({ code }) => code);
    const reason = given.find((code) => isTrue(code, dispute));
    if (reason !== undefined) return { ...difference, reason };
    return given[0] === undefined ? difference : { ...difference, untrue: given[0] };
  });
}
