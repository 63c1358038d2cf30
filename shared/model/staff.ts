/** What people who run the service may do with customers' data, and how it is written down. */
import type { Code } from '../verdict.ts';
import type { GrantId, OperatorId, Owner } from './ids.ts';
import type { TenantRef } from './tenant.ts';

/** Why somebody of the staff has to look. A closed list: what is not here is no reason. */
export const purposes = [
  'support',
  'incident',
  'person-request',
  'deletion-request',
  'legal-duty',
  'security-test',
] as const;
export type Purpose = (typeof purposes)[number];

/** How it was checked that whoever asked for a deletion may ask. */
export const authorities = ['site-admin', 'contract-contact', 'signed-letter', 'court-order'] as const;

export const grantStates = ['asked', 'agreed', 'ended'] as const;

/** Leave to look at some categories of one life of a tenant. Instants are epoch milliseconds. */
export interface Grant extends TenantRef {
  readonly state: (typeof grantStates)[number];
  readonly purpose: Purpose;
  readonly ticket: string;
  readonly categories: readonly string[];
  readonly askedBy: OperatorId;
  readonly askedAt: number;
  readonly agreedBy?: OperatorId;
  readonly agreedAt?: number;
  readonly until: number;
  readonly reads: number;
  readonly removeAt: number;
}

/** What a trail can tell. */
export const trailActs = [
  'grant-asked',
  'grant-agreed',
  'grant-ended',
  'read',
  'read-refused',
  'report-made',
  'hold-asked',
  'hold-agreed',
  'hold-renewed',
  'hold-read',
  'hold-ended',
  'case-opened',
  'case-step',
  'deletion-ordered',
  'deletion-withdrawn',
  'deed-refused',
  'mailing-written',
  'mailing-sent',
  'consent-recorded',
] as const;
export type TrailAct = (typeof trailActs)[number];

/** What an entry says. Ids, times and codes only. */
export interface Told {
  readonly at: number;
  readonly act: TrailAct;
  readonly by: OperatorId;
  /** The grant, the hold or the case that it is about. */
  readonly about: string;
  readonly lives: readonly Owner[];
  readonly categories: readonly string[];
  readonly purpose?: string;
  readonly ticket?: string;
  readonly code?: Code;
  readonly records?: number;
  readonly step?: string;
}

/** One entry, in its place. */
export interface TrailEntry extends Told {
  /** From 1, without a gap. */
  readonly number: number;
  /** Hash of the entry before; empty for the first. */
  readonly previous: string;
  /** When that one was made; 0 for the first. Tells, when it is gone, that it was old enough to go. */
  readonly previousAt: number;
}

/** The end of the trail at an instant. */
export interface TrailHead {
  readonly version: 1;
  /** Of the newest entry; 0 when there is none. */
  readonly number: number;
  /** Hash of that entry; empty when there is none. */
  readonly hash: string;
  readonly at: number;
}

/** A head with its Ed25519 signature over the canonical JSON of `{head, keyId}`. */
export interface SignedHead {
  readonly head: TrailHead;
  readonly keyId: string;
  /** base64 */
  readonly signature: string;
}

/** A trail as it is given away. */
export interface TrailFile {
  readonly entries: readonly TrailEntry[];
  readonly head: SignedHead;
}

/** A grant under its id. */
export interface NamedGrant extends Grant {
  readonly grant: GrantId;
}
