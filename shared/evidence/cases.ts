/** The cases of the registers: what may follow what, what is due until when, and who is affected. Pure. @see SPEC.md R88–R92 */
import { disclosureBases } from '../model/case.ts';
import type { CaseKind, CaseStep, Register } from '../model/case.ts';
import type { Owner } from '../model/ids.ts';
import type { TrailEntry } from '../model/staff.ts';
import { Fault } from '../verdict.ts';
import { hashOf } from './canonical.ts';
import { brokenAt } from './chain.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours after a disclosure by which the customer is told, or it is written why not. @see PROMISES.md X-22 */
export const DISCLOSURE_NOTICE_HOURS = 72;
/** Hours after an incident was opened by which it is acknowledged. @see PROMISES.md X-35 */
export const ACKNOWLEDGE_HOURS = 24;
/** Hours by which its notices are drafted. @see THREATS.md G24 */
export const NOTICES_HOURS = 24;
/** Days of notice before the service changes its owner: the window to object or to have everything deleted early. @see PROMISES.md X-24 */
export const OWNERSHIP_NOTICE_DAYS = 30;

/** What may happen in a case, and after what. */
const after: Readonly<Record<Register, Partial<Readonly<Record<CaseKind, readonly CaseKind[]>>>>> = {
  disclosure: {
    approved: ['opened'],
    notified: ['approved'],
    'notice-barred': ['approved'],
    closed: ['notified', 'notice-barred'],
  },
  incident: {
    acknowledged: ['opened'],
    affected: ['opened'],
    'notices-drafted': ['affected'],
    'notices-sent': ['notices-drafted'],
    closed: ['notices-drafted'],
  },
  ownership: { approved: ['opened'], notified: ['approved'], closed: ['notified'] },
};

export type StepAsk = Omit<CaseStep, 'number' | 'previous' | 'register' | 'at'>;

/**
 * The next step of a case.
 * @throws Fault `state-refused` for a step out of order or twice, `second-person` for an own approval, `body-invalid` for what is missing
 */
export function nextStep(steps: readonly CaseStep[], register: Register, ask: StepAsk, now: number): CaseStep {
  const last = steps.at(-1);
  checkOrder(steps, register, ask.kind);
  checkContent(steps, register, ask, now);
  const at = Math.max(now, last?.at ?? 0);
  return { ...ask, register, at, number: (last?.number ?? 0) + 1, previous: last === undefined ? '' : hashOf(last) };
}

function checkOrder(steps: readonly CaseStep[], register: Register, kind: CaseKind): void {
  const done = new Set(steps.map((step) => step.kind));
  const isOdd = steps.some((step) => step.register !== register) || done.has('closed') || done.has(kind);
  const needs = kind === 'opened' ? [] : (after[register][kind] ?? []);
  const isNext = kind === 'opened' ? steps.length === 0 : needs.some((one) => done.has(one));
  if (isOdd || !isNext) throw new Fault('state-refused', { register, kind });
}

function checkContent(steps: readonly CaseStep[], register: Register, ask: StepAsk, now: number): void {
  const [opened] = steps;
  if (ask.kind === 'approved' && ask.by === opened?.by) throw new Fault('second-person');
  if (ask.kind === 'notice-barred' && (ask.basis ?? '') === '') throw new Fault('body-invalid', { path: 'basis' });
  if (
    register === 'ownership' &&
    ask.kind === 'notified' &&
    (opened?.fromAt ?? 0) < now + OWNERSHIP_NOTICE_DAYS * DAY_MS
  )
    throw new Fault('state-refused', { register, kind: ask.kind, noticeDays: OWNERSHIP_NOTICE_DAYS });
  if (ask.kind !== 'opened') return;
  const lacks = {
    disclosure: !disclosureBases.some((basis) => basis === ask.basis)
      ? 'basis'
      : (ask.party ?? '') === ''
        ? 'party'
        : ask.lives.length === 0
          ? 'lives'
          : ask.categories.length === 0
            ? 'categories'
            : undefined,
    incident: ask.fromAt === undefined || ask.untilAt === undefined || ask.fromAt > ask.untilAt ? 'fromAt' : undefined,
    ownership: (ask.party ?? '') === '' ? 'party' : ask.fromAt === undefined ? 'fromAt' : undefined,
  }[register];
  if (lacks !== undefined) throw new Fault('body-invalid', { path: lacks });
}

