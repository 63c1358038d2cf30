/** What a plan would do, told per field and counted per kind of part: made of what the engine itself decided, so that a preview cannot promise something else. */
import { otherSide, type Side } from '../model/connection.ts';
import type { FieldName } from '../model/field.ts';
import type { Blocked, Plan, SyncInput } from '../model/plan.ts';
import type { FieldValue } from '../model/replica.ts';
import { decide } from '../sync/decide.ts';
import { isNothing } from '../sync/echo.ts';
import { lanesOf, rowOf, sendsLane, type Lane } from '../sync/lanes.ts';
import { awaitsOf } from '../sync/mediaAcross.ts';
import { leftOf, offerOf } from '../sync/offer.ts';
import { bothSides, issueOf } from '../sync/view.ts';
import type { Code } from '../verdict.ts';
import { partEnds, partNames, partsOf, type PartEnd, type PartName, type PartPreview } from './previewParts.ts';

/**
 * How a field would end. `dropped`: the rules keep it back. `later`: of an issue that would be made, set as soon as it is there, as far
 * as its workflow and screens let it; of a text, set as soon as the files that it shows are there.
 */
export type FieldOutcome = 'set' | 'later' | 'unchanged' | 'dropped' | 'blocked';

/** One field of one issue, in one direction. */
export interface FieldPreview {
  readonly to: Side;
  /** The receiving side's field; of a dropped one that has no row, the sender's. */
  readonly field: FieldName;
  readonly outcome: FieldOutcome;
  readonly code?: Code;
  /** What the field would hold; only where it is `set` or `later`, and not of a text that waits for files. */
  readonly value?: FieldValue;
}

/** What would happen to one pair. */
export interface PairPreview {
  readonly act: 'create' | 'update' | 'delete' | 'none' | 'blocked';
  readonly fields: readonly FieldPreview[];
  /** Comments, worklogs, files and links. */
  readonly parts: readonly PartPreview[];
  /** What blocks the issue as a whole. */
  readonly codes: readonly Code[];
}

/** Tells what a plan over this input would do. Pure; the plan must be the one of the input. */
export function previewOf(input: SyncInput, plan: Plan): PairPreview {
  const rules = input.offered ?? input.rules;
  const fields = bothSides.flatMap((from) => [
    ...lanesOf(rules)
      .filter((lane) => rowOf(rules, from, lane) !== undefined)
      .flatMap((lane) => laneOutcome(input, plan, from, lane)),
    ...unnamed(input, from),
  ]);
  const isWhole = ({ field, comment, worklog, attachment }: Blocked): boolean =>
    [field, comment, worklog, attachment].every((name) => name === undefined);
  const codes = [...new Set(plan.blocked.filter(isWhole).map(({ code }) => code))];
  return { act: actOf(plan), fields, parts: partsOf(input, plan), codes };
}

function actOf({ steps, blocked, again }: Plan): PairPreview['act'] {
  if (steps.some(({ kind }) => kind === 'create-issue')) return 'create';
  if (steps.some(({ kind }) => kind === 'delete-issue')) return 'delete';
  if (steps.length > 0 || again) return 'update';
  return blocked.length > 0 ? 'blocked' : 'none';
}

function laneOutcome(input: SyncInput, plan: Plan, from: Side, lane: Lane): FieldPreview[] {
  const to = otherSide(from);
  const field = lane[to];
  if (issueOf(input[from])?.fields[lane[from]] === undefined) return [];
  const blocked = plan.blocked.find((one) => one.side === to && one.field === field);
  const value = writtenIn(plan, to, field);
  if (value !== undefined) return [{ to, field, outcome: 'set', value, ...(blocked ? { code: blocked.code } : {}) }];
  if (blocked !== undefined) return [{ to, field, outcome: 'blocked', code: blocked.code }];
  const isBirth = input[to].issue === 'absent';
  if (isAwaited(input, from, lane)) return [{ to, field, outcome: 'later' }];
  if (!sendsLane(input.rules, from, lane, isBirth ? 'create' : 'update')) return [{ to, field, outcome: 'dropped' }];
  return [{ to, field, ...(isBirth ? afterBirth(input, from, lane) : { outcome: 'unchanged' as const }) }];
}

