/** A store that does not answer must not hang a function. In a file of its own, because it takes its time. */
import { describe, expect, test } from 'vitest';
import { FirestoreStore } from '../../shared/gcp/firestore.ts';
import { invitationRow } from '../kit/rows.ts';

describe('a store that does not answer', () => {
  // Nothing listens on port 9; the client would try for a minute. It is not closed: that would make its own tries throw.
  const store = new FirestoreStore({ project: 'nobody', emulatorHost: '127.0.0.1:9' });
  const invitation = { code: 'i1' };

  test.concurrent.for([
    ['a read', () => store.read('invitation', invitation)],
    ['a write', () => store.create('invitation', invitation, invitationRow())],
    ['a listing', () => store.scan('invitation', { limit: 1 })],
    ['a walk', () => store.beneath('', 1)],
    ['a transaction', () => store.transact((transaction) => transaction.read('invitation', invitation))],
  ] as const)(
    '%s is given up in time and called unavailable',
    { timeout: 25_000 },
    async ([, ask], { expect: its }) => {
      await its(ask()).rejects.toEqual(expect.objectContaining({ code: 'store-unavailable' }));
    },
  );
});
