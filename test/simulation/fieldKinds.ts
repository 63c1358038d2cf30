/**
 * The kinds of field that people change in these runs: how one changes, and what it shows. A new kind is one row. Written without
 * the engine on purpose: it may not be judged by its own rules.
 */
import type { People } from '../../infra/local/jira/http/people.ts';
import type { Issue, Named, Site } from '../../infra/local/jira/model/types.ts';
import type { Side } from '../../shared/model/connection.ts';
import { appAccountId } from '../../infra/local/jira/model/world.ts';
import { spoken } from './pictures.ts';
import { between, pick } from './chance.ts';
import type { Chance } from './chance.ts';

/** What a change of a field needs to know. */
export interface Editing {
  readonly chance: Chance;
  /** A word that no other change of the run has. */
  readonly word: string;
  /** The word that says which issue this is; a summary keeps it. */
  readonly token: string;
  readonly site: Site;
  readonly issue: Issue;
  readonly people: People;
}

/** One kind. */
export interface FieldKind {
  /** As the rules and the twin's traces call it. */
  readonly name: string;
  /** `set`: compared and accounted for element by element. */
  readonly shape: 'scalar' | 'set';
  /** By name, so that two sites can be compared. A set shows its elements. */
  show(site: Site, issue: Issue): string | readonly string[];
  edit(editing: Editing): void;
  /** What a site's REST calls it, where that is another name. */
  readonly idOn?: (site: Site) => string;
  /** What a new issue may be given of it, as people speak of fields. */
  born?(making: Pick<Editing, 'chance' | 'word' | 'site'>): Readonly<Record<string, unknown>>;
  /** Whether the site of that side has no such value or element. */
  isUnknownTo?(side: Side, shown: string): boolean;
  /** The word of the issue that a value or element names. */
  readonly refersTo?: (shown: string) => string | undefined;
  /** No webhook tells of a change: only a run finds it. */
  readonly isQuiet?: boolean;
}

/** Names that people choose from; few, so that both sides often choose the same. */
const LABELS = ['red', 'green', 'blue', 'Red'] as const;
const PRIORITIES = ['Highest', 'High', 'Medium', 'Low'] as const;
const TYPES = ['Task', 'Bug', 'Story'] as const;

/** Persons of both sites, by their place in the list; the last one is known on the first site only. */
export const PERSONS = ['ann', 'bob', 'cyd', 'dee'].map((name) => `712020:0000-${name}`);
/** The account of the automation that answers our writes. */
export const BOT = '712020:0000-bot';
/** The add-on whose automation insists on a value: an account of an app, as that of the sites' own automation is. */
export const ROBOT = { key: 'robot', account: appAccountId('robot') } as const;

const isStranger = (side: Side, account: string): boolean => side === 'b' && account === PERSONS.at(-1);
const value = (issue: Issue, id: string): unknown => issue.values[id] ?? null;
const named = (among: readonly Named[], id: unknown): string => among.find((one) => one.id === id)?.name ?? '-';

/** The table. */
export const fieldKinds: readonly FieldKind[] = [
  {
    name: 'summary',
    shape: 'scalar',
    show: (_site, issue) => String(value(issue, 'summary')),
    edit: ({ people, issue, token, word }) => people.editIssue(issue.id, { summary: `${token} ${word}` }),
  },
  {
    name: 'description',
    shape: 'scalar',
    show: (_site, issue) => textOf(value(issue, 'description')),
    edit: ({ people, issue, word, chance }) =>
      people.editIssue(issue.id, { description: chance() < 0.1 ? null : `about *${word}*\n\nand more` }),
  },
  {
    name: 'issueType',
    shape: 'scalar',
    show: (site, issue) => named(site.issueTypes, value(issue, 'issuetype')),
    edit: ({ people, site, issue, chance }) => {
      // Jira leaves what stands beneath an epic where it is, and the next one cannot come beneath it.
      if (named(site.issueTypes, value(issue, 'issuetype')) === 'Epic') return;
      people.editIssue(issue.id, { issuetype: pick(chance, TYPES) });
    },
  },
  {
    name: 'priority',
    shape: 'scalar',
    show: (site, issue) => named(site.priorities, value(issue, 'priority')),
    edit: ({ people, issue, chance }) => people.editIssue(issue.id, { priority: pick(chance, PRIORITIES) }),
  },
  {
    name: 'labels',
    shape: 'set',
    show: (_site, issue) => labelsOf(issue),
    edit: ({ people, issue, chance }) => {
      const label = pick(chance, LABELS);
      const verb = labelsOf(issue).includes(label) ? 'remove' : 'add';
      people.editIssue(issue.id, {}, { update: { labels: [{ [verb]: label }] } });
    },
  },
  {
    name: 'status',
    shape: 'scalar',
    show: (site, issue) => named(site.statuses, issue.statusId),
    edit: ({ people, issue, site, chance }) => {
      const project = [...site.projects.values()].find(({ id }) => id === issue.projectId);
      const ways = (project?.workflow.transitions ?? []).filter(
        ({ from, to }) => to !== issue.statusId && (from === 'any' || from.includes(issue.statusId)),
      );
      people.transition(issue.id, named(site.statuses, pick(chance, ways).to));
    },
  },
  {
    name: 'assignee',
    shape: 'scalar',
    show: (_site, issue) => String(value(issue, 'assignee')),
    isUnknownTo: isStranger,
    edit: ({ people, issue, site, chance }) => people.editIssue(issue.id, { assignee: someone(site, chance, true) }),
  },
  {
    name: 'reporter',
    shape: 'scalar',
    show: (_site, issue) => String(value(issue, 'reporter')),
    isUnknownTo: isStranger,
    edit: ({ people, issue, site, chance }) => people.editIssue(issue.id, { reporter: someone(site, chance, false) }),
  },
];

function labelsOf(issue: Issue): readonly string[] {
  const labels = value(issue, 'labels');
  return Array.isArray(labels) ? (labels as readonly string[]).toSorted() : [];
}

function textOf(document: unknown): string {
  return document === null ? '-' : spoken(document);
}

function someone(site: Site, chance: Chance, mayBeNobody: boolean): string | null {
  if (mayBeNobody && chance() < 0.2) return null;
  const here = PERSONS.filter((account) => site.members.has(account));
  return here[between(chance, 0, here.length - 1)] ?? null;
}
