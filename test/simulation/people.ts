/** People at work: one decision of the script becomes one deed on a site, if Jira takes it. */
import { JiraProblem } from '../../infra/local/jira/model/problem.ts';
import { plainText } from '../../infra/local/jira/model/richText.ts';
import type { Comment, Issue, Site } from '../../infra/local/jira/model/types.ts';
import type { Side } from '../../shared/model/connection.ts';
import { chanceOf, pick } from './chance.ts';
import type { Chance } from './chance.ts';
import { BOT, PERSONS, ROBOT } from './fieldKinds.ts';
import { firstWord } from './history.ts';
import { kindsOf } from './moreKinds.ts';
import { APP_ACCOUNT } from '../../infra/local/inside.ts';
import { actOnPart } from './parts.ts';
import type { Text } from '../../infra/local/jira/http/people.ts';
import { pictured } from './pictures.ts';
import { bornReaders, nextReaders } from './readers.ts';
import { INSISTED } from './script.ts';
import type { Decision } from './script.ts';
import { PROJECTS, SITES } from './world.ts';
import type { SimWorld } from './world.ts';

type Doing = Extract<Decision, { readonly do: string }>;

/** Words that nothing else of the run has. */
interface Words {
  count: number;
}

/** The people of one run. */
export interface Crowd {
  act(decision: Doing): void;
}

/** The first person of the list administers both sites: everybody else may not change others' comments. */
const ADMIN = PERSONS[0] ?? '';

/** Makes the people, and the automation that answers our writes as often as the setting says. */
export function crowdOf(world: SimWorld): Crowd {
  const words: Words = { count: 0 };
  let answers = world.setting.botAnswers;
  world.onApp = (side, site, happening) => {
    if (happening.actorId === APP_ACCOUNT && happening.event !== 'jira:issue_deleted')
      insist(world, side, site, happening.issue.id);
    if (answers <= 0 || happening.actorId !== APP_ACCOUNT || happening.event === 'jira:issue_deleted') return;
    answers -= 1;
    const decision: Doing = { at: 0, do: 'edit', side, seed: world.scheduler.step };
    // An automation answers at once, but not inside the call that it answers.
    world.scheduler.at(world.scheduler.now + 1, () => {
      if (site.issues.has(happening.issue.id))
        attempt(() => editField(world, words, decision, site, happening.issue.id, BOT));
    });
  };
  return { act: (decision) => attempt(() => perform(world, words, decision)) };
}

/** An automation puts a field back to what it insists on, a moment after we changed the issue. */
function insist({ setting: { flips }, scheduler, jira }: SimWorld, side: Side, site: Site, issue: string): void {
  const wish = flips?.sides.includes(side) === true ? INSISTED[flips.field]?.[side] : undefined;
  if (wish === undefined) return;
  scheduler.at(scheduler.now + 1, () => {
    if (site.issues.has(issue)) attempt(() => jira.people(site.name, ROBOT.account).editIssue(issue, wish));
  });
}

/** What Jira refuses is not done; everything else is a mistake of ours. */
function attempt(deed: () => void): void {
  try {
    deed();
  } catch (thrown) {
    if (!(thrown instanceof JiraProblem)) throw thrown;
  }
}

