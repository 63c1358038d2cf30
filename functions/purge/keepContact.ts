/** The site's contact as Atlassian tells it, kept until an admin says otherwise. @see shared/mail/SPEC.md M1 */
import { takesPlace } from '../../shared/mail/contact.ts';
import { partsOf, tenantKey } from '../../shared/model/ids.ts';
import type { Owner, Sealed } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { MailAddress } from '../../shared/model/mail.ts';
import { Fault, toFault } from '../../shared/verdict.ts';
import { contextOf, parseAddress } from '../../shared/wire/stored.ts';
import type { PurgePorts } from './progress.ts';

/** Keeps the first usable address of those that a site has told. One that is there already, or an admin's, stays as it is. */
export async function keepContact(ports: PurgePorts, owner: Owner, told: readonly string[]): Promise<void> {
  const address = told.map(usable).find((one) => one !== undefined);
  if (address === undefined) return;
  const { tenant, generation } = partsOf(owner);
  const place = { tenant, generation: String(generation) };
  const have = (await ports.store.read('contact', place))?.row;
  if (!takesPlace(have?.source, 'atlassian')) return;
  if (have !== undefined && (await openAddress(ports, owner, have.address)) === address) return;
  const sealed = await ports.keys.seal(tenantKey(owner), contextOf('contact.address', owner), address);
  const row = { owners: [owner], address: sealed, source: 'atlassian', since: ports.clock.now() } as const;
  await ports.store.transact(async (transaction) => {
    const now = (await transaction.read('tenant', { tenant }))?.row;
    const there = await transaction.read('contact', place);
    if (now?.state !== 'active' || now.generation !== generation) return;
    if (takesPlace(there?.row.source, 'atlassian')) transaction.put('contact', place, row);
  });
}

/** Nothing when it cannot be opened any more: what nobody can read must not keep the site's word on its licence away. */
async function openAddress(ports: PurgePorts, owner: Owner, address: Sealed): Promise<MailAddress | undefined> {
  try {
    return parseAddress(await ports.keys.open(tenantKey(owner), contextOf('contact.address', owner), address));
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code === 'seal-broken' || fault.code === 'store-record-odd') return undefined;
    throw fault;
  }
}

function usable(text: string): MailAddress | undefined {
  try {
    return mailAddress(text);
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'address-refused') return undefined;
    throw thrown;
  }
}
