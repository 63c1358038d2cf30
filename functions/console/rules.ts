/** A side's own rules: drafted, checked, published and rolled back. Every version that was ever active stays until the purge. */
import { ruleStateOf } from '../../shared/model/ruleLife.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { checkRules, readRules } from '../../shared/rules/check.ts';
import type { PostedRules, ReadRules } from '../../shared/rules/check.ts';
import { widening } from '../../shared/rules/contract.ts';
import type { Widening } from '../../shared/rules/contract.ts';
import { isPublishable, problem } from '../../shared/rules/problems.ts';
import type { RuleProblem } from '../../shared/rules/problems.ts';
import { Fault, meaningOf } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import type { Failure, RulesView } from '../../shared/wire/console.ts';
import { editBody, postedRules, publishBody } from '../../shared/wire/rules.ts';
import type { RuleProblemBody, VersionAnswer } from '../../shared/wire/rules.ts';
import { ruleDocument } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence } from './ask.ts';
import type { Ask } from './ask.ts';
import { findHalf, openRules, sealRules } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { agreedIn, sealContract } from './agreement.ts';
import { partnerOf } from './partner.ts';
import type { Partner } from './partner.ts';
import { problemsOf } from './problems.ts';
import { changeVersion, findVersion, lastVersion, lineOf, stateAfter, withoutWaiting, withStep } from './versions.ts';
import type { Changed, Changing, Version } from './versions.ts';

/** Every version is kept until the purge; a program that posts without end is stopped here. */
const MAX_VERSIONS = 1_000;

/** The active document of the asker's direction. */
export async function showRules(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const body: RulesView = {
    connection: own.connection,
    side: own.row.side,
    document: await openRules(ask, own),
  };
  return answer(body);
}

/** Stores a posted document as a new draft. A document with `version` is refused when another one is active by now. */
export async function draftRules(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const read = posted(own, ask.request.body);
  if (!read.ok) return refusedRules('body-invalid', read.problems);
  const made = await create(ask, own, { document: read.document });
  return answer({ ...lineOf(made), problems: [] } satisfies VersionAnswer, 'done', 201);
}

/** Replaces the content of a draft, on the condition that nobody has edited it since the revision that the body names. */
export async function editRules(ask: Ask): Promise<EdgeAnswer> {
  const version = await findVersion(ask);
  const { revision, document } = parseAs(editBody, ask.request.body);
  const { version: _basedOn, ...content } = document;
  const read = readable(content, version.number);
  if (!read.ok) return refusedRules('body-invalid', read.problems);
  const sealed = (await sealRules(ask, version.own.half, read.document)).row.document;
  const edited = await changeVersion(ask, version, revision, ({ row, state }) => ({
    row: {
      ...withStep(row, stateAfter(state, 'edit'), { step: 'edited', ...signature(ask) }),
      document: sealed,
      revision: revision + 1,
    },
  }));
  return answer({ ...lineOf(edited), problems: [] } satisfies VersionAnswer);
}

/** Checks a version; what passes may be published. A version that was published once is checked as well and stays what it is. */
export async function checkVersion(ask: Ask): Promise<EdgeAnswer> {
  const version = await findVersion(ask);
  const document = await openRules(ask, version.own, version.number);
  const { version: checked, problems } = await check(ask, version, document);
  return answer({ ...lineOf(checked), problems: bodiesOf(problems) } satisfies VersionAnswer);
}

/** Publishes a checked version: it is checked once more, because sites and the partner's rules may have changed. */
export async function publishVersion(ask: Ask): Promise<EdgeAnswer> {
  const version = await findVersion(ask);
  const { over = version.row.basedOn } = parseAs(publishBody, ask.request.body ?? {});
  if (version.state === 'draft') throw new Fault('state-refused', { state: 'draft' });
  return publish(ask, version, over);
}

/** Takes a version that was never active out of use. */
export async function withdrawVersion(ask: Ask): Promise<EdgeAnswer> {
  const version = await findVersion(ask);
  const withdrawn = await changeVersion(ask, version, version.row.revision ?? 0, ({ row, state, half }) => ({
    row: withStep(row, stateAfter(state, 'withdraw'), { step: 'withdrawn', ...signature(ask) }),
    ...(half.rulesWaiting === version.number ? { half: withoutWaiting(half) } : {}),
  }));
  return answer({ ...lineOf(withdrawn), problems: [] } satisfies VersionAnswer);
}

