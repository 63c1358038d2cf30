/**
 * The service desk over the REST API of Jira Service Management, called as one agent. Only hosts that the register names are reached.
 * @see https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/
 */
import type { Http, HttpAnswer } from '../http.ts';
import type { MailAddress } from '../model/mail.ts';
import type { Desk, DeskTicket, OpenedTicket, TicketAsk } from '../ports.ts';
import { Fault, toFault } from '../verdict.ts';
import { parseCustomer, parseCustomers, parseOpened, parseRequest, parseRequests } from '../wire/desk.ts';

/** Where the desk is and as whom it is called. */
export interface DeskSettings {
  readonly host: string;
  /** Its number, and that of the kind of request that reports are. */
  readonly deskId: string;
  readonly requestType: string;
  readonly user: MailAddress;
  readonly token: string;
}

/** Without a desk nothing may be asked of it. */
export const noDesk: Desk = {
  isOn: false,
  open: async () => {
    throw new Fault('desk-unavailable', { why: 'off' });
  },
  look: async () => {
    throw new Fault('desk-unavailable', { why: 'off' });
  },
  erase: async () => {
    throw new Fault('desk-unavailable', { why: 'off' });
  },
};

const API = '/rest/servicedeskapi';
/** A desk answers within seconds or not at all; the function has 60 s and makes at most four calls. */
const DEADLINE_MS = 12_000;
const MAX_BYTES = 1_048_576;
/** A search that looks for one marker or one address. */
const PAGE = 50;
/** What a request says that is wrong for good; 401 and 403 are trouble with our own access. */
const REFUSED: ReadonlySet<number> = new Set([400, 409, 413, 422]);

/** The desk. */
export function createDesk(http: Http, settings: DeskSettings): Desk {
  const call = caller(http, settings);
  return {
    isOn: true,
    open: async (ask) => (ask.isFirst ? undefined : await found(call, ask)) ?? open(call, settings, ask),
    look: (ticket) => look(call, ticket),
    erase: (ticket) => erase(call, ticket),
  };
}

type Caller = (
  method: 'GET' | 'POST' | 'DELETE',
  target: string,
  json?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<HttpAnswer>;

function caller(http: Http, { host, user, token }: DeskSettings): Caller {
  const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
  return async (method, target, json, headers = {}) => {
    try {
      const ask = { method, url: `https://${host}${target}`, headers: { authorization, ...headers } };
      const how = { deadlineMs: DEADLINE_MS, maxBytes: MAX_BYTES };
      return await http.send({ ...ask, ...how, ...(json === undefined ? {} : { json }) });
    } catch (thrown) {
      const fault = toFault(thrown);
      if (fault.code === 'host-not-registered') throw fault;
      throw new Fault('desk-unavailable', { why: fault.code }, thrown);
    }
  };
}

/** A ticket that an earlier try has opened: the marker stands in its summary. */
async function found(call: Caller, { marker, summary }: TicketAsk): Promise<OpenedTicket | undefined> {
  const query = new URLSearchParams({
    searchTerm: marker,
    requestOwnership: 'ALL_REQUESTS',
    limit: String(PAGE),
  });
  const answer = await call('GET', `${API}/request?${query.toString()}`);
  if (answer.status !== 200) throw trouble(answer);
  const known = parseRequests(answer.body).find((request) => request.summary === summary);
  return known === undefined ? undefined : { ticket: known.key };
}

async function open(call: Caller, settings: DeskSettings, ask: TicketAsk): Promise<OpenedTicket | 'desk-refused'> {
  const customer = await customerOf(call, settings, ask.onBehalfOf);
  if (customer === 'desk-refused') return customer;
  const answer = await call('POST', `${API}/request`, {
    serviceDeskId: settings.deskId,
    requestTypeId: settings.requestType,
    requestFieldValues: { summary: ask.summary, description: ask.text },
    raiseOnBehalfOf: customer.accountId,
  });
  if (answer.status === 201) return { ticket: parseOpened(answer.body) };
  if (REFUSED.has(answer.status)) return 'desk-refused';
  throw trouble(answer);
}

/** Whom the desk knows under an id of its own. */
interface Customer {
  readonly accountId: string;
}

/** The desk's own id of whoever has this address: a customer that it knows, or a new one. */
async function customerOf(
  call: Caller,
  { deskId }: DeskSettings,
  address: MailAddress,
): Promise<Customer | 'desk-refused'> {
  const query = new URLSearchParams({ query: address, limit: String(PAGE) });
  const target = `${API}/servicedesk/${deskId}/customer?${query.toString()}`;
  const known = await call('GET', target, undefined, { 'x-experimentalapi': 'opt-in' });
  if (known.status !== 200) throw trouble(known);
  const customer = parseCustomers(known.body).find(
    ({ emailAddress }) => emailAddress?.toLowerCase() === address.toLowerCase(),
  );
  if (customer !== undefined) return customer;
  const made = await call('POST', `${API}/customer`, { email: address, displayName: address });
  if (made.status === 201) return parseCustomer(made.body);
  if (REFUSED.has(made.status)) return 'desk-refused';
  throw trouble(made);
}

async function look(call: Caller, ticket: string): Promise<DeskTicket> {
  const answer = await call('GET', `${API}/request/${encodeURIComponent(ticket)}`);
  if (answer.status === 404) return { state: 'gone' };
  if (answer.status !== 200) throw trouble(answer);
  const { isDone, since } = parseRequest(answer.body);
  return isDone ? { state: 'closed', closedAt: since } : { state: 'open' };
}

/** A request is an issue; with it go its comments, files and fields. It counts as gone when it cannot be found any more. */
async function erase(call: Caller, ticket: string): Promise<'gone' | 'desk-refused'> {
  const target = `/rest/api/3/issue/${encodeURIComponent(ticket)}?deleteSubtasks=true`;
  const answer = await call('DELETE', target);
  if (answer.status === 403 || REFUSED.has(answer.status)) return 'desk-refused';
  if (answer.status !== 204 && answer.status !== 404) throw trouble(answer);
  return (await look(call, ticket)).state === 'gone' ? 'gone' : 'desk-refused';
}

function trouble({ status }: HttpAnswer): Fault {
  return new Fault('desk-unavailable', { status });
}
