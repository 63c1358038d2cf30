/**
 * Worklogs and files in the simulation: what people do with them, what is written down of it, and what must hold at rest. Like the
 * judge, it uses none of the engine's functions.
 */
import { APP_ACCOUNT } from '../../infra/local/inside.ts';
import { plainText } from '../../infra/local/jira/model/richText.ts';
import type { People } from '../../infra/local/jira/http/people.ts';
import type { Happening, Issue, Site } from '../../infra/local/jira/model/types.ts';
import type { Attachment, Worklog } from '../../infra/local/jira/model/parts.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import { between, pick } from './chance.ts';
import type { Chance } from './chance.ts';
import type { PartDeedName, PartKind } from './script.ts';

/** One thing that happened to one worklog or file. */
export interface PartDeed {
  readonly number: number;
  readonly at: number;
  readonly kind: PartKind;
  /** The word of the worklog, or the name of the file: nothing else of the run has it. */
  readonly word: string;
  readonly issue: string;
  readonly side: Side;
  readonly id: string;
  readonly by: 'person' | 'app';
  readonly verb: 'add' | 'edit' | 'delete';
  /** All that must be equal: text, time and start, or the content's hash. */
  readonly value: string;
  isOverrun: boolean;
}

/** A worklog or a file as it is now. */
interface Part {
  readonly id: string;
  readonly word: string;
  readonly value: string;
  readonly authorId: string;
}

function workPart({ id, authorId, comment, spentSeconds, startedAt }: Worklog): Part {
  const text = comment === null ? '' : plainText(comment).trim();
  return { id, authorId, word: /^\S*/.exec(text)?.[0] ?? '', value: `${text} ${spentSeconds} s at ${startedAt}` };
}

function filePart({ id, authorId, filename, sha256 }: Attachment): Part {
  return { id, authorId, word: filename, value: sha256 ?? '' };
}

/** The worklogs or files of an issue. */
export function partsOf(site: Site, issue: string, kind: PartKind): readonly Part[] {
  const record = site.issues.get(issue);
  if (kind === 'worklogs') return (record?.worklogIds ?? []).flatMap((id) => site.worklogs.get(id) ?? []).map(workPart);
  return (record?.attachmentIds ?? []).flatMap((id) => site.attachments.get(id) ?? []).map(filePart);
}

/** What of a happening is about a worklog or a file. */
export function partIn({
  worklog,
  attachment,
  event,
}: Happening): (Part & Pick<PartDeed, 'kind' | 'verb'>) | undefined {
  const verb = event.endsWith('_created') ? 'add' : event.endsWith('_deleted') ? 'delete' : 'edit';
  if (worklog !== undefined) return { ...workPart(worklog), kind: 'worklogs', verb };
  if (attachment !== undefined) return { ...filePart(attachment), kind: 'files', verb };
  return undefined;
}

/** What a deed of a person needs. */
interface PartActing {
  readonly chance: Chance;
  readonly person: People;
  readonly site: Site;
  readonly issue: Issue;
  readonly now: number;
  /** A word that nothing else has. */
  readonly word: string;
}

/** Does one deed, when there is something to do it with. */
export function actOnPart(name: PartDeedName, { chance, person, site, issue, now, word }: PartActing): void {
  const some = (kind: PartKind, wantsCopy: boolean): Part | undefined => {
    const fitting = partsOf(site, issue.id, kind).filter(({ authorId }) => (authorId === APP_ACCOUNT) === wantsCopy);
    return fitting.length === 0 ? undefined : pick(chance, fitting);
  };
  const timeSpent = `${between(chance, 1, 8) * 15}m`;
  switch (name) {
    case 'log-work':
      person.logWork(issue.id, {
        timeSpent,
        comment: `l${word} done`,
        startedAt: now - between(chance, 1, 90) * 60_000,
      });
      return;
    case 'edit-work':
    case 'edit-work-copy': {
      const work = some('worklogs', name === 'edit-work-copy');
      if (work !== undefined) person.editWork(issue.id, work.id, { timeSpent, comment: `${work.word} again ${word}` });
      return;
    }
    case 'delete-work':
    case 'delete-work-copy': {
      const work = some('worklogs', name === 'delete-work-copy');
      if (work !== undefined) person.deleteWork(issue.id, work.id);
      return;
    }
    case 'attach':
      person.attach(issue.id, { filename: `f${word}.txt`, bytes: `bytes of ${word}`, mimeType: 'text/plain' });
      return;
    case 'detach':
    case 'detach-copy': {
      const file = some('files', name === 'detach-copy');
      if (file !== undefined) person.deleteAttachment(file.id);
      return;
    }
  }
}