function perform(world: SimWorld, words: Words, decision: Doing): void {
  const { side } = decision;
  const chance = chanceOf(decision.seed);
  const site = world.jira.site(SITES[side]);
  const person = world.jira.people(site.name, ADMIN);
  if (decision.do === 'create') {
    words.count += 1;
    const somebody = pick(chance, PERSONS.slice(0, -1));
    person.createIssue({
      ...{ project: PROJECTS[side], summary: `i${words.count} new`, issuetype: pick(chance, ['Task', 'Bug', 'Story']) },
      ...(chance() < 0.5 ? { description: `text w${words.count}` } : {}),
      ...(chance() < 0.5 ? { labels: [pick(chance, ['red', 'green'])] } : {}),
      ...(chance() < 0.5 ? { priority: pick(chance, ['High', 'Low']) } : {}),
      ...(chance() < 0.3 ? { assignee: somebody } : {}),
      ...bornWith(world, chance, `w${words.count}`, site),
    });
    return;
  }
  const issue = issueOf(chance, site, side);
  if (issue === undefined) return;
  switch (decision.do) {
    case 'edit':
      editField(world, words, decision, site, issue.id, ADMIN);
      return;
    case 'comment': {
      words.count += 1;
      const visibility = chance() < 0.12 ? { type: 'role', value: 'Administrators' } : undefined;
      const readers = world.setting.readers === true ? bornReaders(chance) : visibility && { visibility };
      const said = `c${words.count} said`;
      // What only some may read shows no file here.
      const text = readers === undefined ? shown(world, chance, site, issue, said) : said;
      person.comment(issue.id, text, readers);
      return;
    }
    case 'edit-comment':
    case 'edit-copy': {
      const comment = commentOf(chance, site, issue, decision.do === 'edit-copy');
      if (comment === undefined) return;
      words.count += 1;
      const readers = world.setting.readers === true ? nextReaders(chance, decision.do === 'edit-copy') : {};
      const said = `${firstWord(plainText(comment.body))} again w${words.count}`;
      const text = comment.visibility === null ? shown(world, chance, site, issue, said) : said;
      person.editComment(issue.id, comment.id, text, readers);
      return;
    }
    case 'delete-comment':
    case 'delete-copy': {
      const comment = commentOf(chance, site, issue, decision.do === 'delete-copy');
      if (comment !== undefined) person.deleteComment(issue.id, comment.id);
      return;
    }
    case 'delete-issue':
      person.deleteIssue(issue.id);
      return;
    default: {
      words.count += 1;
      const now = world.scheduler.now;
      actOnPart(decision.do, { chance, person, site, issue, now, word: `${words.count}` });
    }
  }
}

/** What a new issue has of the kinds that this run shares besides the usual ones. */
function bornWith({ setting }: SimWorld, chance: Chance, word: string, site: Site): Readonly<Record<string, unknown>> {
  const given = kindsOf(setting).flatMap((kind) =>
    kind.born === undefined || chance() >= 0.4 ? [] : [kind.born({ chance, word, site })],
  );
  return Object.assign({}, ...given) as Readonly<Record<string, unknown>>;
}

function editField(world: SimWorld, words: Words, decision: Doing, site: Site, id: string, account: string): void {
  const chance = chanceOf(decision.seed + 1);
  const issue = site.issues.get(id)?.issue;
  if (issue === undefined) return;
  words.count += 1;
  const people = world.jira.people(site.name, account);
  const token = world.history.tokenOf(site, id);
  const { fields, more = [] } = world.setting;
  // What this run shares besides the usual is what it is about.
  const wanted = fields ?? (more.length > 0 && chance() < 0.5 ? more : undefined);
  const all = kindsOf(world.setting);
  const kinds = all.filter(({ name }) => wanted?.includes(name) ?? true);
  const kind = pick(chance, kinds.length === 0 ? all : kinds);
  const word = `w${words.count}`;
  const text = kind.name === 'description' ? shown(world, chance, site, issue, `about ${word}`) : '';
  if (typeof text === 'string') kind.edit({ chance, word, token, site, issue, people });
  else people.editIssue(issue.id, { description: text });
  if (all.some(({ isQuiet }) => isQuiet)) world.glance(site);
}

/** A text, in some runs with a file of the issue in it. */
function shown({ setting }: SimWorld, chance: Chance, site: Site, issue: Issue, said: string): Text {
  return setting.pictures === true ? pictured(chance, site, issue, said) : said;
}

/** Mostly the same few issues: where many hands meet, things go wrong. */
function issueOf(chance: Chance, site: Site, side: Side): Issue | undefined {
  const own = [...site.issues.values()]
    .map(({ issue }) => issue)
    .filter(({ key }) => key.startsWith(`${PROJECTS[side]}-`));
  return own.length === 0 ? undefined : chance() < 0.6 ? own[0] : pick(chance, own);
}

function commentOf(chance: Chance, site: Site, issue: Issue, wantsCopy: boolean): Comment | undefined {
  const all = (site.issues.get(issue.id)?.commentIds ?? []).flatMap((id) => site.comments.get(id) ?? []);
  const fitting = all.filter(({ authorId }) => (authorId === APP_ACCOUNT) === wantsCopy);
  return fitting.length === 0 ? undefined : pick(chance, fitting);
}
