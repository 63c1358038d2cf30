import { describe, expect, it } from 'vitest';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

const sending = kit.rulesWith({ worklogs: true });

function world(rules = { a: sending, b: sending }): World {
  const made = new World({ rules });
  made.quiesce();
  made.done.length = 0;
  return made;
}

describe('worklogs', () => {
  it('S45 arrive once, with start, time and text, and come back never', () => {
    const made = world();
    const id = made.worklog('a', { startedAt: 5_000, spentSeconds: 7_200, body: kit.doc('dug') });
    made.quiesce();
    expect(made.worklogCopies('a', id)).toMatchObject([{ startedAt: 5_000, spentSeconds: 7_200 }]);
    expect(made.sites.a.worklogs).toHaveLength(1);
    expect(made.done).toMatchObject([
      { kind: 'add-worklog', side: 'b', marker: { twin: kit.twin, origin: 'a', source: id } },
    ]);
  });

  it('S45 stay where they are while the rules do not send them', () => {
    const made = world({ a: kit.rulesWith(), b: sending });
    made.worklog('a');
    const id = made.worklog('b');
    made.quiesce();
    expect(made.done.map(({ side, kind }) => `${side} ${kind}`)).toEqual(['a add-worklog']);
    expect(made.worklogCopies('b', id)).toHaveLength(1);
  });

  it('S45 C6 lets the later of two edits win, whoever owns the worklog', () => {
    const made = world();
    const id = made.worklog('a', { body: kit.doc('first') });
    made.quiesce();
    const copy = made.worklogCopies('a', id)[0]?.id ?? id;
    made.editWorklog('a', id, { spentSeconds: 600 });
    made.editWorklog('b', copy, { spentSeconds: 1_200, body: kit.doc('late') });
    made.quiesce();
    for (const side of ['a', 'b'] as const) {
      expect(made.sites[side].worklogs[0]?.worklog).toMatchObject({
        spentSeconds: 1_200,
        body: { content: [{ content: [{ text: 'late' }] }] },
      });
    }
  });

  it('S45 delete our copy with the original, and nothing of a person', () => {
    const made = world();
    const one = made.worklog('a');
    const two = made.worklog('a');
    made.quiesce();
    made.deleteWorklog('a', one);
    made.deleteWorklog('b', made.worklogCopies('a', two)[0]?.id ?? two);
    made.quiesce();
    expect(made.sites.a.worklogs.map(({ worklog }) => worklog.id)).toEqual([two]);
    expect(made.sites.b.worklogs).toEqual([]);
    expect(made.memory.worklogs).toEqual([{ origin: 'a', a: two, blocked: 'worklog-copy-deleted' }]);
    made.editWorklog('a', two, { spentSeconds: 600 });
    expect(made.plan().steps).toEqual([]);
  });

  it('S45 C5 are found by their marker after a stop of any kind, and made once', () => {
    for (const stop of ['soft', 'hard', 'blind'] as const) {
      const made = world();
      const id = made.worklog('a', { body: kit.doc('once') });
      made.round({ stop, after: 0 });
      made.quiesce();
      expect(made.worklogCopies('a', id)).toHaveLength(1);
      expect(made.memory.worklogs).toHaveLength(1);
    }
  });

  it('S46 count in whole minutes, so what a site keeps less exactly is no change', () => {
    const made = world();
    made.worklog('a', { spentSeconds: 3_659 });
    made.quiesce();
    expect(made.sites.b.worklogs[0]?.worklog.spentSeconds).toBe(3_600);
    expect(made.sites.a.worklogs[0]?.worklog.spentSeconds).toBe(3_659);
    expect(made.done).toHaveLength(1);
  });

  it('S46 lose their text on both sides when it is taken away on one', () => {
    const made = world();
    const id = made.worklog('a', { body: kit.doc('words') });
    made.quiesce();
    made.editWorklog('a', id, { body: null });
    made.quiesce();
    expect(made.sites.b.worklogs[0]?.worklog.body).toBeNull();
  });

  it('S46 do not carry a text that is not safe', () => {
    const made = world();
    const link = { type: 'text', text: 'x', marks: [{ type: 'link', attrs: { href: 'javascript:alert(1)' } }] };
    made.worklog('a', { body: kit.docOf({ type: 'paragraph', content: [link] }) });
    expect(made.plan()).toMatchObject({ steps: [], blocked: [{ side: 'a', code: 'rich-text-unsafe' }] });
  });

  it('S47 leave the remaining estimate alone exactly where it travels by itself', () => {
    const fields = [...sending.fields, { field: 'remainingEstimate', policy: 'newest' } as const];
    const adjustOf = (rules: typeof sending) => {
      const made = world({ a: rules, b: sending });
      made.worklog('a');
      return made.plan().steps.map((step) => ('adjust' in step ? step.adjust : undefined));
    };
    expect(adjustOf(sending)).toEqual(['auto']);
    expect(adjustOf({ ...sending, fields })).toEqual(['leave']);
    const onlyBirth = fields.map((row) => ({ ...row, when: 'create' as const }));
    expect(adjustOf({ ...sending, fields: onlyBirth })).toEqual(['auto']);
  });

  it('S48 remember that the other issue is full and do not try again', () => {
    const made = world();
    const id = made.worklog('a');
    const input = made.input();
    const plan = planSync(input);
    const results = plan.steps.map(({ key }) => ({ key, ok: false as const, code: 'worklog-limit' as const }));
    const { memory, blocked, isComplete } = settleTwin(input, plan, results);
    expect(blocked).toEqual([{ side: 'a', worklog: id, code: 'worklog-limit' }]);
    expect(isComplete).toBe(true);
    expect(planSync({ ...input, memory })).toMatchObject({ steps: [], blocked: [{ code: 'worklog-limit' }] });
  });

  it('S40 stay when they are restricted and the table does not name their readers', () => {
    const rules = kit.rulesWith({ worklogs: true, visibility: { 'role:Developers': 'role:Team' } });
    const made = world({ a: rules, b: sending });
    made.worklog('a', { isRestricted: true, visibility: { type: 'role', name: 'Administrators' } });
    made.worklog('a', { isRestricted: true, visibility: { type: 'role', name: 'Developers' } });
    made.quiesce();
    expect(made.sites.b.worklogs.map(({ worklog }) => worklog.visibility)).toEqual([{ type: 'role', name: 'Team' }]);
    expect(made.plan().blocked.map(({ code }) => code)).toEqual(['worklog-restricted']);
  });

  it('S54 keep their traces while nobody reads them', () => {
    const made = world();
    made.worklog('a');
    made.quiesce();
    const { worklogs: _a, worklogMarkers: _am, ...a } = made.view('a');
    const { worklogs: _b, worklogMarkers: _bm, ...b } = made.view('b');
    const input = { ...made.input(), a, b };
    expect(planSync(input).steps).toEqual([]);
    expect(settleTwin(input, planSync(input), []).memory).toBe(input.memory);
  });
});
