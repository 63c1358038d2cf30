/** The registers of disclosures, incidents and changes of owner: each step is appended once, in its case's chain and in the trail. */
import { affectedBy, brokenStep, draftsOf, dutiesOf, incidentOf, nextStep } from '../../shared/evidence/cases.ts';
import type { Draft, StepAsk } from '../../shared/evidence/cases.ts';
import { hashOf } from '../../shared/evidence/canonical.ts';
import { noticeWords, siteName } from '../../shared/mail/notices.ts';
import { caseId, partsOf } from '../../shared/model/ids.ts';
import type { CaseId, Owner } from '../../shared/model/ids.ts';
import type { CaseStep, Register } from '../../shared/model/case.ts';
import type { NoticeState } from '../../shared/model/notice.ts';
import type { TrailEntry } from '../../shared/model/staff.ts';
import type { Ports } from '../../shared/ports.ts';
import { noticeId } from '../../shared/retention/notices.ts';
import { CASE_DAYS } from '../../shared/retention/catalogue.ts';
import { appendTrail, readTrail } from '../../shared/trail.ts';
import { Fault } from '../../shared/verdict.ts';
import type { CaseView } from '../../shared/wire/trail.ts';
import { caseSteps } from '../caseSteps.ts';
import type { StaffPorts } from './staff.ts';

const DAY_MS = 86_400_000;
const NUMBER_DIGITS = 4;
const PAGE = 500;

/** Opens a case. @throws Fault `body-invalid` */
export async function openCase(ports: StaffPorts, register: Register, ask: StepAsk): Promise<CaseView> {
  const id = caseId(`k-${ports.ids.next()}`);
  return addStep(ports, id, register, ask);
}

/**
 * Appends a step to a case. Of an incident, `affected` takes whose data were touched from the trail.
 * @throws Fault `not-found`, `state-refused`, `second-person`, `body-invalid`, `store-exists` when somebody was faster
 */
export async function stepCase(ports: StaffPorts, id: CaseId, ask: StepAsk): Promise<CaseView> {
  const [opened] = await caseSteps(ports.store, id);
  if (opened === undefined) throw new Fault('not-found');
  if (ask.kind !== 'affected') return addStep(ports, id, opened.register, ask);
  const span = { fromAt: opened.fromAt ?? 0, untilAt: opened.untilAt ?? 0 };
  const affected = affectedBy(await readTrail(ports.store), span);
  const categories = [...new Set([...affected.values()].flat())].sort();
  return addStep(ports, id, opened.register, { ...ask, lives: [...affected.keys()], categories });
}

async function addStep(ports: StaffPorts, id: CaseId, register: Register, ask: StepAsk): Promise<CaseView> {
  const before = await caseSteps(ports.store, id);
  const step = nextStep(before, register, ask, ports.clock.now());
  const { number, ...said } = step;
  await ports.store.create(
    'caseStep',
    { case: id, step: padded(number) },
    // All steps of a case go together, or its chain would lose its beginning.
    { ...said, removeAt: (before[0] ?? step).at + CASE_DAYS * DAY_MS },
  );
  const { by, lives, categories, ticket } = step;
  const act = number === 1 ? 'case-opened' : 'case-step';
  await appendTrail(ports, {
    act,
    by,
    about: id,
    lives: lives.slice(0, MAX_TOLD),
    categories,
    ticket,
    purpose: step.kind,
    step: hashOf(step),
  });
  return viewOf(id, [...before, step], ports.clock.now());
}

/** The trail names so many lives of one step; the step has all of them, and the trail its hash. */
const MAX_TOLD = 200;

/** A case as it stands. @throws Fault `not-found` */
export async function showCase(ports: StaffPorts, id: CaseId): Promise<CaseView> {
  const steps = await caseSteps(ports.store, id);
  if (steps.length === 0) throw new Fault('not-found');
  return viewOf(id, steps, ports.clock.now());
}

/** The drafts of an incident's letters, by the trail as it is now; the register has that they were made. @throws Fault `not-found`, `state-refused` */
export async function draftNotices(ports: StaffPorts, id: CaseId, ask: StepAsk): Promise<readonly Draft[]> {
  const [opened] = await caseSteps(ports.store, id);
  if (opened === undefined) throw new Fault('not-found');
  const span = { fromAt: opened.fromAt ?? 0, untilAt: opened.untilAt ?? 0 };
  await addStep(ports, id, opened.register, { ...ask, kind: 'notices-drafted' });
  return draftsOf(affectedBy(await readTrail(ports.store), span), { ticket: opened.ticket, ...span });
}

