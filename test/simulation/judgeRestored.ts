/** What must hold of a pair after a site was restored and an admin has said which side counts. */
import { plainText } from '../../infra/local/jira/model/richText.ts';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { FieldKind } from './fieldKinds.ts';
import { firstWord } from './history.ts';
import { isOfLone } from './judgeFields.ts';
import { blockedOf, isExcuse, sends } from './judging.ts';
import type { Pair, Tell } from './judging.ts';
import { kindsOf } from './moreKinds.ts';
import { SITES } from './world.ts';
import type { SimWorld } from './world.ts';

/**
 * Both sides show the same in every field that is sent, or it is said why not; what the chosen side showed stands where nobody has
 * changed it since; of sets nothing is taken away; and no comment of the other side goes with what the restored one has lost.
 */
export function judgeRestored(world: SimWorld, pair: Pair, tell: Tell): void {
  for (const kind of kindsOf(world.setting)) judgeRestoredField(world, pair, kind, tell);
  judgeKept(world, pair, tell);
}

function judgeRestoredField(world: SimWorld, pair: Pair, kind: FieldKind, tell: Tell): void {
  if ((['a', 'b'] as const).some((side) => !sends(world, side, kind.name))) return;
  const shown = (side: Side) => {
    const issue = pair.issues[side];
    return issue === undefined ? '' : kind.show(world.jira.site(SITES[side]), issue);
  };
  const [a, b] = [shown('a'), shown('b')];
  const code = blockedOf(pair.twin, kind.name);
  if (typeof a === 'string' && a !== b) {
    const isHeld = code === 'conflict-held' && world.restore.keep === 'hold';
    if (!isHeld && (code === undefined || !isExcuse(world, code)))
      tell('different', `${kind.name} of ${pair.token} after the restore: ${code ?? 'nothing says why'}`);
    return;
  }
  const { keep, number } = world.restore;
  const isTouched = world.history.fields.some(
    (deed) => deed.token === pair.token && deed.field === kind.name && deed.by === 'person' && deed.number > number,
  );
  if (isTouched || !world.restore.wereBack.has(pair.token)) return;
  const then = world.restore.shown.get(pair.token);
  const [before, after] = [then?.a?.[kind.name], then?.b?.[kind.name]];
  if (typeof a === 'string') {
    const wanted = keep === 'a' || keep === 'b' ? then?.[keep]?.[kind.name] : undefined;
    if (wanted !== undefined && a !== wanted)
      tell('lost', `${kind.name} of ${pair.token}: ${keep ?? ''} counts after the restore and does not stand`);
    if (a !== before && a !== after)
      tell('lost', `${kind.name} of ${pair.token} shows after the restore what neither did`);
    return;
  }
  // What is tied to an issue without a counterpart can stand on one side only.
  const isThere = (element: string): boolean =>
    isOfLone(pair, kind, element)
      ? a.includes(element) || b.includes(element)
      : a.includes(element) && b.includes(element);
  for (const element of [before ?? [], after ?? []].flat())
    if (code === undefined && !isThere(element))
      tell('lost', `${kind.name} ${element} of ${pair.token} is gone after the restore`);
}

/** The side that was not restored has lost nothing but what people deleted, and has nothing twice. */
function judgeKept(world: SimWorld, { token, issues }: Pair, tell: Tell): void {
  const { side, comments } = world.restore;
  if (side === undefined) return;
  const far = otherSide(side);
  const site = world.jira.site(SITES[far]);
  const deleted = (id: string, word: string): boolean =>
    world.history.comments.some(
      (deed) =>
        deed.verb === 'delete' && deed.by === 'person' && ((deed.side === far && deed.id === id) || deed.word === word),
    );
  for (const [id, comment] of comments)
    if (comment.issue === issues[far]?.id && !site.comments.has(id) && !deleted(id, comment.word))
      tell('comment-lost', `${comment.word} of ${token} went with what the restored side has lost`);
  for (const at of ['a', 'b'] as const) {
    const words = [...world.jira.site(SITES[at]).comments.values()]
      .filter(({ issueId }) => issueId === issues[at]?.id)
      .map(({ body }) => firstWord(plainText(body)));
    for (const word of new Set(words))
      if (words.filter((one) => one === word).length > 1) tell('duplicate-comment', `${word} of ${token} on ${at}`);
  }
}
