import type { Side } from '../model/connection.ts';
import type { AttachmentId, CommentId, WorklogId } from '../model/ids.ts';
import type { Plan, SideView, Step, StepResult, SyncInput } from '../model/plan.ts';
import type { JiraComment } from '../model/replica.ts';
import type { Awaited, Floor, Made } from '../model/twin.ts';
import { bothSides, issueOf } from './view.ts';

/**
 * How long it is believed that an issue has to show what was told or written. Replicas lag by seconds; a write that changed nothing, or
 * a site that was put back, never shows it.
 */
const BELIEVED_MS = 30_000;

/** What is known of both issues' last changes: as they were last settled, and what has to be seen since. */
export interface Known {
  readonly aUpdatedAt?: number;
  readonly bUpdatedAt?: number;
  readonly aSaidAt?: number;
  readonly bSaidAt?: number;
  /** When they were read for that. */
  readonly readAt?: number;
  readonly awaits?: Awaited;
}

type View = Pick<SideView, 'issue' | 'comments' | 'listed' | 'worklogs' | 'attachments'>;
type Views = Readonly<Record<Side, View>>;

/** A side that answered with an older state than it is known to have. */
export interface Lagging {
  readonly side: Side;
  /** False when a person may have done it, too: what was said last was deleted, or something is hidden from us. */
  readonly isSure: boolean;
}

/**
 * The first side that lags. An issue's `updated` never goes back by itself, and a list of comments that was read apart belongs to the
 * issue when it is as long and as young.
 */
export function laggingSide(known: Known, views: Views, deletedOn: Side | undefined, now: number): Lagging | undefined {
  const awaits = known.awaits !== undefined && known.awaits.until > now ? known.awaits : undefined;
  const doubts = bothSides.flatMap((side): readonly Lagging[] => {
    const isSure = side === deletedOn ? false : isOld(views[side], floorOf(known, side), awaits?.[side]);
    if (isSure) return [{ side, isSure }];
    if (views[side].issue === 'gone' && side !== deletedOn && wasJustThere(known, side, now)) return [{ side, isSure }];
    const isDoubted =
      isListOld(views[side], saidOf(known, side), awaits?.[side]) || lacksMade(views[side], awaits?.[side]);
    return isDoubted ? [{ side, isSure }] : [];
  });
  return doubts.find(({ isSure }) => isSure) ?? doubts[0];
}

function isOld({ issue }: Views[Side], seenAt: number | undefined, awaited: Floor | undefined): boolean {
  if (issue === 'gone') return awaited !== undefined;
  return issue !== 'absent' && issue.updatedAt < Math.max(seenAt ?? 0, awaited?.updatedAt ?? 0);
}

/** It may have been deleted or hidden since; no replica lags for longer. */
function wasJustThere(known: Known, side: Side, now: number): boolean {
  return floorOf(known, side) !== undefined && now - (known.readAt ?? 0) < BELIEVED_MS;
}

function isListOld(view: Views[Side], seenAt: number | undefined, awaited: Floor | undefined): boolean {
  if (view.listed === undefined) return false;
  return view.listed === 'unlike' || saidAt(view.comments) < Math.max(seenAt ?? 0, awaited?.saidAt ?? 0);
}

/** Where an issue was changed after we had read it, its last change says nothing of what we made then: that has to be there. */
function lacksMade({ comments, worklogs, attachments }: View, awaited: Floor | undefined): boolean {
  const lacks = (made: readonly string[] = [], shown: readonly { readonly id: string }[] | undefined): boolean =>
    shown !== undefined && made.some((id) => !shown.some((one) => one.id === id));
  const { made } = awaited ?? {};
  return lacks(made?.comments, comments) || lacks(made?.worklogs, worklogs) || lacks(made?.attachments, attachments);
}

function floorOf({ aUpdatedAt, bUpdatedAt }: Known, side: Side): number | undefined {
  return side === 'a' ? aUpdatedAt : bUpdatedAt;
}

function saidOf({ aSaidAt, bSaidAt }: Known, side: Side): number | undefined {
  return side === 'a' ? aSaidAt : bSaidAt;
}

/** The last change of any of these comments; 0 when there are none. */
export function saidAt(comments: readonly JiraComment[]): number {
  return comments.reduce((latest, { updatedAt }) => Math.max(latest, updatedAt), 0);
}

/** What a side has told of, to be seen from now on. */
export function toldBy(side: Side, floor: Floor, now: number): Awaited {
  return { until: now + BELIEVED_MS, ...(side === 'a' ? { a: floor } : { b: floor }) };
}

/** Steps that may leave an issue's `updated` as it was: a link to elsewhere is none of its fields, and what is deleted is gone with it. */
const SILENT: ReadonlySet<Step['kind']> = new Set<Step['kind']>(['link', 'delete-issue']);
const SAID: ReadonlySet<Step['kind']> = new Set<Step['kind']>(['add-comment', 'edit-comment']);

