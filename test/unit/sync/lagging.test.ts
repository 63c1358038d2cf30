import { describe, expect, test } from 'vitest';
import type { Side } from '../../../shared/model/connection.ts';
import { attachmentId, commentId, issueId } from '../../../shared/model/ids.ts';
import type { StepResult } from '../../../shared/model/plan.ts';
import type { JiraAttachment } from '../../../shared/model/replica.ts';
import type { Awaited } from '../../../shared/model/twin.ts';
import { awaitedOf, isShown, laggingSide, leftBy, stillAwaited, toldBy } from '../../../shared/sync/lagging.ts';
import type { Known } from '../../../shared/sync/lagging.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import { commentWith, inputWith, issueWith, memoryWith, viewWith } from '../../kit/syncBuilders.ts';

const NOW = 1_000_000;
const SECOND = 1_000;
const at = (updatedAt: number) => viewWith({ issue: issueWith({}, { updatedAt }) });
const gone = viewWith({ issue: 'gone' });
const lagging = (known: Known, a = at(50), deletedOn?: Side, now = NOW) =>
  laggingSide(known, { a, b: at(50) }, deletedOn, now);
const awaits = (floor: Awaited['a'], until = NOW + SECOND): Known => ({
  awaits: { until, ...(floor === undefined ? {} : { a: floor }) },
});

describe('an issue', () => {
  const issues: readonly [string, Known, boolean][] = [
    ['that nothing is known of', {}, false],
    ['as it was settled', { aUpdatedAt: 50 }, false],
    ['younger than it was settled', { aUpdatedAt: 49 }, false],
    ['older than it was settled', { aUpdatedAt: 51 }, true],
    ['as its site has told', awaits({ updatedAt: 50 }), false],
    ['older than its site has told', awaits({ updatedAt: 51 }), true],
    ['older than its site has told, half a minute later', awaits({ updatedAt: 51 }, NOW), false],
  ];
  test.each(issues)('S128 %s lags: %s', (_what, known, lags) => {
    expect(lagging(known)).toEqual(lags ? { side: 'a', isSure: true } : undefined);
  });

  const absent: readonly [string, Known, Side | undefined, ReturnType<typeof lagging>][] = [
    ['that was there seconds ago', { aUpdatedAt: 50, readAt: NOW - SECOND }, undefined, { side: 'a', isSure: false }],
    ['that was there long ago', { aUpdatedAt: 50, readAt: NOW - 60 * SECOND }, undefined, undefined],
    ['that was just made', awaits({ updatedAt: 1 }), undefined, { side: 'a', isSure: true }],
    ['whose site has told of its end', { aUpdatedAt: 50, readAt: NOW - SECOND }, 'a', undefined],
    ['that nobody has seen', {}, undefined, undefined],
  ];
  test.each(absent)('S130 %s and is not there', (_what, known, deletedOn, doubt) => {
    expect(lagging(known, gone, deletedOn)).toEqual(doubt);
  });
});

describe('comments read by a call of their own', () => {
  const said = (listed: 'alike' | 'unlike' | undefined, known: Known) =>
    lagging(known, {
      ...at(50),
      comments: [commentWith('1', 'said', { updatedAt: 40 })],
      ...(listed === undefined ? {} : { listed }),
    });
  const lists: readonly ['alike' | 'unlike' | undefined, Known, boolean][] = [
    ['alike', {}, false],
    ['alike', { aSaidAt: 40 }, false],
    ['alike', { aSaidAt: 41 }, true],
    ['alike', awaits({ saidAt: 41 }), true],
    ['unlike', {}, true],
    [undefined, { aSaidAt: 41 }, false],
  ];
  test.each(lists)('S129 %s with %o are doubted: %s', (listed, known, isDoubted) => {
    expect(said(listed, known)).toEqual(isDoubted ? { side: 'a', isSure: false } : undefined);
  });
});

