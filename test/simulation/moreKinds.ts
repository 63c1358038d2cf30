/**
 * Kinds of field that sites share by choice: of them a history takes a few, so that all are played and each history stays small.
 * What only the first site knows (`ONLY_HERE`) cannot arrive on the other.
 */
import { DEFAULT_CUSTOM_FIELDS, fieldNamed } from '../../infra/local/jira/model/customFields.ts';
import type { FieldSpec } from '../../infra/local/jira/model/customFields.ts';
import { plainText } from '../../infra/local/jira/model/richText.ts';
import type { Field, Issue, Named, Site } from '../../infra/local/jira/model/types.ts';
import { between, pick } from './chance.ts';
import type { Chance } from './chance.ts';
import { PERSONS, fieldKinds } from './fieldKinds.ts';
import type { Editing, FieldKind } from './fieldKinds.ts';
import type { Setting } from './script.ts';
import { tieKinds } from './ties.ts';

/** Names of choices that the second site does not have. */
const ONLY_HERE = { option: 'Fatal', component: 'engine', version: '3.0' } as const;
const DAYS = ['2026-12-01', '2026-12-24', '2027-01-31'] as const;
const SEVERITIES = ['Minor', 'Serious', 'Severe', ONLY_HERE.option] as const;
const PLATFORMS = ['Android', 'iOS', 'Windows', ONLY_HERE.option] as const;
const REGIONS = ['Europe', 'Europe > Berlin', 'Europe > Madrid', 'America > Lima'] as const;
const TOPICS = ['green', 'Green', 'blue', 'red'] as const;
const COMPONENTS = ['api', 'pages', ONLY_HERE.component] as const;
const VERSIONS = ['1.0', '2.0', ONLY_HERE.version] as const;
const DURATIONS = ['30m', '3h', '2d'] as const;
const EMPTY = '-';

/** Components and versions of a project of that side. */
export function projectParts(side: 'a' | 'b'): {
  readonly components: readonly string[];
  readonly versions: readonly string[];
} {
  const known = (names: readonly string[], only: string): readonly string[] =>
    names.filter((name) => side === 'a' || name !== only);
  return { components: known(COMPONENTS, ONLY_HERE.component), versions: known(VERSIONS, ONLY_HERE.version) };
}

/** The custom fields of a site of that side: Jira's usual ones, on the first site with one choice more. */
export function customFields(side: 'a' | 'b'): readonly FieldSpec[] {
  if (side === 'b') return DEFAULT_CUSTOM_FIELDS;
  const richer = ['Severity', 'Platforms'];
  return DEFAULT_CUSTOM_FIELDS.map((spec) =>
    richer.includes(spec.name) ? { ...spec, options: [...(spec.options ?? []), ONLY_HERE.option] } : spec,
  );
}

type Making = Pick<Editing, 'chance' | 'word' | 'site'>;

/** A field of a site, by its id or, of a custom one, by its name. */
function fieldOf(site: Site, name: string): Field {
  const field = fieldNamed(site.fields, name);
  if (field === undefined) throw new Error(`${site.name} has no field ${name}`);
  return field;
}

function valueOf(site: Site, issue: Issue, name: string): unknown {
  return issue.values[fieldOf(site, name).id] ?? null;
}

/** A field of one value: empty now and then, else what `make` gives. */
function scalar(
  name: string,
  jira: string,
  show: (value: unknown, site: Site) => string,
  make: (making: Making) => unknown,
  isUnknown: (shown: string) => boolean = () => false,
): FieldKind {
  return {
    name,
    shape: 'scalar',
    show: (site, issue) => {
      const value = valueOf(site, issue, jira);
      return value === null ? EMPTY : show(value, site);
    },
    edit: (editing) => {
      const { people, issue, chance } = editing;
      people.editIssue(issue.id, { [jira]: chance() < 0.15 ? null : make(editing) });
    },
    idOn: (site) => fieldOf(site, jira).id,
    born: (making) => ({ [jira]: make(making) }),
    isUnknownTo: (side, shown) => side === 'b' && isUnknown(shown),
  };
}

/** A set of names: an edit adds one or takes one away. */
function set(
  name: string,
  jira: string,
  namesOf: (site: Site, issue: Issue) => readonly Named[],
  among: (site: Site) => readonly string[],
  isUnknown: (element: string) => boolean = () => false,
): FieldKind {
  const show = (site: Site, issue: Issue): readonly string[] => {
    const value = valueOf(site, issue, jira);
    const ids = Array.isArray(value) ? (value as readonly string[]) : [];
    const names = namesOf(site, issue);
    return ids.map((id) => names.find((one) => one.id === id)?.name ?? id).toSorted();
  };
  return {
    name,
    shape: 'set',
    show,
    edit: ({ people, site, issue, chance }) => {
      const here = show(site, issue);
      const one = pick(chance, among(site));
      const next = here.includes(one) ? here.filter((name) => name !== one) : [...here, one];
      people.editIssue(issue.id, { [jira]: next });
    },
    idOn: (site) => fieldOf(site, jira).id,
    born: ({ chance, site }) => ({ [jira]: [pick(chance, among(site))] }),
    isUnknownTo: (side, element) => side === 'b' && isUnknown(element),
  };
}