/** What the judge knows of one pair's parts of one kind. */
export interface PartCase {
  readonly kind: PartKind;
  readonly token: string;
  readonly deeds: readonly PartDeed[];
  /** Words of what a restore has undone. */
  readonly undone: ReadonlySet<string>;
  readonly here: Readonly<Record<Side, readonly Part[]>>;
  /** What the product says of a part, by side and id. */
  readonly blockedOf: (side: Side, id: string) => string | undefined;
  /** Codes that the faults of the run explain. */
  readonly isExcuse: (code: string) => boolean;
  /** Some work does not know what it did. */
  readonly isUnsure: boolean;
}

type Tell = (kind: string, what: string) => void;

/** Nothing lost, nothing doubled, nothing of a person removed, and the content equal. */
export function judgeParts(one: PartCase, tell: Tell): void {
  const { kind, token, deeds, here } = one;
  for (const deed of deeds)
    if (deed.by === 'app' && deed.verb === 'delete' && isBorn(deeds, deed))
      tell('unmanaged-removed', `${kind} ${deed.word} of ${token} on ${deed.side}`);
  const born = deeds.filter(({ by, verb }) => by === 'person' && verb === 'add');
  const words = new Set(born.map(({ word }) => word));
  for (const side of ['a', 'b'] as const)
    for (const { word } of here[side])
      if (!words.has(word)) tell(`duplicate-${kind}`, `${word} of ${token} on ${side} comes from nobody`);
  for (const deed of born) if (!one.undone.has(deed.word)) judgePart(one, deed, tell);
}

/** True for what a person put there. */
function isBorn(deeds: readonly PartDeed[], { side, id }: PartDeed): boolean {
  return deeds.some((deed) => deed.by === 'person' && deed.verb === 'add' && deed.side === side && deed.id === id);
}

function judgePart(one: PartCase, born: PartDeed, tell: Tell): void {
  const { kind, token, deeds, here, blockedOf, isExcuse, isUnsure } = one;
  const { side, id, word } = born;
  const far = otherSide(side);
  const where = `${kind} ${word} of ${token}`;
  const of = deeds.filter((deed) => deed.word === word);
  const byPeople = of.filter(({ by }) => by === 'person');
  const original = here[side].find((part) => part.id === id);
  const copies = here[far].filter((part) => part.word === word);
  const isDeleted = byPeople.some((deed) => deed.verb === 'delete' && deed.side === side && deed.id === id);
  const gone = byPeople.filter((deed) => deed.verb === 'delete' && deed.side === far).length;
  const made = of.filter(({ by, verb }) => by === 'app' && verb === 'add').length;
  const edits = (by: PartDeed['by']): number => of.filter((deed) => deed.by === by && deed.verb === 'edit').length;
  if (original === undefined && !isDeleted) tell(`${kind}-lost`, `${where} is gone from its own side`);
  if (copies.length > 1 || made > 1 + gone)
    tell(`duplicate-${kind}`, `${where}: ${copies.length} copies, ${made} made`);
  if (edits('app') > edits('person')) tell('echo', `${where}: ${edits('app')} edits for ${edits('person')}`);
  const [copy] = copies;
  if (isDeleted) {
    const refusal = blockedOf(side, id);
    const isRefused = refusal !== undefined && isExcuse(refusal);
    // An upload that nobody recorded and whose original is gone cannot be told from a file of somebody else.
    if (copy !== undefined && !isRefused && !(kind === 'files' && isUnsure))
      tell('different', `${where} is deleted and its copy stays`);
    return;
  }
  if (copy !== undefined && gone > 0 && !isUnsure) tell('copy-returned', `${where} was deleted there`);
  if (copy === undefined) {
    const code = blockedOf(side, id);
    if (gone === 0 && (code === undefined || !isExcuse(code)))
      tell(`${kind}-missing`, `${where}: ${code ?? 'nothing says why'}`);
    return;
  }
  if (original === undefined) return;
  const code = blockedOf(side, id);
  if (original.value !== copy.value) {
    if (code === undefined || !isExcuse(code)) tell('different', `${where}: ${original.value} is not ${copy.value}`);
    return;
  }
  judgeLast(where, { original, copy }, byPeople, tell);
}

/** The last word of a person counts. */
function judgeLast(
  where: string,
  { original, copy }: Readonly<Record<'original' | 'copy', Part>>,
  deeds: readonly PartDeed[],
  tell: Tell,
): void {
  const lastOf = (id: string): PartDeed | undefined => {
    const last = deeds.findLast((deed) => deed.id === id && deed.verb !== 'delete');
    return last?.isOverrun === true ? undefined : last;
  };
  const wanted = [lastOf(original.id), lastOf(copy.id)].filter((deed) => deed !== undefined);
  if (wanted.length === 0) return;
  if (!wanted.some(({ value }) => value === original.value)) {
    tell('lost', `${where} says what nobody wrote last`);
    return;
  }
  const [one, other] = wanted.toSorted((first, second) => second.number - first.number);
  if (one === undefined || other === undefined || one.at === other.at) return;
  if (original.value !== one.value) tell('lost', `${where}: the later one went under`);
}
