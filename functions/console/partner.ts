/** What the console reads of the other side, to check a side's rules beside the partner's. None of it is answered as it is. */
import { otherSide } from '../../shared/model/connection.ts';
import type { HalfSettings, Side } from '../../shared/model/connection.ts';
import { halfOf, ownerOf, tenantKey } from '../../shared/model/ids.ts';
import type { Owner } from '../../shared/model/ids.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { contextOf, parseHalfSettings, parseRuleDocument } from '../../shared/wire/stored.ts';
import type { Ask } from './ask.ts';
import { connectionOf } from './halves.ts';
import type { OwnHalf } from './halves.ts';

/** The other side of an agreed connection that is still there. */
export interface Partner {
  readonly side: Side;
  readonly tenant: TenantRef;
  readonly owner: Owner;
  readonly row: RecordOf<'half'>;
}

/** The partner of a half; `undefined` while the connection is pending, after its end, and when the partner has left. */
export async function partnerOf(ask: Ask, own: OwnHalf): Promise<Partner | undefined> {
  const agreed = await connectionOf(ask, own);
  if (agreed === undefined || agreed.state === 'ended' || agreed.state === 'partner-left') return undefined;
  const side = otherSide(own.row.side);
  const tenant = agreed[side];
  const place = { tenant: tenant.tenant, half: halfOf(own.connection, side) };
  const row = (await ask.ports.store.read('half', place))?.row;
  return row === undefined ? undefined : { side, tenant, owner: ownerOf(tenant.tenant, tenant.generation), row };
}

/** A version of the partner's rules, the active one unless told otherwise; `undefined` when it is not there. */
export async function partnerRules(
  ask: Ask,
  { row, side, tenant: { tenant }, owner }: Partner,
  version = row.rulesVersion,
): Promise<RuleDocument | undefined> {
  const half = halfOf(row.connection, side);
  const stored = await ask.ports.store.read('rules', { tenant, half, version: String(version) });
  if (stored === undefined) return undefined;
  const context = contextOf('rules.document', tenant, half, version);
  return parseRuleDocument(await ask.ports.keys.open(tenantKey(owner), context, stored.row.document));
}

/** What the partner chose when it joined. */
export async function partnerSettings(
  ask: Ask,
  { row, side, tenant: { tenant }, owner }: Partner,
): Promise<HalfSettings> {
  const context = contextOf('half.settings', tenant, halfOf(row.connection, side));
  return parseHalfSettings(await ask.ports.keys.open(tenantKey(owner), context, row.settings));
}
