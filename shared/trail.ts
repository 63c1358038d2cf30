/** The trail of staff over any store: each entry is created once, at the number after the last. Append-only. @see evidence/trail.ts */
import { entryAfter, headOf, headText } from './evidence/trail.ts';
import { owner } from './model/ids.ts';
import type { SignedHead, Told, TrailEntry } from './model/staff.ts';
import type { Clock, Signer, Store, Stored, Version } from './ports.ts';
import { TRAIL_DAYS } from './retention/catalogue.ts';
import type { RecordOf } from './retention/catalogue.ts';
import { Fault, toFault } from './verdict.ts';

const DAY_MS = 86_400_000;
/** Numbers are padded, so that the order of ids is the order of entries. */
const NUMBER_DIGITS = 10;
const PAGE = 500;
/** Where it is written how far the trail goes. */
const END = { end: 'newest' } as const;
/** Writers that are faster, one after the other; staff are few. */
const MAX_TRIES = 20;

/** What the trail stands on. */
export interface TrailPorts {
  readonly store: Store;
  readonly clock: Clock;
}

/**
 * Appends an entry, and answers it when it is there for good: what it tells of may be done, or shown, after that.
 * @throws Fault `trail-cut` when the end of the trail is missing, `store-changed` when others are faster each time
 */
export async function appendTrail({ store, clock }: TrailPorts, told: Omit<Told, 'at'>): Promise<TrailEntry> {
  let last = await lastOfTrail(store);
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const entry = entryAfter(last, { ...told, at: clock.now() });
    const { number, ...said } = entry;
    try {
      await store.create('trail', { number: padded(number) }, { ...said, removeAt: entry.at + TRAIL_DAYS * DAY_MS });
      await noteEnd(store, number);
      return entry;
    } catch (thrown) {
      const fault = toFault(thrown);
      if (fault.code !== 'store-exists') throw fault;
      last = await newestFrom(store, number);
    }
  }
  throw new Fault('store-changed', { category: 'trail' });
}

/** The newest entry. @throws Fault `trail-cut` when one is noted that is not there */
export async function lastOfTrail(store: Store): Promise<TrailEntry | undefined> {
  const noted = (await store.read('trailEnd', END))?.row.number;
  if (noted !== undefined) return newestFrom(store, noted);
  return (await readTrail(store)).at(-1);
}

/** Every entry that is still there, oldest first. */
export async function readTrail(store: Store): Promise<readonly TrailEntry[]> {
  const entries: TrailEntry[] = [];
  let after: string | undefined;
  do {
    const page = await store.list('trail', {}, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    entries.push(...page.items.map(entryOf));
    after = page.next;
  } while (after !== undefined);
  return entries;
}

/** The head of the trail as it is now, signed. */
export async function signHead(
  { clock, signer }: { readonly clock: Clock; readonly signer: Signer },
  last: TrailEntry | undefined,
): Promise<SignedHead> {
  const head = headOf(last, clock.now());
  return { head, keyId: signer.keyId, signature: await signer.sign(headText(head, signer.keyId)) };
}

/** The note of the end may lag behind after a stop: what follows it is looked for. */
async function newestFrom(store: Store, number: number): Promise<TrailEntry> {
  let newest = await store.read('trail', { number: padded(number) });
  if (newest === undefined) throw new Fault('trail-cut', { number });
  for (let next = number + 1; ; next += 1) {
    const later = await store.read('trail', { number: padded(next) });
    if (later === undefined) return entryOf(newest);
    newest = later;
  }
}

async function noteEnd(store: Store, number: number): Promise<void> {
  const noted = await store.read('trailEnd', END);
  if ((noted?.row.number ?? 0) >= number) return;
  try {
    await writeEnd(store, number, noted?.version);
  } catch (thrown) {
    const fault = toFault(thrown);
    // Somebody else has noted an end; a note that lags is made up for by whoever reads it.
    if (fault.code !== 'store-exists' && fault.code !== 'store-changed') throw fault;
  }
}

async function writeEnd(store: Store, number: number, version: Version | undefined): Promise<void> {
  if (version === undefined) await store.create('trailEnd', END, { number });
  else await store.replace('trailEnd', END, { number }, version);
}

function entryOf({ place, row }: Stored<'trail'>): TrailEntry {
  const { removeAt: _removeAt, lives, ...said }: RecordOf<'trail'> = row;
  return { ...said, lives: lives.map((one) => owner(one)), number: Number(place.number) };
}

function padded(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}