const optionsOf = (jira: string) => (site: Site) => fieldOf(site, jira).options ?? [];
const nameIn = (jira: string) => (value: unknown, site: Site) =>
  optionsOf(jira)(site).find(({ id }) => id === value)?.name ?? String(value);
const here = (site: Site): readonly string[] => PERSONS.filter((account) => site.members.has(account));
const isStranger = (account: string): boolean => account === PERSONS.at(-1);
const projectOf = (site: Site, issue: Issue) => [...site.projects.values()].find(({ id }) => id === issue.projectId);
const componentsOf = (site: Site, issue: Issue) => projectOf(site, issue)?.components ?? [];
const versionsOf = (site: Site, issue: Issue) => projectOf(site, issue)?.versions ?? [];
/** What of a list the site has. */
const known = (names: readonly string[], only: string) => (site: Site) =>
  names.filter((name) => name !== only || site.members.has(PERSONS.at(-1) ?? ''));
const word = ({ word: one }: Making): string => one;
const anyOf =
  (names: readonly string[]) =>
  ({ chance }: { readonly chance: Chance }): string =>
    pick(chance, names);
const text = (value: unknown): string => plainText(value).trim();

function regionOf(value: unknown, site: Site): string {
  const [parent, child] = Array.isArray(value) ? (value as readonly string[]) : [];
  const option = fieldOf(site, 'Region').options?.find(({ id }) => id === parent);
  const names = [option?.name, option?.children.find(({ id }) => id === child)?.name];
  return names.filter((name) => name !== undefined).join(' > ');
}

function minute({ chance }: { readonly chance: Chance }): string {
  return `2026-12-0${between(chance, 1, 9)}T10:${between(chance, 10, 59)}:00.000+0100`;
}

function severity({ chance, site }: Making): string {
  return pick(chance, known(SEVERITIES, ONLY_HERE.option)(site));
}

/** An estimate is set with the other one in one field of Jira's. */
function estimate(name: string, jira: string, part: 'originalEstimate' | 'remainingEstimate'): FieldKind {
  return {
    ...scalar(name, jira, String, word),
    idOn: () => 'timetracking',
    born: ({ chance }) => ({ timetracking: { [part]: pick(chance, DURATIONS) } }),
    edit: ({ people, issue, chance }) =>
      people.editIssue(issue.id, { timetracking: { [part]: chance() < 0.15 ? '' : pick(chance, DURATIONS) } }),
  };
}

/** The table. */
export const moreKinds: readonly FieldKind[] = [
  scalar('dueDate', 'duedate', String, anyOf(DAYS)),
  scalar('environment', 'environment', text, ({ word: one }) => `where *${one}*\n\nand when`),
  scalar('custom:text:Customer', 'Customer', String, word),
  scalar('custom:url:Website', 'Website', String, ({ word: one }) => `https://pages.example/${one}`),
  scalar('custom:richText:Acceptance criteria', 'Acceptance criteria', text, ({ word: one }) => `h2. When\n\n* ${one}`),
  scalar('custom:number:Story point estimate', 'Story point estimate', String, ({ chance }) => between(chance, 0, 5)),
  scalar('custom:date:Start date', 'Start date', String, anyOf(DAYS)),
  scalar('custom:dateTime:Go-live', 'Go-live', String, minute),
  scalar('custom:option:Severity', 'Severity', nameIn('Severity'), severity, (shown) => shown === ONLY_HERE.option),
  scalar('custom:option:Risk', 'Risk', nameIn('Risk'), anyOf(['Low', 'Medium', 'High'])),
  scalar('custom:cascade:Region', 'Region', regionOf, anyOf(REGIONS)),
  scalar('custom:user:Contact', 'Contact', String, ({ chance, site }) => pick(chance, here(site)), isStranger),
  set(
    'custom:options:Platforms',
    'Platforms',
    optionsOf('Platforms'),
    known(PLATFORMS, ONLY_HERE.option),
    (element) => element === ONLY_HERE.option,
  ),
  set('custom:options:Checks', 'Checks', optionsOf('Checks'), () => ['Tests', 'Docs', 'Security']),
  set('custom:users:Reviewers', 'Reviewers', () => [], here, isStranger),
  set(
    'custom:labels:Topics',
    'Topics',
    () => [],
    () => TOPICS,
  ),
  set(
    'components',
    'components',
    componentsOf,
    known(COMPONENTS, ONLY_HERE.component),
    (element) => element === ONLY_HERE.component,
  ),
  set(
    'fixVersions',
    'fixVersions',
    versionsOf,
    known(VERSIONS, ONLY_HERE.version),
    (element) => element === ONLY_HERE.version,
  ),
  set(
    'affectsVersions',
    'versions',
    versionsOf,
    known(VERSIONS, ONLY_HERE.version),
    (element) => element === ONLY_HERE.version,
  ),
  estimate('originalEstimate', 'timeoriginalestimate', 'originalEstimate'),
  estimate('remainingEstimate', 'timeestimate', 'remainingEstimate'),
];

/** The kinds of a run: what every issue has, and what this run shares besides. */
export function kindsOf({ more = [] }: Pick<Setting, 'more'>): readonly FieldKind[] {
  return more.length === 0
    ? fieldKinds
    : [...fieldKinds, ...[...moreKinds, ...tieKinds].filter(({ name }) => more.includes(name))];
}
