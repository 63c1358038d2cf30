/** Comments at rest: one copy of each, what it says and by whom it may be read. */
import { APP_ACCOUNT } from '../../infra/local/inside.ts';
import { plainText } from '../../infra/local/jira/model/richText.ts';
import type { Comment, Site } from '../../infra/local/jira/model/types.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { firstWord } from './history.ts';
import type { CommentDeed } from './history.ts';
import { isExcuse, isUnsure } from './judging.ts';
import { spoken } from './pictures.ts';
import { arrivesFor, readersOf } from './readers.ts';
import type { Pair, Tell } from './judging.ts';
import { SITES } from './world.ts';
import type { SimWorld } from './world.ts';

export function judgeComments(world: SimWorld, pair: Pair, traces: readonly RecordOf<'trace'>[], tell: Tell): void {
  const { history } = world;
  const born = history.comments.filter(
    ({ issue, by, verb }) => issue === pair.token && by === 'person' && verb === 'add',
  );
  const known = new Set(born.map(({ word }) => word));
  for (const side of ['a', 'b'] as const)
    for (const comment of commentsOf(world, pair, side)) {
      const word = firstWord(plainText(comment.body));
      if (!known.has(word)) tell('duplicate-comment', `${word} of ${pair.token} on ${side} comes from nobody`);
    }
  // What a restore has undone is no deed: judged is only what is left of the pair.
  for (const deed of born) if (!history.undone.has(deed.word)) judgeComment(world, pair, deed, traces, tell);
}

function commentsOf(world: SimWorld, pair: Pair, side: Side): readonly Comment[] {
  const site: Site = world.jira.site(SITES[side]);
  const issue = pair.issues[side];
  const ids = issue === undefined ? [] : (site.issues.get(issue.id)?.commentIds ?? []);
  return ids.flatMap((id) => site.comments.get(id) ?? []);
}

