/** One pair as a person looks at it. What its issues' watchers and votes come to is asked now and stored nowhere. */
import type { Side } from '../../shared/model/connection.ts';
import { allEnded } from '../../shared/model/allEnded.ts';
import { toFault } from '../../shared/verdict.ts';
import type { TwinView } from '../../shared/wire/console.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, shownState } from './halves.ts';
import { findTwin } from './twinActs.ts';
import type { OwnTwin } from './twinActs.ts';
import { twinLineOf } from './views.ts';

/**
 * GET …/twins/{twin}: how the pair stands, what of it waits, and how many people watch each issue and voted for it: numbers, no
 * persons. The partner's site is asked only while the connection is active. @throws Fault `not-found`
 */
export async function showTwin(ask: Ask): Promise<EdgeAnswer> {
  const found = await findTwin(ask);
  const { own, row } = found;
  const { originSide, since, ending, insideAt, deletedOn } = row;
  const [a, b] = await allEnded([audienceOf(ask, found, 'a'), audienceOf(ask, found, 'b')]);
  const body: TwinView = {
    ...twinLineOf(own, row),
    side: own.row.side,
    originSide,
    waiting: Object.entries(row.fields)
      .flatMap(([field, { blocked }]) => (blocked === undefined ? [] : [{ field, code: blocked }]))
      .sort((one, other) => (one.field < other.field ? -1 : 1)),
    audience: { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) },
    ...(since === undefined ? {} : { since }),
    ...(insideAt === undefined ? {} : { insideAt }),
    ...(ending === undefined ? {} : { endingSince: ending.at }),
    ...(deletedOn === undefined ? {} : { deletedOn }),
  };
  return answer(body);
}

/** The counts of one side; the code when its site does not tell them. A view must not fail because one of two sites is away. */
async function audienceOf(ask: Ask, { own, row }: OwnTwin, side: Side): Promise<TwinView['audience'][Side]> {
  const issue = row[side];
  const agreed = await connectionOf(ask, own);
  if (issue === undefined || agreed === undefined) return undefined;
  const isMine = side === own.row.side;
  if (!isMine && shownState(own, agreed) !== 'active') return undefined;
  const site = isMine ? ask.site : ask.ports.jira.at(agreed[side], row.twin);
  try {
    const counts = await site.readAudience(issue);
    return counts === 'gone' ? { code: 'issue-gone' } : counts;
  } catch (thrown) {
    const { code } = toFault(thrown);
    if (!code.startsWith('jira-')) throw thrown;
    return { code };
  }
}