describe('what a round leaves to be seen', () => {
  const idOnB = issueId('2');
  const pair = (summary: string, memory = memoryWith({ b: idOnB })) =>
    inputWith({
      memory,
      a: viewWith({ issue: issueWith({ summary }, { updatedAt: 50 }) }),
      b: viewWith({ issue: issueWith({}, { id: idOnB, updatedAt: 60 }) }),
    });
  const before = pair('One');
  const input = pair('Two', settleTwin(pair('One'), planSync(before), []).memory);
  const plan = planSync(input);

  test('S128 is each issue as it was read, and a written one younger than that', () => {
    const [step] = plan.steps;
    const done: readonly StepResult[] = plan.steps.map(({ key }) => ({ key, ok: true }));
    expect([plan.steps.length, step?.side]).toEqual([1, 'b']);
    expect(leftBy(input, plan, NOW, done)).toMatchObject({ a: { updatedAt: 50 }, b: { updatedAt: 61 } });
    expect(leftBy(input, plan, NOW)).toMatchObject({ a: { updatedAt: 50 }, b: { updatedAt: 61 } });
    expect(leftBy(input, plan, NOW, [])).toMatchObject({ a: { updatedAt: 50 }, b: { updatedAt: 60 } });
  });

  test('S128 adds to what is believed, and takes nothing from it', () => {
    const [told, later] = [toldBy('a', { updatedAt: 70 }, NOW), toldBy('b', { updatedAt: 9, saidAt: 8 }, NOW + 5)];
    expect(awaitedOf(told, later, NOW)).toEqual({ ...told, ...later });
    expect(awaitedOf(told, toldBy('a', { updatedAt: 60, saidAt: 3 }, NOW), NOW)).toMatchObject({
      a: { updatedAt: 70, saidAt: 3 },
    });
    expect(awaitedOf(told, undefined, told.until)).toBeUndefined();
    expect(stillAwaited(told, { a: { updatedAt: 69 } }, NOW)).toEqual(told);
    expect(stillAwaited(told, { a: { updatedAt: 70 } }, NOW)).toBeUndefined();
  });
});

test('S131 what is told is shown only by what is as young', () => {
  expect(isShown({ updatedAt: 50 }, { updatedAt: 50 })).toBe(true);
  expect(isShown({ updatedAt: 50 }, { updatedAt: 49 })).toBe(false);
  expect(isShown({ updatedAt: 50, saidAt: 40 }, { updatedAt: 60, saidAt: 39 })).toBe(false);
  expect(isShown({ updatedAt: 50 }, undefined)).toBe(false);
});

const fileOf = (id: string): JiraAttachment => ({
  ...{
    id: attachmentId(id),
    author: null,
    createdAt: 40,
    name: 'plan.txt',
    type: 'text/plain',
    bytes: 4,
    isRestricted: false,
  },
});

describe('what was made', () => {
  const made = { comments: [commentId('1')], attachments: [attachmentId('7')] };
  const shown = (comments: readonly string[], files: readonly string[] | undefined) => ({
    ...at(50),
    comments: comments.map((id) => commentWith(id, 'said')),
    ...(files === undefined ? {} : { attachments: files.map((id) => fileOf(id)) }),
  });
  const views: readonly [string, ReturnType<typeof shown>, boolean][] = [
    ['shown', shown(['1', '2'], ['7']), false],
    ['lacking a comment', shown(['2'], ['7']), true],
    ['lacking a file', shown(['1'], []), true],
    ['where files were not read', shown(['1'], undefined), false],
  ];
  test.each(views)('S140 %s: doubted %#', (_what, view, isDoubted) => {
    const doubt = isDoubted ? { side: 'a', isSure: false } : undefined;
    expect(lagging(awaits({ updatedAt: 1, made }), view)).toEqual(doubt);
    expect(lagging(awaits({ updatedAt: 1, made }, NOW), view), 'half a minute later').toBeUndefined();
  });

  test('S140 what a round has made is to be seen, by its ids, and two rounds add up', () => {
    const input = inputWith({
      a: at(50),
      b: at(50),
      memory: memoryWith({ a: issueId('1'), b: issueId('2') }),
    });
    const add = { kind: 'add-comment', side: 'a', key: 'add' };
    const plan = { steps: [add] } as unknown as Parameters<typeof leftBy>[1];
    const left = leftBy(input, plan, NOW, [{ key: 'add', ok: true, comment: commentId('9') }]);
    expect(left?.a).toEqual({ updatedAt: 51, saidAt: 1, made: { comments: ['9'] } });
    const both = awaitedOf(left, awaits({ updatedAt: 1, made }).awaits, NOW);
    expect(both?.a?.made).toEqual({ comments: ['9', '1'], attachments: ['7'] });
    expect(leftBy(input, plan, NOW, [{ key: 'add', ok: false, code: 'jira-unavailable' }])?.a?.made).toBeUndefined();
  });
});
