/** Every category of the catalogue is filled with canaries and goes through a customer's whole life: none gets out where none may. */
import { beforeEach, describe, expect, test } from 'vitest';
import { sealedNamesOf } from '../../shared/holdings.ts';
import { MemoryBackup } from '../../shared/memory/backup.ts';
import { ownedCategories } from '../../shared/retention/address.ts';
import { catalogue, categories, rowOf } from '../../shared/retention/catalogue.ts';
import type { OwnedCategory } from '../../shared/retention/catalogue.ts';
import { categoryOfPath } from '../../shared/retention/check.ts';
import type { Field } from '../../shared/retention/fields.ts';
import { canariesIn, canariesInValue } from '../kit/canaries.ts';
import { lookedAt } from '../kit/canaryWatch.ts';
import type { Sink } from '../kit/canaryWatch.ts';
import { NoticeWorld, keeperOf } from '../kit/noticeWorld.ts';
import { A, B, DAY, PurgeWorld } from '../kit/purgeWorld.ts';

/** Whether a field says something of a person or a site, and is not sealed. */
const saysMore = ({ personal, isAccount, parts = {} }: Field): boolean =>
  isAccount === true || (personal !== 'none' && personal !== 'secret') || Object.values(parts).some(saysMore);
/** Of these a customer's texts, people or names are a part; the others hold ids, hashes, counts and times. */
const telling = ownedCategories.filter(
  (category) =>
    category !== 'key' &&
    (sealedNamesOf(category).length > 0 || Object.values(catalogue[category].fields).some(saysMore)),
);

function demandLooks(...seen: readonly Sink[]): void {
  for (const sink of seen) expect(lookedAt()[sink], sink).toBeGreaterThan(0);
}

describe('a customer of whom everything is a canary', () => {
  let place: MemoryBackup;
  let world: PurgeWorld;
  beforeEach(async () => {
    place = new MemoryBackup();
    world = await new PurgeWorld(place).fill();
  });

  /** Categories of which a stored record has a sealed value, or a canary in an open one. */
  async function held(): Promise<readonly OwnedCategory[]> {
    const found: OwnedCategory[] = [];
    for (const category of telling) {
      const { items } = await world.store.scan(category, { limit: 100 });
      const isSealed = items.some(({ row }) => sealedNamesOf(category).some((name) => name.split('.')[0]! in row));
      if (isSealed || items.some(({ row }) => canariesInValue(row).length > 0)) found.push(category);
    }
    return found;
  }

  test('has one in every category that can hold one', async () => {
    expect(telling.length).toBeGreaterThan(15);
    expect(await held()).toEqual(telling);
  });

  test('is backed up, leaves, is purged and proven gone, with both receipts, and is seen nowhere', async () => {
    await world.backup();
    await world.mark(A, 'requested');
    world.now += 3 * DAY;
    await world.ticks(5);
    await world.backup();
    expect(world.leftOf(A)).toEqual([]);
    expect(world.receipts()).toHaveLength(1);
    for (let day = 0; day < 40 && world.receipts().length < 2; day += 1) {
      world.now += DAY;
      await world.tick();
    }
    expect(world.receipts()).toHaveLength(2);
    // Everything that is nobody's or ours: ledger, receipts, registers, progress of the purge, the trail.
    const own = categories.filter((category) => ['nobody', 'system'].includes(rowOf(category).owner));
    let looked = 0;
    for (const [path, row] of world.everything()) {
      const [database = '', at = ''] = path.split(/:(.*)/s);
      const category = categoryOfPath(database as '(default)', at);
      if (category === undefined || !own.includes(category)) continue;
      looked += 1;
      expect([category, canariesIn(`${path} ${row}`)]).toEqual([category, []]);
    }
    expect(looked).toBeGreaterThan(8);
    for (const [file, bytes] of place.files) expect([file, canariesInValue(bytes)]).toEqual([file, []]);
    expect(canariesInValue(world.told)).toEqual([]);
    demandLooks('row', 'path', 'message', 'signed', 'backup');
  });

  test('whose purge fails at every step, one after the other, is seen nowhere', async () => {
    await world.mark(A);
    world.now += 120 * DAY;
    for (let at = 3; at < 400; at += 23) {
      world.calls = 0;
      world.crash = { at, when: at % 2 === 0 ? 'before' : 'after' };
      await world.tick().catch(() => undefined);
      world.crash = undefined;
      world.queue.length = 0;
      world.now += 3_600_000;
    }
    await world.ticks(6);
    expect(world.leftOf(A)).toEqual([]);
    demandLooks('log', 'row', 'path', 'signed');
  });
});

describe('letters', () => {
  test('go to the address of a canary and hold nothing else of it', async () => {
    const world = await new NoticeWorld().open();
    await world.leave(A);
    await world.deliver();
    await world.days(95, 24);
    await world.days(30, 24);
    await world.days(3, 1);
    const letters = world.letters();
    expect(letters.length).toBeGreaterThan(4);
    expect(new Set(letters.map(({ to }) => to))).toEqual(new Set([keeperOf(A), keeperOf(B)]));
    for (const { subject, text, id } of letters) expect(canariesIn(`${subject} ${text} ${id}`)).toEqual([]);
    demandLooks('letter', 'message', 'log');
  });
});
