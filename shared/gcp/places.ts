/** Asks Google where our databases are. Only production asks: an emulator is nowhere. */
import { FirestoreAdminClient } from '@google-cloud/firestore-api';
import type { Place } from '../retention/residency.ts';
import { inTime } from './deadline.ts';

/** A start waits this long at most. */
const ASK_MS = 5_000;

/** Tells the location of one database, by its resource name. */
export type LocationOf = (database: string) => Promise<string>;

/**
 * The places of those databases that answer. One that cannot be asked now is left out: where it is does not change
 * while its name stays, and a start must not depend on a second service.
 */
export async function databasePlaces(
  project: string,
  names: readonly string[],
  locationOf: LocationOf = askAdmin(),
): Promise<readonly Place[]> {
  const asked = await Promise.allSettled(
    names.map(async (name): Promise<Place> => {
      const location = await inTime(ASK_MS, 'store-unavailable', locationOf(`projects/${project}/databases/${name}`));
      return { what: `database ${name}`, location };
    }),
  );
  return asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

function askAdmin(): LocationOf {
  const client = new FirestoreAdminClient();
  return async (name) => {
    const [database] = await client.getDatabase({ name });
    return database.locationId ?? 'unknown';
  };
}
