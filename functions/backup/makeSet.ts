/**
 * Makes one set, part by part. Each part is appended and recorded before the next is read, so that after a stop at any line the next
 * message repeats at most one part, under another file name: nothing at the place is ever written over.
 *
 * ```
 * register: begun ──▶ per part: lives ▶ file ▶ part's record ▶ register: cursor ──▶ manifest ──▶ register: whole
 * ```
 */
import { canonical } from '../../shared/evidence/canonical.ts';
import { headOf } from '../../shared/evidence/trail.ts';
import { manifestFile, manifestHash, manifestOf, manifestText } from '../../shared/backup/manifest.ts';
import { fileHash, sealPart } from '../../shared/backup/part.ts';
import type { ManifestPart } from '../../shared/model/backup.ts';
import type { SetId } from '../../shared/model/ids.ts';
import type { Page, PageAsk } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import { NONCE_BYTES } from '../../shared/seal.ts';
import { lastOfTrail } from '../../shared/trail.ts';
import { Fault, toFault, verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { advance, keyContext, removeAtOf } from './progress.ts';
import type { Progress, SetRow, Work } from './progress.ts';
import { readPart } from './readPart.ts';
import type { KnownLives } from './readPart.ts';

const NUMBER_DIGITS = 7;
const LIST_PAGE = 500;

/** Goes on with a set as far as the time of one message allows. Answers `backed-up`, `more-to-do` or `already-done`. */
export async function makeSet(work: Work, from: Progress): Promise<Verdict> {
  if (from.row.endedAt !== undefined) return verdict('already-done', { set: from.set });
  const { wrapped } = from.row;
  if (wrapped === undefined) throw new Fault('store-record-odd', { category: 'backupSet', field: 'wrapped' });
  const key = await work.place.vault.unwrap(wrapped, keyContext(from.set));
  const known: KnownLives = new Map();
  const told = new Set<string>();
  let progress = from;
  while (progress.row.cursor !== undefined) {
    progress = await onePart(work, progress, { key, known, told });
    if (progress.row.cursor !== undefined && work.ports.clock.now() >= work.untilAt) return goOnLater(work, progress);
  }
  const { row } = await finish(work, progress);
  return verdict('backed-up', { set: from.set, parts: row.parts, records: row.records, bytes: row.bytes });
}

async function goOnLater({ ports }: Work, { set, row }: Progress): Promise<Verdict> {
  await ports.bus.publish('backup-jobs', { kind: 'backup', askedAt: ports.clock.now() });
  return verdict('more-to-do', { set, parts: row.parts });
}

interface Held {
  readonly key: Uint8Array;
  readonly known: KnownLives;
  /** Lives that this message has recorded. */
  readonly told: Set<string>;
}

async function onePart(work: Work, progress: Progress, held: Held): Promise<Progress> {
  const { set, row } = progress;
  const { cursor } = row;
  if (cursor === undefined) return progress;
  const read = await readPart(work.ports, set, cursor, held.known);
  const next = read.next === undefined ? {} : { next: read.next };
  if (read.lines.length === 0) return record(work, progress, { ...next, records: 0, bytes: 0, left: read.left }, 0);
  // Before the file: a set never holds a life that it does not name.
  await tellLives(work, progress, held, read.lives);
  const file = `${read.category.toLowerCase()}-${padded(row.parts)}-${work.ports.ids.next()}`;
  const nonce = work.ports.ids.bytes(NONCE_BYTES);
  const bytes = sealPart({ key: held.key, nonce, set, file, lines: read.lines });
  await work.append.append(set, file, bytes);
  const part: RecordOf<'backupPart'> = {
    ...{ category: read.category, file, records: read.lines.length, bytes: bytes.byteLength, left: read.left },
    ...{ sha256: fileHash(bytes), removeAt: removeAtOf(row.beganAt), ...next },
  };
  return record(work, progress, await keptPart(work, set, row.parts, part), 1);
}

async function tellLives(
  work: Work,
  { set, row }: Progress,
  { told }: Held,
  lives: ReadonlySet<string>,
): Promise<void> {
  for (const life of lives) {
    if (told.has(life)) continue;
    try {
      await work.ports.store.create('backupLife', { set, life }, { removeAt: removeAtOf(row.beganAt) });
    } catch (thrown) {
      if (toFault(thrown).code !== 'store-exists') throw thrown;
    }
    told.add(life);
  }
}

/** The part under its number: ours, or that of the try or the worker before, which then counts. */
async function keptPart(
  { ports }: Work,
  set: SetId,
  number: number,
  part: RecordOf<'backupPart'>,
): Promise<RecordOf<'backupPart'>> {
  const place = { set, part: padded(number) };
  try {
    await ports.store.create('backupPart', place, part);
    return part;
  } catch (thrown) {
    if (toFault(thrown).code !== 'store-exists') throw thrown;
    const kept = await ports.store.read('backupPart', place);
    if (kept === undefined) throw new Fault('store-changed', { category: 'backupPart' }, thrown);
    return kept.row;
  }
}

type Recorded = Pick<RecordOf<'backupPart'>, 'next' | 'records' | 'bytes' | 'left'>;

async function record(work: Work, progress: Progress, part: Recorded, parts: 0 | 1): Promise<Progress> {
  const { cursor: _read, ...row } = progress.row;
  const readAt = work.ports.clock.now();
  return advance(work, progress, {
    ...row,
    ...(part.next === undefined ? { readAt, ...(await trailNow(work)) } : { cursor: part.next }),
    parts: row.parts + parts,
    records: row.records + part.records,
    bytes: row.bytes + part.bytes,
    left: row.left + part.left,
  });
}

/**
 * The end of the trail of staff goes out with each set: whoever changes the trail here cannot change it there. A trail whose end is
 * missing wakes somebody and does not keep the backup from being made.
 */
async function trailNow({ ports }: Work): Promise<Pick<SetRow, 'trail'>> {
  try {
    const { number, hash } = headOf(await lastOfTrail(ports.store), 0);
    return { trail: { number, hash } };
  } catch (thrown) {
    const fault = toFault(thrown);
    if (fault.code !== 'trail-cut') throw fault;
    ports.log.fault('backup', 'trail-lost', fault.facts);
    return {};
  }
}

/** The manifest is the same in every try, because its instants are recorded before. */
async function finish(work: Work, progress: Progress): Promise<Progress> {
  const { set, row } = progress;
  const { signer, ids, clock, store } = work.ports;
  const parts: ManifestPart[] = [];
  await everyPage(
    (ask) => store.list('backupPart', { set }, ask),
    ({ row: { category, file, records, bytes, sha256 } }) =>
      void parts.push({ category, file, records, bytes, sha256 }),
  );
  const lives: string[] = [];
  await everyPage(
    (ask) => store.list('backupLife', { set }, ask),
    ({ place }) => void lives.push(place.life),
  );
  const { beganAt, expiresAt, epoch, readAt, trail } = row;
  const { commit } = work.settings;
  const endedAt = readAt ?? clock.now();
  const facts = { set, beganAt, endedAt, expiresAt, epoch, commit, parts, lives };
  const manifest = manifestOf(trail === undefined ? facts : { ...facts, trail });
  const signature = await signer.sign(manifestText(manifest, signer.keyId));
  const file = manifestFile(ids.next());
  await work.append.append(set, file, Buffer.from(canonical({ manifest, keyId: signer.keyId, signature })));
  return advance(work, progress, {
    ...row,
    ...{ endedAt: clock.now(), manifest: file, manifestHash: manifestHash(manifest) },
  });
}

async function everyPage<T>(read: (ask: PageAsk) => Promise<Page<T>>, each: (item: T) => void): Promise<void> {
  let after: string | undefined;
  do {
    const page = await read({ limit: LIST_PAGE, ...(after === undefined ? {} : { after }) });
    page.items.forEach(each);
    after = page.next;
  } while (after !== undefined);
}

function padded(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
}
