/** Asks Jira whether a person administers the site, and remembers the answer for a short time. */
import { Fault } from '../../shared/verdict.ts';
import type { Ask } from './ask.ts';

/** A person who loses the permission loses the console within this time. */
const REMEMBERED_MS = 60_000;
/** People whose answer one instance remembers; the one asked longest ago is forgotten first. */
const MAX_REMEMBERED = 1_000;

/** Checks a person; see {@link adminCheck}. */
export type AdminCheck = (ask: Ask) => Promise<void>;

/**
 * Makes the check of one process. Refusals are remembered as well, so that a person without the permission cannot spend
 * the site's points. An answer belongs to a person on one site in one generation.
 * @throws (the check) Fault `not-allowed`, or `jira-…` when Jira does not tell
 */
export function adminCheck(): AdminCheck {
  const remembered = new Map<string, { readonly isAdmin: boolean; readonly until: number }>();
  return async (ask) => {
    const name = `${ask.owner} ${ask.account}`;
    const now = ask.ports.clock.now();
    const known = remembered.get(name);
    if (known !== undefined && now < known.until) {
      refuseUnless(known.isAdmin);
      return;
    }
    const isAdmin = await ask.site.mayPerson(ask.account, 'ADMINISTER');
    remembered.delete(name);
    const oldest = remembered.keys().next();
    if (remembered.size >= MAX_REMEMBERED && oldest.done !== true) remembered.delete(oldest.value);
    remembered.set(name, { isAdmin, until: now + REMEMBERED_MS });
    refuseUnless(isAdmin);
  };
}

function refuseUnless(isAdmin: boolean): void {
  if (!isAdmin) throw new Fault('not-allowed');
}