/**
 * What a round leaves to be seen: each issue as it was read, and one that was written younger than that. With `results` only those steps
 * count that the site has taken, without them all that a plan is about to write.
 */
export function leftBy(
  input: SyncInput,
  { steps }: Pick<Plan, 'steps'>,
  now: number,
  results?: readonly StepResult[],
): Awaited | undefined {
  const done = results === undefined ? undefined : new Set(results.flatMap(({ ok, key }) => (ok ? [key] : [])));
  const floorOn = (side: Side): Floor | undefined => {
    const taken = steps.filter((step) => step.side === side && !SILENT.has(step.kind) && done?.has(step.key) !== false);
    if (taken.length === 0) return shownBy(input[side]);
    const updatedAt = (issueOf(input[side])?.updatedAt ?? 0) + 1;
    const said = taken.some(({ kind }) => SAID.has(kind)) ? { saidAt: saidAt(input[side].comments) + 1 } : {};
    const made = madeBy(new Set(taken.map(({ key }) => key)), results ?? []);
    return { updatedAt, ...said, ...(made === undefined ? {} : { made }) };
  };
  const [a, b] = [floorOn('a'), floorOn('b')];
  if (a === undefined && b === undefined) return undefined;
  return { until: now + BELIEVED_MS, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

function madeBy(steps: ReadonlySet<string>, results: readonly StepResult[]): Made | undefined {
  const done = results.flatMap((result) => (result.ok && steps.has(result.key) ? [result] : []));
  return madeOf(
    done.flatMap(({ comment }) => comment ?? []),
    done.flatMap(({ worklog }) => worklog ?? []),
    done.flatMap(({ attachment }) => attachment ?? []),
  );
}

/** Ids that are remembered of each kind; a round makes fewer. */
const MAX_MADE = 100;

function madeOf(
  comments: readonly CommentId[],
  worklogs: readonly WorklogId[],
  attachments: readonly AttachmentId[],
): Made | undefined {
  if (comments.length + worklogs.length + attachments.length === 0) return undefined;
  return {
    ...(comments.length === 0 ? {} : { comments: [...new Set(comments)].slice(-MAX_MADE) }),
    ...(worklogs.length === 0 ? {} : { worklogs: [...new Set(worklogs)].slice(-MAX_MADE) }),
    ...(attachments.length === 0 ? {} : { attachments: [...new Set(attachments)].slice(-MAX_MADE) }),
  };
}

/** Both together. What is not believed any more falls away; of what is believed the later end counts. */
export function awaitedOf(one: Awaited | undefined, other: Awaited | undefined, now: number): Awaited | undefined {
  const [first, second] = [one, other].map((awaited) =>
    awaited !== undefined && awaited.until > now ? awaited : undefined,
  );
  if (first === undefined || second === undefined) return first ?? second;
  const a = higher(first.a, second.a);
  const b = higher(first.b, second.b);
  const until = Math.max(first.until, second.until);
  return { until, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

function higher(one: Floor | undefined, other: Floor | undefined): Floor | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const [updatedAt, said] = [least(one.updatedAt, other.updatedAt), least(one.saidAt, other.saidAt)];
  const both = <Id>(kind: (made: Made) => readonly Id[] | undefined): readonly Id[] =>
    [one, other].flatMap(({ made }) => (made === undefined ? [] : (kind(made) ?? [])));
  const made = madeOf(
    both((of) => of.comments),
    both((of) => of.worklogs),
    both((of) => of.attachments),
  );
  return {
    ...(updatedAt === undefined ? {} : { updatedAt }),
    ...(said === undefined ? {} : { saidAt: said }),
    ...(made === undefined ? {} : { made }),
  };
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

/** What is still to be seen when both issues have shown these. */
export function stillAwaited(
  awaited: Awaited | undefined,
  shown: Readonly<Partial<Record<Side, Floor | undefined>>>,
  now: number,
): Awaited | undefined {
  if (awaited === undefined || awaited.until <= now) return undefined;
  const left = (side: Side): Floor | undefined =>
    awaited[side] !== undefined && isShown(awaited[side], shown[side]) ? undefined : awaited[side];
  const [a, b] = [left('a'), left('b')];
  if (a === undefined && b === undefined) return undefined;
  return { until: awaited.until, ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) };
}

/** True when what a side shows, or was last settled with, is not older than this. What was made is not looked for: who shows it did that. */
export function isShown(wanted: Floor, shown: Floor | undefined): boolean {
  if (shown?.updatedAt === undefined || shown.updatedAt < (wanted.updatedAt ?? 0)) return false;
  return (shown.saidAt ?? 0) >= (wanted.saidAt ?? 0);
}

/** What a view shows. */
export function shownBy({ issue, comments }: Views[Side]): Floor | undefined {
  return typeof issue === 'string' ? undefined : { updatedAt: issue.updatedAt, saidAt: saidAt(comments) };
}
