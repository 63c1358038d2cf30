/** R60 at the door of the console: what is not for us is refused before anything is stored. */
import { beforeEach, expect, test } from 'vitest';
import { ConsoleWorld } from '../kit/consoleWorld.ts';
import type { Caller } from '../kit/consoleWorld.ts';

const CARD = '4111 1111 1111 1111';
let world: ConsoleWorld;
let alpha: Caller;

beforeEach(async () => {
  world = new ConsoleWorld();
  alpha = await world.install('alpha', ['ALPHA']);
});

test.each([
  ['name', { name: `pay ${CARD}`, projectKey: 'ALPHA' }, 'card-number-refused'],
  ['scope', { name: 'One', projectKey: 'ALPHA', scope: `summary ~ "${CARD}"` }, 'card-number-refused'],
  ['name', { name: 'password: hunter2hunter2', projectKey: 'ALPHA' }, 'sensitive-refused'],
])('R60 in the field %s of a connection, and nothing of it stays', async (path, body, code) => {
  const answer = await world.api('POST', '/invitations', alpha, body);
  expect(answer).toMatchObject({ status: 422, body: { code, path } });
  expect(answer.text + world.traces()).not.toMatch(/4111|hunter2/);
});

test('R60 a person who is no admin learns nothing of it', async () => {
  const stranger = { ...alpha, account: 'nobody-in-particular' };
  expect(await world.api('POST', '/invitations', stranger, { name: CARD })).toMatchObject({ status: 403 });
});