/** How the letter to one life stands. `ready`: it would go; `gone`: that life is over, and nobody is left to write to. */
export interface LetterLine {
  readonly life: Owner;
  readonly state: 'ready' | 'gone' | NoticeState;
  readonly subject: string;
  readonly text: string;
}

/**
 * Sends the letters of an incident to the contacts of those whose data were touched, through the notify function, which writes down how
 * each ended. A dry run shows every letter and does nothing. Said again, it goes on where it stopped: nobody gets it twice.
 * @throws Fault `not-found`, `state-refused` before the letters were drafted
 */
export async function sendNotices(
  ports: StaffPorts & Pick<Ports, 'bus'>,
  id: CaseId,
  { isDryRun, baseUrl, ...ask }: StepAsk & { readonly isDryRun: boolean; readonly baseUrl: string },
): Promise<readonly LetterLine[]> {
  const steps = await caseSteps(ports.store, id);
  const [opened] = steps;
  const affected = steps.find(({ kind }) => kind === 'affected');
  if (opened === undefined) throw new Fault('not-found');
  if (affected === undefined) throw new Fault('state-refused', { register: opened.register, kind: 'notices-sent' });
  const entries = await readTrail(ports.store);
  const lines: LetterLine[] = [];
  for (const life of affected.lives) lines.push(await letterTo(ports, id, life, { steps, entries, baseUrl }));
  if (isDryRun) return lines;
  const { lives, categories } = affected;
  if (!steps.some(({ kind }) => kind === 'notices-sent'))
    await addStep(ports, id, opened.register, { ...ask, kind: 'notices-sent', lives, categories });
  const at = ports.clock.now();
  // Also to whoever has no contact: that nobody could be told has to be on record.
  for (const { life, state } of lines)
    if (state === 'ready' || state === 'waiting' || state === 'no-contact')
      await ports.bus.publish('notices', { kind: 'notice', ...partsOf(life), what: 'incident', case: id, at });
  return lines;
}

interface Incident {
  readonly steps: readonly CaseStep[];
  readonly entries: readonly TrailEntry[];
  readonly baseUrl: string;
}

async function letterTo(
  { store }: StaffPorts,
  id: CaseId,
  life: Owner,
  { steps, entries, baseUrl }: Incident,
): Promise<LetterLine> {
  const ref = partsOf(life);
  const row = (await store.read('tenant', { tenant: ref.tenant }))?.row;
  const isThere = row?.generation === ref.generation && (row.state === 'active' || row.state === 'marked');
  const incident = incidentOf(steps, entries, life);
  if (!isThere || incident === undefined) return { life, state: 'gone', subject: '', text: '' };
  const { subject, text } = noticeWords({ site: siteName(row.baseUrl), baseUrl }, { what: 'incident', ...incident });
  const place = { tenant: ref.tenant, notice: noticeId(ref, 'incident', { case: id }) };
  const told = (await store.read('notice', place))?.row.state;
  const contact = await store.read('contact', { tenant: ref.tenant, generation: String(ref.generation) });
  return { life, state: told ?? (contact === undefined ? 'no-contact' : 'ready'), subject, text };
}

/** Every case, newest last. */
export async function listCases(ports: StaffPorts): Promise<readonly CaseView[]> {
  const ids = new Set<CaseId>();
  let after: string | undefined;
  do {
    const page = await ports.store.scan('caseStep', { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { place } of page.items) ids.add(caseId(place.case));
    after = page.next;
  } while (after !== undefined);
  const views: CaseView[] = [];
  for (const id of ids) views.push(await showCase(ports, id));
  return views;
}

function viewOf(id: CaseId, steps: readonly CaseStep[], now: number): CaseView {
  const [opened] = steps;
  if (opened === undefined) throw new Fault('bug', { why: 'empty-case' });
  const broken = brokenStep(steps);
  return {
    case: id,
    register: opened.register,
    steps: steps.map(({ number, kind, at, by }) => ({ number, kind, at, by })),
    affected: [...(steps.findLast(({ lives }) => lives.length > 0)?.lives ?? [])],
    categories: [...(steps.findLast(({ categories }) => categories.length > 0)?.categories ?? [])],
    due: dutiesOf(steps).map(({ what, byAt }) => ({ what, byAt, isLate: now > byAt })),
    isWhole: broken === undefined,
  };
}

function padded(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}
