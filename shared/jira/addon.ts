import type { AddonFacts } from '../model/tenant.ts';
import { parseAddon } from '../wire/addon.ts';
import { call } from './call.ts';
import type { Site } from './call.ts';

/** What the site says of our installation there. @see ATLASSIAN.md §7 */
export async function readAddon(site: Site, addonKey: string): Promise<AddonFacts> {
  const target = `/rest/atlassian-connect/1/addons/${encodeURIComponent(addonKey)}`;
  return parseAddon((await call(site, { method: 'GET', target })).body, addonKey);
}
