import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { explained, fieldPlan } from '../../shared/sync/explain.ts';
import { snapshotOf } from '../../shared/sync/snapshot.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import type { Sync, TwinRow } from './context.ts';
import { contentKey } from './copies.ts';
import type { Keeping } from './keep.ts';
import type { Hold } from './take.ts';

/** A decision that is ready to be stored, under the id that the twin's record refers to. */
export interface Decided {
  readonly id: string;
  readonly record: Omit<RecordOf<'decision'>, 'owners'>;
}

/**
 * Seals what a round decided about fields, so that somebody can ask later why a field was changed and decide it again. Nothing when
 * the round wrote no field.
 */
export async function sealDecision(sync: Sync, hold: Hold, { look }: Keeping): Promise<Decided | undefined> {
  const told = explained(look.input);
  if (told.length === 0 || look.plan.steps.length === 0) return undefined;
  const { connection, twin } = hold.place;
  const at = sync.clock.now();
  const id = String(at);
  const content = { input: snapshotOf(look.input), steps: fieldPlan(look.plan) };
  const sealed = await sync.keys.seal(
    contentKey(hold.place, hold.connection),
    contextOf('decision.content', connection, twin, id),
    content,
  );
  const { eventAt } = hold.row();
  const rows = told.map(({ lane, why, to, base, now }) => ({
    ...{ lane, why, to },
    ...(base.a === undefined ? {} : { baseA: base.a }),
    ...(base.b === undefined ? {} : { baseB: base.b }),
    ...(now.a === undefined ? {} : { nowA: now.a }),
    ...(now.b === undefined ? {} : { nowB: now.b }),
  }));
  const { a, b } = look.input.rules;
  const record = { at, ...(eventAt === undefined ? {} : { eventAt }), rulesA: a.version, rulesB: b.version, rows };
  return { id, record: { ...record, content: sealed } };
}

/** Stores a decision and removes those that are no field's last one any more. Returns the twin's new references. */
export function putDecision(
  transaction: Transaction,
  hold: Hold,
  row: TwinRow,
  { id, record }: Decided,
): NonNullable<TwinRow['decided']> {
  const before = row.decided ?? {};
  const after = { ...before, ...Object.fromEntries(record.rows.map(({ lane }) => [lane, { in: id }])) };
  const live = new Set(Object.values(after).map((one) => one.in));
  for (const old of new Set(Object.values(before).map((one) => one.in))) {
    if (!live.has(old)) transaction.remove('decision', { ...hold.place, decision: old });
  }
  transaction.put('decision', { ...hold.place, decision: id }, { owners: row.owners, ...record });
  return after;
}
