/** The routes of the lifecycle function. @see ATLASSIAN.md §3 */
import type { SignedRequest } from '../../shared/ports.ts';
import { verdict } from '../../shared/verdict.ts';
import type { Verdict } from '../../shared/verdict.ts';
import type { EdgeAnswer, EdgeRequest, Route } from '../edge.ts';
import { descriptorOf } from './descriptor.ts';
import { isAfterUninstall, setEnabled } from './enable.ts';
import { install } from './install.ts';
import { leave } from './leave.ts';
import type { LifecyclePorts, LifecycleSettings } from './ports.ts';

/** The descriptor and the four calls of a site's life. Signed installs and uninstalls prove themselves. */
export function lifecycleRoutes(ports: LifecyclePorts, settings: LifecycleSettings): readonly Route[] {
  const { connect } = ports.doors;
  return [
    {
      method: 'GET',
      path: '/atlassian-connect.json',
      policy: 'public',
      handle: async () => ({ verdict: verdict('done'), body: descriptorOf(settings) }),
    },
    {
      method: 'POST',
      path: '/lifecycle/installed',
      policy: 'own',
      handle: async (request) =>
        empty(await install(ports, settings, await connect.verifyInstall(signed(request), request.body))),
    },
    {
      method: 'POST',
      path: '/lifecycle/uninstalled',
      policy: 'own',
      handle: async (request) =>
        empty(await leave(ports, settings, await connect.verifyInstall(signed(request), request.body))),
    },
    {
      method: 'POST',
      path: '/lifecycle/enabled',
      policy: 'site',
      handle: async (request, principal) => empty(await setEnabled(ports, principal, request.body, true)),
    },
    {
      method: 'POST',
      path: '/lifecycle/disabled',
      policy: 'own',
      handle: async (request) => {
        const isUnsigned = request.headers['authorization'] === undefined && !request.query.has('jwt');
        if (isUnsigned && (await isAfterUninstall(ports, request.body))) return empty(verdict('already-done'));
        const principal = await connect.verifySite(signed(request));
        return empty(await setEnabled(ports, principal, request.body, false));
      },
    },
  ];
}

function signed({ method, target, headers }: EdgeRequest): SignedRequest {
  return { method, target, authorization: headers['authorization'] };
}

/** Jira's own framework answers lifecycle calls with 204, and only 200 and 204 count as success. */
function empty(ended: Verdict): EdgeAnswer {
  return { verdict: ended, status: 204 };
}