/** Something that has to be done by an instant. */
export interface Duty {
  readonly what: CaseKind;
  readonly byAt: number;
}

/** What is still to be done in a case, and by when. */
export function dutiesOf(steps: readonly CaseStep[]): readonly Duty[] {
  const [opened] = steps;
  if (opened === undefined) return [];
  const at = new Map(steps.map((step) => [step.kind, step.at]));
  const duties: Duty[] = [];
  const approvedAt = at.get('approved');
  if (opened.register === 'disclosure' && approvedAt !== undefined && !at.has('notified') && !at.has('notice-barred'))
    duties.push({ what: 'notified', byAt: approvedAt + DISCLOSURE_NOTICE_HOURS * HOUR_MS });
  if (opened.register === 'incident') {
    if (!at.has('acknowledged')) duties.push({ what: 'acknowledged', byAt: opened.at + ACKNOWLEDGE_HOURS * HOUR_MS });
    if (!at.has('notices-drafted')) duties.push({ what: 'notices-drafted', byAt: opened.at + NOTICES_HOURS * HOUR_MS });
  }
  if (opened.register === 'ownership' && opened.fromAt !== undefined && !at.has('notified'))
    duties.push({ what: 'notified', byAt: opened.fromAt - OWNERSHIP_NOTICE_DAYS * DAY_MS });
  return duties;
}

/** Whose data staff touched in a span of time, by the trail alone, and which categories. */
export function affectedBy(
  entries: readonly TrailEntry[],
  span: { readonly fromAt: number; readonly untilAt: number },
): ReadonlyMap<Owner, readonly string[]> {
  const found = new Map<Owner, ReadonlySet<string>>();
  for (const { act, at, lives, categories } of entries) {
    if ((act !== 'read' && act !== 'hold-read') || at < span.fromAt || at > span.untilAt) continue;
    for (const life of lives) found.set(life, new Set([...(found.get(life) ?? []), ...categories]));
  }
  return new Map(
    [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([life, of]) => [life, [...of].sort()]),
  );
}

/** What the letter about an incident tells one life; `undefined` for one that was not touched, or before that was looked up. */
export function incidentOf(
  steps: readonly CaseStep[],
  entries: readonly TrailEntry[],
  life: Owner,
): { reference: string; from: number; until: number; categories: readonly string[] } | undefined {
  const [opened] = steps;
  const affected = steps.find(({ kind }) => kind === 'affected');
  if (opened?.register !== 'incident' || affected?.lives.includes(life) !== true) return undefined;
  const { ticket: reference, fromAt = 0, untilAt = 0 } = opened;
  // The trail may have lost what was old enough to go: then the step still has the kinds of all lives.
  const categories = affectedBy(entries, { fromAt, untilAt }).get(life) ?? affected.categories;
  return { reference, from: fromAt, until: untilAt, categories };
}

/** The number of the first step that does not follow from the one before; `undefined` for a whole case. */
export function brokenStep(steps: readonly CaseStep[]): number | undefined {
  const odd = steps.findIndex((step, index) => step.number !== index + 1);
  const at = [brokenAt(steps) ?? -1, odd].filter((index) => index >= 0);
  return at.length === 0 ? undefined : Math.min(...at) + 1;
}

/** A letter about an incident, to be read by a person before it goes. Holds ids, kinds of data and times only. */
export interface Draft {
  readonly life: Owner;
  readonly subject: string;
  readonly text: string;
}

/** The drafts of an incident's letters, one for each life whose data were touched. */
export function draftsOf(
  affected: ReadonlyMap<Owner, readonly string[]>,
  about: { readonly ticket: string; readonly fromAt: number; readonly untilAt: number },
): readonly Draft[] {
  const [from, until] = [about.fromAt, about.untilAt].map((at) => new Date(at).toISOString());
  return [...affected].map(([life, categories]) => ({
    life,
    subject: `Notice of an incident (${about.ticket})`,
    text: [
      `Between ${from} and ${until} data of your installation (${life}) were touched in an incident, our reference ${about.ticket}.`,
      `Kinds of data: ${categories.join(', ')}.`,
      'We tell you what happened, what it means for you, and what we have done as soon as we know it.',
    ].join('\n'),
  }));
}
