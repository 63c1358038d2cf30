/**
 * What happened on the sites, seen from outside: who changed what, in order. Judged later without any of the engine's own
 * functions. The people's words say which thing is which: a summary begins with the word of its issue, a comment with its own.
 */
import type { Happening, Issue, Site } from '../../infra/local/jira/model/types.ts';
import type { Side } from '../../shared/model/connection.ts';
import { ROBOT } from './fieldKinds.ts';
import { partIn } from './parts.ts';
import { spoken } from './pictures.ts';
import { readersOf } from './readers.ts';
import type { PartDeed } from './parts.ts';
import type { FieldKind } from './fieldKinds.ts';
import { APP_ACCOUNT } from '../../infra/local/inside.ts';

/** One effective change of one field or element on one side. */
export interface FieldDeed {
  readonly number: number;
  readonly at: number;
  readonly token: string;
  readonly side: Side;
  readonly by: 'person' | 'app';
  /** By an automation that insists on its value. */
  readonly isRobot: boolean;
  readonly field: string;
  /** What the field shows afterwards; for an element of a set the element. */
  readonly value: string;
  readonly before: string;
  /** Elements of sets only. */
  readonly verb?: 'add' | 'remove';
  /** With the birth of the issue. */
  readonly isBirth: boolean;
  /** An app's write went over it that was decided on before it happened; Jira has no conditional write. */
  isOverrun: boolean;
  /** The site was put back to a state before it. */
  isUndone?: boolean;
}

/** One thing that happened to one comment. */
export interface CommentDeed {
  readonly number: number;
  readonly at: number;
  /** The word of the comment. */
  readonly word: string;
  readonly issue: string;
  readonly side: Side;
  readonly id: string;
  readonly by: 'person' | 'app';
  readonly verb: 'add' | 'edit' | 'delete';
  readonly text: string;
  readonly isRestricted: boolean;
  isOverrun: boolean;
}

/** One issue that came or went. */
export interface IssueDeed {
  readonly number: number;
  readonly token: string;
  readonly side: Side;
  readonly id: string;
  readonly by: 'person' | 'app';
  readonly verb: 'create' | 'delete';
}

/** Whether the work that writes now had read this part of the issue before a number of the history. */
export type Unseen = (part: 'issue' | 'comments', number: number) => boolean;

/** The same for the issue of a deed and for its twin on the other side. */
interface Seeing {
  readonly isUnseen: Unseen;
  readonly isUnseenThere: Unseen;
}

/** Whether a deed is about this element of this field of this issue on this side. */
function isOf(deed: FieldDeed, { token, side, field }: Omit<FieldDeed, 'value' | 'before' | 'verb'>, element: string) {
  return deed.token === token && deed.side === side && deed.field === field && deed.value === element;
}

function isSame(one: string | readonly string[] | undefined, other: string | readonly string[]): boolean {
  return typeof one === 'object' && typeof other === 'object' ? one.join('\n') === other.join('\n') : one === other;
}

/** The first word of a text. */
export function firstWord(text: string): string {
  return /^\S+/.exec(text.trim())?.[0] ?? '';
}

function summaryOf({ values }: Issue): string {
  const summary = values['summary'];
  return typeof summary === 'string' ? summary : '';
}

/** Keeps the history of one run. */
export class History {
  readonly fields: FieldDeed[] = [];
  readonly comments: CommentDeed[] = [];
  /** Words of comments, worklogs and files to which something happened on a site that was put back to before it. */
  readonly undone = new Set<string>();
  readonly issues: IssueDeed[] = [];
  readonly parts: PartDeed[] = [];
  /** Files by side and media id: their names, and the words of their issues. */
  readonly pictures = new Map<string, { readonly name: string; readonly issue: string }>();
  /** What is wrong at the very moment: things that no later state can excuse. */
  readonly wrongs: { readonly kind: string; readonly what: string }[] = [];
  number = 0;
  readonly #kinds: readonly FieldKind[];
  readonly #hasTies: boolean;
  readonly #shown = new Map<string, Readonly<Record<string, string | readonly string[]>>>();
  readonly #tokens = new Map<string, string>();
  /** Who put an element of a set there: site, issue, field, element. */
  readonly #owners = new Map<string, 'person' | 'app'>();

