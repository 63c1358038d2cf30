import { isDeepStrictEqual } from 'node:util';
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { FieldName } from '../../shared/model/field.ts';
import type { AccountId } from '../../shared/model/ids.ts';
import type { Abilities, Plan, SideView, Step, SyncInput } from '../../shared/model/plan.ts';
import type { JiraIssue } from '../../shared/model/replica.ts';
import type { TwinMemory } from '../../shared/model/twin.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { JiraSite, WholeIssue } from '../../shared/ports.ts';
import { withinContract } from '../../shared/rules/contract.ts';
import { laggingSide } from '../../shared/sync/lagging.ts';
import { lanesOf } from '../../shared/sync/lanes.ts';
import { showsFiles } from '../../shared/sync/mediaAcross.ts';
import { needsBase } from '../../shared/sync/mergeField.ts';
import { namedIssues } from '../../shared/sync/namedIssues.ts';
import { outgoing } from '../../shared/sync/outgoing.ts';
import { peopleOf } from '../../shared/sync/peopleOf.ts';
import { planSync } from '../../shared/sync/plan.ts';
import { forAnotherTry } from '../../shared/sync/retry.ts';
import { traceText } from '../../shared/wire/webhook.ts';
import { readAgreed } from './agreed.ts';
import { unlessArchived } from './archived.ts';
import type { Sync } from './context.ts';
import { readBase } from './copies.ts';
import { counterpartsOf } from './counterparts.ts';
import { readHalves } from './halves.ts';
import { scriptedOf } from './scripted.ts';
import type { OpenHalf } from './halves.ts';
import { priorityOf } from './priority.ts';
import { hostFacts, wantedParts, withMedia, withShown } from './lookParts.ts';
import type { Ahead, Hold, WholeAsk } from './take.ts';
import { readAllTraces, readTraces, tracesIn, withMoreTraces } from './traces.ts';
import type { Shards } from './traces.ts';
import { memoryOf } from './twinRow.ts';
import { allEnded } from '../../shared/model/allEnded.ts';

/** Something for each side. */
export type Both<T> = Readonly<Record<Side, T>>;

/** Everything that one round works with. */
export interface Look {
  readonly input: SyncInput;
  readonly plan: Plan;
  readonly sites: Both<JiraSite>;
  readonly halves: Both<OpenHalf>;
  readonly shards: Shards;
  readonly readAt: number;
  /** The wish for another try that was heard: refused attempts are not known here. */
  readonly retryAt?: number;
}

const UNABLE: Abilities = {
  issueTypes: [],
  options: {},
  creatable: [],
  editable: [],
  transitions: [],
  usable: new Set<AccountId>(),
};

/**
 * Reads both issues afresh and plans. What the sites can take is asked only when the plan without that knowledge is not empty: most
 * changes that arrive are our own, come back, and end here. `instead`: rules that a preview takes instead of those that rule.
 * `ahead`: what was read before; it counts only when it shows that nothing is to do, and is read afresh otherwise.
 */
export async function look(
  sync: Sync,
  hold: Hold,
  instead: Readonly<Partial<Record<Side, RuleDocument>>> = {},
  ahead?: Ahead,
): Promise<Look> {
  const ground = await groundOf(sync, hold, instead);
  const settled = ahead === undefined ? undefined : await lookAhead(sync, hold, ground, ahead);
  return settled ?? lookAfresh(sync, hold, ground);
}

/** What a look goes by, beside the issues. */
interface Ground extends Pick<Look, 'sites' | 'halves' | 'shards' | 'retryAt'> {
  readonly known: Pick<SyncInput, 'memory' | 'rules' | 'agreed' | 'offered'>;
  /** The rules as their sides want them, by which the issues are read. */
  readonly offered: SyncInput['rules'];
}

