/** A desk that is nowhere: tickets are kept here, with the promises of a real one. */
import type { Desk, DeskTicket, OpenedTicket, TicketAsk } from '../ports.ts';
import { Fault } from '../verdict.ts';

/** A ticket as it was opened. */
export interface MemoryTicket extends TicketAsk {
  readonly ticket: string;
  closedAt: number | undefined;
}

export class MemoryDesk implements Desk {
  readonly isOn = true;
  readonly tickets: MemoryTicket[] = [];
  /** Set to what the desk shall do instead of answering. */
  trouble: 'down' | 'refuses' | undefined;
  /** How often it was asked anything. */
  asked = 0;
  #count = 0;

  async open(ask: TicketAsk): Promise<OpenedTicket | 'desk-refused'> {
    this.#answer();
    if (this.trouble === 'refuses') return 'desk-refused';
    const known = this.tickets.find(({ marker }) => marker === ask.marker);
    if (known !== undefined) return { ticket: known.ticket };
    const ticket = `SUP-${(this.#count += 1)}`;
    this.tickets.push({ ...ask, ticket, closedAt: undefined });
    return { ticket };
  }

  async look(ticket: string): Promise<DeskTicket> {
    this.#answer();
    const found = this.tickets.find((one) => one.ticket === ticket);
    if (found === undefined) return { state: 'gone' };
    return found.closedAt === undefined ? { state: 'open' } : { state: 'closed', closedAt: found.closedAt };
  }

  async erase(ticket: string): Promise<'gone' | 'desk-refused'> {
    this.#answer();
    if (this.trouble === 'refuses') return 'desk-refused';
    const at = this.tickets.findIndex((one) => one.ticket === ticket);
    if (at >= 0) this.tickets.splice(at, 1);
    return 'gone';
  }

  #answer(): void {
    this.asked += 1;
    if (this.trouble === 'down') throw new Fault('desk-unavailable', { why: 'down' });
  }
}
