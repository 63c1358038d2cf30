import type { HalfSettings, Side } from '../../shared/model/connection.ts';
import { halfOf, ownerOf, tenantKey } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';
import { contextOf, parseHalfSettings, parseRuleDocument } from '../../shared/wire/stored.ts';
import type { Sync } from './context.ts';

/** Which half of which tenant. */
export interface HalfRef {
  readonly connection: ConnectionId;
  readonly side: Side;
  readonly tenant: TenantRef;
}

/** What a side chose and what it lets leave. */
export interface OpenHalf {
  readonly settings: HalfSettings;
  readonly rules: RuleDocument;
  /** When these rules began to count. */
  readonly rulesAt: number;
}

/** Reads and opens a half with its active rules. @throws Fault `connection-not-active` when it is not there any more */
export async function readHalf(sync: Sync, ref: HalfRef): Promise<OpenHalf> {
  const half = halfOf(ref.connection, ref.side);
  const { tenant } = ref.tenant;
  const row = (await sync.store.read('half', { tenant, half }))?.row;
  if (row === undefined) throw new Fault('connection-not-active');
  const version = row.rulesVersion;
  const stored = await sync.store.read('rules', { tenant, half, version: String(version) });
  if (stored === undefined) throw new Fault('store-record-odd', { what: 'rules' });
  const context = contextOf('rules.document', tenant, half, version);
  const rules = parseRuleDocument(await sync.keys.open(keyOf(ref.tenant), context, stored.row.document));
  const rulesAt = stored.row.steps?.findLast(({ step }) => step === 'published')?.at ?? stored.row.createdAt;
  return { settings: await openSettings(sync, ref.tenant, row), rules, rulesAt };
}

/** Opens what a side chose. */
export async function openSettings(sync: Sync, tenant: TenantRef, row: RecordOf<'half'>): Promise<HalfSettings> {
  const context = contextOf('half.settings', tenant.tenant, halfOf(row.connection, row.side));
  return parseHalfSettings(await sync.keys.open(keyOf(tenant), context, row.settings));
}

function keyOf({ tenant, generation }: TenantRef) {
  return tenantKey(ownerOf(tenant, generation));
}