async function groundOf(
  sync: Sync,
  hold: Hold,
  instead: Readonly<Partial<Record<Side, RuleDocument>>>,
): Promise<Ground> {
  const { connection, place } = hold;
  const [halves, ofComments] = await Promise.all([
    readHalves(sync, place.connection, connection),
    readTraces(sync, place),
  ]);
  const priority = priorityOf(hold.row());
  const trace = traceText({ twin: place.twin, turn: hold.token });
  // A write may have waited for points or for its turn: the lease is looked at once more before it goes.
  const siteOf = (side: Side): JiraSite =>
    sync.jira.at(connection[side], trace, priority, undefined, () => hold.renew());
  const sites = { a: siteOf('a'), b: siteOf('b') };
  const agreed = await readAgreed(sync, hold, ruling(halves, instead));
  const offered = { a: instead.a ?? halves.a.rules, b: instead.b ?? halves.b.rules };
  const rules = { a: withinContract(offered.a, agreed.a), b: withinContract(offered.b, agreed.b) };
  const isLess = rules.a !== offered.a || rules.b !== offered.b;
  const shards = await withMoreTraces(sync, place, ofComments, offered);
  const { retryAt } = hold.row();
  const stored = memoryOf(hold.row(), tracesIn(shards));
  const memory = retryAt === undefined ? stored : forAnotherTry(stored);
  const known = { memory, rules, agreed, ...(isLess ? { offered } : {}) };
  return { sites, halves, shards, known, offered, ...(retryAt === undefined ? {} : { retryAt }) };
}

/** The input as far as it goes without knowing what the sites can take. */
async function inputOf(sync: Sync, hold: Hold, { known }: Ground, views: Both<SideView>): Promise<SyncInput> {
  const bare: SyncInput = { ...known, ...views };
  const scripted = await scriptedOf(sync, hold, bare);
  const read: SyncInput = scripted === undefined ? bare : { ...bare, scripted };
  return {
    ...read,
    counterparts: await counterpartsOf(sync, hold, namedIssues(read)),
    ...(needsBase(read) ? { base: await readBase(sync, hold) } : {}),
  };
}

function lookOf({ sites, halves, shards, retryAt }: Ground, readAt: number): Omit<Look, 'input' | 'plan'> {
  return { sites, halves, shards, readAt, ...(retryAt === undefined ? {} : { retryAt }) };
}

/** The look at what was read before, when that shows two issues of ours in step; nothing otherwise. */
async function lookAhead(sync: Sync, hold: Hold, ground: Ground, ahead: Ahead): Promise<Look | undefined> {
  const { sites, halves } = ground;
  const { memory } = ground.known;
  const isUsable = (side: Side): boolean => {
    const { asked, whole } = ahead[side];
    const isAsked = isDeepStrictEqual(asked, askOf(ground, side)) && whole.issue.id === memory[side];
    return isAsked && whole.issue.projectKey === halves[side].settings.projectKey;
  };
  if (!isUsable('a') || !isUsable('b')) return undefined;
  const [a, b] = await allEnded([
    viewIn(sites.a, memory, 'a', ahead.a.whole),
    viewIn(sites.b, memory, 'b', ahead.b.whole),
  ]);
  const { deletedOn } = ground.known.memory;
  if (laggingSide(hold.row(), { a, b }, deletedOn, sync.clock.now()) !== undefined) return undefined;
  const input = await inputOf(sync, hold, ground, { a, b });
  const plan = planSync(input);
  const isInStep = isSettled(plan) && plan.asks === undefined && input.base === undefined;
  return isInStep ? { ...lookOf(ground, ahead.at), input, plan } : undefined;
}

async function lookAfresh(sync: Sync, hold: Hold, ground: Ground): Promise<Look> {
  const { sites, halves, shards } = ground;
  const readAt = sync.clock.now();
  const [a, b] = await allEnded([viewOf(ground, 'a'), viewOf(ground, 'b')]);
  const bound = await inputOf(sync, hold, ground, { a, b });
  const known = lookOf(ground, readAt);
  const [unable, first] = await withRemembered(sync, hold.place, shards, bound);
  if (isSettled(first) || a.issue === 'gone' || b.issue === 'gone') return { ...known, input: unable, plan: first };
  const asked = concerned(first);
  const input = await withShown(sites, await withAbilities(unable, sites, halves, { sides: asked, plans: [first] }));
  const plan = planSync(input);
  // What is written on both sides is told of one of them, as long as that one can take nothing.
  const sides = new Set([...asked, ...concerned(plan)]);
  if (sides.size === asked.size) return { ...known, input, plan };
  const able = await withAbilities(input, sites, halves, { sides, plans: [first, plan] });
  const whole = await withShown(sites, able);
  return { ...known, input: whole, plan: planSync(whole) };
}

