import { describe, expect, test } from 'vitest';
import { messageIdOf, noticeWords } from '../../../shared/mail/notices.ts';
import type { NoticeFacts } from '../../../shared/mail/notices.ts';
import { checkLetter, transactional } from '../../../shared/mail/letter.ts';
import { noticeKinds } from '../../../shared/model/notice.ts';
import { KEEPER } from '../../kit/letters.ts';

const frame = { site: 'customer.atlassian.net', baseUrl: 'https://twinline.example' };
const at = Date.UTC(2026, 2, 1, 14, 30);
const DAY = 86_400_000;
const dueAt = at + 120 * DAY;

const all: readonly NoticeFacts[] = [
  { what: 'marked', evidence: 'uninstalled', markedAt: at, copiesAt: at + 30 * DAY, dueAt },
  { what: 'marked', evidence: 'licence-ended', markedAt: at, copiesAt: at + 30 * DAY, dueAt },
  { what: 'marked', evidence: 'probes-failed', markedAt: at, copiesAt: at + 30 * DAY, dueAt },
  { what: 'deletion-requested', markedAt: at, dueAt: at + 3 * DAY },
  { what: 'due-30', dueAt },
  { what: 'due-7', dueAt },
  { what: 'returned', dueAt },
  { what: 'purging', receipt: 'r-00000001', dueAt },
  { what: 'partner-left', connection: 'c-00000001', dueAt },
  { what: 'partner-back', connection: 'c-00000001' },
  { what: 'incident', reference: 'INC-7', from: at, until: at + DAY, categories: ['twin', 'half'] },
  { what: 'processors-change', name: 'A & B <Mail>', purpose: 'carries mails', region: 'Frankfurt', from: dueAt },
];
const named = all.map((facts) => [facts.what + ('evidence' in facts ? ` (${facts.evidence})` : ''), facts] as const);

describe('the text of a notice', () => {
  test.each(named)('M12 is as it was read and agreed: %s', (_name, facts) => {
    const { subject, text, html } = noticeWords(frame, facts);
    expect(`Subject: ${subject}\n\n${text}`).toMatchSnapshot('text');
    expect(html).toMatchSnapshot('html');
  });

  test('M12 is there for every kind that can be mailed', () => {
    const byReceiptAlone = ['purged', 'backups-gone'];
    expect(new Set([...all.map(({ what }) => what), ...byReceiptAlone])).toEqual(new Set(noticeKinds));
  });

  test.each(named)('M13 holds no marketing, no way out, no picture and no address but ours: %s', (_name, facts) => {
    const { subject, text, html } = noticeWords(frame, facts);
    for (const part of [subject, text, html]) {
      expect(part).not.toMatch(
        /unsubscrib|newsletter|news by|offer|discount|upgrade|trial|sale|feature|recommend|social|follow us/i,
      );
      expect(part).not.toMatch(/<img|<style|<script|<link|\son\w+=|javascript:|utm_/i);
      const addresses = [...part.matchAll(/https?:\/\/[^\s"<>]+/g)].map(([address]) => new URL(address).origin);
      expect(addresses.filter((origin) => origin !== frame.baseUrl)).toEqual([]);
    }
    checkLetter(
      transactional(KEEPER, {
        words: { subject, text, html },
        messageId: messageIdOf('n', frame.baseUrl),
        template: 'marked',
        at,
      }),
      {
        isMarketingOn: false,
      },
    );
  });

  test('M12 shows values as text, whatever they hold', () => {
    const html = noticeWords(frame, all.at(-1)!).html;
    expect(html).toContain('A &amp; B &lt;Mail&gt;');
  });

  test('M6 gives a letter an id that is made from the notice alone', () => {
    expect(messageIdOf('t-1.1.marked.7', frame.baseUrl)).toBe(messageIdOf('t-1.1.marked.7', frame.baseUrl));
    expect(messageIdOf('t-1.1.marked.7', frame.baseUrl)).not.toBe(messageIdOf('t-1.1.marked.8', frame.baseUrl));
    expect(messageIdOf('t-1.1.marked.7', frame.baseUrl)).toMatch(/^<[0-9a-f]{32}@twinline\.example>$/);
  });
});
