import { describe, expect, it } from 'vitest';
import { commentId, issueId } from '../../../shared/model/ids.ts';
import type { SyncInput } from '../../../shared/model/plan.ts';
import type { JiraComment, Marker } from '../../../shared/model/replica.ts';
import { planSync } from '../../../shared/sync/plan.ts';
import { settleTwin } from '../../../shared/sync/settle.ts';
import * as kit from '../../kit/syncBuilders.ts';
import { World } from '../../kit/twoSites.ts';

function settled(): World {
  const world = new World();
  world.quiesce();
  world.done.length = 0;
  return world;
}

/** Two equal issues with the given comments, and a memory that knows none of them. */
function talking(
  a: readonly JiraComment[],
  b: readonly JiraComment[],
  markers: readonly (readonly [string, Marker])[] = [],
): SyncInput {
  const other = kit.issueWith({}, { id: issueId('2') });
  return kit.inputWith({
    a: kit.viewWith({ issue: kit.issueWith(), comments: a }),
    b: kit.viewWith({
      issue: other,
      comments: b,
      markers: new Map(markers.map(([id, marker]) => [commentId(id), marker])),
    }),
  });
}

const copyOf = (source: string, twin: string = kit.twin): Marker => ({ twin, origin: 'a', source });

describe('comments', () => {
  it('S21 adopts the oldest copy that carries our marker and deletes a second one of the same text', () => {
    const input = talking(
      [kit.commentWith('1', 'hello')],
      [kit.commentWith('7', 'hello'), kit.commentWith('8', 'hello')],
      [
        ['8', copyOf('1')],
        ['7', copyOf('1')],
      ],
    );
    const plan = planSync(input);
    expect(plan.steps).toMatchObject([{ kind: 'delete-comment', side: 'b', comment: '8' }]);
    expect(settleTwin(input, plan, []).memory.comments).toMatchObject([{ origin: 'a', a: '1', b: '7' }]);
  });

  it('S21 leaves a second copy alone when a person has changed it', () => {
    const markers = [
      ['7', copyOf('1')],
      ['8', copyOf('1')],
    ] as const;
    const input = talking(
      [kit.commentWith('1', 'hello')],
      [kit.commentWith('7', 'hello'), kit.commentWith('8', 'mine')],
      markers,
    );
    expect(planSync(input).steps).toEqual([]);
  });

  it('S21 does not carry a comment that the sync of another twin made', () => {
    const input = talking([], [kit.commentWith('7', 'hello')], [['7', copyOf('1', 'w-other')]]);
    expect(planSync(input).steps).toEqual([]);
  });

  it('S21 brings an adopted copy to the text of its original', () => {
    const input = talking([kit.commentWith('1', 'newer')], [kit.commentWith('7', 'older')], [['7', copyOf('1')]]);
    expect(planSync(input).steps).toMatchObject([
      { kind: 'edit-comment', side: 'b', comment: '7', body: kit.doc('newer') },
    ]);
  });

  it.each([
    ['the copy that somebody else edited later', kit.bob, 20_000, 'a', 'copy'],
    ['the original that was edited after somebody else had edited the copy', kit.bob, 5_000, 'b', 'original'],
    ['the original, where we wrote the copy last', kit.ann, 20_000, 'b', 'original'],
  ] as const)('S134 of an adopted copy lets %s win', (_title, editor, updatedAt, side, text) => {
    const copy = kit.commentWith('7', 'copy', { editor, updatedAt });
    const input = talking([kit.commentWith('1', 'original')], [copy], [['7', copyOf('1')]]);
    expect(planSync(input).steps).toMatchObject([{ kind: 'edit-comment', side, body: kit.doc(text) }]);
  });

  it('S134 knows whose words a copy has also when a first try to carry them over has failed', () => {
    const copy = kit.commentWith('7', 'copy', { editor: kit.bob, updatedAt: 20_000 });
    const input = talking([kit.commentWith('1', 'original')], [copy], []);
    const trace = { origin: 'a', a: commentId('1'), b: commentId('7') } as const;
    const { steps } = planSync({ ...input, memory: { ...input.memory, comments: [trace] } });
    expect(steps).toMatchObject([{ kind: 'edit-comment', side: 'a', body: kit.doc('copy') }]);
  });

  it('S134 lets an original that was edited before we made its copy go to the copy, when an older store has begun anew', () => {
    const input = talking(
      [kit.commentWith('1', 'edited', { author: kit.bob, editor: kit.bob, updatedAt: 10_005 })],
      [kit.commentWith('7', 'said', { editor: kit.ann })],
    );
    const trace = { origin: 'a', a: commentId('1'), b: commentId('7') } as const;
    const anew = (restored: 'a' | 'store') =>
      planSync({ ...input, memory: { ...input.memory, comments: [{ ...trace, anew: restored }] } }).steps;
    expect(anew('store')).toMatchObject([{ kind: 'edit-comment', side: 'b', body: kit.doc('edited') }]);
    // A site that was restored may show a text that people have changed since.
    expect(anew('a')).toMatchObject([{ kind: 'edit-comment', side: 'a', body: kit.doc('said') }]);
  });

  it('S134 takes for its own an older copy that is met where a newer one was meant to be made', () => {
    const world = settled();
    const source = world.comment('a', kit.doc('first'));
    world.round({ stop: 'hard', after: 1 });
    world.editComment('a', source, { body: kit.doc('first, by hand') });
    const [copy] = world.copiesOf('a', source);
    if (copy === undefined) throw new Error('no copy');
    // An older memory: the copy is not known, and another one was meant to be made.
    const hash = world.memory.comments[0]?.aHash;
    world.memory = { ...world.memory, comments: [] };
    const again = planSync({ ...world.input(), b: { ...world.input().b, markers: new Map(), comments: [] } });
    expect(again.steps).toMatchObject([{ kind: 'add-comment' }]);
    const { memory } = settleTwin(
      { ...world.input(), b: { ...world.input().b, markers: new Map(), comments: [] } },
      again,
      [],
    );
    expect(memory.comments[0]?.aHash).not.toBe(hash);
    const met = world.input();
    const comments = met.b.comments.map((one) => ({ ...one, author: kit.ann, editor: kit.ann }));
    expect(planSync({ ...met, memory, b: { ...met.b, comments } }).steps).toMatchObject([
      { kind: 'edit-comment', side: 'b', body: kit.doc('first, by hand') },
    ]);
  });

  it('S135 leaves a copy where it is as long as the issue of its original is not known', () => {
    const marker: Marker = { twin: kit.twin, origin: 'b', source: '7' };
    const input = kit.inputWith({
      a: kit.viewWith({
        issue: kit.issueWith(),
        comments: [kit.commentWith('1', 'hello')],
        markers: new Map([[commentId('1'), marker]]),
      }),
    });
    expect(planSync(input).steps.map(({ kind }) => kind)).toEqual(['create-issue']);
  });

  it('S22 lets the later of two edits win, whoever owns the comment', () => {
    const world = settled();
    const source = world.comment('a', kit.doc('first'));
    world.quiesce();
    const copy = world.copiesOf('a', source)[0]?.id ?? source;
    world.editComment('a', source, { body: kit.doc('early') });
    world.editComment('b', copy, { body: kit.doc('late') });
    world.quiesce();
    expect(world.sites.a.comments[0]?.comment.body).toMatchObject({ content: [{ content: [{ text: 'late' }] }] });
  });

  it('S23 deletes our copy when the original is deleted, and nothing else', () => {
    const world = settled();
    const source = world.comment('a', kit.doc('first'));
    world.comment('b', kit.doc('of a person'));
    world.quiesce();
    world.deleteComment('a', source);
    world.quiesce();
    expect([world.sites.a.comments.length, world.sites.b.comments.length]).toEqual([1, 1]);
    expect(world.memory.comments).toHaveLength(1);
  });

  it('S24 says which comments stay and why', () => {
    const hidden = kit.commentWith('1', 'hidden', { isRestricted: true });
    const plan = planSync(talking([hidden, kit.commentWith('2', ' '), kit.commentWith('3', '', { body: null })], []));
    expect(plan.steps).toEqual([]);
    expect(plan.blocked.map(({ comment, code }) => [comment, code])).toEqual([
      ['1', 'comment-restricted'],
      ['2', 'comment-empty'],
      ['3', 'comment-empty'],
    ]);
  });

  it('S24 neither writes a restricted copy nor lets its text leave', () => {
    const world = settled();
    const source = world.comment('a', kit.doc('first'));
    world.quiesce();
    const copy = world.copiesOf('a', source)[0]?.id ?? source;
    world.editComment('b', copy, { body: kit.doc('secret'), isRestricted: true });
    world.editComment('a', source, { body: kit.doc('again') });
    expect(world.plan()).toMatchObject({ steps: [], blocked: [{ code: 'comment-restricted' }] });
  });

  it('S25 creates comments in the order of their making, by number when the moments are equal', () => {
    const createdAt = 5_000;
    const comments = [
      kit.commentWith('10', 'third', { createdAt }),
      kit.commentWith('9', 'second', { createdAt }),
      kit.commentWith('11', 'first', { createdAt: 4_000 }),
    ];
    const { steps } = planSync({ ...talking(comments, []), b: kit.viewWith() });
    expect(steps.flatMap((step) => (step.kind === 'add-comment' ? [[step.issue, step.marker.source]] : []))).toEqual([
      ['created', '11'],
      ['created', '9'],
      ['created', '10'],
    ]);
  });

  it('S25 remembers that the other issue is full and does not try the same text again', () => {
    const input = talking([kit.commentWith('1', 'one too many')], []);
    const plan = planSync(input);
    const results = plan.steps.map(({ key }) => ({ key, ok: false as const, code: 'comment-limit' as const }));
    const { memory, blocked, isComplete } = settleTwin(input, plan, results);
    expect(blocked).toEqual([{ side: 'a', comment: '1', code: 'comment-limit' }]);
    expect(isComplete).toBe(true);
    expect(planSync({ ...input, memory })).toMatchObject({ steps: [], blocked: [{ code: 'comment-limit' }] });
  });

  it('S26 remembers what a comment without result would have said, and finds the copy by its marker', () => {
    const world = settled();
    const source = world.comment('a', kit.doc('first'));
    world.round({ stop: 'soft', after: 0 });
    expect(world.memory.comments).toMatchObject([{ origin: 'a', a: source }]);
    expect(world.memory.comments[0]?.bSent).toBe(world.memory.comments[0]?.aHash);
    world.quiesce();
    expect(world.copiesOf('a', source)).toHaveLength(1);
    expect(world.memory.comments).toHaveLength(1);
  });

  it('S26 takes the text of a copy that a person edited before anybody knew of it for the person’s', () => {
    const world = settled();
    const source = world.comment('a', kit.doc('first'));
    world.round({ stop: 'hard', after: 1 });
    const copy = world.copiesOf('a', source)[0];
    if (copy === undefined) throw new Error('no copy');
    world.editComment('b', copy.id, { body: kit.doc('first, by hand') });
    world.quiesce();
    expect(world.copiesOf('a', source)).toMatchObject([{ body: kit.doc('first, by hand') }]);
  });
});