function judgeComment(
  world: SimWorld,
  pair: Pair,
  born: CommentDeed,
  traces: readonly RecordOf<'trace'>[],
  tell: Tell,
): void {
  const { word, side, id } = born;
  const far = otherSide(side);
  const deeds = world.history.comments.filter((deed) => deed.issue === pair.token && deed.word === word);
  const byPeople = deeds.filter(({ by }) => by === 'person');
  const original = commentsOf(world, pair, side).find((comment) => comment.id === id);
  const copies = commentsOf(world, pair, far).filter(({ body }) => firstWord(plainText(body)) === word);
  const isDeleted = byPeople.some((deed) => deed.verb === 'delete' && deed.side === side && deed.id === id);
  const isCopyDeleted = byPeople.some((deed) => deed.verb === 'delete' && deed.side === far);
  const where = `${word} of ${pair.token}`;
  if (original === undefined && !isDeleted) tell('comment-lost', `${where} is gone from its own side`);
  if (copies.length > 1) tell('duplicate-comment', `${where} has ${copies.length} copies`);
  if (copies.some(({ authorId }) => authorId !== APP_ACCOUNT))
    tell('duplicate-comment', `${where} was copied by nobody`);
  const app = deeds.filter(({ by }) => by === 'app');
  const count = (list: readonly CommentDeed[], verb: CommentDeed['verb']): number =>
    list.filter((deed) => deed.verb === verb).length;
  // A worker that died before it knew its copy cannot know that a person took it away; one for others is made anew.
  const again = world.setting.readers === true ? count(byPeople, 'edit') : 0;
  if (count(app, 'add') > 1 + again + byPeople.filter((deed) => deed.verb === 'delete' && deed.side === far).length)
    tell('duplicate-comment', `${where} was copied ${count(app, 'add')} times`);
  // A copy that a person has opened is closed after what it says has gone home; a text that went with words shows its file later.
  const { readers, pictures } = world.setting;
  const more = (readers === true ? count(byPeople, 'edit') : 0) + (pictures === true && isUnsure(world) ? 1 : 0);
  if (count(app, 'edit') > count(byPeople, 'edit') + more)
    tell('echo', `${where}: ${count(app, 'edit')} edits for ${count(byPeople, 'edit')}`);
  const wanted = original === undefined ? undefined : arrivesFor(original, world.setting.readers === true);
  // The site has refused for good to take the copy away or to close it, and the trace says so.
  const said = traces.flatMap(({ rows }) => rows).find((row) => row[far] === copies[0]?.id)?.blocked;
  const isRefused = said === 'jira-refused' && isExcuse(world, said);
  if (original !== undefined && wanted !== '' && !isRefused && copies.some((copy) => readersOf(copy) === ''))
    tell('comment-leak', `${where} is for some and has a copy for all`);
  if (original !== undefined && wanted === undefined) {
    if (copies.length > 0 && !isRefused && world.setting.readers !== true)
      tell('comment-leak', `${where} is restricted and has a copy`);
    return;
  }
  if (isDeleted) {
    if (copies.length > 0 && !isRefused) tell('different', `${where} is deleted and its copy stays`);
    return;
  }
  const [copy] = copies;
  // So cannot one whose lease ran out in between.
  if (copy !== undefined && isCopyDeleted && !isUnsure(world) && !isLate(world))
    tell('copy-returned', `${where} was deleted there`);
  if (copy === undefined) {
    const code = traces.flatMap(({ rows }) => rows).find((row) => row[side] === id)?.blocked;
    if (isCopyDeleted) return;
    // What stood in the way of a comment for some is gone when it is for all.
    if (wanted === '' && code === 'comment-restricted')
      tell('comment-missing', `${where} is for all and stays as one for some`);
    if (code === undefined || !isExcuse(world, code))
      tell('comment-missing', `${where}: ${code ?? 'nothing says why'}`);
    return;
  }
  if (original === undefined) return;
  // An edit that the site refused for good is told at its trace, like a comment that cannot arrive.
  const refusal = traces.flatMap(({ rows }) => rows).find((row) => row[side] === id)?.blocked;
  if (refusal === 'jira-refused' && isExcuse(world, refusal)) return;
  if (readersOf(copy) !== wanted) {
    const wasNarrowed = byPeople.some((deed) => deed.side === far && deed.isRestricted);
    if (!wasNarrowed) tell('different', `${where} arrives for ${readersOf(copy)} and not for ${wanted ?? 'nobody'}`);
    // A copy that people there keep for some does not say what it says to others.
    return;
  }
  // A copy that is made anew has another id, and what was said in the one before counts.
  const isAnew = (deed: CommentDeed): boolean => deed.side === far && world.setting.readers === true;
  const ofCopy = byPeople.map((deed) => (isAnew(deed) ? { ...deed, id: copy.id } : deed));
  // An open copy of a dead worker is closed, whatever it says.
  if (readers === true && wanted !== '' && isUnsure(world)) return;
  judgeTexts(where, { original, copy }, ofCopy, tell);
}

/** Whether a worker has come too late to record what it had done. */
function isLate({ scheduler }: SimWorld): boolean {
  return (scheduler.faultCounts.get('lease-expired') ?? 0) > 0;
}

function judgeTexts(
  where: string,
  { original, copy }: Readonly<Record<'original' | 'copy', Comment>>,
  deeds: readonly CommentDeed[],
  tell: Tell,
): void {
  const [mine, theirs] = [original, copy].map(({ body }) => spoken(body));
  if (mine !== theirs) {
    tell('different', `${where}: the texts differ`);
    return;
  }
  const lastOf = (id: string): CommentDeed | undefined => {
    const last = deeds.filter((deed) => deed.id === id && deed.verb !== 'delete').at(-1);
    return last?.isOverrun === true ? undefined : last;
  };
  const [last, lastCopy] = [lastOf(original.id), lastOf(copy.id)];
  if (last === undefined && lastCopy === undefined) return;
  if (mine !== last?.text && mine !== lastCopy?.text) {
    tell('lost', `${where} says what nobody wrote last`);
    return;
  }
  if (last === undefined || lastCopy === undefined) return;
  const later = last.number > lastCopy.number ? last : lastCopy;
  if (mine !== later.text && last.at !== lastCopy.at) tell('lost', `${where}: the later text went under`);
}
