/** Schema of a listing of Cloud Storage. */
import { z } from 'zod';
import { Fault } from '../verdict.ts';
import { placeIn } from './place.ts';

const listing = z.object({
  items: z.array(z.object({ name: z.string().max(1_024) })).default([]),
  nextPageToken: z.string().max(4_096).optional(),
});

/** Names of the objects of one page, and where the next one begins. @throws Fault `outside-answer-odd` */
export function parseObjects(body: unknown): { readonly names: readonly string[]; readonly next: string | undefined } {
  const parsed = listing.safeParse(body ?? {});
  if (!parsed.success) throw new Fault('outside-answer-odd', { path: placeIn(parsed.error, listing) });
  return { names: parsed.data.items.map(({ name }) => name), next: parsed.data.nextPageToken };
}
