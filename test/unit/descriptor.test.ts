import { existsSync, readFileSync } from 'node:fs';
import Ajv04 from 'ajv-draft-04';
import { expect, it } from 'vitest';
import { descriptorOf } from '../../functions/lifecycle/descriptor.ts';
import { functions } from '../../infra/topology.ts';

const descriptor = descriptorOf({ baseUrl: 'https://twinline.example', addonKey: 'app.twinline' });
const file = new URL('../../../shared/data/connect-schema/jira-global-schema.json', import.meta.url);

it.skipIf(!existsSync(file) && process.env['CI'] === undefined)('is valid by the schema of Connect', () => {
  // The schema is of about 2019: it knows `gdpr` alone among the migrations, and formats that only warn.
  const { apiMigrations, ...known } = descriptor;
  expect(apiMigrations).toEqual({ gdpr: true, 'signed-install': true, 'context-qsh': true });
  const ajv = new Ajv04.default({ strict: false, validateFormats: false, logger: false });
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  validate({ ...known, apiMigrations: { gdpr: apiMigrations.gdpr } });
  expect(validate.errors).toBeNull();
  expect(validate({ ...known, key: undefined })).toBe(false);
});

it('names only addresses that the topology routes to a function of ours', () => {
  const routed = functions.flatMap((row) => (row.trigger === 'http' ? row.paths : []));
  const addresses = [
    ...Object.values(descriptor.lifecycle),
    ...descriptor.modules.webhooks.map((webhook) => webhook.url),
    '/atlassian-connect.json',
  ];
  for (const address of addresses)
    expect(routed.some((path) => address === path || address.startsWith(`${path}/`))).toBe(true);
});

it('asks for no right that nothing uses', () => {
  expect(descriptor.scopes).toEqual(['READ', 'WRITE', 'DELETE']);
});

it('has a name and keys that the vendor’s own checks accept', () => {
  expect(descriptor.name).not.toMatch(/^(atlassian|jira|confluence)|premium/i);
  expect(descriptor.key).toMatch(/^[a-zA-Z0-9-._]{1,64}$/);
  const keys = descriptor.modules.jiraEntityProperties.map((module) => module.key);
  expect(new Set(keys).size).toBe(keys.length);
});
