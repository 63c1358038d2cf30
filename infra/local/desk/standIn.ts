/**
 * A stand-in for one project of Jira Service Management: requests in customers' names, over real HTTP, judged by the documented
 * contract. Imports nothing of ours.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { operations } from './contract.ts';
import type { DeskOperation } from './contract.ts';

/** Who may call, and which project there is. */
export interface DeskStandInSettings {
  readonly user: string;
  readonly token: string;
  readonly deskId: string;
  readonly requestType: string;
  readonly now: () => number;
}

interface Customer {
  readonly accountId: string;
  readonly email: string;
}
interface Request {
  readonly key: string;
  readonly id: string;
  readonly reporter: Customer;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  closedAt?: number | undefined;
}
interface Answer {
  readonly status: number;
  readonly body?: unknown;
}
interface Call {
  readonly operation: DeskOperation;
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export class DeskStandIn {
  readonly requests: Request[] = [];
  readonly customers: Customer[] = [];
  /** What was asked or answered against the contract; a test must find it empty. */
  readonly violations: string[] = [];
  /** Names of the operations, in order. */
  readonly calls: string[] = [];
  /** Answers every call, or those of one operation, with this status; an answer that gets lost comes after the work. */
  fails: { readonly status: number; readonly after: boolean; readonly on?: string } | undefined;
  /** Set to take the permission to delete away. */
  mayDelete = true;
  readonly #settings: DeskStandInSettings;
  #server: Server | undefined;
  #count = 0;

  constructor(settings: DeskStandInSettings) {
    this.#settings = settings;
  }

  /** Listens on this computer; answers the port. */
  async listen(): Promise<number> {
    const server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server !== undefined) await new Promise((resolve) => void server.close(resolve));
  }

  /** Tickets and customers, to be there again after the next start. */
  exportState(): string {
    return JSON.stringify({ count: this.#count, requests: this.requests, customers: this.customers });
  }

  importState(text: string): void {
    const kept = JSON.parse(text) as { count: number; requests: Request[]; customers: Customer[] };
    this.#count = kept.count;
    this.requests.push(...kept.requests);
    this.customers.push(...kept.customers);
  }

  /** An agent moves the request to a status of the category Done. */
  resolve(key: string): void {
    const found = this.requests.find((one) => one.key === key);
    if (found !== undefined) found.closedAt = this.#settings.now();
  }

  async #answer(incoming: IncomingMessage): Promise<Answer> {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const text = await bodyOf(incoming);
    const operation = operations.find(({ method, path }) => method === incoming.method && path.test(url.pathname));
    if (operation === undefined) return this.#broken(`${incoming.method ?? ''} ${url.pathname}`, 404);
    this.calls.push(operation.name);
    if (incoming.headers.authorization !== this.#basic()) return refusal(401, 'Client must be authenticated');
    const needed = Object.entries(operation.needs ?? {}).find(([name, value]) => incoming.headers[name] !== value);
    if (needed !== undefined) return this.#broken(`${operation.name} without ${needed[0]}`, 412);
    const query: Readonly<Record<string, string>> = Object.fromEntries(url.searchParams);
    if (!operation.query.safeParse(query).success) return this.#broken(`${operation.name} query`, 400);
    if (operation.body === undefined && text !== '') return this.#broken(`${operation.name} takes no body`, 400);
    const body = operation.body?.safeParse(text === '' ? undefined : (JSON.parse(text) as unknown));
    if (body?.success === false) return this.#broken(`${operation.name} body`, 400);
    const fails = (this.fails?.on ?? operation.name) === operation.name ? this.fails : undefined;
    if (fails?.after === false) return refusal(fails.status, 'fails');
    const id = decodeURIComponent(operation.path.exec(url.pathname)?.[1] ?? '');
    const given = body?.data;
    const answer = this.#work({ operation, id, query, body: isRecord(given) ? given : {} });
    this.#judge(operation, answer);
    return fails === undefined ? answer : refusal(fails.status, 'fails');
  }

  #basic(): string {
    return `Basic ${Buffer.from(`${this.#settings.user}:${this.#settings.token}`).toString('base64')}`;
  }

  #broken(what: string, status: number): Answer {
    this.violations.push(what);
    return refusal(status, what);
  }

  #judge({ name, answers }: DeskOperation, { status, body }: Answer): void {
    const schema = answers[status];
    const isFit = schema === null ? body === undefined : schema?.safeParse(body).success === true;
    if (!isFit) this.violations.push(`${name} answers ${status} out of its shape`);
  }

