import { describe, expect, it } from 'vitest';
import type { Side } from '../../../shared/model/connection.ts';
import { issueId } from '../../../shared/model/ids.ts';
import type { SyncInput } from '../../../shared/model/plan.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import { inputWith, issueWith, memoryWith, rulesWith, twin, viewWith } from '../../kit/syncBuilders.ts';

const deleting = { a: rulesWith({ deletion: 'delete' }), b: rulesWith({ deletion: 'delete' }) };
const made = issueWith({}, { id: issueId('2'), marker: { twin } });
const goneOrigin = (more: Partial<SyncInput> = {}, deletedOn: Side | 'none' = 'a'): SyncInput =>
  inputWith({
    memory: memoryWith({ b: issueId('2'), ...(deletedOn === 'none' ? {} : { deletedOn }) }),
    a: viewWith({ issue: 'gone' }),
    b: viewWith({ issue: made }),
    rules: deleting,
    ...more,
  });

describe('an issue whose origin was deleted', () => {
  it('S70 is deleted, too, when the origin’s rules say so and we made it; a refusal is said', () => {
    const input = goneOrigin();
    const plan = planSync(input);
    expect(plan.steps).toMatchObject([{ kind: 'delete-issue', side: 'b', issue: '2' }]);
    const key = plan.steps[0]?.key ?? '';
    expect(planSync(input)).toEqual(plan);
    expect(settleTwin(input, plan, [{ key, ok: true }]).isComplete).toBe(true);
    const refused = settleTwin(input, plan, [{ key, ok: false, code: 'jira-forbidden' }]);
    expect(refused.blocked).toContainEqual({ side: 'b', code: 'jira-forbidden' });
    expect(planSync({ ...input, b: viewWith({ issue: 'gone' }) }).steps).toEqual([]);
  });

  const kept: readonly (readonly [string, SyncInput])[] = [
    ['nobody told of a deletion', goneOrigin({}, 'none')],
    ['the rules keep it', goneOrigin({ rules: { a: rulesWith(), b: deleting.b } })],
    ['people made it', goneOrigin({ b: viewWith({ issue: issueWith({}, { id: issueId('2') }) }) })],
    [
      'another twin made it',
      goneOrigin({ b: viewWith({ issue: { ...made, marker: { twin: `w-${'9'.repeat(32)}` } } }) }),
    ],
    [
      'the copy was deleted, and not the origin',
      goneOrigin({ a: viewWith({ issue: issueWith({}, { marker: { twin } }) }), b: viewWith({ issue: 'gone' }) }, 'b'),
    ],
  ];
  it.each(kept)('S71 stays when %s', (_title, input) => {
    const plan = planSync(input);
    expect(plan.steps).toEqual([]);
    expect(plan.blocked.map(({ code }) => code)).toEqual(['issue-gone']);
  });
});

it('S72 an origin that is there takes the word of its deletion back', () => {
  const plan = planSync(goneOrigin({ a: viewWith({ issue: issueWith() }) }));
  expect(plan.steps.map(({ kind }) => kind)).not.toContain('delete-issue');
  expect(plan.blocked).toEqual([]);
});
