/**
 * An operator's early deletion of a customer's data, and the way back: never by one person. A grant for just this is asked for with the
 * ticket that holds the request, agreed to by a second person, and over after hours; the trail has the deed before it is done.
 * @see shared/retention/SPEC.md R100, R101, promise E-40
 */
import { ownerOf, tenantId } from '../../shared/model/ids.ts';
import type { GrantId, OperatorId } from '../../shared/model/ids.ts';
import type { Grant } from '../../shared/model/staff.ts';
import type { TrailAct } from '../../shared/model/staff.ts';
import { whyNotDelete } from '../../shared/retention/grants.ts';
import { appendTrail } from '../../shared/trail.ts';
import { Fault } from '../../shared/verdict.ts';
import type { DeletionView } from '../../shared/wire/console.ts';
import type { LifePorts } from '../life.ts';
import { deleteForOperator, withdrawForOperator } from './deletion.ts';
import type { Authority, DeletionSettings } from './deletion.ts';
import type { StaffPorts } from './staff.ts';

type DeedPorts = LifePorts & StaffPorts;

/** Who does it under which grant. Whose data, and the ticket, are the grant's own. */
export interface DeedAsk {
  readonly grant: GrantId;
  readonly by: OperatorId;
}

/** Marks the tenant of a grant. Idempotent. @throws Fault `grant-missing`, `grant-open`, `grant-ended`, `grant-scope`, `state-refused` */
export async function deleteUnderGrant(
  ports: DeedPorts,
  settings: DeletionSettings,
  ask: DeedAsk & { readonly authority: Authority },
): Promise<DeletionView> {
  const { tenant, generation, ticket } = await take(ports, ask, 'deletion-ordered');
  return deleteForOperator(ports, settings, { tenant: { tenant, generation }, ticket, authority: ask.authority });
}

/** Takes such a request back while the countdown runs. @throws Fault as {@link deleteUnderGrant} */
export async function keepUnderGrant(
  ports: DeedPorts,
  settings: DeletionSettings,
  ask: DeedAsk,
): Promise<DeletionView> {
  const { tenant, generation } = await take(ports, ask, 'deletion-withdrawn');
  return withdrawForOperator(ports, settings, { tenant, generation });
}

/** The grant, counted and in the trail; so is a refusal. An end of the grant that comes in between wins. */
async function take(ports: DeedPorts, { grant: id, by }: DeedAsk, act: TrailAct): Promise<Grant> {
  const found = await ports.store.read('grant', { grant: id });
  const grant = found === undefined ? undefined : { ...found.row, tenant: tenantId(found.row.tenant) };
  const code = whyNotDelete(grant, by, ports.clock.now());
  const lives = grant === undefined ? [] : [ownerOf(grant.tenant, grant.generation)];
  if (found === undefined || grant === undefined || code !== undefined) {
    const refusal = code ?? 'grant-missing';
    await appendTrail(ports, { act: 'deed-refused', by, about: id, lives, categories: [], code: refusal });
    throw new Fault(refusal);
  }
  await ports.store.replace('grant', found.place, { ...grant, reads: grant.reads + 1 }, found.version);
  const { purpose, ticket, categories } = grant;
  await appendTrail(ports, { act, by, about: id, lives, categories, purpose, ticket });
  return grant;
}
