/** Asks Jira whether a person administers the site, and remembers the answer for a short time. */
import { Fault } from '../../shared/verdict.ts';
import type { Ask } from './ask.ts';

/** A person who loses the permission loses the console within this time. */
const REMEMBERED_MS = 60_000;
/**
 * While the site's limits let nobody ask, who administered it before may see for so long what the limits are: it is then that people
 * need to know why nothing moves. Numbers only; a bulk load may use up one hour's points after the other. (Ours: a working day.)
 */
const LIMITED_MS = 12 * 3_600_000;
/** People whose answer one instance remembers; the one asked longest ago is forgotten first. */
const MAX_REMEMBERED = 1_000;

/** Checks a person; see {@link adminCheck}. */
export type AdminCheck = (ask: Ask, about?: { readonly isOfLimits: boolean }) => Promise<void>;

/**
 * Makes the check of one process. Refusals are remembered as well, so that a person without the permission cannot spend
 * the site's points. An answer belongs to a person on one site in one generation.
 * @throws (the check) Fault `not-allowed`, or `jira-…` when Jira does not tell
 */
export function adminCheck(): AdminCheck {
  const remembered = new Map<string, { readonly isAdmin: boolean; readonly until: number }>();
  return async (ask, { isOfLimits } = { isOfLimits: false }) => {
    const name = `${ask.owner} ${ask.account}`;
    const now = ask.ports.clock.now();
    const known = remembered.get(name);
    if (known !== undefined && now < known.until) {
      refuseUnless(known.isAdmin);
      return;
    }
    const wasAdmin = known !== undefined && known.isAdmin && now < known.until + LIMITED_MS;
    const isAdmin = await askedNow(ask, isOfLimits && wasAdmin);
    if (isAdmin === undefined) return;
    remembered.delete(name);
    const oldest = remembered.keys().next();
    if (remembered.size >= MAX_REMEMBERED && oldest.done !== true) remembered.delete(oldest.value);
    remembered.set(name, { isAdmin, until: now + REMEMBERED_MS });
    refuseUnless(isAdmin);
  };
}

/** Jira's answer; nothing when the limits keep us from asking and the person may read on all the same. */
async function askedNow(ask: Ask, mayReadOn: boolean): Promise<boolean | undefined> {
  try {
    return await ask.site.mayPerson(ask.account, 'ADMINISTER');
  } catch (thrown) {
    const isLimited = thrown instanceof Fault && thrown.code === 'jira-rate-limited';
    if (isLimited && mayReadOn) return undefined;
    throw thrown;
  }
}

function refuseUnless(isAdmin: boolean): void {
  if (!isAdmin) throw new Fault('not-allowed');
}