  constructor(kinds: readonly FieldKind[]) {
    this.#kinds = kinds;
    this.#hasTies = kinds.some(({ refersTo }) => refersTo !== undefined);
  }

  /** The word of an issue, by site and id. */
  tokenOf(site: Site, issue: string): string {
    return this.#tokens.get(`${site.name}/${issue}`) ?? '';
  }

  /** The issue of this word on the other side. */
  twinOf(side: Side, token: string): string | undefined {
    return this.issues.findLast((deed) => deed.token === token && deed.side !== side && deed.verb === 'create')?.id;
  }

  /** How long each person's change of a field took to arrive on the other side, in ms; what never arrived as it was is not among them. */
  lags(): readonly number[] {
    return this.fields.flatMap((deed) => {
      // What no webhook tells of arrives with a run.
      if (deed.by !== 'person' || deed.isBirth || this.#isQuiet(deed.field)) return [];
      const { token, field, value, verb, side, number, at } = deed;
      const arrival = this.fields.find(
        (one) =>
          one.by === 'app' &&
          one.number > number &&
          one.side !== side &&
          [one.token, one.field, one.value, one.verb].join('\n') === [token, field, value, verb].join('\n'),
      );
      return arrival === undefined ? [] : [arrival.at - at];
    });
  }

  #isQuiet(field: string): boolean {
    return this.#kinds.find(({ name }) => name === field)?.isQuiet === true;
  }

  /** Whether an issue shows something else than when it was last looked at. */
  isNews(site: Site, issue: Issue): boolean {
    const shown = this.#shown.get(`${site.name}/${issue.id}`);
    return shown !== undefined && this.#kinds.some((kind) => !isSame(shown[kind.name], kind.show(site, issue)));
  }

  /** Takes what has just happened on a site of the connection. */
  take(
    side: Side,
    site: Site,
    happening: Happening,
    isUnseen: Unseen,
    isUnseenThere: Unseen = isUnseen,
  ): readonly string[] {
    this.number += 1;
    const before = [this.fields.length, this.comments.length, this.issues.length, this.parts.length] as const;
    const by = happening.actorId === APP_ACCOUNT ? 'app' : 'person';
    const part = partIn(happening);
    if (part !== undefined) this.#takePart(side, site, happening, part, by, isUnseen);
    else if (happening.comment !== undefined) this.#takeComment(side, site, happening, by, { isUnseen, isUnseenThere });
    else if (happening.event === 'jira:issue_deleted') this.#takeDeath(side, site, happening.issue.id, by);
    else if (happening.link === undefined) this.#takeIssue(side, site, happening, by, isUnseen);
    // What is tied to the issue shows at the others, too.
    for (const { issue } of this.#hasTies ? site.issues.values() : [])
      if (issue.id !== happening.issue.id || happening.link !== undefined)
        if (this.isNews(site, issue)) this.#takeIssue(side, site, { ...happening, issue }, by, isUnseen);
    return [
      ...this.issues.slice(before[2]).map((deed) => `${by} ${side}: ${deed.verb} ${deed.token} (${deed.id})`),
      ...this.fields
        .slice(before[0])
        .map((deed) => `${by} ${side}: ${deed.token} ${deed.field} ${deed.verb ?? ''} ${deed.before} → ${deed.value}`),
      ...this.comments
        .slice(before[1])
        .map(
          ({ issue, verb, id, text, isRestricted }) =>
            `${by} ${side}: ${issue} ${verb} ${id} ${JSON.stringify(text)}${isRestricted ? ' for some' : ''}`,
        ),
      ...this.parts
        .slice(before[3])
        .map((deed) => `${by} ${side}: ${deed.issue} ${deed.kind} ${deed.verb} ${deed.id} ${deed.word} ${deed.value}`),
    ];
  }

  /** A site is as it was at a number of the history: what was done there since is undone, and nobody is told. */
  takeBack(side: Side, site: Site, since: number): void {
    this.number += 1;
    for (const deed of this.fields) if (deed.side === side && deed.number > since) deed.isUndone = true;
    for (const { side: on, number, word } of [...this.comments, ...this.parts])
      if (on === side && number > since) this.undone.add(word);
    for (const [place] of this.#shown) {
      const [name, id = ''] = place.split('/');
      if (name !== site.name) continue;
      const issue = site.issues.get(id)?.issue;
      if (issue !== undefined)
        this.#shown.set(place, Object.fromEntries(this.#kinds.map((kind) => [kind.name, kind.show(site, issue)])));
      else if (!this.issues.some((deed) => deed.side === side && deed.id === id && deed.verb === 'delete'))
        this.#takeDeath(side, site, id, 'person');
    }
  }

  #takeDeath(side: Side, site: Site, id: string, by: 'person' | 'app'): void {
    this.issues.push({ number: this.number, token: this.tokenOf(site, id), side, id, by, verb: 'delete' });
  }

