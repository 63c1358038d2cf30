/** The port of the service desk: in memory, and over HTTP against a stand-in that judges by the documented contract. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeskStandIn } from '../../infra/local/desk/standIn.ts';
import { createHttp } from '../../shared/http.ts';
import { MemoryDesk } from '../../shared/memory/desk.ts';
import { reportId } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import { createDesk, noDesk } from '../../shared/outside/desk.ts';
import type { Desk, TicketAsk } from '../../shared/ports.ts';
import { processors, registerOf } from '../../shared/retention/processors.ts';

const HOST = 'support.desk.example';
const AGENT = { user: mailAddress('agent@twinline.example'), token: 'token-of-the-agent' };
const PLACE = { deskId: '7', requestType: '21' };
const MARKER = reportId('s-00000001');
const ask = (over: Partial<TicketAsk> = {}): TicketAsk => ({
  marker: MARKER,
  isFirst: true,
  onBehalfOf: mailAddress('ann@customer.example'),
  summary: `Twinline report ${MARKER}`,
  text: 'It does not sync.',
  ...over,
});
/** Opens one that the desk takes. */
async function opened(desk: Desk, over: Partial<TicketAsk> = {}): Promise<string> {
  const ending = await desk.open(ask(over));
  if (ending === 'desk-refused') throw new Error('refused');
  return ending.ticket;
}
const parties = {
  desk: { name: 'Atlassian', region: 'EU', host: HOST, agreement: 'x', since: '2026-11-23' },
} as const;

interface Desks {
  readonly desk: Desk;
  readonly close: (ticket: string, at: number) => void;
  readonly down: () => void;
  readonly forbid: () => void;
  readonly tickets: () => number;
}

let now = 1_000_000;
let standIn: DeskStandIn;
let overHttp: Desk;

beforeEach(async () => {
  standIn = new DeskStandIn({ ...AGENT, ...PLACE, now: () => now });
  const port = await standIn.listen();
  const register = registerOf({ residency: 'be+zrh', parties });
  const http = createHttp({ register, localHosts: { [`https://${HOST}`]: `http://127.0.0.1:${port}` } });
  overHttp = createDesk(http, { host: HOST, ...AGENT, ...PLACE });
});
afterEach(async () => {
  await standIn.close();
  expect(standIn.violations).toEqual([]);
});

function inMemory(): Desks {
  const desk = new MemoryDesk();
  const close = (ticket: string, at: number): void => {
    const found = desk.tickets.find((one) => one.ticket === ticket);
    if (found !== undefined) found.closedAt = at;
  };
  return {
    desk,
    close,
    down: () => (desk.trouble = 'down'),
    forbid: () => (desk.trouble = 'refuses'),
    tickets: () => desk.tickets.length,
  };
}

function real(): Desks {
  return {
    desk: overHttp,
    close: (ticket, at) => {
      now = at;
      standIn.resolve(ticket);
    },
    down: () => (standIn.fails = { status: 503, after: false }),
    forbid: () => (standIn.mayDelete = false),
    tickets: () => standIn.requests.length,
  };
}

describe.each([
  ['in memory', inMemory],
  ['over HTTP', real],
])('the desk %s', (_name, make) => {
  test('opens a ticket once for each marker, and says how it stands until it is erased', async () => {
    const { desk, close, tickets } = make();
    const ticket = await opened(desk);
    expect(ticket).toMatch(/^SUP-\d+$/);
    expect(await opened(desk, { isFirst: false })).toBe(ticket);
    expect(tickets()).toBe(1);
    expect(await desk.look(ticket)).toEqual({ state: 'open' });
    close(ticket, 2_000_000);
    expect(await desk.look(ticket)).toEqual({ state: 'closed', closedAt: 2_000_000 });
    expect(await desk.erase(ticket)).toBe('gone');
    expect(await desk.erase(ticket)).toBe('gone');
    expect(await desk.look(ticket)).toEqual({ state: 'gone' });
    expect(tickets()).toBe(0);
  });

  test('says plainly when it is away, and when it keeps a ticket', async () => {
    const { desk, down, forbid, tickets } = make();
    const ticket = await opened(desk);
    forbid();
    expect(await desk.erase(ticket)).toBe('desk-refused');
    expect(tickets()).toBe(1);
    down();
    await expect(desk.open(ask({ marker: reportId('s-00000002') }))).rejects.toMatchObject({
      code: 'desk-unavailable',
    });
    await expect(desk.look(ticket)).rejects.toMatchObject({ code: 'desk-unavailable' });
    await expect(desk.erase(ticket)).rejects.toMatchObject({ code: 'desk-unavailable' });
  });
});

test('the desk over HTTP raises the request in the name of whoever has the address, known before or not', async () => {
  const first = await opened(overHttp);
  const other = { marker: reportId('s-00000002'), summary: 'Twinline report s-00000002' };
  const second = await opened(overHttp, other);
  expect(first).not.toBe(second);
  expect(standIn.customers).toHaveLength(1);
  expect(standIn.requests.map(({ reporter }) => reporter.email)).toEqual([
    'ann@customer.example',
    'ann@customer.example',
  ]);
  expect(standIn.requests[0]?.fields).toEqual({
    summary: `Twinline report ${MARKER}`,
    description: 'It does not sync.',
  });
});

test('a ticket whose answer was lost is found again, and no second one is opened', async () => {
  await overHttp.open(ask({ marker: reportId('s-00000009'), summary: 'Twinline report s-00000009' }));
  standIn.fails = { status: 504, after: true, on: 'createCustomerRequest' };
  await expect(overHttp.open(ask())).rejects.toMatchObject({ code: 'desk-unavailable' });
  standIn.fails = undefined;
  expect(standIn.requests).toHaveLength(2);
  const ticket = await opened(overHttp, { isFirst: false });
  expect(await opened(overHttp, { isFirst: false })).toBe(ticket);
  expect(standIn.requests).toHaveLength(2);
});

test('a wrong token is trouble, never a refusal for good; a host that nobody registered is not called', async () => {
  const register = registerOf({ residency: 'be+zrh', parties });
  const http = createHttp({ register, localHosts: { 'https://x.example': 'http://127.0.0.1:1' } });
  const strange = createDesk(createHttp({ register: processors, localHosts: {} }), { host: HOST, ...AGENT, ...PLACE });
  await expect(strange.open(ask())).rejects.toMatchObject({ code: 'host-not-registered' });
  await expect(createDesk(http, { host: HOST, ...AGENT, ...PLACE }).open(ask())).rejects.toMatchObject({
    code: 'desk-unavailable',
  });
  await expect(noDesk.open(ask())).rejects.toMatchObject({ code: 'desk-unavailable' });
});
