/** How long changes took to arrive, by connection, day and kind. */
import { lagFigures, lagKinds, mergedLags, noLag } from '../../shared/model/lag.ts';
import type { LagSketch } from '../../shared/model/lag.ts';
import { Fault } from '../../shared/verdict.ts';
import type { LagView } from '../../shared/wire/drift.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf } from './halves.ts';

/** Days that are kept. */
const MAX_DAYS = 40;

/** The figures of the last days: of each day and together, for each kind and for all. */
export async function showLag(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  if ((await connectionOf(ask, own)) === undefined) throw new Fault('not-found');
  const { connection } = own;
  const { items } = await ask.ports.store.list('lag', { connection }, { limit: MAX_DAYS });
  const days = items.map(({ row }) => ({ day: row.day, kinds: row.kinds }));
  const all = days.map(({ kinds }) => kinds);
  const body: LagView = {
    connection,
    total: lagFigures(together(all.flatMap((kinds) => Object.values(kinds)))),
    kinds: lagKinds.flatMap((kind) => {
      const sketches = all.flatMap((kinds) => kinds[kind] ?? []);
      return sketches.length === 0 ? [] : [{ kind, ...lagFigures(together(sketches)) }];
    }),
    days: days.map(({ day, kinds }) => ({ day, ...lagFigures(together(Object.values(kinds))) })),
  };
  return answer(body);
}

function together(sketches: readonly LagSketch[]): LagSketch {
  return sketches.reduce(mergedLags, noLag);
}
