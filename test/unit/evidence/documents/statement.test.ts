import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { functions, subscriptions } from '../../../../infra/topology.ts';
import { BACKUP_DAYS, PERIOD_MS, RPO_MS } from '../../../../shared/backup/schedule.ts';
import { LIMITS, readConfig } from '../../../../shared/config.ts';
import { cookies } from '../../../../shared/evidence/documents/cookies.ts';
import { documentIds, linksOf } from '../../../../shared/evidence/documents/document.ts';
import type { Document } from '../../../../shared/evidence/documents/document.ts';
import { features, residencies } from '../../../../shared/evidence/documents/facts.ts';
import { committedDocuments, documentOf } from '../../../../shared/evidence/documents/library.ts';
import { documentFrom, markdownOf } from '../../../../shared/evidence/documents/markdown.ts';
import { paths } from '../../../../shared/evidence/documents/paths.ts';
import { statementOf } from '../../../../shared/evidence/documents/statement.ts';
import { categoriesOf, flatFields, hasWords, wordsOf } from '../../../../shared/evidence/documents/words.ts';
import { alarmOf, HARD_DAYS } from '../../../../shared/retention/alarms.ts';
import { categories, rowOf } from '../../../../shared/retention/catalogue.ts';
import { answerTimes, deadlines, residues } from '../../../../shared/retention/deadlines.ts';
import { measures } from '../../../../shared/retention/measures.ts';
import { NOTICE_DAYS, registerOf } from '../../../../shared/retention/processors.ts';
import { nextTenancy } from '../../../../shared/retention/tenancy.ts';
import { tenantId } from '../../../../shared/model/ids.ts';

const root = resolve(import.meta.dirname, '../../../..');
const everything = {
  backups: true,
  mail: true,
  support: true,
  identity: true,
  earlyDeletion: true,
  export: true,
  people: true,
  staffAccess: true,
};
const parties = {
  google: { agreement: 'CDPA 1' },
  mail: { name: 'Mailer', region: 'Germany', host: 'smtp.mailer.example', agreement: 'M-1', since: '2026-11-23' },
  offline: { agreement: 'R-1', since: '2026-11-23' },
};
const registered = (residency: (typeof residencies)[number]) => registerOf({ residency, parties });
/** Every document in every shape that it can have. */
const all: readonly Document[] = residencies.flatMap((residency) =>
  [features, everything].flatMap((is) =>
    documentIds.map((id) => documentOf(id, { residency, features: is }, registered(residency))),
  ),
);
const statement = markdownOf(statementOf({ residency: 'be+zrh', features }));
const full = markdownOf(statementOf({ residency: 'be+zrh', features: everything }));
const european = markdownOf(statementOf({ residency: 'eu', features: everything }));

