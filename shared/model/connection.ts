import type { ConnectionId, InvitationHash, ProjectKey } from './ids.ts';
import type { RuleDocument } from './rules.ts';
import type { TenantRef } from './tenant.ts';

/** One of a connection's two parties: `a` invited, `b` accepted. */
export type Side = 'a' | 'b';

/** The other party. */
export function otherSide(side: Side): Side {
  return side === 'a' ? 'b' : 'a';
}

/** A connection's life. `partner-left` is the half of the side that stays after the other was marked or purged. */
export type ConnectionState = 'pending' | 'active' | 'paused' | 'ended' | 'partner-left';

/** What a side chose when it joined. Sealed under the tenant's key: it is customer-uploaded data. */
export interface HalfSettings {
  /** A name for people, 1–100 characters. */
  readonly name: string;
  readonly projectKey: ProjectKey;
  /** Which new issues come under sync by themselves (JQL, joined to the project by AND); empty: all of the project. */
  readonly scope: string;
  /** Absent: new issues come under sync, changed ones do not. */
  readonly triggers?: Triggers;
}

/** What brings issues of a side under sync without anybody asking. */
export interface Triggers {
  /** False: nothing comes under sync by itself; what is under sync stays so. */
  readonly isActive: boolean;
  /** Whether new issues of the scope do. */
  readonly onCreate: boolean;
  /** Which issues do when they are changed, whatever their age (JQL as in `scope`, empty: all of the project); absent: none. */
  readonly onUpdate?: string;
}

/** One side of a connection as a tenant owns it. */
export interface Half {
  readonly connection: ConnectionId;
  readonly side: Side;
  readonly state: ConnectionState;
  readonly settings: HalfSettings;
  readonly rules: RuleDocument;
}

/** An agreed link between two sides. */
export interface Connection {
  readonly id: ConnectionId;
  readonly a: TenantRef;
  readonly b: TenantRef;
  readonly state: ConnectionState;
  readonly activatedAt: number;
}

/** An invitation as it is shown once to the inviter. The code itself is never stored. */
export interface Invitation {
  readonly code: string;
  readonly hash: InvitationHash;
  readonly expiresAt: number;
}
