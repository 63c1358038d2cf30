import type { HalfSettings, Side } from '../../shared/model/connection.ts';
import { halfOf, ownerOf, tenantKey } from '../../shared/model/ids.ts';
import type { ConnectionId } from '../../shared/model/ids.ts';
import type { RuleDocument } from '../../shared/model/rules.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Clock, Version } from '../../shared/ports.ts';
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

/**
 * Opened halves are believed so long, by the version of their record: the time in which another process may still open what was
 * sealed under a destroyed key. @see shared/keyring.ts
 */
const REMEMBER_MS = 300_000;
/** Halves remembered at once: a busy instance meets some hundred connections, a few kilobytes each. */
const MAX_REMEMBERED = 512;

/**
 * What this process has opened. The record of a half is read each time, because it says which rules are active; the rules of a
 * version that was active once never change, so that the same record leads to the same rules.
 */
export class HalfMemory {
  readonly #clock: Clock;
  readonly #opened = new Map<string, { readonly half: OpenHalf; readonly version: Version; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was opened of this very record; otherwise it is opened now. */
  async get(name: string, version: Version, open: () => Promise<OpenHalf>): Promise<OpenHalf> {
    const now = this.#clock.now();
    const known = this.#opened.get(name);
    if (known !== undefined && known.version === version && known.until > now) return known.half;
    const half = await open();
    this.#opened.delete(name);
    this.#opened.set(name, { half, version, until: now + REMEMBER_MS });
    const eldest = this.#opened.keys().next().value;
    if (this.#opened.size > MAX_REMEMBERED && eldest !== undefined) this.#opened.delete(eldest);
    return half;
  }
}

/** Reads and opens a half with its active rules. @throws Fault `connection-not-active` when it is not there any more */
export async function readHalf(sync: Sync, ref: HalfRef): Promise<OpenHalf> {
  const half = halfOf(ref.connection, ref.side);
  const { tenant, generation } = ref.tenant;
  const stored = await sync.store.read('half', { tenant, half });
  if (stored === undefined) throw new Fault('connection-not-active');
  return sync.opened.get(`${tenant}#${generation} ${half}`, stored.version, () => openHalf(sync, ref, stored.row));
}

/** Both sides' halves. @throws Fault `connection-not-active` */
export async function readHalves(
  sync: Sync,
  connection: ConnectionId,
  tenants: Readonly<Record<Side, TenantRef>>,
): Promise<Readonly<Record<Side, OpenHalf>>> {
  const [a, b] = await Promise.all([
    readHalf(sync, { connection, side: 'a', tenant: tenants.a }),
    readHalf(sync, { connection, side: 'b', tenant: tenants.b }),
  ]);
  return { a, b };
}

async function openHalf(sync: Sync, ref: HalfRef, row: RecordOf<'half'>): Promise<OpenHalf> {
  const half = halfOf(ref.connection, ref.side);
  const { tenant } = ref.tenant;
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
