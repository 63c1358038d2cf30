import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Side } from '../../../shared/model/connection.ts';
import type { Abilities } from '../../../shared/model/plan.ts';
import type { FieldName } from '../../../shared/model/field.ts';
import type { JiraComment, Replica } from '../../../shared/model/replica.ts';
import type { Policy, RuleDocument } from '../../../shared/model/rules.ts';
import type { Code } from '../../../shared/verdict.ts';
import { abilitiesWith, rulesWith } from '../../kit/syncBuilders.ts';
import { World, type Round, type Site } from '../../kit/twoSites.ts';

/** One line of a story: who does what, or a turn of the shell. Comments are counted from 0 in the order of their making, per side. */
type Line =
  | { readonly on: Side; readonly set: Replica }
  | { readonly on: Side; readonly labels: readonly string[] }
  | { readonly on: Side; readonly say: JiraComment['body']; readonly more?: Partial<JiraComment> }
  | { readonly on: Side; readonly reword: number; readonly more: Partial<JiraComment> }
  | { readonly on: Side; readonly erase: number }
  | { readonly on: Side; readonly abilities: Partial<Abilities> }
  | { readonly on: Side; readonly refuses: Partial<Record<FieldName, Code>> }
  | { readonly on: Side; readonly gone: true }
  | { readonly round: Round }
  | { readonly quiet: true };

interface Case {
  readonly spec: string;
  readonly title: string;
  readonly comment: string;
  readonly policy?: Policy;
  readonly rules?: Readonly<Partial<Record<Side, Partial<RuleDocument>>>>;
  readonly fields?: Replica;
  readonly abilities?: Partial<Abilities>;
  readonly story: readonly Line[];
  readonly expect: {
    /** Every step that ran, as `side kind`. */
    readonly steps?: readonly string[];
    readonly blocked?: readonly string[];
    readonly a?: Replica;
    readonly b?: Replica;
    readonly comments?: Readonly<Record<Side, number>>;
  };
}

const folder = new URL('../../fixtures/sync/', import.meta.url);
const cases = readdirSync(folder)
  .sort()
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .map((text) => JSON.parse(text) as Case);

describe('stories of two sites', () => {
  it.each(cases.map((one) => [`${one.spec} ${one.title}`, one] as const))('%s', (_title, one) => {
    const rules = (side: Side): RuleDocument => ({ ...rulesWith({}, one.policy), ...one.rules?.[side] });
    const b: Partial<Site> = { abilities: abilitiesWith(one.abilities) };
    const world = new World({
      rules: { a: rules('a'), b: rules('b') },
      b,
      ...(one.fields ? { fields: one.fields } : {}),
    });
    for (const line of one.story) tell(world, line);
    const plan = world.plan();
    const { expect: want } = one;
    if (want.steps) expect(world.done.map(({ side, kind }) => `${side} ${kind}`)).toEqual(want.steps);
    expect(
      plan.blocked.map(({ side, field, comment, code }) => `${side} ${field ?? comment ?? 'issue'} ${code}`),
    ).toEqual(want.blocked ?? []);
    if (want.a) expect(world.issue('a').fields).toMatchObject(want.a);
    if (want.b) expect(world.issue('b').fields).toMatchObject(want.b);
    if (want.comments)
      expect({ a: world.sites.a.comments.length, b: world.sites.b.comments.length }).toEqual(want.comments);
  });
});

function tell(world: World, line: Line): void {
  if ('round' in line) world.round(line.round);
  else if ('quiet' in line) world.quiesce();
  else if ('set' in line) world.set(line.on, line.set);
  else if ('labels' in line) world.setLabels(line.on, line.labels);
  else if ('say' in line) world.comment(line.on, line.say, line.more);
  else if ('abilities' in line)
    world.sites[line.on].abilities = { ...world.sites[line.on].abilities, ...line.abilities };
  else if ('refuses' in line) world.sites[line.on].refuses = line.refuses;
  else if ('gone' in line) world.sites[line.on].issue = 'gone';
  else {
    const at = 'reword' in line ? line.reword : line.erase;
    const entry = world.sites[line.on].comments[at];
    if (entry === undefined) throw new Error('the story names no comment');
    if ('reword' in line) world.editComment(line.on, entry.comment.id, line.more);
    else world.deleteComment(line.on, entry.comment.id);
  }
}
