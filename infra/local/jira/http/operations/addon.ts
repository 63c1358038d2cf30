import { refuse } from '../../model/problem.ts';
import { type Handlers, ok, param } from '../call.ts';

/** What an add-on may ask about its own installation. */
export const addonHandlers: Handlers = {
  getAddon: (call) => {
    const { installation, licence, contacts } = call.act.site;
    const key = param(call, 'key');
    if (installation?.appKey !== key || call.act.actor.accountType !== 'app')
      throw refuse(404, 'The add-on is not installed.');
    return ok({
      key,
      version: '1.0.0-AC',
      state: installation.state === 'disabled' ? 'DISABLED' : 'ENABLED',
      host: { product: 'Jira', contacts },
      ...(licence === null ? {} : { license: licence }),
      links: {
        self: [{ href: `${call.act.site.baseUrl}/rest/atlassian-connect/1/addons/${encodeURIComponent(key)}` }],
      },
    });
  },
};
