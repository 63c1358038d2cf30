/** Walks over a listing, page by page. */
import type { Owner } from '../../shared/model/ids.ts';
import type { Page, PageAsk, Stored } from '../../shared/ports.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import type { PurgePorts } from './progress.ts';

const PAGE = 200;

/** Every record of a category that carries this owner, one after the other. The records must not be removed meanwhile. */
export async function everyOwned<C extends OwnedCategory>(
  ports: PurgePorts,
  category: C,
  owner: Owner,
  each: (stored: Stored<C>) => Promise<void>,
): Promise<void> {
  await everyPage((ask) => ports.store.owned(category, owner, ask), each);
}

/** Every item of a listing. */
export async function everyPage<T>(
  read: (ask: PageAsk) => Promise<Page<T>>,
  each: (item: T) => Promise<void>,
): Promise<void> {
  let after: string | undefined;
  do {
    const page = await read({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const item of page.items) await each(item);
    after = page.next;
  } while (after !== undefined);
}
