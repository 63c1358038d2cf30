/** Everything of a tenant, to take away: page by page, each within a bound of bytes and time. */
import { Holdings } from '../../shared/holdings.ts';
import type { Stored } from '../../shared/ports.ts';
import { rowOf } from '../../shared/retention/catalogue.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import { categoryOfPath, pathOf } from '../../shared/retention/check.ts';
import {
  closedFields,
  EXPORT_VERSION,
  exportedCategories,
  exportedRow,
  exportSchema,
  isExported,
} from '../../shared/retention/export.ts';
import type { ExportView } from '../../shared/retention/export.ts';
import { Fault } from '../../shared/verdict.ts';
import { chained, cursorText, NO_LINES, parseCursor } from '../../shared/wire/exportFile.ts';
import type { ExportCursor, ExportPage } from '../../shared/wire/exportFile.ts';
import type { EdgeAnswer } from '../edge.ts';
import { answer } from './ask.ts';
import type { Ask } from './ask.ts';
import { viewOf } from './exportView.ts';
import { queryOf } from './halves.ts';

/** A page ends with the record that goes beyond: far below the 32 MiB that an answer may have. */
const PAGE_BYTES = 4_194_304;
/** A page ends after so long, whatever it holds by then; the function has 30 s. */
const PAGE_MS = 10_000;
/** Records that are read at once: large ones are up to 1 MiB each. */
const LARGE_AT_ONCE = 20;
const SMALL_AT_ONCE = 200;

/** What of the ports an export works with. */
type Sources = Pick<Ask['ports'], 'store' | 'keys' | 'clock'>;

/**
 * GET /export: the next page of everything that is stored of the site. Also while its deletion is marked; not once the purge has
 * begun. Writes nothing: broken off, it is begun again or gone on with.
 * @throws Fault `site-not-ready` during the purge, `body-invalid` for a cursor that is none
 */
export async function exportTenant(ask: Ask): Promise<EdgeAnswer> {
  const { after } = queryOf(ask);
  await refusePurged(ask);
  return answer((await exportPageOf(ask, after)) satisfies ExportPage);
}

/** @throws Fault `site-not-ready` once the purge has begun */
export async function refusePurged({ ports, tenant: { tenant, generation } }: Ask): Promise<void> {
  const row = (await ports.store.read('tenant', { tenant }))?.row;
  const isThere = row !== undefined && row.generation === generation;
  if (!isThere || row.state === 'purging' || row.state === 'purged') throw new Fault('site-not-ready');
}

/** Which records are given, by what is given of them; all of them when absent. */
export type Picks = (
  category: OwnedCategory,
  row: Readonly<Record<string, unknown>>,
  opened: Readonly<Record<string, unknown>>,
) => boolean;

/** One page: lines of JSON, each with its end, and where the next begins. */
export async function exportPageOf(
  { ports, owner, tenant }: Ask,
  after: string | undefined,
  picks: Picks = () => true,
): Promise<ExportPage> {
  const page = new PageOf(ports, after === undefined ? undefined : parseCursor(after));
  if (after === undefined)
    page.add({
      ...{ kind: 'header', format: 'twinline-export', version: EXPORT_VERSION },
      ...{ tenant: tenant.tenant, generation: tenant.generation, at: page.at, schema: exportSchema() },
    });
  const holdings = new Holdings(ports, owner);
  const views = new Map<string, ExportView>();
  for (;;) {
    const { category, from } = page;
    if (category === undefined) return page.end();
    const limit = isLarge(category) ? LARGE_AT_ONCE : SMALL_AT_ONCE;
    const found = await ports.store.owned<OwnedCategory>(category, owner, {
      limit,
      ...(from === undefined ? {} : { after: from }),
    });
    for (const stored of found.items) {
      await addRecord(page, stored, { holdings, view: await viewOf(ports.store, tenant, stored, views), picks });
      page.moveTo(pathOf(category, stored.place));
      if (page.isFull()) return page.goOn();
    }
    if (found.next === undefined) page.nextCategory();
    if (page.isFull()) return page.goOn();
  }
}

async function addRecord(
  page: PageOf,
  stored: Stored<OwnedCategory>,
  { holdings, view, picks }: { readonly holdings: Holdings; readonly view: ExportView; readonly picks: Picks },
): Promise<void> {
  const { category, place, row } = stored;
  if (!isExported(place, view)) return;
  const opened = await holdings.opened(stored, closedFields(category, view));
  const given = exportedRow(category, { ...row }, opened, view);
  const shown = Object.fromEntries(Object.keys(opened).map((name) => [name, given[name]]));
  if (!picks(category, given, shown)) return;
  page.add({ kind: 'record', category, id: place, row: given });
  page.count(category);
}

function isLarge(category: OwnedCategory): boolean {
  return Object.values(rowOf(category).fields).some(
    ({ kind }) => kind === 'sealed' || kind === 'rows' || kind === 'table',
  );
}

/** One page while it is being written. */
class PageOf {
  readonly #clock: Sources['clock'];
  readonly #startedAt: number;
  readonly at: number;
  readonly #counts: Record<string, number>;
  #lines = '';
  #hash: string;
  #category: OwnedCategory | undefined;
  #from: string | undefined;

  constructor({ clock }: Sources, cursor: ExportCursor | undefined) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.at = cursor?.at ?? this.#startedAt;
    this.#counts = { ...cursor?.counts };
    this.#hash = cursor?.hash ?? NO_LINES;
    this.#category = exportedCategories[0];
    if (cursor === undefined) return;
    this.#category = exportedCategories.find((category) => category === cursor.category);
    const isOdd = cursor.after !== undefined && categoryOfPath('(default)', cursor.after) !== this.#category;
    if (this.#category === undefined || isOdd) throw new Fault('body-invalid', { path: 'after' });
    this.#from = cursor.after;
  }

  get category(): OwnedCategory | undefined {
    return this.#category;
  }

  get from(): string | undefined {
    return this.#from;
  }

  add(line: Readonly<Record<string, unknown>>): void {
    const text = JSON.stringify(line);
    this.#hash = chained(this.#hash, text);
    this.#lines += `${text}\n`;
  }

  count(category: OwnedCategory): void {
    this.#counts[category] = (this.#counts[category] ?? 0) + 1;
  }

  moveTo(path: string): void {
    this.#from = path;
  }

  nextCategory(): void {
    const at = exportedCategories.findIndex((category) => category === this.#category);
    this.#category = exportedCategories[at + 1];
    this.#from = undefined;
  }

  isFull(): boolean {
    return this.#lines.length >= PAGE_BYTES || this.#clock.now() - this.#startedAt >= PAGE_MS;
  }

  goOn(): ExportPage {
    if (this.#category === undefined) return this.end();
    const from = this.#from === undefined ? {} : { after: this.#from };
    const cursor = { at: this.at, category: this.#category, ...from, counts: this.#counts, hash: this.#hash };
    return { lines: this.#lines, next: cursorText(cursor) };
  }

  end(): ExportPage {
    return { lines: `${this.#lines}${JSON.stringify({ kind: 'end', counts: this.#counts, hash: this.#hash })}\n` };
  }
}
