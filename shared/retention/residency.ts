/** Refuses a store that is elsewhere than the one region. Pure. @see PROMISES.md E-32, THREATS.md T30 */
import { Fault } from '../verdict.ts';

/** Something that holds data, and where it says it is. */
export interface Place {
  /** `database vault`, `key data`: a name of ours. */
  readonly what: string;
  /** As the service tells it. */
  readonly location: string;
}

/**
 * Lets places pass that are all in the region; a multi-region that contains it is elsewhere, too.
 * @throws Fault `region-refused` naming the first that is not
 */
export function assertRegion(places: readonly Place[], region: string): void {
  const odd = places.find(({ location }) => location !== region);
  if (odd !== undefined) throw new Fault('region-refused', { what: odd.what, location: odd.location });
}

/** The place of a key of Cloud KMS: its own name holds it. */
export function keyPlace(what: string, resourceName: string): Place {
  return { what, location: /\/locations\/([^/]+)\//.exec(resourceName)?.[1] ?? 'unknown' };
}