/** Rolls back: a new version with the content of an older one, published like any other. */
export async function restoreVersion(ask: Ask): Promise<EdgeAnswer> {
  const found = await findVersion(ask);
  const { own, number } = await changeVersion(ask, found, found.row.revision ?? 0, ({ row, state }) => {
    stateAfter(state, 'restore');
    return { row };
  });
  const { version: _version, ...content } = await openRules(ask, own, number);
  const document = { ...content, version: lastVersion(own.row) + 1 };
  return publish(ask, await create(ask, own, { document, restoredFrom: number }), own.row.rulesVersion);
}

/** Drafts, checks and publishes in one go. With problems nothing is stored. */
export async function replaceRules(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const read = posted(own, ask.request.body);
  if (!read.ok) return refusedRules('body-invalid', read.problems);
  const problems = await problemsOf(ask, own, read.document);
  if (!isPublishable(problems)) return refusedRules('body-invalid', problems);
  const made = await create(ask, own, { document: read.document });
  return publish(ask, made, own.row.rulesVersion);
}

function posted(own: OwnHalf, body: unknown): ReadRules {
  const { version: basedOn, ...content } = parseAs(postedRules, body);
  if (own.row.state === 'ended') throw new Fault('state-refused', { state: 'ended' });
  if (basedOn !== undefined && basedOn !== own.row.rulesVersion) throw new Fault('store-changed', { path: 'version' });
  return readable(content, lastVersion(own.row) + 1);
}

/** A document that can be stored and read again; the places of what cannot. */
function readable(content: PostedRules, version: number): ReadRules {
  const read = readRules(content, version);
  if (!read.ok) return read;
  const parsed = ruleDocument.safeParse(read.document);
  if (parsed.success) return { ok: true, document: parsed.data };
  const known = checkRules(read.document).filter(({ severity }) => severity === 'error');
  // Deeper words of the path may be names of the customer's.
  const odd = parsed.error.issues.map(({ path: [first] }) => problem(String(first ?? ''), 'form-odd'));
  return { ok: false, problems: known.length > 0 ? known : odd };
}

/** Stores a new version as a draft. @throws Fault `store-changed` when somebody else made one meanwhile */
async function create(
  ask: Ask,
  own: OwnHalf,
  { document, restoredFrom }: { readonly document: RuleDocument; readonly restoredFrom?: number },
): Promise<Version> {
  const number = document.version;
  if (number > MAX_VERSIONS) throw new Fault('too-many');
  const sealed = await sealRules(ask, own.half, document);
  const place = { tenant: ask.tenant.tenant, half: own.half };
  const row: RecordOf<'rules'> = {
    ...sealed.row,
    basedOn: own.row.rulesVersion,
    ...(restoredFrom === undefined ? {} : { restoredFrom }),
    stage: 'draft',
    steps: [{ step: 'drafted', ...signature(ask) }],
  };
  return ask.ports.store.transact(async (transaction) => {
    await fence(transaction, ask.tenant);
    const half = (await transaction.read('half', place))?.row;
    const isSame = half?.rulesVersion === own.row.rulesVersion && lastVersion(half) === number - 1;
    if (half === undefined || !isSame) throw new Fault('store-changed');
    if (half.state === 'ended') throw new Fault('state-refused', { state: 'ended' });
    const next = { ...half, rulesLast: number };
    transaction.create('rules', sealed.place, row);
    transaction.put('half', place, next);
    return { own: { ...own, row: next }, number, row, state: 'draft' };
  });
}

interface Checked {
  readonly version: Version;
  readonly problems: readonly RuleProblem[];
}

async function check(ask: Ask, version: Version, document: RuleDocument): Promise<Checked> {
  const problems = await problemsOf(ask, version.own, document);
  const isPassed = isPublishable(problems);
  const checked = await changeVersion(ask, version, version.row.revision ?? 0, ({ row, state }) => {
    const next = stateAfter(state, isPassed ? 'pass' : 'fail');
    const isOpen = state === 'draft' || state === 'checked';
    return { row: isOpen ? withStep(row, next, { step: isPassed ? 'checked' : 'failed', ...signature(ask) }) : row };
  });
  return { version: checked, problems };
}

