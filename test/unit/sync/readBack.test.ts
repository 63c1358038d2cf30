import { describe, expect, it } from 'vitest';
import { commentId, issueId } from '../../../shared/model/ids.ts';
import type { SideView, StepResult, SyncInput } from '../../../shared/model/plan.ts';
import type { JiraComment, Replica } from '../../../shared/model/replica.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { canReadBack, isAsWritten, writtenSides } from '../../../shared/sync/readBack.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import {
  commentWith,
  doc,
  docOf,
  inputWith,
  issueWith,
  memoryWith,
  rulesWith,
  viewWith,
} from '../../kit/syncBuilders.ts';

const idOnB = issueId('2');
const onB = (fields: Replica = {}) => issueWith(fields, { id: idOnB });

/** A settled pair on whose side A somebody has then changed the summary and written a comment. */
function acted() {
  const both = (
    a: Replica,
    b: Replica,
    comments: readonly JiraComment[],
    memory = memoryWith({ b: idOnB }),
  ): SyncInput => inputWith({ memory, a: viewWith({ issue: issueWith(a), comments }), b: viewWith({ issue: onB(b) }) });
  const before = both({}, {}, []);
  const { memory } = settleTwin(before, planSync(before), []);
  const input = both({ summary: 'Two', status: 'Done' }, {}, [commentWith('1', 'said')], memory);
  const plan = planSync(input);
  const results: readonly StepResult[] = plan.steps.map(({ key, kind }) =>
    kind === 'add-comment' ? { key, ok: true, comment: commentId('70') } : { key, ok: true },
  );
  return { input, plan, results };
}

const seenOn = (fields: Replica, comments: readonly JiraComment[]): Pick<SideView, 'issue' | 'comments'> => ({
  issue: onB(fields),
  comments,
});
const written = { summary: 'Two', status: 'Done' };
const copy = commentWith('70', 'said');

describe('what was written', () => {
  it('S88 is known when the side shows it, and nothing else that was not seen before', () => {
    const { input, plan, results } = acted();
    expect(plan.steps.map(({ kind }) => kind).sort()).toEqual(['add-comment', 'edit-issue', 'transition']);
    expect([...writtenSides(plan, results)]).toEqual(['b']);
    expect(canReadBack(plan, results)).toBe(true);
    expect(isAsWritten(input, plan, results, 'b', seenOn(written, [copy]))).toBe(true);
    // No announcement tells of a link to elsewhere: one that came meanwhile is looked at.
    const linked = { ...input, b: { ...input.b, issue: onB({ remoteLinks: ['x'] }) } };
    expect(isAsWritten(linked, plan, results, 'b', seenOn(written, [copy]))).toBe(false);
    expect(isAsWritten(linked, plan, results, 'b', seenOn({ ...written, remoteLinks: ['x'] }, [copy]))).toBe(true);
    // What a site adds to a text by itself is no change.
    const [line] = doc('said').content;
    const local = {
      ...copy,
      body: docOf({ type: 'paragraph', attrs: { localId: 'x' }, content: line?.content ?? [] }),
    };
    expect(isAsWritten(input, plan, results, 'b', seenOn(written, [local]))).toBe(true);
  });

  const others: readonly (readonly [string, Replica, readonly JiraComment[]])[] = [
    ['a person changed the same field', { ...written, summary: 'Three' }, [copy]],
    ['a workflow changed another field', { ...written, priority: 'Low' }, [copy]],
    ['it has not arrived', { status: 'Done' }, [copy]],
    ['a person wrote a comment', written, [copy, commentWith('71', 'hello')]],
    ['our comment says something else', written, [commentWith('70', 'said, edited')]],
    ['our comment is not there', written, []],
    [
      'our comment got readers',
      written,
      [{ ...copy, isRestricted: true, visibility: { type: 'role', name: 'Users' } }],
    ],
  ];
  it.each(others)('S89 is not known when %s', (_title, fields, comments) => {
    const { input, plan, results } = acted();
    expect(isAsWritten(input, plan, results, 'b', seenOn(fields, comments))).toBe(false);
  });

  it('S89 is not known while an end is unknown, something was found instead of made, or does not show in an issue', () => {
    const { plan, results } = acted();
    expect(canReadBack(plan, results.slice(1))).toBe(false);
    expect(
      canReadBack(plan, [{ ...(results[0] as StepResult & { ok: true }), found: true }, ...results.slice(1)]),
    ).toBe(false);
    const worklog = {
      ...{ id: '5', author: null, createdAt: 1, updatedAt: 1, startedAt: 1, spentSeconds: 60 },
      ...{ body: null, isRestricted: false },
    } as unknown as NonNullable<SideView['worklogs']>[number];
    const rules = { a: rulesWith({ worklogs: true }), b: rulesWith() };
    const input = inputWith({
      ...{ memory: memoryWith({ b: idOnB }), rules },
      a: viewWith({ issue: issueWith(), worklogs: [worklog], worklogMarkers: new Map() }),
      b: viewWith({ issue: onB(), worklogs: [], worklogMarkers: new Map() }),
    });
    const logged = planSync(input);
    expect(logged.steps.map(({ kind }) => kind)).toEqual(['add-worklog']);
    expect(canReadBack(logged, [{ key: logged.steps[0]?.key ?? '', ok: true }])).toBe(false);
  });

  it('S89 is not known of an issue that cannot be read or was moved away', () => {
    const { input, plan, results } = acted();
    expect(isAsWritten(input, plan, results, 'b', { issue: 'gone', comments: [copy] })).toBe(false);
    const moved = { ...onB(written), projectKey: 'ELSE' as never };
    expect(isAsWritten(input, plan, results, 'b', { issue: moved, comments: [copy] })).toBe(false);
  });
});
