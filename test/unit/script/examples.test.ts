import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import type { ScriptAsk } from '../../../shared/model/script.ts';
import { ScriptPool } from '../../../shared/script/pool.ts';
import { one } from './kit.ts';

const folder = join(import.meta.dirname, '../../../shared/script/examples');
const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
const sourceOf = (file: string): string => readFileSync(join(folder, file), 'utf8');

const pool = new ScriptPool();
afterAll(() => pool.close());

const doc = (...lines: string[]): object => ({
  type: 'doc',
  version: 1,
  content: lines.map((line) => ({ type: 'paragraph', content: [{ type: 'text', text: line }] })),
});
const comment = (id: string, body: object, over: object = {}): object => ({
  id,
  author: 'acc-1',
  createdAt: 1,
  updatedAt: 1,
  isRestricted: false,
  body,
  ...over,
});
const issue = (fields: object, over: object = {}): object => ({
  id: '10001',
  key: 'PAY-1',
  projectKey: 'PAY',
  isSubtask: false,
  fields,
  people: { 'acc-1': 'Ada Lovelace' },
  ...over,
});

/** What an outgoing run over these fields sends; `null` for nothing. */
const sends = (fields: object, gives: object | null, replica = fields): Case => ({
  ask: { entry: 'outgoing', issue: issue(fields), replica },
  gives,
});
/** What an incoming run takes over. */
const takes = (replica: object, here: object, gives: object | null, previous?: object): Case => ({
  ask: { entry: 'incoming', issue: issue(here), replica, previous },
  gives,
});
interface Case {
  readonly ask: Omit<ScriptAsk, 'tenant' | 'source'>;
  readonly gives: object | null;
}

const mailed = {
  summary: 'Ask ada@example.org',
  description: {
    type: 'doc',
    version: 1,
    content: [
      {
        type: 'paragraph',
        content: [
          { type: 'text', text: 'bob.x+y@mail.example.com', marks: [{ type: 'link', attrs: { href: 'mailto:bob' } }] },
          { type: 'text', text: ' not@once', marks: [{ type: 'strong' }] },
        ],
      },
    ],
  },
};
const unmailed = {
  summary: 'Ask [e-mail]',
  description: {
    type: 'doc',
    version: 1,
    content: [
      {
        type: 'paragraph',
        content: [
          { type: 'text', text: '[e-mail]' },
          { type: 'text', text: ' not@once', marks: [{ type: 'strong' }] },
        ],
      },
    ],
  },
};
const long = 'a'.repeat(100);