  #work(call: Call): Answer {
    switch (call.operation.name) {
      case 'getCustomers':
        return this.#getCustomers(call);
      case 'createCustomer':
        return this.#createCustomer(call);
      case 'createCustomerRequest':
        return this.#createRequest(call);
      case 'getCustomerRequests':
        return this.#search(call);
      case 'getCustomerRequestByIdOrKey': {
        const found = this.requests.find(({ key, id }) => key === call.id || id === call.id);
        return found === undefined
          ? refusal(404, 'The request does not exist')
          : { status: 200, body: this.#shown(found) };
      }
      default:
        return this.#delete(call);
    }
  }

  #getCustomers({ id, query }: Call): Answer {
    if (id !== this.#settings.deskId) return refusal(404, 'The service desk does not exist');
    const sought = (query['query'] ?? '').toLowerCase();
    const found = this.customers.filter(({ email }) => email.toLowerCase().includes(sought));
    return { status: 200, body: page(found.map(userOf), query) };
  }

  #createCustomer({ body }: Call): Answer {
    const email = textIn(body, 'email');
    if (this.customers.some((one) => one.email.toLowerCase() === email.toLowerCase()))
      return refusal(400, 'An account already exists for this email');
    const customer = { accountId: `qm:00000000-0000-4000-8000-000000000000:${(this.#count += 1)}`, email };
    this.customers.push(customer);
    return { status: 201, body: userOf(customer) };
  }

  #createRequest({ body }: Call): Answer {
    const { deskId, requestType, now } = this.#settings;
    if (textIn(body, 'serviceDeskId') !== deskId) return refusal(404, 'The service desk does not exist');
    if (textIn(body, 'requestTypeId') !== requestType) return refusal(400, 'The request type does not exist');
    const fields = isRecord(body['requestFieldValues']) ? body['requestFieldValues'] : {};
    if (typeof fields['summary'] !== 'string' || /[\r\n]/.test(fields['summary'])) return refusal(400, 'Summary');
    const named = textIn(body, 'raiseOnBehalfOf');
    // Documented as an account id; an address is none.
    const reporter = this.customers.find(({ accountId }) => accountId === named);
    if (reporter === undefined) return refusal(400, 'The customer does not exist');
    this.#count += 1;
    const request = { key: `SUP-${this.#count}`, id: String(10_000 + this.#count), reporter, fields };
    const made: Request = { ...request, createdAt: now(), closedAt: undefined };
    this.requests.push(made);
    return { status: 201, body: this.#shown(made) };
  }

  #search({ query }: Call): Answer {
    const term = query['searchTerm'] ?? '';
    // Without ownership of all, an agent sees its own requests only.
    const isAll = query['requestOwnership'] === 'ALL_REQUESTS';
    const found = isAll ? this.requests.filter(({ fields }) => JSON.stringify(fields).includes(term)) : [];
    return {
      status: 200,
      body: page(
        found.map((one) => this.#shown(one)),
        query,
      ),
    };
  }

  #delete({ id }: Call): Answer {
    if (!this.mayDelete) return refusal(403, 'You do not have permission to delete issues in this project.');
    const at = this.requests.findIndex(({ key }) => key === id);
    if (at < 0) return refusal(404, 'Issue does not exist or you do not have permission to see it.');
    this.requests.splice(at, 1);
    return { status: 204 };
  }

  #shown({ key, id, reporter, fields, createdAt, closedAt }: Request): unknown {
    const { deskId, requestType } = this.#settings;
    return {
      ...{ _expands: [], issueId: id, issueKey: key, requestTypeId: requestType, serviceDeskId: deskId },
      createdDate: dateOf(createdAt),
      reporter: userOf(reporter),
      requestFieldValues: Object.entries(fields).map(([fieldId, value]) => ({ fieldId, label: fieldId, value })),
      currentStatus: {
        status: closedAt === undefined ? 'Waiting for support' : 'Resolved',
        statusCategory: closedAt === undefined ? 'INDETERMINATE' : 'DONE',
        statusDate: dateOf(closedAt ?? createdAt),
      },
      _links: {},
    };
  }
}

function userOf({ accountId, email }: Customer): unknown {
  return { accountId, emailAddress: email, displayName: email, active: true, _links: {} };
}

function dateOf(at: number): unknown {
  const iso8601 = new Date(at).toISOString();
  return { iso8601, jira: iso8601, friendly: iso8601, epochMillis: at };
}

function page(all: readonly unknown[], query: Readonly<Record<string, string>>): unknown {
  const start = Number(query['start'] ?? 0);
  const limit = Math.min(50, Number(query['limit'] ?? 50));
  const values = all.slice(start, start + limit);
  const isLastPage = start + values.length >= all.length;
  return { _expands: [], size: values.length, start, limit, isLastPage, _links: {}, values };
}

function refusal(status: number, errorMessage: string): Answer {
  return { status, body: { errorMessage, i18nErrorMessage: {} } };
}

function textIn(of: Readonly<Record<string, unknown>>, name: string): string {
  const value = of[name];
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}
