/** What two sides have agreed may be sent: shown, asked for, agreed to and declined. */
import { otherSide } from '../../shared/model/connection.ts';
import type { Side } from '../../shared/model/connection.ts';
import type { Contract } from '../../shared/model/contract.ts';
import { byFieldOrder, isFieldName, kindOf } from '../../shared/model/field.ts';
import { connectionKey, halfOf, ownerOf } from '../../shared/model/ids.ts';
import type { KeyName, Owner, Sealed } from '../../shared/model/ids.ts';
import { ruleStateOf } from '../../shared/model/ruleLife.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { Transaction } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { contractOf, widening } from '../../shared/rules/contract.ts';
import { Fault } from '../../shared/verdict.ts';
import { parseAs } from '../../shared/wire/console.ts';
import { requestBody } from '../../shared/wire/rules.ts';
import type { AgreementView, ContractView, RequestAnswer } from '../../shared/wire/rules.ts';
import { contextOf, parseContract } from '../../shared/wire/stored.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer, fence, isActive } from './ask.ts';
import type { Ask } from './ask.ts';
import { connectionOf, findHalf } from './halves.ts';
import type { OwnHalf } from './halves.ts';
import { partnerOf, partnerRules } from './partner.ts';
import type { Partner } from './partner.ts';
import { stateAfter, withoutWaiting, withStep } from './versions.ts';

type ConnectionRow = RecordOf<'connection'>;
/** One side's contract as a part of the connection's record. */
export type ContractPart = Pick<ConnectionRow, 'aContract' | 'bContract'>;

/** Seals the contract that a document of the asker's side amounts to. */
export function sealContract(ask: Ask, own: OwnHalf, partner: Partner, document: RuleDocument): Promise<ContractPart> {
  const owners = { [own.row.side]: ask.owner, [partner.side]: partner.owner } as Record<Side, Owner>;
  return sealFor(ask, own, own.row.side, owners, document);
}

/** Seals the contract of a side's document under the connection's key. */
export async function sealFor(
  ask: Ask,
  { connection }: Pick<OwnHalf, 'connection'>,
  side: Side,
  owners: Readonly<Record<Side, Owner>>,
  document: RuleDocument,
): Promise<ContractPart> {
  const key = connectionKey(connection, owners.a, owners.b);
  const context = contextOf('connection.contract', connection, side);
  const sealed = await ask.ports.keys.seal(key, context, contractOf(document));
  return side === 'a' ? { aContract: sealed } : { bContract: sealed };
}

/** The connection as the transaction sees it, while there is a partner. */
export async function agreedIn(
  { transaction }: { readonly transaction: Transaction },
  ask: Ask,
  { connection }: OwnHalf,
): Promise<ConnectionRow | undefined> {
  const row = (await transaction.read('connection', { connection }))?.row;
  const isOpen = row !== undefined && row.state !== 'ended' && row.state !== 'partner-left';
  return isOpen && row.owners.includes(ask.owner) ? row : undefined;
}

/** What each side may send now, and what the partner asks for beyond it: names of fields and their kinds, no values. */
export async function showAgreement(ask: Ask): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const { side } = own.row;
  const [agreed, partner] = await Promise.all([connectionOf(ask, own), partnerOf(ask, own)]);
  const [mine, theirs] = await Promise.all([
    contractIn(ask, own, agreed, side),
    contractIn(ask, own, agreed, otherSide(side)),
  ]);
  const request = partner === undefined ? undefined : await requestOf(ask, partner);
  const body: AgreementView = {
    connection: own.connection,
    side,
    ...(mine === undefined ? {} : { mine: viewOf(mine) }),
    ...(theirs === undefined ? {} : { theirs: viewOf(theirs) }),
    ...(request === undefined ? {} : { request }),
  };
  return answer(body);
}

async function contractIn(
  ask: Ask,
  { connection }: OwnHalf,
  agreed: ConnectionRow | undefined,
  side: Side,
): Promise<Contract | undefined> {
  const sealed: Sealed | undefined = side === 'a' ? agreed?.aContract : agreed?.bContract;
  if (agreed === undefined || sealed === undefined) return undefined;
  const context = contextOf('connection.contract', connection, side);
  return parseContract(await ask.ports.keys.open(keyOf(connection, agreed), context, sealed));
}

function keyOf(connection: OwnHalf['connection'], { a, b }: ConnectionRow): KeyName {
  return connectionKey(connection, ownerOf(a.tenant, a.generation), ownerOf(b.tenant, b.generation));
}

