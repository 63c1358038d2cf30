/** What a site says of our own installation. @see ATLASSIAN.md §7 */
import { z } from 'zod';
import type { AddonFacts } from '../model/tenant.ts';
import { Fault } from '../verdict.ts';
import { placeIn } from './place.ts';

/** Contacts that are looked at; a site has one or two. */
const MAX_CONTACTS = 10;

const schema = z.object({
  key: z.string(),
  state: z.string(),
  host: z.object({ contacts: z.array(z.object({ email: z.string().nullish() })).nullish() }).nullish(),
  license: z
    .object({
      active: z.boolean(),
      evaluation: z.boolean().nullish(),
      supportEntitlementNumber: z.string().max(512).nullish(),
    })
    .nullish(),
});

/** Reads the answer. What cannot be read says nothing of a licence, neither for nor against. @throws Fault `jira-answer-odd` */
export function parseAddon(body: unknown, addonKey: string): AddonFacts {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Fault('jira-answer-odd', { what: 'addon', path: placeIn(parsed.error, schema) });
  const { key, state, host, license } = parsed.data;
  if (key !== addonKey) throw new Fault('jira-answer-odd', { what: 'addon', path: 'key' });
  const contacts = (host?.contacts ?? []).slice(0, MAX_CONTACTS).flatMap(({ email }) => email ?? []);
  const facts = { isEnabled: state.toUpperCase() === 'ENABLED', contacts };
  if (license === undefined || license === null) return facts;
  const { active, evaluation, supportEntitlementNumber: number } = license;
  return {
    ...facts,
    licence: {
      isActive: active,
      ...(typeof evaluation === 'boolean' ? { isEvaluation: evaluation } : {}),
      ...(typeof number === 'string' && number !== '' ? { supportEntitlementNumber: number } : {}),
    },
  };
}
