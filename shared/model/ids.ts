import { Fault } from '../verdict.ts';

declare const brand: unique symbol;

/** A string that was checked once and is told apart by type from then on. */
export type Id<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Id<'tenant'>;
/** `tenant#generation`: who a stored record belongs to. */
export type Owner = Id<'owner'>;
export type ConnectionId = Id<'connection'>;
/** One side's half of a connection; the side is part of it, because both sides may be of one tenant. */
export type HalfId = Id<'half'>;
export type TwinId = Id<'twin'>;
/** What one issue waits for in one connection: the side and the issue. */
export type WishId = Id<'wish'>;
/** Jira's numeric issue id, stable over moves. */
export type IssueId = Id<'issue'>;
export type IssueKey = Id<'issueKey'>;
export type CommentId = Id<'comment'>;
export type WorklogId = Id<'worklog'>;
export type AttachmentId = Id<'attachment'>;
/** Atlassian's account id: global over sites, 1–128 characters. */
export type AccountId = Id<'account'>;
export type ProjectKey = Id<'projectKey'>;
/** Name of a data key: an owner, or a connection with both its owners. */
export type KeyName = Id<'key'>;
/** SHA-256 of an invitation code, hex. */
export type InvitationHash = Id<'invitation'>;
/** Keyed hash of a tenant's identity at its platform; the address of its entries in the ledger. */
export type IdentityHash = Id<'identity'>;
/** Address of the record that leads from a door's own identifier to the tenant. */
export type DoorId = Id<'door'>;
export type ReceiptId = Id<'receipt'>;
/** A report to support. */
export type ReportId = Id<'report'>;
/** One set of backup files, named after the instant at which its time begins: `b-20261125-0400`. */
export type SetId = Id<'backupSet'>;
/** A person who runs the service, by the name that the sign-in gives: never a person's name or address. */
export type OperatorId = Id<'operator'>;
/** Leave for one operator to look at one customer's data for a few hours. */
export type GrantId = Id<'grant'>;
/** A part of a customer's data that is kept from its purge for a named duty, until a day. */
export type HoldId = Id<'hold'>;
/** A case in a register: a disclosure, an incident or a change of owner. */
export type CaseId = Id<'case'>;
/** A value sealed by `shared/seal.ts`, base64. The only form in which content and secrets are stored. */
export type Sealed = Id<'sealed'>;
/** Hex SHA-256 over a canonical value. */
export type ValueHash = Id<'hash'>;

function parser<T extends string>(name: string, pattern: RegExp): (text: string) => T {
  return (text) => {
    if (!pattern.test(text)) throw new Fault('body-invalid', { field: name });
    return text as T;
  };
}

// The patterns exclude '/', so that an id can stand in a path of the store, and '#', '~', which join ids.
export const tenantId = parser<TenantId>('tenant', /^t-[0-9a-z-]{8,64}$/);
export const owner = parser<Owner>('owner', /^t-[0-9a-z-]{8,64}#[0-9]{1,6}$/);
export const connectionId = parser<ConnectionId>('connection', /^c-[0-9a-z-]{8,64}$/);
export const halfId = parser<HalfId>('half', /^c-[0-9a-z-]{8,64}-[ab]$/);
export const twinId = parser<TwinId>('twin', /^w-[0-9a-f]{32}$/);
export const wishId = parser<WishId>('wish', /^[ab]-[0-9]{1,19}$/);
export const issueId = parser<IssueId>('issue', /^[0-9]{1,19}$/);
export const issueKey = parser<IssueKey>('issueKey', /^[A-Z][A-Z0-9_]{0,79}-[0-9]{1,12}$/);
export const commentId = parser<CommentId>('comment', /^[0-9]{1,19}$/);
export const worklogId = parser<WorklogId>('worklog', /^[0-9]{1,19}$/);
export const attachmentId = parser<AttachmentId>('attachment', /^[0-9]{1,19}$/);
export const accountId = parser<AccountId>('account', /^[A-Za-z0-9:._-]{1,128}$/);
export const projectKey = parser<ProjectKey>('projectKey', /^[A-Z][A-Z0-9_]{0,79}$/);
export const keyName = parser<KeyName>('key', /^[tc]-[0-9a-z#~-]{8,260}$/);
export const invitationHash = parser<InvitationHash>('invitation', /^[0-9a-f]{64}$/);
export const identityHash = parser<IdentityHash>('identity', /^[0-9a-f]{64}$/);
export const doorId = parser<DoorId>('door', /^(connect|forge)-[0-9a-f]{64}$/);
export const receiptId = parser<ReceiptId>('receipt', /^r-[0-9a-z-]{8,64}$/);
export const reportId = parser<ReportId>('report', /^s-[0-9a-z-]{8,64}$/);
export const setId = parser<SetId>('set', /^b-[0-9]{8}-[0-9]{4}$/);
export const operatorId = parser<OperatorId>('operator', /^op-[a-z0-9-]{2,40}$/);
export const grantId = parser<GrantId>('grant', /^g-[0-9a-z-]{8,64}$/);
export const holdId = parser<HoldId>('hold', /^h-[0-9a-z-]{8,60}$/);
export const caseId = parser<CaseId>('case', /^k-[0-9a-z-]{8,60}$/);
export const sealed = parser<Sealed>('sealed', /^[A-Za-z0-9+/=]+$/);
export const valueHash = parser<ValueHash>('hash', /^[0-9a-f]{64}$/);

/** The owner of a tenant's records in one of its lives. */
export function ownerOf(tenant: TenantId, generation: number): Owner {
  return owner(`${tenant}#${generation}`);
}

/** The tenant and generation that an owner names. */
export function partsOf(of: Owner): { readonly tenant: TenantId; readonly generation: number } {
  const [tenant = '', generation = ''] = of.split('#');
  return { tenant: tenantId(tenant), generation: Number(generation) };
}

/** The id of a side's half: `tenants/{tenant}/halves/{half}`. */
export function halfOf(connection: ConnectionId, side: 'a' | 'b'): HalfId {
  return halfId(`${connection}-${side}`);
}

/** The id of what an issue of a side waits for: `connections/{connection}/wishes/{wish}`. */
export function wishOf(side: 'a' | 'b', issue: IssueId): WishId {
  return wishId(`${side}-${issue}`);
}

/** The name of a tenant generation's own data key. */
export function tenantKey(of: Owner): KeyName {
  return keyName(of);
}

/** The owner of what a hold keeps: of no tenant, so that no purge of one finds it. */
export function ownerOfHold(hold: HoldId): Owner {
  return owner(`t-${hold}#1`);
}

/** The name of a connection's data key; it names both generations, so a new life never meets an old key. */
export function connectionKey(connection: ConnectionId, a: Owner, b: Owner): KeyName {
  return keyName(`${connection}~${a}~${b}`);
}