/** What a step of the plan writes into the field; `undefined` when none does. Links count as written, each for itself. */
function writtenIn({ steps }: Plan, to: Side, field: FieldName): FieldValue | undefined {
  for (const step of steps) {
    if (step.side !== to) continue;
    if (step.kind === 'create-issue' || step.kind === 'edit-issue') {
      const value: FieldValue | undefined = step.fields[field];
      if (value !== undefined) return value;
    }
    if (step.kind === 'transition') {
      if (field === 'status') return step.to;
      const value: FieldValue | undefined = step.fields?.[field];
      if (value !== undefined) return value;
    }
    if (step.kind === 'link' && step.field === field) return [step.element];
  }
  return undefined;
}

/** True for a text that waits for files which it shows. */
function isAwaited(input: SyncInput, from: Side, lane: Lane): boolean {
  const { creation, fields } = decide(input);
  if (creation !== undefined) {
    return creation.deferred.includes(lane.key) && awaitsOf(input, from, leftOf(input, from, lane)).length > 0;
  }
  const decision = fields.find((one) => one.lane.key === lane.key);
  return decision?.kind === 'await' && decision.awaits.some((one) => one.from === from);
}

/** A field that a new issue does not get at once. */
function afterBirth(input: SyncInput, from: Side, lane: Lane): Pick<FieldPreview, 'outcome' | 'value'> {
  const { creation } = decide(input);
  const value = offerOf(input, from, lane)?.value;
  if (creation?.deferred.includes(lane.key) !== true || value === undefined || isNothing(lane[from], value))
    return { outcome: 'unchanged' };
  return { outcome: 'later', value };
}

/** What the side's issue shows and no row of its rules names. */
function unnamed(input: SyncInput, from: Side): FieldPreview[] {
  const shown = Object.keys(issueOf(input[from])?.fields ?? {}) as FieldName[];
  const named = new Set((input.offered ?? input.rules)[from].fields.map(({ field }) => field));
  return shown
    .filter((field) => !named.has(field))
    .map((field) => ({ to: otherSide(from), field, outcome: 'dropped' as const }));
}

/** How many pairs, fields and parts end how. */
export interface PreviewTotals {
  readonly pairs: Readonly<Record<PairPreview['act'] | 'error', number>>;
  readonly fields: Readonly<Record<FieldOutcome, number>>;
  readonly parts: Readonly<Record<PartName, Readonly<Record<PartEnd, number>>>>;
}

/** Counts previews; `undefined` stands for an issue that could not be looked at. */
export function totalsOf(previews: readonly (PairPreview | undefined)[]): PreviewTotals {
  const pairs = { create: 0, update: 0, delete: 0, none: 0, blocked: 0, error: 0 };
  const fields = { set: 0, later: 0, unchanged: 0, dropped: 0, blocked: 0 };
  for (const preview of previews) {
    pairs[preview?.act ?? 'error'] += 1;
    for (const { outcome } of preview?.fields ?? []) fields[outcome] += 1;
  }
  return { pairs, fields, parts: partTotals(previews.flatMap((preview) => preview?.parts ?? [])) };
}

function partTotals(all: readonly PartPreview[]): PreviewTotals['parts'] {
  const sum = (part: PartName, end: PartEnd): number =>
    all.filter((one) => one.part === part).reduce((total, { counts }) => total + (counts[end] ?? 0), 0);
  const of = (part: PartName) =>
    Object.fromEntries(partEnds.map((end) => [end, sum(part, end)])) as Record<PartEnd, number>;
  return Object.fromEntries(partNames.map((part) => [part, of(part)])) as Record<PartName, Record<PartEnd, number>>;
}