/** What each example does, by its file. */
const effects: Readonly<Record<string, readonly Case[]>> = {
  'prefixSummary.js': [
    sends({ summary: 'Down' }, { summary: 'PAY: Down' }),
    takes({ summary: 'PAY: Down again' }, {}, { summary: 'Down again' }),
    takes({ summary: 'HELP: Down' }, {}, { summary: 'HELP: Down' }),
  ],
  'onlyPublicLabels.js': [
    sends({ labels: ['public-b', 'secret', 'public-a'] }, { labels: ['b', 'a'] }),
    sends({}, { labels: [] }),
  ],
  'priorityFromSeverity.js': [
    sends({ 'custom:option:Severity': 'Critical' }, { priority: 'High' }, {}),
    sends({ 'custom:option:Severity': 'constructor' }, { priority: 'Medium' }, {}),
    sends({ 'custom:option:Severity': null }, { priority: 'Low' }, { priority: 'Low' }),
  ],
  'hideMailAddresses.js': [
    sends(
      mailed,
      { ...unmailed, comments: [comment('1', doc('to [e-mail]'))] },
      {
        ...mailed,
        comments: [comment('1', doc('to x@y.example'))],
      },
    ),
    sends({}, {}),
  ],
  'onlyDoneIssues.js': [
    sends({ status: 'Done' }, { status: 'Done' }),
    sends({ status: 'Open' }, null),
    sends({}, null),
  ],
  'defaultComponent.js': [
    takes({ issueType: 'Bug' }, {}, { issueType: 'Bug', components: ['Support'] }),
    takes({ issueType: 'Task', components: [] }, {}, { issueType: 'Task', components: ['Triage'] }),
    takes({ components: ['UI'] }, {}, { components: ['UI'] }),
  ],
  'reporterInText.js': [
    sends(
      { reporter: 'acc-1' },
      { description: doc('Reported by Ada Lovelace', 'Hi'), reporter: null },
      {
        description: doc('Hi'),
        reporter: 'acc-1',
      },
    ),
    sends({ reporter: 'acc-9' }, { description: doc('Reported by somebody'), reporter: null }),
  ],
  'combineFields.js': [
    sends({ 'custom:text:Version': '2.1', 'custom:number:Build': 7 }, { 'custom:text:Release': '2.1 build 7' }),
    sends({ 'custom:text:Version': '2.1', 'custom:number:Build': null }, { 'custom:text:Release': '2.1' }),
  ],
  'skipComments.js': [
    sends(
      {},
      { comments: [comment('1', doc('Hello'))] },
      {
        comments: [
          comment('1', doc('Hello')),
          comment('2', doc('Internal: no')),
          comment('3', doc('Hush'), { isRestricted: true }),
        ],
      },
    ),
    sends({ summary: 'no comments' }, { summary: 'no comments' }),
  ],
  'commentAuthors.js': [
    sends(
      {},
      {
        comments: [
          comment('1', doc('Ada Lovelace wrote:', 'Hello')),
          comment('2', doc('Somebody wrote:', 'Hi'), { author: null }),
        ],
      },
      { comments: [comment('1', doc('Hello')), comment('2', doc('Hi'), { author: null })] },
    ),
  ],
  'footer.js': [
    sends({ description: doc('Hi') }, { description: doc('Hi', 'Synced from PAY-1. Please answer here.') }),
    takes(
      { description: doc('Hi there', 'Synced from PAY-1. Please answer here.') },
      {},
      { description: doc('Hi there') },
    ),
    takes({ description: null }, {}, { description: null }),
  ],
  'dueDateWithSlack.js': [
    sends({ dueDate: '2026-03-01' }, { dueDate: '2026-02-27' }),
    sends({ dueDate: null }, { dueDate: null }),
  ],
  'statusChangesOnly.js': [
    takes({ status: 'Done', summary: 'x' }, {}, { status: 'Done' }, { status: 'Open' }),
    takes({ status: 'Done', summary: 'y' }, {}, null, { status: 'Done', summary: 'x' }),
    takes({ status: 'Open' }, {}, { status: 'Open' }),
  ],
  'fillEmptyFields.js': [
    takes(
      { summary: 'theirs', priority: 'High', labels: ['x'] },
      { summary: 'ours', priority: null, labels: [] },
      {
        priority: 'High',
        labels: ['x'],
      },
    ),
  ],
  'shortSummary.js': [
    sends({ summary: 'short' }, { summary: 'short' }),
    sends({ summary: long }, { summary: `${'a'.repeat(79)}…`, description: doc(long) }),
  ],
};

const cases = Object.entries(effects).flatMap(([file, list]) =>
  list.map((each, at) => ({ file, at: at + 1, ...each })),
);

describe('the examples', () => {
  test('X12 every example has its effect tested', () => {
    expect(Object.keys(effects).sort()).toEqual([...files].sort());
  });

  test.each(cases)('X12 $file does what it says ($at)', async ({ file, ask, gives }) => {
    const ending = await pool.run({ tenant: one, source: sourceOf(file), ...ask });
    if (gives === null) expect(ending.code).toBe('script-skipped');
    else expect(ending).toMatchObject({ code: 'done', value: gives });
    if (ending.code === 'done')
      expect(Object.keys(ending.value as object).sort()).toEqual(Object.keys(gives ?? {}).sort());
  });

  test.each(files)('X12 %s begins with a comment and passes the check', async (file) => {
    expect(sourceOf(file)).toMatch(/^\/\/ [A-Z].*\.\n/);
    expect(await pool.check(one, sourceOf(file))).toEqual({ code: 'done', problems: [] });
  });

  test('X12 the examples fit the declarations', () => {
    const program = ts.createProgram([join(folder, 'rule.d.ts'), ...files.map((file) => join(folder, file))], {
      allowJs: true,
      checkJs: true,
      noEmit: true,
      strict: true,
      noUncheckedIndexedAccess: true,
      moduleDetection: ts.ModuleDetectionKind.Force,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts'],
      types: [],
    });
    const told = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    expect(told).toEqual([]);
  });
});
