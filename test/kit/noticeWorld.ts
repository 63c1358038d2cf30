/** Connected sites with contacts, the purge and the notify function, over memory ports and a clock that stands still. */
import { notifyHandler } from '../../functions/notify/event.ts';
import type { NotifySettings } from '../../functions/notify/work.ts';
import { MemoryDesk } from '../../shared/memory/desk.ts';
import { MemoryMail } from '../../shared/memory/mail.ts';
import { connectionId, ownerOf, tenantKey } from '../../shared/model/ids.ts';
import { mailAddress } from '../../shared/model/mail.ts';
import type { MailAddress } from '../../shared/model/mail.ts';
import type { Message } from '../../shared/model/message.ts';
import type { TenantRef } from '../../shared/model/tenant.ts';
import type { Mail, MailEnding } from '../../shared/ports.ts';
import type { RecordOf } from '../../shared/retention/catalogue.ts';
import type { Verdict } from '../../shared/verdict.ts';
import { contextOf } from '../../shared/wire/stored.ts';
import { canaryAddress } from './canaries.ts';
import { A, B, clientKeyOf, DAY, PurgeWorld, Stopped } from './purgeWorld.ts';

export const CONNECTION = connectionId('c-00000001');

/** A letter as the server took it. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly id: string;
}

export class NoticeWorld extends PurgeWorld {
  /** What the mail server says of an address; it takes every letter otherwise. */
  answer: (to: MailAddress) => MailEnding | 'down' = () => 'mail-sent';
  mail: Mail;
  readonly desk = new MemoryDesk();
  notifySettings: NotifySettings = {
    baseUrl: 'https://twinline.example',
    copyDays: 30,
    mailKeys: [new Uint8Array(32).fill(9)],
    planned: () => [],
  };
  readonly #server = new MemoryMail({ isMarketingOn: true, answer: (to) => this.answer(to) });

  constructor() {
    super();
    this.mail = this.#server;
    for (const { tenant } of [B])
      this.addons.set(tenant, { isEnabled: true, licence: { isActive: true }, contacts: [] });
    this.settings = { ...this.settings, farewellMs: 4 * 3_600_000 };
  }

  /** A and B are installed and connected; both have a contact. */
  async open(): Promise<this> {
    for (const ref of [A, B]) {
      const owner = ownerOf(ref.tenant, ref.generation);
      await this.keys.make(tenantKey(owner), [owner]);
      await this.enter(ref, clientKeyOf(ref), 'installed', {});
      await this.store.create('tenant', { tenant: ref.tenant }, tenantRow(ref));
      await this.setContact(ref, keeperOf(ref));
    }
    const owners = [ownerOf(A.tenant, 1), ownerOf(B.tenant, 1)];
    const row = { owners, state: 'active', a: A, b: B, activatedAt: this.now, watermarkAt: this.now } as const;
    await this.store.create('connection', { connection: CONNECTION }, row);
    this.calls = 0;
    return this;
  }

  async setContact(ref: TenantRef, address: MailAddress): Promise<void> {
    const owner = ownerOf(ref.tenant, ref.generation);
    const sealed = await this.keys.seal(tenantKey(owner), contextOf('contact.address', owner), address);
    const row = { owners: [owner], address: sealed, source: 'atlassian', since: this.now } as const;
    const place = { tenant: ref.tenant, generation: String(ref.generation) };
    await this.store.transact(async (transaction) => transaction.put('contact', place, row));
  }

  async removeContact(ref: TenantRef): Promise<void> {
    await this.store.remove('contact', { tenant: ref.tenant, generation: String(ref.generation) });
  }

  /** A customer comes back, ledger first. */
  async comeBack(ref: TenantRef): Promise<void> {
    const { number } = await this.enter(ref, clientKeyOf(ref), 'returned', {});
    const bare = { markedAt: undefined, evidence: undefined, dueAt: undefined };
    await this.change(ref, { state: 'active', ...bare, ledgerNumber: number });
    await this.notify({ kind: 'tenant-change', ...ref, what: 'returned', at: this.now });
  }

  /** A leaves, and the house hears of it. */
  async leave(ref: TenantRef, evidence: 'uninstalled' | 'licence-ended' | 'requested' = 'uninstalled'): Promise<void> {
    await this.mark(ref, evidence);
    await this.notify({ kind: 'tenant-change', ...ref, what: 'marked', at: this.now });
  }

  notify(message: Message): Promise<Verdict> {
    const { clock, ids, store, keys, bus, log } = this.ports;
    return notifyHandler(
      { clock, ids, store, keys, bus, log, mail: this.mail, desk: this.desk },
      this.notifySettings,
    )(message);
  }

  /** A notice, delivered. */
  hint(ref: TenantRef, what: 'marked' | 'purging' | 'due-7' | 'returned'): Promise<Verdict> {
    return this.notify({ kind: 'notice', ...ref, what, at: this.now });
  }

  /** Delivers what waits for the notify function, and what follows from it; what fails is left for the sweep. */
  async deliver(): Promise<void> {
    for (let handled = 0; this.notices.length > 0; handled += 1) {
      if (handled > 1_000) throw new Error('messages without end');
      const [message] = this.notices.splice(0, 1);
      if (message === undefined) continue;
      try {
        await this.notify(message);
      } catch (thrown) {
        if (thrown instanceof Stopped) throw thrown;
        this.faults.push(thrown instanceof Error ? thrown.message : 'unknown');
      }
    }
  }

  /** A tick of the sweep, and the notices that it asks for. */
  async hour(): Promise<void> {
    await this.tick();
    await this.deliver();
    this.now += 3_600_000;
  }

  /** So many days, with a sweep every `every` hours. */
  async days(count: number, every = 6): Promise<void> {
    const end = this.now + count * DAY;
    while (this.now < end) {
      await this.hour();
      this.now = Math.min(end, this.now + (every - 1) * 3_600_000);
    }
  }

  letters(): readonly Letter[] {
    return this.#server.sent.map(({ letter: { to, subject, text, messageId } }) => ({
      to,
      subject,
      text,
      id: messageId,
    }));
  }

  /** Letters to one site's contact, by subject. */
  subjectsTo(ref: TenantRef): readonly string[] {
    return this.letters()
      .filter(({ to }) => to === keeperOf(ref))
      .map(({ subject }) => subject);
  }

  /** States of a tenant's notices, by kind. */
  async stateOf(ref: TenantRef): Promise<Readonly<Record<string, string>>> {
    const { items } = await this.store.list('notice', { tenant: ref.tenant }, { limit: 100 });
    return Object.fromEntries(items.map(({ row }) => [row.what, row.state]));
  }
}

/** The contact of a site. */
export function keeperOf({ tenant }: TenantRef): MailAddress {
  return mailAddress(canaryAddress(`keeper-of-${tenant}`));
}

function tenantRow(ref: TenantRef): RecordOf<'tenant'> {
  return {
    owners: [ownerOf(ref.tenant, ref.generation)],
    generation: ref.generation,
    state: 'active',
    enabled: true,
    licensed: true,
    door: 'connect',
    addonKey: 'app.twinline',
    productType: 'jira',
    clientKey: clientKeyOf(ref),
    baseUrl: `https://${ref.tenant}.atlassian.net`,
    installedAt: 0,
    ledgerNumber: 1,
  };
}
