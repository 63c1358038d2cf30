/** When a tick would next find something to do. Ticks come each hour; those before this instant would change nothing. */
import { clockOf } from './beside.ts';
import type { World } from './world.ts';
import { bounds, isSeen } from './site.ts';

/** The earliest instant at which a record asks for a tick; now, when one asks already. */
export function wantedAt(world: World): number {
  const { now, house } = world;
  let at = Infinity;
  const want = (instant: number): void => {
    at = Math.min(at, Math.max(instant, now));
  };
  const contents = new Set<string>();
  const marked: { readonly owner: string; readonly copiesAt: number }[] = [];
  const licences = new Map<string, LicenceRow>();
  const leaving = new Set<string>();
  const censuses = new Map<string, number>();
  const tenants: { readonly id: string; readonly row: TenantRow }[] = [];
  const own = (database: 'ledger' | 'identity' | '(default)', path: string, data: unknown): void => {
    const clock = clockOf(database, path);
    if (clock !== undefined) want((data as Record<string, number | undefined>)[clock.field] ?? Infinity);
  };
  const named = new Set<string>();
  house.store.each('identity', (path, data) => {
    own('identity', path, data);
    for (const owner of (data as { owners: string[] }).owners) named.add(owner);
  });
  house.store.each('(default)', (path, data) => {
    own('(default)', path, data);
    const parts = path.split('/');
    if (parts[0] === 'purges') {
      const { stage, notBeforeAt } = data as { stage: string; notBeforeAt?: number };
      if (stage !== 'done') want(notBeforeAt ?? now);
    } else if (parts[0] === 'tenants' && parts.length === 2)
      tenants.push({ id: parts[1] ?? '', row: data as TenantRow });
    else if (parts[2] === 'licences') licences.set(`${parts[1] ?? ''}#${parts[3] ?? ''}`, data as LicenceRow);
    else if (parts[2] === 'notices' || parts[0] === 'tickets') want((data as Waking).wakeAt ?? Infinity);
    else if (parts[2] === 'reports' && parts.length === 4) {
      const { state, ticket, wakeAt = Infinity } = data as Waking;
      const isOpen = house.desk.tickets.some((one) => one.ticket === ticket && one.closedAt === undefined);
      if (state === 'waiting' || !isOpen) want(wakeAt);
    } else if (parts[2] === 'accounts') {
      const { reportAt, closedAt } = data as { reportAt: number; closedAt?: number };
      if (closedAt !== undefined) leaving.add(parts[1] ?? '');
      else if (world.people.some(({ account, closesAt }) => account === parts[3] && closesAt <= now)) want(reportAt);
    } else if (parts[2] === 'censuses') censuses.set(parts[1] ?? '', (data as { nextAt: number }).nextAt);
    else if (isContent(path)) for (const owner of (data as { owners: string[] }).owners) contents.add(owner);
  });
  for (const { id, row } of tenants) {
    const owner = `${id}#${row.generation}`;
    const { state, markedAt = now, dueAt = now, evidence, untold } = row;
    if (untold !== undefined) want(now);
    if (state === 'marked') {
      want(
        Math.min(dueAt, markedAt + bounds.liveMs) - (evidence === 'requested' ? 2 * bounds.withdrawMs : bounds.leadMs),
      );
      marked.push({ owner, copiesAt: markedAt + bounds.copyMs });
    }
    const isProbed = state === 'active' || evidence === 'licence-ended' || evidence === 'probes-failed';
    if (!isProbed || state === 'purging') continue;
    const licence = licences.get(owner);
    const life = world.lives.get(owner as never);
    const site = world.sites.find((one) => one.life === life);
    if (licence === undefined) want(now);
    else if (site === undefined || life === undefined || !isSeen(site, life, row, licence)) want(licence.nextAt);
  }
  // Who is gone is proven gone by the walk after; all others are met by those that come anyway.
  for (const tenant of leaving) want(censuses.get(tenant) ?? now);
  for (const { owner } of marked) if (named.has(owner)) want(now);
  for (const { owner, copiesAt } of marked) if (contents.has(owner)) want(copiesAt);
  house.store.each('ledger', (path, data) => {
    own('ledger', path, data);
    if (path.startsWith('receipts/')) want((data as { awaitsAt?: number }).awaitsAt ?? Infinity);
    else if (/^backups\/[^/]+$/.test(path)) {
      const { goneAt, expiresAt, endedAt } = data as { goneAt?: number; expiresAt: number; endedAt?: number };
      if (goneAt === undefined) want(endedAt === undefined ? Math.min(expiresAt, Infinity) : expiresAt);
    }
  });
  return at;
}

/** Content of issues, which goes ahead of the rest. */
export function isContent(path: string): boolean {
  return path.includes('/copies/') || path.includes('/decisions/');
}

/** What is read of records that wait for a mail server or the desk. */
interface Waking {
  readonly state?: string;
  readonly ticket?: string;
  readonly wakeAt?: number;
}

/** What is read of a tenant's record. */
export interface TenantRow {
  readonly state: string;
  readonly generation: number;
  readonly enabled: boolean;
  readonly licensed: boolean;
  readonly markedAt?: number;
  readonly dueAt?: number;
  readonly evidence?: string;
  readonly untold?: string;
}

/** What is read of the watch over a licence. */
export interface LicenceRow {
  readonly nextAt: number;
  readonly lapsed: number;
  readonly failed: number;
}