function isSettled({ steps, blocked, again }: Plan): boolean {
  return steps.length === 0 && blocked.length === 0 && !again;
}

/**
 * The input with its plan. Where no rule sends files any more, a text that is to be written and shows some is still decided with what
 * is remembered of them: what has travelled stays a picture.
 */
async function withRemembered(
  sync: Sync,
  place: Hold['place'],
  shards: Shards,
  input: SyncInput,
): Promise<readonly [SyncInput, Plan]> {
  const plan = planSync(input);
  const isIdle = plan.steps.length === 0 && plan.blocked.length === 0;
  if (shards.files !== undefined || isIdle || !showsFiles(input)) return [input, plan];
  const { files } = tracesIn(await readAllTraces(sync, place));
  if (files === undefined) return [input, plan];
  const known = { ...input, memory: { ...input.memory, files } };
  return [known, planSync(known)];
}

/** The documents that rule; one that is only tried has no contract yet. */
function ruling(halves: Both<OpenHalf>, instead: Readonly<Partial<Record<Side, RuleDocument>>>) {
  return {
    ...(instead.a === undefined ? { a: halves.a.rules } : {}),
    ...(instead.b === undefined ? { b: halves.b.rules } : {}),
  };
}

/** What is read of a side's issue. */
function askOf({ known: { memory }, offered: rules }: Ground, side: Side): WholeAsk {
  // Comments that cannot be read must not look like deleted ones: what is there without its lists is a fault.
  const comments = wantsComments({ memory, rules });
  return { fields: wantedOf(rules, side), parts: { comments, ...wantedParts(rules) } };
}

async function viewOf(ground: Ground, side: Side): Promise<SideView> {
  const { sites, known } = ground;
  const id = known.memory[side];
  if (id === undefined) return { issue: 'absent', comments: [], markers: new Map(), abilities: UNABLE };
  const { fields, parts } = askOf(ground, side);
  const read = await sites[side].readWhole(id, fields, parts);
  if (read === 'gone') return { issue: read, comments: [], markers: new Map(), abilities: UNABLE };
  return viewIn(sites[side], known.memory, side, read);
}

/** The view of an issue that was read, with the markers and media ids that it does not hold itself. */
async function viewIn(site: JiraSite, memory: TwinMemory, side: Side, read: WholeIssue): Promise<SideView> {
  const traced = new Set(memory.comments.map((trace) => trace[side]));
  // Only what an app may have written can be a copy of ours without a trace.
  const unknown = read.comments.filter(({ id: one, isByPerson }) => !traced.has(one) && isByPerson !== true);
  const markers = unknown.length === 0 ? new Map() : await site.readMarkers(unknown.map(({ id: one }) => one));
  return withMedia(site, { ...read, markers, abilities: UNABLE }, memory, side);
}

/** Comments are read when a rule shares them, and as long as some were. */
export function wantsComments({ memory, rules }: Pick<SyncInput, 'memory' | 'rules'>): boolean {
  return rules.a.comments || rules.b.comments || memory.comments.length > 0;
}

/** The fields of a side that any lane joins; a type is always looked at, because a sub-task is told by it. */
export function wantedOf(rules: SyncInput['rules'], side: Side): readonly FieldName[] {
  return [...new Set<FieldName>(lanesOf(rules).map((lane) => lane[side]))];
}

/** The sides on which something may be written; what the others can take makes no difference to the plan. */
function concerned({ steps, blocked, asks }: Plan): ReadonlySet<Side> {
  const named = [...steps, ...blocked].map(({ side }) => side);
  // What cannot leave is told of its own side, and may be able to when the other's people and limits are known. The app's own
  // files are told from people's on both sides.
  const isPart =
    asks !== undefined ||
    blocked.some(({ field }) => field === undefined) ||
    steps.some(({ kind }) => kind === 'add-attachment');
  return new Set<Side>(isPart ? ['a', 'b'] : named);
}

