/** Bodies of the console's API about single people and what they ask for. */
import { z } from 'zod';
import { accountId } from '../model/ids.ts';
import { idSchema } from './message.ts';

const at = z.number().int().nonnegative();

/** GET /people/{account}: where the person is named, counted by category so far; `next` leads on. */
export const personPage = z.object({
  counts: z.record(z.string(), z.number().int().nonnegative()),
  next: z.string().exactOptional(),
});
export type PersonPage = z.infer<typeof personPage>;

/** How an erasure reaches somebody else. @see retention/elsewhere.ts */
const hows = ['with-us', 'by-us', 'expires', 'task'] as const;

/** Kinds of requests. */
export const requestKinds = ['access', 'rectify', 'erase', 'other'] as const;

/** POST /requests: an erasure needs to know of whom. */
export const requestBody = z
  .object({ kind: z.enum(requestKinds), account: idSchema(accountId).exactOptional() })
  .refine(({ kind, account }) => kind !== 'erase' || account !== undefined, { path: ['account'] });

/** One request as it stands. */
export const requestView = z.object({
  request: z.string(),
  kind: z.enum(requestKinds),
  account: z.string().exactOptional(),
  askedAt: at,
  acknowledgeBy: at,
  acknowledgedAt: at.exactOptional(),
  dueAt: at,
  doneAt: at.exactOptional(),
  /** The erasure is done, and the site still names the person: it comes back with each sync. */
  isLeft: z.boolean().exactOptional(),
  /** Of an erasure: how it reaches everybody else who works for us; a `task` is somebody’s to do. */
  elsewhere: z.array(z.object({ party: z.string(), name: z.string(), how: z.enum(hows) })).exactOptional(),
});
export type RequestView = z.infer<typeof requestView>;

/** GET /requests, the oldest first. */
export const requestPage = z.object({ requests: z.array(requestView), next: z.string().exactOptional() });
export type RequestPage = z.infer<typeof requestPage>;
