import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import archiveFile from '../../../../shared/evidence/documents/archive.json' with { type: 'json' };
import { differenceOf } from '../../../../shared/evidence/documents/difference.ts';
import { documentIds } from '../../../../shared/evidence/documents/document.ts';
import { features } from '../../../../shared/evidence/documents/facts.ts';
import { committedDocuments } from '../../../../shared/evidence/documents/library.ts';
import { markdownOf, textHash } from '../../../../shared/evidence/documents/markdown.ts';
import { pdfOf } from '../../../../shared/evidence/documents/pdf.ts';
import { newestOf, publishAll, registerProblems, takeText } from '../../../../shared/evidence/documents/policy.ts';
import type { PolicyArchive, PolicyRegister, PolicyVersion } from '../../../../shared/evidence/documents/policy.ts';
import registerFile from '../../../../shared/evidence/documents/register.json' with { type: 'json' };

const folder = resolve(import.meta.dirname, '../../../../shared/evidence/documents/published');
const register = registerFile as PolicyRegister;
const archive: PolicyArchive = archiveFile;
const committed = committedDocuments(features, documentIds);
const HOW = 'run `npm run documents`; when the version is published, with --new-version';

describe('what is committed', () => {
  test.each(committed)(
    'P20 $key is what the code says now, under the fingerprint of the register',
    ({ key, document }) => {
      const text = markdownOf(document);
      expect(readFileSync(resolve(folder, `${key}.md`), 'utf8'), HOW).toBe(text);
      expect(newestOf(register, key)?.fingerprint, HOW).toBe(textHash(text));
    },
  );

  test('P20 there is a file for each document and no other', () => {
    expect(readdirSync(folder).toSorted()).toEqual(committed.map(({ key }) => `${key}.md`).toSorted());
    expect(Object.keys(register).toSorted()).toEqual(committed.map(({ key }) => key).toSorted());
  });

  test('P21 each earlier version is archived under its fingerprint, numbers and days are in order', () => {
    expect(registerProblems(register, archive)).toEqual([]);
    for (const [fingerprint, lines] of Object.entries(archive)) expect(textHash(lines.join('\n'))).toBe(fingerprint);
  });

  test('P22 the PDF of the statement is made from the same text and has the same bytes each time', async () => {
    for (const { key, document } of committed.filter(({ document: { id } }) => id === 'statement')) {
      const newest = newestOf(register, key);
      if (newest === undefined) throw new Error(key);
      const bytes = await pdfOf(document, { ...newest, isOpen: false });
      expect(Buffer.from(bytes.slice(0, 5)).toString()).toBe('%PDF-');
      expect(createHash('sha256').update(bytes).digest('hex'), HOW).toBe(newest.pdf);
      const other = { ...document, lead: `${document.lead} More.` };
      const changed = await pdfOf(other, { ...newest, isOpen: false });
      expect(createHash('sha256').update(changed).digest('hex')).not.toBe(newest.pdf);
    }
  });
});

describe('the register', () => {
  const text = (fingerprint: string, date = '2026-12-01') => ({ fingerprint, date });
  const open: PolicyVersion = { version: 1, date: '2026-11-25', fingerprint: 'a', state: 'open' };
  const published: PolicyVersion = { ...open, state: 'published' };

  test('P23 a text that was published is not overwritten: another text needs another version', () => {
    expect(takeText([published], text('b'), { isNewVersion: false })).toEqual({ outcome: 'version-needed' });
    expect(takeText([published], text('b'), { isNewVersion: true })).toEqual({
      outcome: 'begun',
      versions: [published, { version: 2, date: '2026-12-01', fingerprint: 'b', state: 'open' }],
    });
  });

  test('P23 what is open may still change, and keeps its number', () => {
    expect(takeText([open], text('b'), { isNewVersion: false })).toEqual({
      outcome: 'changed',
      versions: [{ version: 1, date: '2026-12-01', fingerprint: 'b', state: 'open' }],
    });
    expect(takeText([], text('a'), { isNewVersion: false })).toEqual({
      outcome: 'begun',
      versions: [{ version: 1, date: '2026-12-01', fingerprint: 'a', state: 'open' }],
    });
  });

  test.each([open, published])('P23 the same text changes nothing ($state)', (version) => {
    expect(takeText([version], text('a'), { isNewVersion: true })).toEqual({ outcome: 'same', versions: [version] });
  });

  test('P23 publishing leaves no version open', () => {
    expect(publishAll({ statement: [published, { ...open, version: 2 }] })).toEqual({
      statement: [published, { ...published, version: 2 }],
    });
  });

  test.each<[string, readonly PolicyVersion[], PolicyArchive]>([
    ['number', [{ ...open, version: 2 }], {}],
    ['date', [published, { ...open, version: 2, date: '2026-11-24' }], { a: ['text'] }],
    ['open', [open, { ...open, version: 2 }], { a: ['text'] }],
    ['text', [published, { ...open, version: 2 }], {}],
  ])('P21 a register with a wrong %s is found wanting', (problem, versions, texts) => {
    expect(registerProblems({ statement: versions }, texts).some((told) => told.endsWith(problem))).toBe(true);
  });
});

describe('differences', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', 'd e'), { maxLength: 30 }).map((all) => all.join('\n'));

  test('P24 lead from the older text to the newer one and back, whatever they are', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const stretches = differenceOf(before, after);
        const without = (kind: string): string =>
          stretches
            .filter((stretch) => stretch.kind !== kind)
            .flatMap((stretch) => stretch.lines)
            .join('\n');
        expect(without('new')).toBe(before);
        expect(without('gone')).toBe(after);
      }),
    );
  });

  test('P24 say nothing of what is the same', () => {
    expect(differenceOf('a\nb', 'a\nb')).toEqual([{ kind: 'same', lines: ['a', 'b'] }]);
    expect(differenceOf('a\nb\nc', 'a\nx\nc')).toEqual([
      { kind: 'same', lines: ['a'] },
      { kind: 'gone', lines: ['b'] },
      { kind: 'new', lines: ['x'] },
      { kind: 'same', lines: ['c'] },
    ]);
  });
});
