import { expect, test } from 'vitest';
import { erasureElsewhere } from '../../../shared/retention/elsewhere.ts';
import { registerOf } from '../../../shared/retention/processors.ts';

const party = { name: 'Some Ltd', region: 'EU', host: 'x.some.example', agreement: 'x', since: '2026-11-23' };

test('R104 an erasure names every party that works for us, and whoever comes new is a task', () => {
  const parties = { mail: party, desk: party, offline: party, bucket: party };
  const register = registerOf({ residency: 'be+zrh', parties });
  expect(erasureElsewhere(register).map(({ party: id, how }) => [id, how])).toEqual([
    ['google', 'with-us'],
    ['mail', 'task'],
    ['desk', 'by-us'],
    ['offline', 'expires'],
    ['bucket', 'expires'],
  ]);
  const [google] = register.filter(({ id }) => id === 'google');
  if (google === undefined) throw new Error('nobody is on the register');
  expect(erasureElsewhere([{ ...google, id: 'newcomer' }])).toMatchObject([{ party: 'newcomer', how: 'task' }]);
});
