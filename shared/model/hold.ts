/** A legal hold: a part of a customer's data that must not go yet. */
import type { OperatorId } from './ids.ts';
import type { TenantRef } from './tenant.ts';

/** What a hold can rest on. A closed list. @see PROMISES.md */
export const holdBases = ['court-order', 'authority-order', 'legal-claim', 'fraud-or-abuse', 'investigation'] as const;
/** Who answers for a hold. */
export const holdRoles = ['legal', 'privacy', 'security'] as const;
export const holdStates = ['asked', 'held', 'ended'] as const;

/** Instants are epoch milliseconds. */
export interface Hold extends TenantRef {
  readonly state: (typeof holdStates)[number];
  readonly basis: (typeof holdBases)[number];
  readonly role: (typeof holdRoles)[number];
  readonly ticket: string;
  readonly categories: readonly string[];
  /** Paths of single records; none: every record of the categories. */
  readonly only: readonly string[];
  readonly askedBy: OperatorId;
  readonly askedAt: number;
  readonly agreedBy?: OperatorId;
  readonly agreedAt?: number;
  readonly renewBy?: OperatorId;
  readonly renewals: number;
  readonly endsAt?: number;
  readonly endedAt?: number;
  readonly cursor?: { readonly category: string; readonly after?: string };
  readonly copyBegan?: number;
  readonly copiedAt?: number;
  readonly removeAt: number;
}
