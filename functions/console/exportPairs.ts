/** All pairs of a connection as a table. */
import { allEnded } from '../../shared/model/allEnded.ts';
import type { IssueId, IssueKey } from '../../shared/model/ids.ts';
import { twinId } from '../../shared/model/ids.ts';
import { twinStateOf } from '../../shared/model/twinState.ts';
import { pathOf } from '../../shared/retention/check.ts';
import { parseAs } from '../../shared/wire/console.ts';
import type { PairsPage } from '../../shared/wire/console.ts';
import { idSchema } from '../../shared/wire/message.ts';
import { exportHead, exportLine } from '../../shared/wire/pairsCsv.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf, queryOf } from './halves.ts';

/** As many issues as one search of either site tells the keys of. */
const PAIRS_PER_PAGE = 50;

/**
 * One page of the export, as text that the pages after it are put behind; the first begins with the names of the columns. An issue that
 * its site does not show is named by its id. What comes out may be handed in again to connect the pairs.
 */
export async function exportPairs(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { connection } = own;
  const { after } = queryOf(ask);
  const head = after === undefined ? exportHead : '';
  const agreed = await connectionOf(ask, own);
  if (agreed === undefined) return answer({ csv: head } satisfies PairsPage);
  const from =
    after === undefined ? {} : { after: pathOf('twin', { connection, twin: parseAs(idSchema(twinId), after) }) };
  const page = await ask.ports.store.list('twin', { connection }, { limit: PAIRS_PER_PAGE, ...from });
  const rows = page.items.map(({ row }) => row);
  const keysOf = async (side: 'a' | 'b'): Promise<ReadonlyMap<IssueId, IssueKey>> => {
    const issues = rows.flatMap((row) => row[side] ?? []);
    return issues.length === 0 ? new Map() : ask.ports.jira.at(agreed[side], connection, 'bulk').readKeys(issues);
  };
  const [a, b] = await allEnded([keysOf('a'), keysOf('b')]);
  const named = (keys: ReadonlyMap<IssueId, IssueKey>, issue: IssueId | undefined): string =>
    issue === undefined ? '' : (keys.get(issue) ?? issue);
  const lines = rows.map((row) =>
    exportLine({
      ...{ a: named(a, row.a), b: named(b, row.b), twin: row.twin, state: twinStateOf(row) },
      ...{ since: row.since, settledAt: row.settledAt },
    }),
  );
  const next = page.next === undefined ? undefined : rows.at(-1)?.twin;
  return answer({ csv: head + lines.join(''), ...(next === undefined ? {} : { next }) } satisfies PairsPage);
}
