/** What a Connect lifecycle call says in its body. @see ATLASSIAN.md §3.1 */
import { z } from 'zod';
import type { SiteFacts } from '../model/tenant.ts';
import { Fault } from '../verdict.ts';
import { placeIn } from './place.ts';

/** The shortest key that HS256 may have; Atlassian's secrets are longer. @see RFC 7518 §3.2 */
const MIN_SECRET_CHARACTERS = 32;

const text = z.string().min(1).max(512);
/** Absent, null and empty say the same. */
const perhaps = z
  .union([text, z.literal(''), z.null()])
  .transform((value) => (value === null || value === '' ? undefined : value))
  .optional();

const schema = z.object({
  key: text,
  clientKey: text,
  baseUrl: text.transform((url) => url.replace(/\/$/, '')),
  productType: z.literal('jira'),
  sharedSecret: z.string().min(MIN_SECRET_CHARACTERS).max(512).nullish(),
  serviceEntitlementNumber: perhaps,
  oauthClientId: perhaps,
  cloudId: perhaps,
});

/**
 * Reads the body. The deprecated `publicKey`, versions and texts of it are left behind.
 * @throws Fault `body-invalid` naming the field, never its value
 */
export function parseSite(body: unknown): SiteFacts {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Fault('body-invalid', { field: placeIn(parsed.error, schema) });
  const is = parsed.data;
  return {
    clientKey: is.clientKey,
    baseUrl: is.baseUrl,
    addonKey: is.key,
    productType: is.productType,
    ...(is.serviceEntitlementNumber === undefined ? {} : { serviceEntitlementNumber: is.serviceEntitlementNumber }),
    ...(is.oauthClientId === undefined ? {} : { oauthClientId: is.oauthClientId }),
    ...(is.cloudId === undefined ? {} : { cloudId: is.cloudId }),
    ...(is.sharedSecret === undefined || is.sharedSecret === null ? {} : { sharedSecret: is.sharedSecret }),
  };
}

const named = z.object({ clientKey: text });

/** The client key that a body names, when it names one. For bodies that nobody signed. */
export function clientKeyIn(body: unknown): string | undefined {
  return named.safeParse(body).data?.clientKey;
}
