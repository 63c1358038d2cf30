/**
 * Puts a restored database in the place of the running one, where a database cannot simply be named in the settings: on this computer.
 * The functions have to stand still meanwhile. (In the cloud `TWINLINE_DATABASE` names the restored one, and nothing is copied.)
 */
import type { Store } from '../../shared/ports.ts';
import { categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { Category } from '../../shared/retention/catalogue.ts';
import { Fault } from '../../shared/verdict.ts';

/** Records of one commit, at up to 1 MiB each far below its limit for what a computer holds. */
const PAGE = 50;
/** Removals of one commit. */
const REMOVALS = 500;
const ofMain: readonly Category[] = categories.filter((category) => rowOf(category).database === '(default)');

/**
 * Empties the main database of the second store and copies that of the first into it. Answers how many records are there. A stop half way
 * leaves a store of which a part is missing: run it again.
 * @throws Fault `bug` when the two differ in number at the end
 */
export async function switchTo(from: Store, to: Store): Promise<number> {
  for (;;) {
    const paths = await to.beneath('', REMOVALS);
    if (paths.length === 0) break;
    await to.removeAt(paths);
  }
  let moved = 0;
  for (const category of ofMain) {
    let after: string | undefined;
    do {
      const page = await from.scan(category, { limit: PAGE, ...(after === undefined ? {} : { after }) });
      await to.transact(async (transaction) => {
        for (const { place, row } of page.items) transaction.put(category, place, row);
      });
      moved += page.items.length;
      after = page.next;
    } while (after !== undefined);
  }
  const there = (await to.beneath('', moved + 1)).length;
  if (there !== moved) throw new Fault('bug', { why: 'switch-differs', moved, there });
  return moved;
}
