/** A customer's site as it really is, whatever we have heard of it: what the judge holds against us. */
import { ownerOf } from '../../../shared/model/ids.ts';
import type { Owner } from '../../../shared/model/ids.ts';
import type { AddonFacts, SiteFacts, TenantRef } from '../../../shared/model/tenant.ts';
import type { Code } from '../../../shared/verdict.ts';
import { HOUR } from './house.ts';

/** Why a life has ended, as the site knows it. */
export type End = 'uninstalled' | 'silent' | 'licence';

/** A time in which something was so; open while it is. */
export interface Span {
  readonly from: number;
  to?: number;
}

/** One life with us, by the truth. */
export class Life {
  readonly ref: TenantRef;
  readonly owner: Owner;
  /** Times in which nobody was there or nobody paid, and what ended first. */
  readonly ends: (Span & { readonly end: End })[] = [];
  /** Times in which the customer wanted everything gone. */
  readonly requests: Span[] = [];
  /** Times in which the site did not answer, or said nothing that helps. */
  readonly unclear: Span[] = [];
  /** Records that must stay as long as the life does. */
  readonly records = new Set<string>();
  /** Nothing of it is left and that is right. */
  purgedAt: number | undefined;
  /** When its purge was claimed, by the ledger. */
  claimedAt: number | undefined;
  /** When the ledger began to call it marked. */
  markedAt: number | undefined;
  /** Somebody is about to install again, and the first try may have gone half way. */
  isComing = false;
  /** A restore has lost its tenant: it has to install again. */
  isLost = false;
  /** Since when it is lost. */
  lostAt: number | undefined;

  constructor(ref: TenantRef) {
    this.ref = ref;
    this.owner = ownerOf(ref.tenant, ref.generation);
  }

  get ended(): (Span & { readonly end: End }) | undefined {
    const last = this.ends.at(-1);
    return last?.to === undefined ? last : undefined;
  }

  get requested(): Span | undefined {
    const last = this.requests.at(-1);
    return last?.to === undefined ? last : undefined;
  }

  get isLive(): boolean {
    return this.ended === undefined && this.requested === undefined && this.claimedAt === undefined;
  }
}

export class Site {
  readonly name: string;
  isInstalled = false;
  isPaid = true;
  isEnabled = true;
  /** What it answers instead of an answer. */
  trouble: Extract<Code, 'jira-unavailable' | 'jira-rate-limited' | 'jira-answer-odd'> | undefined;
  life: Life | undefined;
  /** When its people do something next. */
  nextAt = 0;
  /** What failed and is tried again then. */
  again: (() => Promise<void>) | undefined;
  /** Rotations of its secret so far. */
  secrets = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** What it says of our installation. */
  says(): AddonFacts | Code {
    if (this.trouble !== undefined) return this.trouble;
    if (!this.isInstalled) return 'jira-unauthorised';
    if (!this.isEnabled) return 'jira-forbidden';
    const licence = { isActive: this.isPaid, isEvaluation: false };
    return { isEnabled: true, licence, contacts: [`admin@${this.name}.example`] };
  }

  facts(now: number, secret?: string): SiteFacts {
    return {
      clientKey: `key-${this.name}`,
      baseUrl: `https://${this.name}.atlassian.net`,
      addonKey: 'app.twinline',
      productType: 'jira',
      ...(secret === undefined ? {} : { sharedSecret: secret }),
      saidAt: Math.floor(now / 1_000) * 1_000,
    };
  }
}

/** From a tick that did not come through to the one that did, after everything is back: some tries, an hour apart. */
export const RETRIES_MS = 24 * HOUR;
/** Ticks of an hour, and messages that get lost in between. */
export const TICKS_MS = 5 * HOUR;

/** Bounds of the promises, with the time that it takes to notice. @see THREATS.md G7, G16 */
export const bounds = {
  liveMs: 120 * 24 * HOUR,
  copyMs: 30 * 24 * HOUR,
  requestMs: 72 * HOUR,
  /** The purge may begin so long before the due day. */
  leadMs: 12 * HOUR,
  /** A request can be taken back for so long. */
  withdrawMs: 24 * HOUR,
  licenceMs: 48 * HOUR,
  silentMs: 15 * 24 * HOUR,
  /** From an end that nobody told to day 0, the first probe that saw it: a period, a tick, and three lost messages. */
  noticeMs: 26 * HOUR,
  backupsMs: 155 * 24 * HOUR,
  requestBackupsMs: 35 * 24 * HOUR,
  setMs: 28 * 24 * HOUR,
  hardMs: 180 * 24 * HOUR,
  /** What a restore has lost and what never comes again is gone so long after it. */
  lostMs: 150 * 24 * HOUR,
  /** Until the slow search comes by: two days of patience, and the longest time in which nobody ticks here. */
  searchMs: 8 * 24 * HOUR,
} as const;

/** Has everything that the site would answer been heard? Then its next probes change nothing but their own times. */
export function isSeen(
  site: Site,
  life: Life,
  row: { readonly state: string; readonly enabled: boolean; readonly licensed: boolean },
  watch: { readonly lapsed: number; readonly failed: number },
): boolean {
  if (site.trouble !== undefined) return false;
  if (life.ended !== undefined) return row.state === 'marked';
  return (
    row.state === 'active' &&
    row.enabled === site.isEnabled &&
    (row.licensed === site.isPaid || !site.isEnabled) &&
    watch.lapsed + watch.failed === 0
  );
}
