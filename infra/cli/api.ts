/** A small client of the running product, as the command line uses it: the same API that the pages call. */
import { z } from 'zod';
import { failure } from '../../shared/wire/console.ts';
import type { Failure } from '../../shared/wire/console.ts';

/** The product answered with a refusal or a fault. */
export class Refused extends Error {
  readonly status: number;
  readonly failure: Failure;

  constructor(status: number, told: Failure) {
    super(told.says);
    this.name = 'Refused';
    this.status = status;
    this.failure = told;
  }
}

/** Nobody answers at the address. */
export class Unreachable extends Error {
  constructor(address: string, cause: unknown) {
    super(`Nothing answers at ${address}. Is the local stack running (npm start)?`, { cause });
    this.name = 'Unreachable';
  }
}

interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** Reads the answer; what comes over the network is outside data. */
  readonly reads: z.ZodType<T>;
  readonly headers?: Readonly<Record<string, string>>;
}

const minted = z.object({ token: z.string() });

/** Calls one running stack. Every method throws {@link Refused} or {@link Unreachable}. */
export class Api {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address.replace(/\/+$/, '');
  }

  /** Calls the console's API as an admin of a site; the stand-in Jira mints the admin's token. */
  async asAdmin<T>(site: string, call: Call<T>): Promise<T> {
    const { token } = await this.call({ method: 'POST', path: '/local/token', body: { site }, reads: minted });
    return this.call({ ...call, path: `/console/api${call.path}`, headers: { authorization: `JWT ${token}` } });
  }

  /** A text, as an admin of a site. */
  async textAsAdmin(site: string, path: string): Promise<string> {
    const { token } = await this.call({ method: 'POST', path: '/local/token', body: { site }, reads: minted });
    return this.#send({ method: 'GET', path: `/console/api${path}`, headers: { authorization: `JWT ${token}` } });
  }

  async call<T>({ reads, ...call }: Call<T>): Promise<T> {
    const text = await this.#send(call);
    return reads.parse(text === '' ? undefined : JSON.parse(text));
  }

  /** A public document as text. */
  text(path: string): Promise<string> {
    return this.#send({ method: 'GET', path });
  }

  async #send({ method, path, body, headers }: Omit<Call<unknown>, 'reads'>): Promise<string> {
    const response = await this.#fetch(`${this.#address}${path}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
    });
    const text = await response.text();
    if (!response.ok) throw new Refused(response.status, failureOf(text, response.status));
    return text;
  }

  async #fetch(address: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(address, init);
    } catch (cause) {
      throw new Unreachable(this.#address, cause);
    }
  }
}

function failureOf(text: string, status: number): Failure {
  try {
    return failure.parse(JSON.parse(text));
  } catch {
    return { code: `http-${status}`, says: `The server answered ${status}.` };
  }
}