  #takeIssue(side: Side, site: Site, happening: Happening, by: 'person' | 'app', isUnseen: Unseen): void {
    const { issue, at } = happening;
    const place = `${site.name}/${issue.id}`;
    const before = this.#shown.get(place);
    const isBirth = before === undefined;
    if (isBirth) {
      const token = firstWord(summaryOf(issue));
      this.#tokens.set(place, token);
      this.issues.push({ number: this.number, token, side, id: issue.id, by, verb: 'create' });
    }
    const token = this.tokenOf(site, issue.id);
    const shown: Record<string, string | readonly string[]> = {};
    for (const kind of this.#kinds) {
      const now = kind.show(site, issue);
      shown[kind.name] = now;
      const was = before?.[kind.name];
      const who = { by, isRobot: happening.actorId === ROBOT.account } as const;
      const common = {
        number: this.number,
        at,
        token,
        side,
        ...who,
        field: kind.name,
        isBirth,
        isOverrun: false,
      } as const;
      if (typeof now === 'string') {
        if (now === was) continue;
        if (by === 'app') this.#overrun(side, token, kind.name, isUnseen);
        this.fields.push({ ...common, value: now, before: typeof was === 'string' ? was : '' });
      } else this.#takeSet(site, issue.id, common, now, typeof was === 'object' ? was : [], isUnseen);
    }
    this.#shown.set(place, shown);
  }

  #takeSet(
    site: Site,
    issue: string,
    common: Omit<FieldDeed, 'value' | 'before' | 'verb'>,
    now: readonly string[],
    was: readonly string[],
    isUnseen: Unseen,
  ): void {
    const { field, by } = common;
    const ownerPlace = (element: string): string => `${site.name}/${issue}/${field}/${element}`;
    this.#judgeTwice(common, now, was, isUnseen);
    for (const value of now.filter((element) => !was.includes(element))) {
      this.#owners.set(ownerPlace(value), by);
      this.fields.push({ ...common, value, before: '', verb: 'add' });
    }
    for (const value of was.filter((element) => !now.includes(element))) {
      if (by === 'app' && this.#owners.get(ownerPlace(value)) === 'person') {
        const put = this.fields.findLast((deed) => isOf(deed, common, value) && deed.verb === 'add');
        const wasOurs = this.fields.some(
          (deed) =>
            isOf(deed, common, value) && deed.verb === 'add' && deed.by === 'app' && deed.number < (put?.number ?? 0),
        );
        // Ours when we looked, and a person's since: as with every value, Jira has no condition that could stop us.
        if (put !== undefined && wasOurs && isUnseen('issue', put.number)) put.isOverrun = true;
        else
          this.wrongs.push({
            kind: 'unmanaged-removed',
            what: `${field} ${value} of ${common.token} on ${common.side}`,
          });
      }
      this.fields.push({ ...common, value, before: value, verb: 'remove' });
    }
  }

  /** An element that is there already is not made once more, unless a person put it there since we looked. */
  #judgeTwice(
    common: Omit<FieldDeed, 'value' | 'before' | 'verb'>,
    now: readonly string[],
    was: readonly string[],
    isUnseen: Unseen,
  ): void {
    const times = (list: readonly string[], element: string): number => list.filter((one) => one === element).length;
    if (common.by !== 'app') return;
    for (const element of new Set(now)) {
      if (times(now, element) < 2 || times(now, element) <= times(was, element)) continue;
      const put = this.fields.findLast((deed) => isOf(deed, common, element) && deed.verb === 'add');
      if (put?.by !== 'person' || !isUnseen('issue', put.number))
        this.wrongs.push({
          kind: `duplicate-${common.field}`,
          what: `${element} of ${common.token} on ${common.side}`,
        });
    }
  }

  /**
   * Takes a write of ours that Jira has taken, effective or not. A person may have set the very value between our reading and our
   * writing: then it changes nothing, and neither Jira nor we can tell that it was not ours.
   */
  takeWrite(side: Side, site: Site, issue: string, fields: readonly string[], isUnseen: Unseen): void {
    const shown = this.#shown.get(`${site.name}/${issue}`);
    const token = this.tokenOf(site, issue);
    for (const { name, idOn } of this.#kinds) {
      const id = idOn?.(site) ?? name;
      if (!fields.some((field) => field.toLowerCase() === id.toLowerCase())) continue;
      const last = this.fields.findLast((deed) => deed.token === token && deed.side === side && deed.field === name);
      if (last?.by !== 'person' || last.value !== shown?.[name] || !isUnseen('issue', last.number)) continue;
      last.isOverrun = true;
    }
  }

  /** People's changes of the field on this side that the worker had not seen when it decided. */
  #overrun(side: Side, token: string, field: string, isUnseen: Unseen): void {
    for (const deed of this.fields) {
      if (deed.by !== 'person' || deed.token !== token || deed.side !== side || deed.field !== field) continue;
      if (isUnseen('issue', deed.number)) deed.isOverrun = true;
    }
  }

  #takePart(
    side: Side,
    site: Site,
    { at, issue, flow, attachment }: Happening,
    { kind, verb, id, word, value }: NonNullable<ReturnType<typeof partIn>>,
    by: 'person' | 'app',
    isUnseen: Unseen,
  ): void {
    if (flow === 'Secondary') return;
    const token = this.tokenOf(site, issue.id);
    if (attachment !== undefined) this.pictures.set(`${side} ${attachment.mediaId}`, { name: word, issue: token });
    if (by === 'app')
      for (const earlier of this.parts)
        if (earlier.by === 'person' && earlier.side === side && earlier.id === id)
          if (isUnseen('issue', earlier.number)) earlier.isOverrun = true;
    this.parts.push({ number: this.number, at, kind, word, issue: token, side, id, by, verb, value, isOverrun: false });
  }

  #takeComment(side: Side, site: Site, happening: Happening, by: 'person' | 'app', seeing: Seeing): void {
    const { comment, issue, at, event } = happening;
    // What goes with a deleted issue is no deed of anybody's.
    if (comment === undefined || happening.flow === 'Secondary') return;
    const text = spoken(comment.body);
    const verb = event === 'comment_created' ? 'add' : event === 'comment_updated' ? 'edit' : 'delete';
    const deed: CommentDeed = {
      ...{ number: this.number, at, word: firstWord(text), issue: this.tokenOf(site, issue.id), side, id: comment.id },
      ...{ by, verb, text, isRestricted: readersOf(comment) !== '', isOverrun: false },
    };
    if (by === 'app') this.#judgeAppOnComment(deed, comment.authorId, seeing);
    this.comments.push(deed);
  }

  #judgeAppOnComment(deed: CommentDeed, author: string, { isUnseen, isUnseenThere }: Seeing): void {
    if (deed.verb !== 'delete' && !deed.isRestricted) {
      const born = this.comments.find(
        ({ by, verb, word, issue }) => by === 'person' && verb === 'add' && word === deed.word && issue === deed.issue,
      );
      const last = this.comments.findLast(({ side, id }) => side === born?.side && id === born.id);
      // What is for some was written for all, by a worker that had seen it so.
      if (last?.isRestricted === true && last.side !== deed.side && !isUnseenThere('comments', last.number))
        this.wrongs.push({ kind: 'readers-wider', what: `comment ${deed.word} of ${deed.issue} on ${deed.side}` });
    }
    if (deed.verb === 'delete' && author !== APP_ACCOUNT)
      this.wrongs.push({ kind: 'unmanaged-removed', what: `comment ${deed.word} of ${deed.issue} on ${deed.side}` });
    for (const earlier of this.comments)
      if (earlier.by === 'person' && earlier.side === deed.side && earlier.id === deed.id)
        if (isUnseen('comments', earlier.number)) earlier.isOverrun = true;
  }
}
