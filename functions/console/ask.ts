/** What every route of the console's API gets, and the two steps that they share: who asks, and how a refusal is told. */
import type { AccountId, Owner } from '../../shared/model/ids.ts';
import type { Principal, TenantRef } from '../../shared/model/tenant.ts';
import type { JiraSite, Pairs, Ports, Transaction } from '../../shared/ports.ts';
import { Fault, helpPath, meaningOf, verdict } from '../../shared/verdict.ts';
import type { Code } from '../../shared/verdict.ts';
import type { EdgeAnswer, EdgeRequest } from '../edge.ts';

/** What the console needs of the world. */
export type ConsolePorts = Pick<
  Ports,
  'clock' | 'ids' | 'store' | 'keys' | 'ledger' | 'signer' | 'bus' | 'jira' | 'script' | 'budget'
>;

/** What the console needs of the other functions' eyes: `functions/index.ts` gives it. */
export interface ConsoleEyes {
  readonly pairs: Pairs;
}

/** For how long names of people may be kept. */
export interface NameKeeping {
  readonly identityMs: number;
}

/** An admin's request. The tenant comes from the token and from nowhere else. */
export interface Ask extends ConsoleEyes, NameKeeping {
  readonly ports: ConsolePorts;
  readonly request: EdgeRequest;
  readonly tenant: TenantRef;
  readonly owner: Owner;
  readonly account: AccountId;
  /** The asking tenant's Jira. */
  readonly site: JiraSite;
}

/** The ask of a verified person. @throws Fault `not-allowed` for a token without a person */
export function askOf(
  ports: ConsolePorts,
  eyes: ConsoleEyes & NameKeeping,
  request: EdgeRequest,
  principal: Principal,
): Ask {
  if (principal.kind !== 'person') throw new Fault('not-allowed');
  const { tenant, owner, account } = principal;
  return { ...eyes, ports, request, tenant, owner, account, site: ports.jira.at(tenant, ports.ids.next()) };
}

/** An answer with a body of our own. */
export function answer(body: unknown, code: Code = 'done', status?: number): EdgeAnswer {
  return { verdict: verdict(code), body, ...(status === undefined ? {} : { status }) };
}

/** What our own ids are made of: anything else in their place is somebody's text, and no document of ours is called like it. */
const OWN_ID = /^[A-Za-z0-9-]{1,64}$/;

/** Lets an id of ours pass: nothing else becomes a part of a path. @throws Fault `not-found` */
export function idIn(text: string): string {
  if (!OWN_ID.test(text)) throw new Fault('not-found');
  return text;
}

/** The id of a record of the asking tenant, as it stands in the address. @throws Fault `not-found` for what is no id of ours */
export function ownId(ask: Ask, name: string): string {
  return idIn(ask.request.params[name] ?? '');
}

/** Runs a route's work; a refusal is answered with the place in the request that it is about. */
export async function answered(work: () => Promise<EdgeAnswer>): Promise<EdgeAnswer> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof Fault) || meaningOf(thrown.code).kind !== 'refused') throw thrown;
    const { code, facts } = thrown;
    const path = facts['path'];
    return {
      verdict: verdict(code, facts),
      body: { code, says: meaningOf(code).says, help: helpPath(code), ...(typeof path === 'string' ? { path } : {}) },
    };
  }
}

/**
 * The fence of every write here: the tenant is active and in the life that the token speaks of.
 * @throws Fault `site-not-ready`
 */
export async function fence(transaction: Transaction, tenant: TenantRef): Promise<void> {
  if (!(await isActive(transaction, tenant))) throw new Fault('site-not-ready');
}

/** Whether a tenant is active in this generation, as the transaction sees it. */
export async function isActive(transaction: Transaction, { tenant, generation }: TenantRef): Promise<boolean> {
  const found = await transaction.read('tenant', { tenant });
  return found?.row.state === 'active' && found.row.generation === generation;
}
