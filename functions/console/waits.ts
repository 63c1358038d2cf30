/** Why nothing moves in a connection although nobody has paused it: told politely, and without anything of the other side. */
import { otherSide } from '../../shared/model/connection.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import type { CodeOf } from '../../shared/verdict.ts';
import type { Ask } from './ask.ts';
import type { OwnHalf } from './halves.ts';

type TenantRow = RecordOf<'tenant'>;

/** What a connection waits for. */
export type Wait = Extract<
  CodeOf<'ignored'>,
  'partner-left' | 'partner-marked' | 'partner-resting' | 'licence-inactive' | 'app-disabled'
>;

/** Why the pairs of a connection wait; nothing when they need not. A partner that left for good is told from one that may come back. */
export async function waitOf(
  ask: Ask,
  own: OwnHalf,
  agreed: RecordOf<'connection'> | undefined,
): Promise<Wait | undefined> {
  if (own.row.state === 'partner-left') return 'partner-left';
  if (agreed === undefined || own.row.state === 'ended' || agreed.state === 'ended') return undefined;
  const partner = agreed[otherSide(own.row.side)];
  const [here, there] = await Promise.all(
    [ask.tenant.tenant, partner.tenant].map(async (tenant) => (await ask.ports.store.read('tenant', { tenant }))?.row),
  );
  if (here?.licensed === false) return 'licence-inactive';
  if (here?.enabled === false) return 'app-disabled';
  return partnerWait(there?.generation === partner.generation ? there : undefined);
}

function partnerWait(there: TenantRow | undefined): Wait | undefined {
  if (there === undefined || there.state === 'purged' || there.state === 'purging') return 'partner-left';
  if (there.state === 'marked') return 'partner-marked';
  return there.enabled && there.licensed ? undefined : 'partner-resting';
}
