/** M25: the letters of an incident, from the trail over the register to the mailbox. */
import { beforeEach, expect, test } from 'vitest';
import { draftNotices, openCase, sendNotices, stepCase } from '../../functions/console/cases.ts';
import type { LetterLine } from '../../functions/console/cases.ts';
import { caseId, operatorId, ownerOf } from '../../shared/model/ids.ts';
import type { CaseId } from '../../shared/model/ids.ts';
import { appendTrail, readTrail } from '../../shared/trail.ts';
import { A, B, HOUR } from '../kit/purgeWorld.ts';
import { keeperOf, NoticeWorld } from '../kit/noticeWorld.ts';

const anna = operatorId('op-anna');
const [lifeA, lifeB] = [ownerOf(A.tenant, 1), ownerOf(B.tenant, 1)];
const said = { by: anna, ticket: 'INC-7', lives: [], categories: [] };
let world: NoticeWorld;
let id: CaseId;

/** Staff have read of A and of B, of each another kind of data, while the incident was on. */
beforeEach(async () => {
  world = await new NoticeWorld().open();
  const read = { act: 'read', by: anna, about: 'g-00000001', purpose: 'support', ticket: 'SUP-1' } as const;
  await appendTrail(world.ports, { ...read, lives: [lifeA], categories: ['twin'] });
  await appendTrail(world.ports, { ...read, lives: [lifeB], categories: ['half'] });
  const span = { fromAt: world.now - HOUR, untilAt: world.now + HOUR };
  id = caseId((await openCase(world.ports, 'incident', { ...said, kind: 'opened', ...span })).case);
});

const send = (isDryRun = false): Promise<readonly LetterLine[]> =>
  sendNotices(world.ports, id, { ...said, kind: 'notices-sent', isDryRun, baseUrl: 'https://twinline.example' });
async function drafted(): Promise<void> {
  await stepCase(world.ports, id, { ...said, kind: 'affected' });
  await draftNotices(world.ports, id, { ...said, kind: 'notices-drafted' });
}
const stored = (): string => JSON.stringify([...world.everything()]);
const states = (lines: readonly LetterLine[]) => lines.map(({ life, state }) => [life, state]);

test('M25 a dry run shows each letter, with the kinds of data of that life alone, and changes nothing', async () => {
  await expect(send(true)).rejects.toThrow('state-refused');
  await drafted();
  const before = stored();
  const lines = await send(true);
  expect(states(lines)).toEqual([
    [lifeA, 'ready'],
    [lifeB, 'ready'],
  ]);
  expect(lines[0]?.text).toContain('twin (');
  expect(lines[0]?.text).not.toContain('half (');
  expect(lines[1]?.text).not.toContain('twin (');
  expect(stored()).toBe(before);
  expect(world.notices).toEqual([]);
});

test('M25 they go once to the contacts, just as shown, and how each ended is on record', async () => {
  await drafted();
  const shown = await send(true);
  await send();
  await send();
  world.notices.push(...world.notices);
  await world.deliver();
  expect(world.letters().map(({ to, text }) => [to, text])).toEqual([
    [keeperOf(A), shown[0]?.text],
    [keeperOf(B), shown[1]?.text],
  ]);
  expect(states(await send(true))).toEqual([
    [lifeA, 'sent'],
    [lifeB, 'sent'],
  ]);
  expect(await world.stateOf(A)).toEqual({ incident: 'sent' });
  await send();
  await world.deliver();
  expect(world.letters()).toHaveLength(2);
  expect((await readTrail(world.store)).filter(({ purpose }) => purpose === 'notices-sent')).toHaveLength(1);
});

test('M25 nothing goes before the yes, nor to whom the register does not name', async () => {
  await drafted();
  const hint = { kind: 'notice', what: 'incident', case: id, at: world.now } as const;
  expect((await world.notify({ ...hint, ...A })).code).toBe('nothing-to-do');
  const other = caseId(
    (await openCase(world.ports, 'incident', { ...said, kind: 'opened', fromAt: 0, untilAt: 1 })).case,
  );
  await stepCase(world.ports, other, { ...said, kind: 'affected' });
  await draftNotices(world.ports, other, { ...said, kind: 'notices-drafted' });
  await stepCase(world.ports, other, { ...said, kind: 'notices-sent' });
  expect((await world.notify({ ...hint, case: other, ...A })).code).toBe('nothing-to-do');
  expect(world.letters()).toEqual([]);
});

test('M25 without a contact, with a server that wants it later, and for a life that is over, it is said plainly', async () => {
  await drafted();
  await world.removeContact(A);
  expect(states(await send(true))[0]).toEqual([lifeA, 'no-contact']);
  world.answer = () => 'mail-later';
  await send();
  await world.deliver();
  expect(states(await send(true))).toEqual([
    [lifeA, 'no-contact'],
    [lifeB, 'waiting'],
  ]);
  expect(await world.stateOf(A)).toEqual({ incident: 'no-contact' });
  world.answer = () => 'mail-sent';
  world.now += HOUR;
  await world.hour();
  expect(await world.stateOf(B)).toMatchObject({ incident: 'sent' });
  await world.leave(A, 'requested');
  await world.days(5);
  expect(states(await send(true))[0]).toEqual([lifeA, 'gone']);
});
