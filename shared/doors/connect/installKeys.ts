/** Fetches and keeps the public keys that Atlassian signs installs with. */
import type { KeyObject } from 'node:crypto';
import { keyServersOf, keyUrl } from '../../auth/installHosts.ts';
import { readPublicKey } from '../../auth/jwt.ts';
import type { Http, HttpAnswer } from '../../http.ts';
import type { Clock } from '../../ports.ts';
import { Fault, toFault } from '../../verdict.ts';

/** A 4,096 bit key has 800 bytes in PEM. */
const MAX_PEM_BYTES = 8_192;
/** Short, so that a key that Atlassian takes back is not trusted for long. */
const KEEP_MS = 5 * 60_000;
/** Atlassian has a handful; the bound is against key ids that somebody makes up. */
const MAX_KEPT = 16;
/** Two servers are asked in turn, and the install has to be answered in ten seconds. */
const DEADLINE_MS = 4_000;

/** Finds install keys. */
export interface InstallKeys {
  /**
   * The key of this id on the servers that vouch for this site.
   * @throws Fault `host-refused`, `token-key-unknown`, `outside-unavailable` when no server answers
   */
  find(baseUrl: string, keyId: string | undefined): Promise<KeyObject>;
}

/** Keys are kept per address, so that one family's key never vouches for another's site. */
export function createInstallKeys(ports: { readonly http: Http; readonly clock: Clock }): InstallKeys {
  const kept = new Map<string, { readonly key: KeyObject; readonly until: number }>();

  async function fetchKey(url: string): Promise<KeyObject | undefined> {
    const known = kept.get(url);
    if (known !== undefined && ports.clock.now() < known.until) return known.key;
    const answer = await ports.http.send({
      method: 'GET',
      url,
      headers: { accept: '*/*' },
      deadlineMs: DEADLINE_MS,
      maxBytes: MAX_PEM_BYTES,
    });
    const pem = pemIn(answer);
    if (pem === undefined) return undefined;
    const key = readPublicKey(pem);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(url, { key, until: ports.clock.now() + KEEP_MS });
    return key;
  }

  return {
    find: async (baseUrl, keyId) => {
      const urls = keyServersOf(baseUrl).map((server) => keyUrl(server, keyId));
      let silence: Fault | undefined;
      let hasAnswer = false;
      for (const url of urls) {
        try {
          const key = await fetchKey(url);
          if (key !== undefined) return key;
          hasAnswer = true;
        } catch (thrown) {
          const fault = toFault(thrown);
          if (fault.code === 'outside-unavailable') silence = fault;
          else if (fault.code === 'token-key-unknown' || fault.code === 'outside-answer-odd') hasAnswer = true;
          else throw fault;
        }
      }
      // One server that says no is enough: only when nobody answers is a repeat worth asking for.
      throw hasAnswer || silence === undefined ? new Fault('token-key-unknown', { reason: 'not-found' }) : silence;
    },
  };
}

/** @throws Fault `outside-unavailable` for a server in trouble */
function pemIn(answer: HttpAnswer): string | undefined {
  if (answer.status >= 500 || answer.status === 429) throw new Fault('outside-unavailable', { status: answer.status });
  return answer.status === 200 && typeof answer.body === 'string' ? answer.body : undefined;
}