describe('the statement', () => {
  test.each(categories)(
    'P10 tells of %s: what it is called, what it holds, its purpose and every field',
    (category) => {
      expect(hasWords(category), 'words.ts has none').toBe(true);
      expect(statement).toContain(`| ${wordsOf(category).name} | `);
      expect(statement).toContain(`### ${wordsOf(category).name} (${category})`);
      const { purpose, fields } = rowOf(category);
      expect(statement).toContain(purpose);
      for (const { name } of flatFields(fields)) expect(statement).toContain(`| ${name} | `);
    },
  );

  test('P10 gives no two kinds of data one name', () => {
    expect(new Set(categories.map((category) => wordsOf(category).name)).size).toBe(categories.length);
  });

  test('P11 says the numbers that the code keeps', () => {
    expect(deadlines.liveDays).toBe(LIMITS.liveDays);
    expect(deadlines.copyDays).toBe(LIMITS.copyDays);
    // Configuration may only shorten them.
    const base = { TWINLINE_MODE: 'local', TWINLINE_BASE_URL: 'https://twinline.example' };
    expect(() => readConfig({ ...base, TWINLINE_LIVE_DAYS: String(deadlines.liveDays + 1) })).toThrow('config-invalid');
    expect(() => readConfig({ ...base, TWINLINE_COPY_DAYS: String(deadlines.copyDays + 1) })).toThrow('config-invalid');
    // What stays behind the live data fits into the budget of 120, 155 and 180 days.
    expect(deadlines.liveDays + residues.backupKeptDays).toBeLessThanOrEqual(deadlines.backupsDays);
    expect(deadlines.liveDays + residues.logDays).toBeLessThanOrEqual(deadlines.backupsDays);
    expect(residues.backupKeptDays).toBe(BACKUP_DAYS);
    expect(Math.max(PERIOD_MS, RPO_MS)).toBeLessThanOrEqual(residues.backupEveryHours * 3_600_000);
    expect(deadlines.hardStopDays).toBe(HARD_DAYS);
    const day = 86_400_000;
    const unfinished = { markedAt: 0, dueAt: deadlines.liveDays * day };
    expect(alarmOf(unfinished, deadlines.alarmDays * day)?.code).toBe('deletion-late');
    expect(alarmOf(unfinished, deadlines.alarmDays * day - 1)?.code).not.toBe('deletion-late');
    expect(deadlines.alarmDays).toBeLessThan(deadlines.backupsDays);
    expect(deadlines.backupsDays).toBeLessThan(deadlines.hardStopDays);
    expect(subscriptions.every(({ retentionSeconds }) => retentionSeconds <= residues.messageDays * 86_400)).toBe(true);
    const tenancy = {
      tenant: tenantId('t-00000001'),
      generation: 1,
      state: 'active',
      enabled: true,
      licensed: true,
    } as const;
    const asked = nextTenancy(tenancy, { kind: 'leave', evidence: 'requested' }, 0, { liveDays: LIMITS.liveDays });
    expect(asked.tenancy?.dueAt).toBe(deadlines.requestLiveHours * 3_600_000);
  });

  test('P11 shows each of these numbers', () => {
    for (const days of [deadlines.copyDays, deadlines.liveDays, deadlines.hardStopDays, deadlines.requestDays])
      expect(statement).toContain(`${days} days`);
    for (const hours of [deadlines.requestLiveHours, deadlines.requestUnreadableHours, answerTimes.disclosureHours])
      expect(statement).toContain(`${hours} hours`);
    expect(statement).toContain(`${NOTICE_DAYS} days`);
    expect(full).toContain(`${deadlines.backupsDays} days`);
    expect(full).toContain(`${residues.backupKeptDays} days`);
    expect(full).toContain(`${deadlines.identityHours} hours`);
  });

  test('P12 tells of a part of the product exactly when it is there', () => {
    const isThere = (path: string): boolean => existsSync(resolve(root, path));
    const names: readonly string[] = functions.map(({ name }) => name);
    expect(features).toEqual({
      backups: names.includes('backup'),
      mail: names.includes('notify'),
      support: categoriesOf('support').length > 0,
      identity: categoriesOf('identity').length > 0,
      earlyDeletion: isThere('functions/console/deletion.ts'),
      export: isThere('functions/console/export.ts'),
      people: isThere('functions/console/people.ts'),
      staffAccess: isThere('infra/cli/staff.ts'),
    });
  });

  test('P13 publishes the exception for backups in Zurich, and only where it applies', () => {
    expect(full).toContain('Zurich is outside the European Union');
    expect(full).toContain('data residency for the EU: these backups are the one exception');
    expect(european).not.toContain('Zurich');
    expect(european).toContain('the Netherlands');
  });

  test('P14 is written for people: no word of the house, no long sentence', () => {
    const prose = full.slice(0, full.indexOf('## In detail: every stored field'));
    for (const word of [
      'tenant',
      'twin ',
      'twins',
      'generation',
      'lease',
      'verdict',
      'catalogue',
      'tombstone',
      'fenced',
      'webhook',
    ])
      expect(prose.toLowerCase(), word).not.toContain(word);
    const sentences = prose
      .split('\n')
      .filter((line) => line !== '' && !/^[|#-]/.test(line))
      .flatMap((line) => line.split(/(?<=[.:;!?])\s+/));
    const long = sentences.filter((sentence) => sentence.split(/\s+/).length > 45);
    expect(long).toEqual([]);
  });
});

describe('all documents', () => {
  test('P15 hold no placeholder and nothing unset', () => {
    for (const document of all) {
      const text = markdownOf(document);
      expect(text, document.id).not.toMatch(/undefined|NaN|\[object|TODO|TBD|XXX|lorem/);
      expect(text, document.id).not.toMatch(/\|\s{2,}\|/);
    }
  });

  test('P15 lead only to pages that exist', () => {
    const known = new Set<string>(Object.values(paths));
    for (const document of all) {
      const anchors = document.sections.map(
        ({ title }) =>
          `#${title
            .toLowerCase()
            .replace(/[^a-z0-9]+/g, '-')
            .replace(/^-|-$/g, '')}`,
      );
      expect(
        linksOf(document).filter((href) => !known.has(href) && !anchors.includes(href)),
        document.id,
      ).toEqual([]);
    }
  });

  test('P16 come back from their archived text as they were', () => {
    for (const document of all) expect(documentFrom(document.id, markdownOf(document))).toEqual(document);
  });

  test('P17 the record, the annexes and the answers name every kind of customer data, every measure and every processor', () => {
    const text = (id: Document['id']): string =>
      markdownOf(documentOf(id, { residency: 'be+zrh', features }, registered('be+zrh')));
    const ofCustomers = categories.filter((category) => rowOf(category).statement !== 'system');
    for (const category of ofCustomers) {
      expect(text('record')).toContain(wordsOf(category).name);
      expect(text('agreement')).toContain(wordsOf(category).name);
    }
    for (const measure of measures) {
      expect(text('security')).toContain(measure.text);
      expect(text('agreement')).toContain(measure.text);
      expect(text('record')).toContain(measure.text);
    }
    for (const id of ['processors', 'record', 'agreement', 'marketplace'] as const)
      for (const name of ['Google Cloud', 'Mailer', 'rsync.net']) expect(text(id), id).toContain(name);
    for (const annex of ['Annex I:', 'Annex II:', 'Annex III:', 'Annex IV:'])
      expect(text('agreement')).toContain(annex);
  });

  test('P18 the register of cookies is complete: no code of ours sets one', () => {
    expect(cookies).toEqual([]);
    const sources = ['functions/edge.ts', 'functions/console/http.ts', 'functions/console/trust.ts'];
    for (const file of sources)
      expect(readFileSync(resolve(root, file), 'utf8').toLowerCase()).not.toContain('set-cookie');
  });

  test('P19 are the same each time they are made', () => {
    const once = committedDocuments(features, documentIds).map(({ key, document }) => [key, markdownOf(document)]);
    const twice = committedDocuments(features, documentIds).map(({ key, document }) => [key, markdownOf(document)]);
    expect(twice).toEqual(once);
  });
});
