import { describe, expect, test } from 'vitest';
import { permitOf } from '../../../shared/mail/consent.ts';
import { marketing, transactional } from '../../../shared/mail/letter.ts';
import type { MarketingLetter, MarketingPermit, TransactionalLetter } from '../../../shared/model/mail.ts';
import { Fault } from '../../../shared/verdict.ts';
import { aNotice, KEEPER, someNews } from '../../kit/letters.ts';

const URL = 'https://twinline.example/mail/unsubscribe/x.y';

function refusal(...given: Parameters<typeof permitOf>): string | undefined {
  try {
    permitOf(...given);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Fault ? thrown.code : 'another error';
  }
}

describe('the two classes', () => {
  test('M3 cannot be written down by hand, nor taken for each other: the compiler refuses it', () => {
    const parts = {
      to: KEEPER,
      subject: 's',
      text: 't',
      html: 'h',
      messageId: '<1@x.example>',
      template: 'marked',
      at: 1,
    };
    // @ts-expect-error a notice comes from `transactional` only
    const byHand: TransactionalLetter = { class: 'transactional', ...parts };
    // @ts-expect-error news come from `marketing` only, which asks for a permit
    const news: MarketingLetter = { class: 'marketing', unsubscribeUrl: URL, ...parts };
    // @ts-expect-error a permit comes from `permitOf` only
    const permit: MarketingPermit = { to: KEEPER, unsubscribeUrl: URL };
    // @ts-expect-error news are no notice
    const asNotice: TransactionalLetter = someNews();
    // @ts-expect-error a notice is no news
    const asNews: MarketingLetter = aNotice();
    const sending = {
      words: { subject: 's', text: 't', html: 'h' },
      messageId: '<1@x.example>',
      template: 'marked',
      at: 1,
    };
    // @ts-expect-error an address is no permit
    const toAnybody = (): MarketingLetter => marketing(KEEPER, sending);
    // @ts-expect-error a permit is no address: what allows news does not choose who gets a notice
    const noticeByPermit = (): TransactionalLetter => transactional(permit, sending);
    expect([byHand, news, permit, asNotice, asNews, toAnybody, noticeByPermit]).toHaveLength(7);
  });
});

describe('who may be sent news', () => {
  const asked = { to: KEEPER, source: 'double-opt-in' } as const;
  const met = { to: KEEPER, source: 'in-person', operator: 'ann' } as const;
  test.each([
    ['nobody asked', undefined, undefined, 'consent-missing'],
    ['the mail with the link was not answered', asked, undefined, 'consent-missing'],
    ['it was confirmed', { ...asked, liveSince: 5 }, undefined, undefined],
    ['it was said in person and recorded', { ...met, liveSince: 5 }, undefined, undefined],
    ['nobody says who recorded it', { ...met, operator: '', liveSince: 5 }, undefined, 'consent-missing'],
    ['it was taken back', { ...asked, liveSince: 5 }, 6, 'unsubscribed'],
    ['it was taken back at the same instant', { ...asked, liveSince: 5 }, 5, 'unsubscribed'],
    ['it was asked for again after that', { ...asked, liveSince: 7 }, 6, undefined],
  ] as const)('M7 %s', (_what, consent, unsubscribedAt, code) => {
    expect(refusal(consent, unsubscribedAt, URL)).toBe(code);
  });
});
