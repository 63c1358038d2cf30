import { expect, test } from 'vitest';
import { descriptorOf } from '../../../../functions/lifecycle/descriptor.ts';
import { functions } from '../../../../infra/topology.ts';
import { listingOf } from '../../../../shared/evidence/documents/listing.ts';

const descriptor = descriptorOf({ baseUrl: 'https://twinline.example', addonKey: 'app.twinline' });
const listing = listingOf('app.twinline', 'cloud');

test('P28 the listing tells of the app that the descriptor describes: a cloud app for Jira Cloud on Connect', () => {
  expect(listing).toMatchObject({ name: descriptor.name, key: descriptor.key, summary: descriptor.description });
  expect(listing).toMatchObject({ hosting: 'cloud', product: 'Jira Cloud', framework: 'Connect' });
  expect(descriptor.authentication.type).toBe('jwt');
});

test('P28 its links lead to what the service serves', () => {
  const served = functions.flatMap((row) => (row.trigger === 'http' ? row.paths : []));
  for (const path of Object.values(listing.links))
    expect(
      served.some((prefix) => path.startsWith(prefix)),
      path,
    ).toBe(true);
});

test('P28 the listing of the app that a customer runs for itself says so, and differs in nothing else', () => {
  expect(listingOf('app.twinline', 'selfHosted')).toEqual({ ...listing, hosting: 'self-hosted' });
});
