/** When a tick would next find something to do. Ticks come each hour; those before this instant would change nothing. */
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
  const tenants: { readonly id: string; readonly row: TenantRow }[] = [];
  house.store.each('(default)', (path, data) => {
    const parts = path.split('/');
    if (parts[0] === 'purges') {
      const { stage, notBeforeAt } = data as { stage: string; notBeforeAt?: number };
      if (stage !== 'done') want(notBeforeAt ?? now);
    } else if (parts[0] === 'tenants' && parts.length === 2)
      tenants.push({ id: parts[1] ?? '', row: data as TenantRow });
    else if (parts[2] === 'licences') licences.set(`${parts[1] ?? ''}#${parts[3] ?? ''}`, data as LicenceRow);
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
  for (const { owner, copiesAt } of marked) if (contents.has(owner)) want(copiesAt);
  house.store.each('ledger', (path, data) => {
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
