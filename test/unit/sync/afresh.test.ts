import { expect, it } from 'vitest';
import { issueId } from '../../../shared/model/ids.ts';
import { afresh } from '../../../shared/sync/afresh.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import { commentWith, frozen, inputWith, issueWith, memoryWith, viewWith } from '../../kit/syncBuilders.ts';

it('S74 tries again what a site refused, and keeps what was seen', () => {
  const settled = inputWith({
    memory: memoryWith({ b: issueId('2') }),
    b: viewWith({ issue: issueWith({}, { id: issueId('2') }) }),
  });
  const { memory: before } = settleTwin(settled, planSync(settled), []);
  const changed = inputWith({
    ...settled,
    memory: before,
    a: viewWith({ issue: issueWith({ summary: 'New' }), comments: [commentWith('1', 'a comment')] }),
  });
  const plan = planSync(changed);
  const refused = plan.steps.map(({ key }) => ({ key, ok: false, code: 'field-refused' }) as const);
  const { memory } = settleTwin(changed, plan, refused);
  expect(planSync({ ...changed, memory }).steps).toEqual([]);
  const again = afresh(frozen(memory));
  expect(planSync({ ...changed, memory: again }).steps.map(({ kind }) => kind)).toEqual(
    plan.steps.map(({ kind }) => kind),
  );
  expect(again.fields.summary).toMatchObject({ a: before.fields.summary?.a, b: before.fields.summary?.b });
  expect(afresh(before)).toBe(before);
});
