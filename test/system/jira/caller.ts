import type { Rig } from './standIn.ts';

/** What Jira says when it refuses. */
export interface Refused {
  readonly status: number;
  readonly body: { readonly errorMessages: readonly string[]; readonly errors: Readonly<Record<string, string>> };
}

/** A person calling REST by token. The first three throw for an answer that is no success. */
export interface Caller {
  get(target: string): Promise<unknown>;
  post(target: string, body: unknown): Promise<unknown>;
  put(target: string, body: unknown): Promise<unknown>;
  /** Throws for an answer that is one. */
  refused(method: string, target: string, body?: unknown): Promise<Refused>;
}

/** The n-th person of a site as a caller. */
export function callerOf(rig: Rig, siteName: string, user = 0): Caller {
  const site = rig.jira.sites.find(({ name }) => name === siteName)!;
  const { emailAddress, apiToken } = site.users[user]!;
  const authorization = `Basic ${Buffer.from(`${emailAddress}:${apiToken}`).toString('base64')}`;
  const ask = async (method: string, target: string, body: unknown): Promise<[boolean, number, unknown]> => {
    const response = await fetch(site.address + target, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return [response.ok, response.status, text === '' ? undefined : JSON.parse(text)];
  };
  const succeed = async (method: string, target: string, body?: unknown): Promise<unknown> => {
    const [isOk, status, answer] = await ask(method, target, body);
    if (!isOk) throw new Error(`${method} ${target}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    get: (target) => succeed('GET', target),
    post: (target, body) => succeed('POST', target, body),
    put: (target, body) => succeed('PUT', target, body),
    refused: async (method, target, body) => {
      const [isOk, status, answer] = await ask(method, target, body);
      if (isOk) throw new Error(`${method} ${target}: ${status}`);
      return { status, body: answer as Refused['body'] };
    },
  };
}
