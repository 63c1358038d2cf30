import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { issueId, twinId } from '../../../shared/model/ids.ts';
import { Fault } from '../../../shared/verdict.ts';
import { csvLine, readCsv } from '../../../shared/wire/csv.ts';
import { exportHead, exportLine, issueNamed, readPairs } from '../../../shared/wire/pairsCsv.ts';

const cellsOf = (text: string) => readCsv(text, 100).map(({ cells }) => cells);
const faultOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (thrown) {
    return thrown instanceof Fault ? { code: thrown.code, ...thrown.facts } : thrown;
  }
};

describe('a table as text', () => {
  test.each([
    [
      'plain cells',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'other line ends, and none at the end',
      'a,b\nc,d\re,f',
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ],
    ],
    [
      'quoted cells',
      '"a,1","b ""x"""\n"two\nlines",d',
      [
        ['a,1', 'b "x"'],
        ['two\nlines', 'd'],
      ],
    ],
    [
      'empty cells and lines',
      ',\n\n"",x',
      [
        ['', ''],
        ['', 'x'],
      ],
    ],
    ['a mark of the byte order', '\uFEFFa,b', [['a', 'b']]],
    ['nothing', '', []],
  ])('%s', (_title, text, want) => {
    expect(cellsOf(text)).toEqual(want);
  });

  test.each([
    ['an open quote', 'a,b\n"c', 2],
    ['a quote inside a cell', 'a"b', 1],
    ['text after a quote', '"two\nlines" x,y', 2],
    ['a long cell', `a,${'x'.repeat(301)}`, 1],
  ])('refuses %s and says where', (_title, text, line) => {
    expect(faultOf(() => cellsOf(text))).toEqual({ code: 'csv-malformed', path: 'csv', line });
  });

  test('refuses more lines than it may have', () => {
    expect(faultOf(() => readCsv('a\nb\nc', 2))).toEqual({ code: 'too-many', path: 'csv', line: 3 });
  });

  test('what is written is read again', () => {
    const cell = fc
      .string({ maxLength: 40 })
      .filter((text) => !/^[=+\-@\t\r]/.test(text) && !text.startsWith('\uFEFF'));
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(table, (rows) => {
        expect(cellsOf(rows.map(csvLine).join(''))).toEqual(rows);
      }),
    );
  });

  test('what a spreadsheet would run is made text', () => {
    expect(csvLine(['=1+1', '-2', '@x', 'a'])).toBe("'=1+1,'-2,'@x,a\r\n");
  });
});

describe('a list of pairs', () => {
  const twin = twinId(`w-${'1'.repeat(32)}`);
  test.each([
    ['without header: the asker’s first', 'ONE-1,TWO-2', 'a', { line: 1, a: 'ONE-1', b: 'TWO-2' }],
    ['of the other side', 'ONE-1,TWO-2', 'b', { line: 1, a: 'TWO-2', b: 'ONE-1' }],
    ['with names of columns', 'remote,local\n2, ONE-1 ', 'a', { line: 2, a: 'ONE-1', b: '2' }],
    ['with any header', 'mine,theirs\nONE-1,2', 'b', { line: 2, a: '2', b: 'ONE-1' }],
    ['under the sides, whoever asks', 'b,a\nTWO-2,ONE-1', 'b', { line: 2, a: 'ONE-1', b: 'TWO-2' }],
    ['with a twin', `a,b,twin\nONE-1,TWO-2,${twin}`, 'a', { line: 2, a: 'ONE-1', b: 'TWO-2', twin }],
    ['with cells missing', 'ONE-1', 'a', { line: 1, a: 'ONE-1', b: '' }],
    ['with cells that name nothing', 'ONE-1,rm -rf', 'a', { line: 1, a: 'ONE-1', b: 'rm -rf' }],
  ] as const)('%s', (_title, text, side, want) => {
    expect(readPairs(text, side)).toEqual([want]);
  });

  test('the export is such a list', () => {
    const pair = { a: 'ONE-1', b: 'TWO-2', twin, state: 'in-step', since: 0, settledAt: undefined };
    const text = exportHead + exportLine(pair);
    expect(text).toBe(`a,b,twin,state,since,settled\r\nONE-1,TWO-2,${twin},in-step,1970-01-01T00:00:00.000Z,\r\n`);
    expect(readPairs(text, 'b')).toEqual([{ line: 2, a: 'ONE-1', b: 'TWO-2', twin }]);
  });

  test.each([
    ['10001', true],
    ['ONE-1', true],
    ['one-1', false],
    ['', false],
    ['ONE-1 ', false],
  ])('%j names an issue: %s', (text, want) => {
    expect(issueNamed(text) !== undefined).toBe(want);
  });

  test('ids stay ids', () => {
    expect(issueNamed('10001')).toBe(issueId('10001'));
  });
});
