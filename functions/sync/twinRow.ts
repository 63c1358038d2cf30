import type { Side } from '../../shared/model/connection.ts';
import type { IssueId } from '../../shared/model/ids.ts';
import type { TwinMemory } from '../../shared/model/twin.ts';
import type { TwinRow } from './context.ts';

type OptionalPart =
  | 'a'
  | 'b'
  | 'creatingAt'
  | 'lease'
  | 'isEchoed'
  | 'wroteBy'
  | 'wakeAt'
  | 'error'
  | 'troubles'
  | 'lookAt'
  | 'retryAt'
  | 'pausedAt'
  | 'eventAt'
  | 'settledAt'
  | 'readAt'
  | 'decided'
  | 'start'
  | 'verifiedAt'
  | 'ruledBy'
  | 'aUpdatedAt'
  | 'bUpdatedAt'
  | 'aSaidAt'
  | 'bSaidAt'
  | 'awaits'
  | 'run'
  | 'deletedOn'
  | 'since'
  | 'insideAt'
  | 'ending';
/** What may change of a stored twin; `undefined` takes a part away. */
export type TwinParts = { readonly [N in OptionalPart]?: TwinRow[N] | undefined } & Partial<
  Pick<TwinRow, 'dirty' | 'attempts' | 'fields'>
>;

/** The record with some parts changed or taken away. */
export function withParts(row: TwinRow, parts: TwinParts): TwinRow {
  const { owners, connection, twin, originSide, dirty, attempts, fields, ...rest } = { ...row, ...parts };
  return {
    ...{ owners, connection, twin, originSide, dirty, attempts, fields },
    ...(rest.a === undefined ? {} : { a: rest.a }),
    ...(rest.b === undefined ? {} : { b: rest.b }),
    ...(rest.creatingAt === undefined ? {} : { creatingAt: rest.creatingAt }),
    ...(rest.lease === undefined ? {} : { lease: rest.lease }),
    ...(rest.isEchoed === undefined ? {} : { isEchoed: rest.isEchoed }),
    ...(rest.wroteBy === undefined ? {} : { wroteBy: rest.wroteBy }),
    ...(rest.wakeAt === undefined ? {} : { wakeAt: rest.wakeAt }),
    ...(rest.error === undefined ? {} : { error: rest.error }),
    ...(rest.troubles === undefined ? {} : { troubles: rest.troubles }),
    ...(rest.lookAt === undefined ? {} : { lookAt: rest.lookAt }),
    ...(rest.retryAt === undefined ? {} : { retryAt: rest.retryAt }),
    ...(rest.pausedAt === undefined ? {} : { pausedAt: rest.pausedAt }),
    ...(rest.eventAt === undefined ? {} : { eventAt: rest.eventAt }),
    ...(rest.settledAt === undefined ? {} : { settledAt: rest.settledAt }),
    ...(rest.readAt === undefined ? {} : { readAt: rest.readAt }),
    ...(rest.decided === undefined ? {} : { decided: rest.decided }),
    ...(rest.start === undefined ? {} : { start: rest.start }),
    ...(rest.verifiedAt === undefined ? {} : { verifiedAt: rest.verifiedAt }),
    ...(rest.ruledBy === undefined ? {} : { ruledBy: rest.ruledBy }),
    ...(rest.aUpdatedAt === undefined ? {} : { aUpdatedAt: rest.aUpdatedAt }),
    ...(rest.bUpdatedAt === undefined ? {} : { bUpdatedAt: rest.bUpdatedAt }),
    ...(rest.aSaidAt === undefined ? {} : { aSaidAt: rest.aSaidAt }),
    ...(rest.bSaidAt === undefined ? {} : { bSaidAt: rest.bSaidAt }),
    ...(rest.awaits === undefined ? {} : { awaits: rest.awaits }),
    ...(rest.run === undefined ? {} : { run: rest.run }),
    ...(rest.deletedOn === undefined ? {} : { deletedOn: rest.deletedOn }),
    ...(rest.since === undefined ? {} : { since: rest.since }),
    ...(rest.insideAt === undefined ? {} : { insideAt: rest.insideAt }),
    ...(rest.ending === undefined ? {} : { ending: rest.ending }),
  };
}

/** One side's issue as a part of the record. */
export function sidePart(side: Side, issue: IssueId): { readonly a?: IssueId; readonly b?: IssueId } {
  return side === 'a' ? { a: issue } : { b: issue };
}

/** The tick wakes a twin whose worker died, this long after the lease ran out. */
const WAKE_MARGIN_MS = 1_000;

/** The record under a lease that starts now. A worker that dies leaves it to the tick. */
export function leased(row: TwinRow, token: string, now: number, leaseMs: number, parts: TwinParts = {}): TwinRow {
  const until = now + leaseMs;
  return withParts(row, { ...parts, lease: { token, until }, wakeAt: until + WAKE_MARGIN_MS });
}

/** What the engine knows of the twin. */
export function memoryOf(row: TwinRow, traces: Pick<TwinMemory, 'comments' | 'worklogs' | 'files'>): TwinMemory {
  const { twin, connection, originSide, fields, a, b, start, deletedOn } = row;
  return {
    ...{ twin, connection, originSide, fields },
    ...traces,
    ...(a === undefined ? {} : { a }),
    ...(b === undefined ? {} : { b }),
    ...(start === undefined ? {} : { start }),
    ...(deletedOn === undefined ? {} : { deletedOn }),
  };
}

/** The parts of the record that the engine's memory decides. */
export function memoryParts(memory: TwinMemory): TwinParts {
  return { a: memory.a, b: memory.b, fields: memory.fields };
}
