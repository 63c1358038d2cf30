/** A hash chain: each link names the one before, so that nothing in the middle can be changed or taken out. Pure. */
import { hashOf } from './canonical.ts';

/** One link: what is said, and the hash of the link before (empty for the first). */
export interface Link {
  readonly previous: string;
}

/**
 * The index of the first link that does not follow from the one before it; `undefined` for a whole chain. `before`: what the first link
 * names, of a chain whose beginning is gone.
 */
export function brokenAt(links: readonly Link[], before = ''): number | undefined {
  const index = links.findIndex((link, at) => {
    const last = links[at - 1];
    return link.previous !== (last === undefined ? before : hashOf(last));
  });
  return index < 0 ? undefined : index;
}