function viewOf({ fields, ...rest }: Contract): ContractView {
  const names = Object.keys(fields).filter(isFieldName).sort(byFieldOrder);
  return { ...rest, fields: names.map((field) => ({ field, kind: kindOf(field), when: fields[field] ?? 'both' })) };
}

async function requestOf(ask: Ask, partner: Partner): Promise<AgreementView['request']> {
  const version = partner.row.rulesWaiting;
  if (version === undefined || partner.owner === ask.owner) return undefined;
  const place = { tenant: partner.tenant.tenant, half: halfOf(partner.row.connection, partner.side) };
  const [stored, before, after] = await Promise.all([
    ask.ports.store.read('rules', { ...place, version: String(version) }),
    partnerRules(ask, partner),
    partnerRules(ask, partner, version),
  ]);
  if (stored === undefined || before === undefined || after === undefined) return undefined;
  const asked = stored.row.steps?.findLast(({ step }) => step === 'asked');
  return {
    version,
    revision: stored.row.revision ?? 0,
    askedAt: asked?.at ?? stored.row.createdAt,
    widens: widening(partner.side, before, after).map((one) => ({ ...one })),
  };
}

/** The partner's version rules from now on, and the contract follows it. */
export async function agree(ask: Ask): Promise<EdgeAnswer> {
  return respond(ask, 'agreed');
}

/** The partner's version goes back to its draft. */
export async function decline(ask: Ask): Promise<EdgeAnswer> {
  return respond(ask, 'declined');
}

/**
 * Answers the partner's request as the person saw it: an edit, another publication or a withdrawal since then ends it with
 * `store-changed`. Who answered is written down on the own side alone.
 */
async function respond(ask: Ask, given: 'agreed' | 'declined'): Promise<EdgeAnswer> {
  const own = await findHalf(ask);
  const seen = parseAs(requestBody, ask.request.body);
  const partner = await partnerOf(ask, own);
  const document = partner === undefined ? undefined : await partnerRules(ask, partner, seen.version);
  if (partner === undefined || document === undefined) throw new Fault('not-found');
  const owners = { [own.row.side]: ask.owner, [partner.side]: partner.owner } as Record<Side, Owner>;
  const contract = given === 'agreed' ? await sealFor(ask, own, partner.side, owners, document) : {};
  await ask.ports.store.transact((transaction) =>
    applyAnswer(transaction, ask, { own, partner, seen, given, contract }),
  );
  return answer({ connection: own.connection, version: seen.version, answer: given } satisfies RequestAnswer);
}

interface Answering {
  readonly own: OwnHalf;
  readonly partner: Partner;
  readonly seen: { readonly version: number; readonly revision: number };
  readonly given: 'agreed' | 'declined';
  readonly contract: ContractPart;
}

async function applyAnswer(
  transaction: Transaction,
  ask: Ask,
  { own, partner, seen, given, contract }: Answering,
): Promise<void> {
  await fence(transaction, ask.tenant);
  const { version, revision } = seen;
  const place = { tenant: partner.tenant.tenant, half: halfOf(own.connection, partner.side) };
  const rulesPlace = { ...place, version: String(version) };
  const isThere = await isActive(transaction, partner.tenant);
  const agreed = await agreedIn({ transaction }, ask, own);
  const half = (await transaction.read('half', place))?.row;
  const row = (await transaction.read('rules', rulesPlace))?.row;
  if (!isThere || agreed === undefined || half === undefined || row === undefined) throw new Fault('not-found');
  if (half.rulesWaiting !== version || (row.revision ?? 0) !== revision) throw new Fault('store-changed');
  const at = ask.ports.clock.now();
  const event = given === 'agreed' ? 'agree' : 'decline';
  const state = stateAfter(ruleStateOf(version, row.stage, half.rulesVersion), event);
  transaction.put('rules', rulesPlace, withStep(row, state, { step: given, at }));
  const free = withoutWaiting(half);
  transaction.put('half', place, given === 'agreed' ? { ...free, rulesVersion: version } : free);
  if (given === 'agreed')
    transaction.put('connection', { connection: own.connection }, { ...agreed, ...contract, rulesDueAt: at });
  transaction.put(
    'answer',
    { tenant: ask.tenant.tenant, half: own.half, answer: `${version}-${revision}-${at}` },
    { owners: [ask.owner], version, revision, answer: given, at, by: ask.account },
  );
}