/** Publishes a version that is checked, or that this same request has just made. */
async function publish(ask: Ask, version: Version, over: number | undefined): Promise<EdgeAnswer> {
  if (version.state === 'active' || version.state === 'waiting') {
    const same = await changeVersion(ask, version, version.row.revision ?? 0, ({ row }) => ({ row }));
    return answer({ ...lineOf(same), problems: [] } satisfies VersionAnswer);
  }
  const document = await openRules(ask, version.own, version.number);
  const { version: checked, problems } = await check(ask, version, document);
  if (!isPublishable(problems)) return refusedRules('rules-invalid', problems);
  const partner = await partnerOf(ask, checked.own);
  const widens = await widensFor(ask, checked.own, partner, document);
  const contract = partner === undefined ? undefined : await sealContract(ask, checked.own, partner, document);
  const led = await changeVersion(ask, checked, checked.row.revision ?? 0, async (changing) => {
    if (over !== undefined && over !== changing.half.rulesVersion) throw new Fault('store-changed', { path: 'over' });
    const agreed = await agreedIn(changing, ask, checked.own);
    // Somebody accepted or left while the document was checked.
    if ((agreed === undefined) !== (partner === undefined)) throw new Fault('store-changed');
    await recall(ask, changing, checked);
    if (widens.length > 0) return asked(ask, changing, version.number);
    // Every pair hears of the new rules by a run; written with them, so that none is forgotten.
    if (agreed !== undefined && contract !== undefined)
      changing.transaction.put(
        'connection',
        { connection: checked.own.connection },
        { ...agreed, ...contract, rulesDueAt: ask.ports.clock.now() },
      );
    return activated(ask, changing, version.number);
  });
  const body: VersionAnswer = { ...lineOf(led), problems: bodiesOf(problems) };
  if (led.state !== 'waiting') return answer(body);
  return answer({ ...body, widens: widens.map((one) => ({ ...one })) } satisfies VersionAnswer, 'partner-asked', 202);
}

/** What the partner has to agree to: nothing while there is none, and nothing inside one site. */
async function widensFor(
  ask: Ask,
  own: OwnHalf,
  partner: Partner | undefined,
  document: RuleDocument,
): Promise<readonly Widening[]> {
  if (partner === undefined || partner.owner === ask.owner) return [];
  return widening(own.row.side, await openRules(ask, own), document);
}

/** The version that waited goes back: what the partner was asked is measured against what ruled then. */
async function recall(ask: Ask, { transaction, half }: Changing, { own, number }: Version): Promise<void> {
  const { rulesWaiting } = half;
  if (rulesWaiting === undefined || rulesWaiting === number) return;
  const place = { tenant: ask.tenant.tenant, half: own.half, version: String(rulesWaiting) };
  const row = (await transaction.read('rules', place))?.row;
  if (row === undefined) return;
  const state = stateAfter(ruleStateOf(rulesWaiting, row.stage, half.rulesVersion), 'recall');
  transaction.put('rules', place, withStep(row, state, { step: 'recalled', ...signature(ask) }));
}

function asked(ask: Ask, { row, state, half }: Changing, number: number): Changed {
  return {
    row: withStep(row, stateAfter(state, 'ask'), { step: 'asked', ...signature(ask) }),
    half: { ...half, rulesWaiting: number },
  };
}

function activated(ask: Ask, { row, state, half }: Changing, number: number): Changed {
  return {
    row: withStep(row, stateAfter(state, 'publish'), { step: 'published', ...signature(ask) }),
    half: { ...withoutWaiting(half), rulesVersion: number },
  };
}

/** Who does it, and when. */
function signature(ask: Ask): { readonly at: number; readonly by: Ask['account'] } {
  return { at: ask.ports.clock.now(), by: ask.account };
}

function refusedRules(code: 'body-invalid' | 'rules-invalid', problems: readonly RuleProblem[]): EdgeAnswer {
  return answer({ code, says: meaningOf(code).says, problems: bodiesOf(problems) } satisfies Failure, code);
}

function bodiesOf(problems: readonly RuleProblem[]): RuleProblemBody[] {
  return problems.map(({ names, ...rest }) => ({ ...rest, ...(names === undefined ? {} : { names: [...names] }) }));
}
