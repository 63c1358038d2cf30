import { z } from 'zod';
import type { IndexedProperty, WebhookModule } from '../model/types.ts';

const webhook = z.object({
  event: z.string().min(1).max(100),
  url: z.string().min(1),
  filter: z.string().max(10_000).optional(),
  excludeBody: z.boolean().optional(),
  propertyKeys: z.array(z.string()).optional(),
});

const extraction = z.object({
  objectName: z.string().min(1),
  type: z.enum(['number', 'text', 'string', 'user', 'date']),
});

const entityProperty = z.object({
  entityType: z.string().optional(),
  keyConfigurations: z.array(z.object({ propertyKey: z.string().min(1), extractions: z.array(extraction) })).optional(),
});

const lifecycle = z.object({
  installed: z.string().optional(),
  enabled: z.string().optional(),
  disabled: z.string().optional(),
  uninstalled: z.string().optional(),
});

const descriptor = z.object({
  key: z.string().regex(/^[a-zA-Z0-9._-]{1,90}$/),
  name: z.string().min(1),
  baseUrl: z.string().startsWith('https://'),
  authentication: z.object({ type: z.literal('jwt') }),
  lifecycle,
  scopes: z.array(z.string()),
  modules: z
    .object({ webhooks: z.array(webhook).optional(), jiraEntityProperties: z.array(entityProperty).optional() })
    .optional(),
});

/** What Jira takes from a descriptor. */
export interface Descriptor {
  readonly key: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly lifecycle: Readonly<
    Partial<Record<'installed' | 'enabled' | 'disabled' | 'uninstalled', string | undefined>>
  >;
  readonly scopes: readonly string[];
  readonly webhooks: readonly WebhookModule[];
  readonly indexed: readonly IndexedProperty[];
}

/** Reads a descriptor. @throws Error naming the paths that are wrong */
export function readDescriptor(text: string, appBaseUrl: string): Descriptor {
  const parsed = descriptor.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`the descriptor is wrong: ${z.prettifyError(parsed.error)}`);
  const { modules, ...rest } = parsed.data;
  if (rest.baseUrl.replace(/\/$/, '') !== appBaseUrl)
    throw new Error('the descriptor names another base URL than it was fetched from');
  const indexed = (modules?.jiraEntityProperties ?? [])
    .filter((one) => (one.entityType ?? 'issue') === 'issue')
    .flatMap((one) => one.keyConfigurations ?? [])
    .flatMap(({ propertyKey, extractions }) =>
      extractions.map(({ objectName, type }) => ({ propertyKey, path: objectName, type })),
    );
  return { ...rest, webhooks: modules?.webhooks ?? [], indexed };
}
