import type { AccountId, Owner, TenantId } from './ids.ts';

/** The way a tenant came in. Forge has its room here and no adapter yet. */
export type DoorName = 'connect' | 'forge';

/** A tenant's life. A re-install during or after `purging` starts the next generation. */
export type TenancyState = 'active' | 'marked' | 'purging' | 'purged';

/** What started the clock of deletion. */
export type Evidence = 'uninstalled' | 'licence-ended' | 'probes-failed' | 'requested' | 'lost';

/** A tenant in one of its lives, as messages and leases name it. */
export interface TenantRef {
  readonly tenant: TenantId;
  readonly generation: number;
}

/** The part of a tenant that decides who may write. Instants are epoch milliseconds. */
export interface Tenancy extends TenantRef {
  readonly state: TenancyState;
  /** Flags beside the state: nothing syncs and nothing is deleted while one is false. */
  readonly enabled: boolean;
  readonly licensed: boolean;
  readonly markedAt?: number;
  readonly evidence?: Evidence;
  /** When the live data must be gone; set with the mark. */
  readonly dueAt?: number;
}

/** Who a verified token says is calling. Handlers take the tenant from here, never from a body. */
export type Principal = PrincipalTenant &
  (
    | { readonly kind: 'site' }
    /** `isLicensed`: what the token says of the licence, a hint; absent: nothing. */
    | { readonly kind: 'person'; readonly account: AccountId; readonly isLicensed?: boolean }
  );

interface PrincipalTenant {
  readonly tenant: TenantRef;
  readonly owner: Owner;
  /** Active, enabled and licensed when the door last looked, at most minutes ago: a hint, no fence. */
  readonly isActive: boolean;
}

/** What a site says of a licence. */
export interface Licence {
  readonly isActive: boolean;
  readonly isEvaluation?: boolean;
  readonly supportEntitlementNumber?: string;
}

/** What a site says of our installation there. */
export interface AddonFacts {
  readonly isEnabled: boolean;
  /** Absent: the site says nothing of one, as of an app that is not for sale there. */
  readonly licence?: Licence;
  /** Mail addresses of its contacts, as they came. */
  readonly contacts: readonly string[];
}

/** What a verified lifecycle call says of a site. */
export interface SiteFacts {
  /** Atlassian's identifier of the installation. */
  readonly clientKey: string;
  /** `https://` and one accepted host; no port, path or slash. */
  readonly baseUrl: string;
  readonly addonKey: string;
  readonly productType: string;
  readonly serviceEntitlementNumber?: string;
  readonly oauthClientId?: string;
  readonly cloudId?: string;
  /** Only `installed` brings one. */
  readonly sharedSecret?: string;
  /** When the call was signed, to the second; epoch milliseconds. */
  readonly saidAt?: number;
}
