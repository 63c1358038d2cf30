import fc from 'fast-check';
import type { Side } from '../../shared/model/connection.ts';
import type { JiraComment } from '../../shared/model/replica.ts';
import { doc, docOf, picture } from './syncBuilders.ts';
import type { Round, Site, World } from './twoSites.ts';

/** Something that happens to a pair: a person acts, or the shell takes a turn, whole or in part. */
export type Happening =
  | { readonly kind: 'summary' | 'text' | 'picture'; readonly side: Side }
  | { readonly kind: 'priority' | 'status' | 'label' | 'unlabel'; readonly side: Side; readonly pick: number }
  | { readonly kind: 'say'; readonly side: Side; readonly isRestricted: boolean }
  | { readonly kind: 'reword' | 'erase' | 'restrict'; readonly side: Side; readonly pick: number }
  /** A note is written for everybody or for one of some roles; `pick` says which. */
  | { readonly kind: 'whisper' | 'log' | 'attach'; readonly side: Side; readonly pick: number }
  | { readonly kind: 'narrow' | 'relog' | 'unlog' | 'detach'; readonly side: Side; readonly pick: number }
  | { readonly kind: 'round'; readonly how: Round };

const side = fc.constantFrom<Side>('a', 'b');
const pick = fc.nat(5);
const whole: Round = { stop: 'none' };

/** One happening. `stops` says which ways of stopping half way may occur. */
export function happening(stops: readonly Exclude<Round['stop'], 'none'>[]): fc.Arbitrary<Happening> {
  const broken = fc.record({ stop: fc.constantFrom(...stops), after: fc.nat(3) });
  return fc.oneof(
    fc.record({ kind: fc.constantFrom<'summary' | 'text' | 'picture'>('summary', 'text', 'text', 'picture'), side }),
    fc.record({
      kind: fc.constantFrom<'priority' | 'status' | 'label' | 'unlabel'>('priority', 'status', 'label', 'unlabel'),
      side,
      pick,
    }),
    fc.record({ kind: fc.constant<'say'>('say'), side, isRestricted: fc.boolean() }),
    fc.record({ kind: fc.constantFrom<'reword' | 'erase' | 'restrict'>('reword', 'erase', 'restrict'), side, pick }),
    fc.record({ kind: fc.constantFrom<'whisper' | 'log' | 'attach'>('whisper', 'log', 'attach'), side, pick }),
    fc.record({
      kind: fc.constantFrom<'narrow' | 'relog' | 'unlog' | 'detach'>('narrow', 'relog', 'unlog', 'detach'),
      side,
      pick,
    }),
    fc.record({ kind: fc.constant<'round'>('round'), how: fc.oneof(fc.constant(whole), broken) }),
  );
}

/** What people wrote last, and where. Texts are unique, so that the last one can be told. */
export interface Diary {
  count: number;
  summary?: { readonly side: Side; readonly value: string };
  text?: { readonly side: Side; readonly value: string };
  hasRemovedLabels: boolean;
}

const priorities = ['High', 'Medium', 'Low', 'Exotic'];
const statuses = ['To Do', 'In Progress', 'Done', 'Frozen'];
/** Who may read a note: everybody, or a role that the tables of these histories name, name as public, or do not name. */
const readers: readonly Pick<JiraComment, 'isRestricted' | 'visibility'>[] = [
  { isRestricted: false },
  ...['Developers', 'Team', 'Viewers', 'Secret'].map((name) => ({
    isRestricted: true,
    visibility: { type: 'role' as const, name },
  })),
  { isRestricted: true },
];
/** Few names and few bytes, so that files of both sides look alike now and then. */
const contents = ['one', 'two', 'six', 'three'];

const labels = ['red', 'Red', 'blue', 'green', 'new', 'old'];

/** A text that shows the newest file of its issue, or one of nobody. */
function shown(site: Site, text: string) {
  return docOf(...doc(text).content, picture('a file', site.files.at(-1)?.file.media ?? 'file-1'));
}

/** Lets it happen. What is not possible now (no issue, no comment to edit) does not happen. */
export function live(world: World, what: Happening, diary: Diary): void {
  if (what.kind === 'round') {
    world.round(what.how);
    return;
  }
  const { side } = what;
  const site = world.sites[side];
  if (typeof site.issue === 'string') return;
  diary.count += 1;
  const text = `text ${diary.count}`;
  switch (what.kind) {
    case 'summary':
      diary.summary = { side, value: text };
      {
        world.set(side, { summary: text });
        return;
      }
    case 'text':
    case 'picture':
      diary.text = { side, value: text };
      {
        world.set(side, {
          description: what.kind === 'text' ? doc(text) : shown(site, text),
        });
        return;
      }
    case 'priority': {
      set(world, side, 'priority', priorities[what.pick % priorities.length]);
      return;
    }
    case 'status': {
      set(world, side, 'status', statuses[what.pick % statuses.length]);
      return;
    }
    case 'label':
    case 'unlabel': {
      const label = labels[what.pick] ?? 'red';
      const others = (site.issue.fields.labels ?? []).filter((known) => known !== label);
      if (what.kind === 'unlabel') diary.hasRemovedLabels = true;
      world.setLabels(side, what.kind === 'label' ? [...others, label] : others);
      return;
    }
    case 'say':
      world.comment(side, diary.count % 3 === 0 ? shown(site, text) : doc(text), { isRestricted: what.isRestricted });
      return;
    case 'whisper':
      world.comment(side, doc(text), readers[what.pick]);
      return;
    case 'log':
      world.worklog(side, {
        body: what.pick > 3 ? null : doc(text),
        spentSeconds: 600 + what.pick * 59,
        ...readers[what.pick],
      });
      return;
    case 'attach': {
      const content = contents[what.pick % contents.length] ?? '';
      world.attach(side, content.length === 3 ? 'short.txt' : 'long.txt', content);
      return;
    }
    case 'relog':
    case 'unlog': {
      const entry = site.worklogs[what.pick % Math.max(1, site.worklogs.length)];
      if (entry === undefined) return;
      if (what.kind === 'unlog') world.deleteWorklog(side, entry.worklog.id);
      else world.editWorklog(side, entry.worklog.id, { body: doc(text), spentSeconds: 1_200 + what.pick * 60 });
      return;
    }
    case 'detach': {
      const entry = site.files[what.pick % Math.max(1, site.files.length)];
      if (entry !== undefined) world.detach(side, entry.file.id);
      return;
    }
    case 'narrow': {
      const entry = site.comments[what.pick % Math.max(1, site.comments.length)];
      if (entry === undefined) return;
      const { visibility: _, ...open } = entry.comment;
      world.now += 10;
      entry.comment = { ...open, isRestricted: false, ...readers[what.pick], updatedAt: world.now };
      if (!entry.comment.isRestricted) world.opened.add(entry.comment.id);
      return;
    }
    case 'reword':
    case 'erase':
    case 'restrict': {
      const entry = site.comments[what.pick % Math.max(1, site.comments.length)];
      if (entry === undefined) return;
      if (what.kind === 'reword') {
        world.editComment(side, entry.comment.id, { body: doc(text) });
        return;
      }
      if (what.kind === 'erase') {
        world.deleteComment(side, entry.comment.id);
        return;
      }
      world.editComment(side, entry.comment.id, { isRestricted: !entry.comment.isRestricted });
      if (!entry.comment.isRestricted) world.opened.add(entry.comment.id);
      return;
    }
  }
}

function set(world: World, side: Side, field: 'priority' | 'status', value: string | undefined): void {
  if (value !== undefined && world.issue(side).fields[field] !== value) world.set(side, { [field]: value });
}
