import type { TenantId } from './ids.ts';

/** Whose work a call is: a person waits for it, or a job does. */
export type Priority = 'people' | 'bulk';

/** The right to spend so many points, given to one process for one tenant's work of one kind, for a limited time. */
export interface Slice {
  readonly tenant: TenantId;
  readonly priority: Priority;
  readonly points: number;
  /** Of these, as far as the process has told. */
  readonly spent: number;
  readonly until: number;
}

/**
 * Why work has to wait for points. `paused`: Jira has refused a call for its quota; `pool`: the hour is used up; `reserve`: bulk work
 * leaves the rest to people; `share`: the tenant has had its fair share.
 */
export const waitReasons = ['paused', 'pool', 'reserve', 'share'] as const;
export type WaitReason = (typeof waitReasons)[number];

/** What one tenant has done with an hour. */
export interface TenantUse {
  readonly spent: number;
  /** The part of `spent` that was bulk. */
  readonly bulk: number;
  /** Points of the last minutes, fading: what the tenant will need soon is guessed from it. */
  readonly pace: number;
  readonly paceAt: number;
  /** When work of this tenant was last told to wait, and until when. */
  readonly waitingAt?: number;
  readonly waitsUntil?: number;
  readonly waitsFor?: WaitReason;
}

/** One hour of one pool of points. */
export interface PoolHour {
  readonly limit: number;
  /** What the hour still has, slices that are out included: Jira's last word, less what was spent since. */
  readonly remaining: number;
  /** When Jira said so; just before the hour until its first word. */
  readonly saidAt: number;
  /** Jira has refused a call for its quota: nothing is called before. */
  readonly pausedUntil?: number;
  readonly slices: Readonly<Record<string, Slice>>;
  readonly tenants: Readonly<Record<string, TenantUse>>;
  readonly removeAt: number;
}

/** A call about to be made, as far as points are concerned. */
export interface SpendAsk {
  readonly tenant: TenantId;
  readonly priority: Priority;
  /** What it will cost at least. */
  readonly points: number;
}

/** What a tenant's part of the pool looks like now. */
export interface ShareView {
  readonly tenant: TenantId;
  readonly spent: number;
  readonly bulk: number;
  /** Given to processes and not spent yet. */
  readonly held: number;
  /** What the tenant may spend of this hour at most, as things stand. */
  readonly share: number;
  /** Work of the tenant waits until then, and why. */
  readonly waitsUntil?: number;
  readonly waitsFor?: WaitReason;
}

/** What one pool looks like now. */
export interface PoolView {
  readonly limit: number;
  readonly remaining: number;
  /** Of the remaining, what bulk work may not take now. */
  readonly reserve: number;
  readonly resetAt: number;
  /** When Jira last told what remains; absent before its first word in this hour. */
  readonly saidAt?: number;
  readonly pausedUntil?: number;
  /** Tenants that have called or waited in this hour, the largest first. */
  readonly tenants: readonly ShareView[];
}