/** Whose abilities are asked for, and the plans made so far that make them worth asking. */
interface Asked {
  readonly sides: ReadonlySet<Side>;
  readonly plans: readonly Plan[];
}

/** What plans write to the issue of a side, or would if the site could take it. */
function touchedBy({ plans }: Asked, side: Side): 'notes' | 'fields' | 'status' {
  const steps = plans.flatMap((plan) => plan.steps).filter((step) => step.side === side);
  const blocked = plans.flatMap((plan) => plan.blocked).filter((one) => one.side === side);
  if (steps.some(({ kind }) => kind === 'transition') || blocked.some(({ field }) => field === 'status'))
    return 'status';
  const isOfFields = ({ kind }: Step): boolean => kind === 'edit-issue' || kind === 'link';
  // A text that waits to be told what its files are may be a field's.
  const isAsking = plans.some(({ asks }) => asks !== undefined);
  return isAsking || steps.some(isOfFields) || blocked.some(({ field }) => field !== undefined) ? 'fields' : 'notes';
}

async function withAbilities(
  input: SyncInput,
  sites: Both<JiraSite>,
  halves: Both<OpenHalf>,
  asked: Asked,
): Promise<SyncInput> {
  const people = peopleOf(input);
  const abilitiesOf = async (side: Side): Promise<Abilities> => {
    const { issue } = input[side];
    if (!asked.sides.has(side)) return UNABLE;
    if (typeof issue === 'object') {
      const fields = wantedOf(input.rules, side);
      const { issueType = '', status } = issue.fields;
      const standing = status === undefined ? {} : { standing: { issueType, status } };
      const touches = touchedBy(asked, side);
      const ask = { project: issue.projectKey, issue: issue.id, people: people[side], fields, touches, ...standing };
      const where = { side, project: issue.projectKey, issue: issue.id };
      const [abilities, host] = await allEnded([
        unlessArchived(
          sites[side],
          where,
          () => sites[side].readAbilities(ask),
          (found) => touches !== 'notes' && isClosed(found),
        ),
        hostFacts(input.rules, sites[side], issue.projectKey),
      ]);
      return { ...abilities, ...host };
    }
    const source = input[otherSide(side)].issue;
    if (typeof source !== 'object') return UNABLE;
    const project = halves[side].settings.projectKey;
    const birth = () => birthAbilities(input, side, source, sites, halves, people[side]);
    const [abilities, host] = await allEnded([
      unlessArchived(sites[side], { side, project }, birth, ({ issueTypes }) => issueTypes.length === 0),
      hostFacts(input.rules, sites[side], project),
    ]);
    return { ...abilities, ...host };
  };
  const [a, b] = await allEnded([abilitiesOf('a'), abilitiesOf('b')]);
  return { ...input, a: { ...input.a, abilities: a }, b: { ...input.b, abilities: b } };
}

/** True for an issue in which nothing at all can be changed; links are on no screen. */
function isClosed({ editable, transitions }: Abilities): boolean {
  return transitions.length === 0 && editable.every((field) => field === 'links' || field === 'remoteLinks');
}

/** The screen of the type that the new issue will have: the source's, or the fallback when the project does not know that one. */
async function birthAbilities(
  input: SyncInput,
  side: Side,
  source: JiraIssue,
  sites: Both<JiraSite>,
  halves: Both<OpenHalf>,
  people: readonly AccountId[],
): Promise<Abilities> {
  const rules = input.rules[otherSide(side)];
  const project = halves[side].settings.projectKey;
  const left = input.scripted?.[otherSide(side)] ?? outgoing(source, rules);
  const mapped = left.issueType ?? rules.fallbackIssueType;
  const fields = wantedOf(input.rules, side);
  const isSubtask = source.isSubtask && fields.includes('parent');
  const ask = { project, isSubtask, people, fields };
  const abilities = await sites[side].readAbilities({ ...ask, issueType: mapped });
  const isKnown = abilities.issueTypes.some((type) => type.name === mapped && type.isSubtask === isSubtask);
  if (isKnown || mapped === rules.fallbackIssueType) return abilities;
  return sites[side].readAbilities({ ...ask, issueType: rules.fallbackIssueType });
}
