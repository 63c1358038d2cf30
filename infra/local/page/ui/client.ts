import type { Refusal } from '../api.ts';

/** A refusal that the page shows as it is. */
export class Refused extends Error {
  readonly code: string;

  constructor(refusal: Refusal) {
    super(refusal.says);
    this.name = 'Refused';
    this.code = refusal.code;
  }
}

/**
 * Asks the local server.
 * @throws Refused with the server's code and sentence
 */
export async function ask<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/local${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as T | Refusal;
  if (!response.ok) throw new Refused(answer as Refusal);
  return answer as T;
}
