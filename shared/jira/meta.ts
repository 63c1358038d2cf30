import type { AccountId, IssueId, ProjectKey } from '../model/ids.ts';
import { kindOf } from '../model/field.ts';
import type { FieldName } from '../model/field.ts';
import type { Abilities } from '../model/plan.ts';
import type { Clock, ProjectFacts } from '../ports.ts';
import {
  parseAssignable,
  parseCreateMeta,
  parseEditMeta,
  parseIssueTypes,
  parseLinkTypes,
  parseScrumBoards,
  parseSprints,
  parseTransitions,
} from '../wire/jira.ts';
import type { OfferedWay, Screen, ScreenField } from '../wire/jira.ts';
import { parseSiteFields } from '../wire/jiraFields.ts';
import type { SiteFields } from '../wire/jiraFields.ts';
import { createMoves } from './moves.ts';
import type { Moves, Standing } from './moves.ts';
import { agileTarget, call, target } from './call.ts';
import type { Site } from './call.ts';
import { allEnded } from '../model/allEnded.ts';

/** How long a site's screens, types and people are believed: an admin who repairs a screen tries again within a minute. */
const KEEP_MS = 60_000;
/** Entries of one kind, of all tenants together; each is a few hundred bytes. */
const MAX_ENTRIES = 2_000;
/** Issue types and fields of one screen fit in one page. @see ATLASSIAN.md §6.3 */
const META_PAGE = 200;
/** People asked about for one twin; those beyond count as not usable, so that one issue with many mentions stays cheap. */
const MAX_PEOPLE = 20;

/**
 * Answers of one kind that change seldom, by tenant and name, for at most a minute. What several ask for at once is asked once, and
 * all get the same answer or fault.
 */
export interface Kept<T> {
  get(site: Site, name: string, load: () => Promise<T>): Promise<T>;
  /** Forgets all of a tenant: an answer has contradicted what was believed. */
  forget(site: Site): void;
}

/** What the client believes of sites for a minute. */
export interface MetaCache {
  readonly types: Kept<readonly KnownType[]>;
  readonly screens: Kept<Screen>;
  readonly people: Kept<boolean>;
  readonly fields: Kept<SiteFields>;
  readonly sprints: Kept<ReadonlyMap<string, number>>;
  readonly linkTypes: Kept<readonly string[]>;
  /** Not for a minute only: it is learnt bit by bit. */
  readonly moves: Moves;
}

/** Makes the cache of one process. Expired entries are neither used nor kept for long. */
export function createMetaCache(clock: Clock): MetaCache {
  return {
    types: createKept(clock),
    screens: createKept(clock),
    people: createKept(clock),
    fields: createKept(clock),
    sprints: createKept(clock),
    linkTypes: createKept(clock),
    moves: createMoves(),
  };
}

/** Forgets what was believed of a tenant's screens, types, fields and people. */
export function forget(cache: MetaCache, site: Site): void {
  const { moves: _moves, ...kept } = cache;
  for (const one of Object.values(kept)) one.forget(site);
}

/** Makes one such memory. */
export function createKept<T>(clock: Clock): Kept<T> {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  const asked = new Map<string, Promise<T>>();
  const prefixOf = ({ tenant }: Site): string => `${tenant.tenant}#${tenant.generation} `;
  const keep = (key: string, value: T): void => {
    entries.delete(key);
    entries.set(key, { value, until: clock.now() + KEEP_MS });
    const eldest = entries.keys().next().value;
    if (entries.size > MAX_ENTRIES && eldest !== undefined) entries.delete(eldest);
  };
  return {
    get: async (site, name, load) => {
      const key = prefixOf(site) + name;
      const kept = entries.get(key);
      if (kept !== undefined && kept.until > clock.now()) return kept.value;
      const under = asked.get(key);
      if (under !== undefined) return under;
      const asking = load();
      asked.set(key, asking);
      // An answer that was asked for before all was forgotten belongs to those who wait for it and to nobody after them.
      const isWanted = (): boolean => asked.get(key) === asking;
      try {
        const value = await asking;
        if (isWanted()) keep(key, value);
        return value;
      } finally {
        if (isWanted()) asked.delete(key);
      }
    },
    forget: (site) => {
      for (const memory of [entries, asked])
        for (const key of memory.keys()) if (key.startsWith(prefixOf(site))) memory.delete(key);
    },
  };
}

/** An issue type as a project's create screens know it. */
export type KnownType = ProjectFacts['issueTypes'][number];

/** The issue types of a project. */
export function issueTypesOf(site: Site, cache: MetaCache, project: ProjectKey): Promise<readonly KnownType[]> {
  return cache.types.get(site, project, async () => {
    const path = target('/issue/createmeta/{}/issuetypes', [project], { maxResults: META_PAGE });
    return parseIssueTypes((await call(site, { method: 'GET', target: path })).body);
  });
}

/** The fields that the site has. */
export function siteFields(site: Site, cache: MetaCache): Promise<SiteFields> {
  return cache.fields.get(site, 'fields', async () =>
    parseSiteFields((await call(site, { method: 'GET', target: target('/field') })).body),
  );
}

/** Boards of one project that are looked at for sprints; a page of them. */
const MAX_BOARDS = 50;

/** The sprints of a project that are open or planned: name → id. Of two of one name the first board's counts. */
export function sprintsOf(site: Site, cache: MetaCache, project: ProjectKey): Promise<ReadonlyMap<string, number>> {
  return cache.sprints.get(site, project, async () => {
    const query = { projectKeyOrId: project, type: 'scrum', maxResults: MAX_BOARDS };
    const answer = await call(site, {
      method: 'GET',
      target: agileTarget('/board', [], query),
      accept: [400, 403, 404],
    });
    if (answer.status !== 200) return new Map();
    const found = new Map<string, number>();
    for (const board of parseScrumBoards(answer.body)) {
      const path = agileTarget('/board/{}/sprint', [String(board)], { state: 'active,future' });
      const page = await call(site, { method: 'GET', target: path, accept: [400, 403, 404] });
      if (page.status !== 200) continue;
      for (const [name, id] of parseSprints(page.body)) if (!found.has(name)) found.set(name, id);
    }
    return found;
  });
}

/** The names of the site's types of links. */
function linkTypesOf(site: Site, cache: MetaCache): Promise<readonly string[]> {
  return cache.linkTypes.get(site, 'types', async () => {
    const answer = await call(site, { method: 'GET', target: target('/issueLinkType'), accept: [404] });
    // Without links the site answers 404: no type is known there.
    return answer.status === 404 ? [] : parseLinkTypes(answer.body);
  });
}

/** The create screen of one issue type. */
export function createScreen(site: Site, cache: MetaCache, project: ProjectKey, type: string): Promise<Screen> {
  return cache.screens.get(site, `create ${project} ${type}`, async () => {
    const path = target('/issue/createmeta/{}/issuetypes/{}', [project, type], { maxResults: META_PAGE });
    return parseCreateMeta((await call(site, { method: 'GET', target: path })).body, await siteFields(site, cache));
  });
}

/** The edit screen of an issue. Kept for a minute only because one sync asks twice. */
export function editScreen(site: Site, cache: MetaCache, issue: IssueId): Promise<Screen> {
  return cache.screens.get(site, `edit ${issue}`, async () => {
    const answer = await call(site, { method: 'GET', target: target('/issue/{}/editmeta', [issue]) });
    return parseEditMeta(answer.body, await siteFields(site, cache));
  });
}

/** What is asked when the abilities of a project or an issue are read. */
export interface AbilityAsk {
  readonly project: ProjectKey;
  readonly issue?: IssueId;
  readonly issueType?: string;
  readonly isSubtask?: boolean;
  readonly people: readonly AccountId[];
  /** The fields that a plan may write there. */
  readonly fields: readonly FieldName[];
  /** Where the issue stands, when that is known. */
  readonly standing?: Omit<Standing, 'project'>;
  /** What the plan writes there; all of it when absent. */
  readonly touches?: 'notes' | 'fields' | 'status';
}

/**
 * What may be written. For a new issue the create screen of `issueType` counts, of the project's first type of that sort when the
 * project does not know that name.
 */
export async function readAbilities(site: Site, cache: MetaCache, ask: AbilityAsk): Promise<Abilities> {
  const [types, usable, more] = await allEnded([
    issueTypesOf(site, cache, ask.project),
    usablePeople(site, cache, ask.project, ask.people),
    askedLists(site, cache, ask),
  ]);
  const issueTypes = types.map(({ name, isSubtask }) => ({ name, isSubtask }));
  const { linkTypes, sprints } = more;
  const links = linkTypes === undefined ? {} : { linkTypes };
  if (ask.issue === undefined) {
    const type = typeNamed(types, ask.issueType, ask.isSubtask ?? false);
    const screen: Screen = type === undefined ? new Map() : await createScreen(site, cache, ask.project, type.id);
    const options = optionsOf(screen, sprints);
    return { issueTypes, options, creatable: [...screen.keys()], editable: [], transitions: [], usable, ...links };
  }
  const [screen, transitions] = await allEnded([
    ask.touches === 'notes' ? NO_SCREEN : editScreen(site, cache, ask.issue),
    needsWays(site, cache, ask) ? readTransitions(site, cache, ask.issue) : undefined,
  ]);
  const ways = (transitions ?? []).map(({ screen: _screen, ...way }) => way);
  const editable = [...screen.keys(), ...ask.fields.filter((field) => field === 'links' || field === 'remoteLinks')];
  return {
    issueTypes,
    options: optionsOf(screen, sprints),
    creatable: [],
    editable: [...new Set(editable)],
    transitions: ways,
    usable,
    ...links,
    ...(transitions === undefined ? {} : workflowOf(site, cache, ask, ways)),
  };
}

/** What an issue that keeps its status could be moved to is worth a call only to learn its workflow, while its fields are written. */
function needsWays(
  site: Site,
  cache: MetaCache,
  { project, standing, fields, touches = 'status' }: AbilityAsk,
): boolean {
  if (touches !== 'fields') return touches === 'status';
  return standing !== undefined && fields.includes('status') && !cache.moves.isKnown(site, { project, ...standing });
}

const NO_SCREEN: Screen = new Map();

/** The workflow as far as issues of its kind have shown it. */
function workflowOf(
  site: Site,
  cache: MetaCache,
  { project, standing }: AbilityAsk,
  ways: Abilities['transitions'],
): Pick<Abilities, 'workflow'> {
  if (standing === undefined) return {};
  const offered = ways.map(({ to }) => to);
  return { workflow: cache.moves.learn(site, { project, ...standing }, offered) };
}

/** Lists that no screen holds, when the plan may need them. */
async function askedLists(site: Site, cache: MetaCache, { fields, project }: AbilityAsk) {
  const [linkTypes, sprints] = await allEnded([
    fields.includes('links') ? linkTypesOf(site, cache) : undefined,
    fields.includes('sprint') ? sprintsOf(site, cache, project) : undefined,
  ]);
  return { linkTypes, sprints };
}

/** The names that each field with a list takes; a cascade's as JSON of both. */
function optionsOf(screen: Screen, sprints: ReadonlyMap<string, number> | undefined): Abilities['options'] {
  const options: Partial<Record<FieldName, readonly string[]>> = {};
  for (const [name, field] of screen) {
    if (field.choices === undefined) continue;
    options[name] = kindOf(name) === 'cascade' ? cascadesOf(field) : [...field.choices.keys()];
  }
  return sprints === undefined ? options : { ...options, sprint: [...sprints.keys()] };
}

function cascadesOf({ choices }: ScreenField): readonly string[] {
  return [...(choices?.values() ?? [])].flatMap(({ name, children }) => [
    JSON.stringify([name]),
    ...[...children.keys()].map((child) => JSON.stringify([name, child])),
  ]);
}

/** The type of that name and sort, or the first one of the sort. */
export function typeNamed(
  types: readonly KnownType[],
  name: string | undefined,
  isSubtask: boolean,
): KnownType | undefined {
  const fitting = types.filter((type) => type.isSubtask === isSubtask);
  return fitting.find((type) => type.name === name) ?? fitting[0];
}

/** Never kept: they depend on where the issue stands now. */
export async function readTransitions(site: Site, cache: MetaCache, issue: IssueId): Promise<readonly OfferedWay[]> {
  const path = target('/issue/{}/transitions', [issue], { expand: 'transitions.fields' });
  return parseTransitions((await call(site, { method: 'GET', target: path })).body, await siteFields(site, cache));
}

async function usablePeople(
  site: Site,
  cache: MetaCache,
  project: ProjectKey,
  people: readonly AccountId[],
): Promise<ReadonlySet<AccountId>> {
  const asked = people.slice(0, MAX_PEOPLE);
  const answers = await allEnded(asked.map((account) => isAssignable(site, cache, project, account)));
  return new Set(asked.filter((_, index) => answers[index]));
}

/** One person at a time, because only this question is answered by the project's own permission. Refused: nobody here. */
function isAssignable(site: Site, cache: MetaCache, project: ProjectKey, account: AccountId): Promise<boolean> {
  return cache.people.get(site, `${project} ${account}`, async () => {
    const path = target('/user/assignable/search', [], { project, accountId: account, maxResults: 1 });
    const answer = await call(site, { method: 'GET', target: path, accept: [400, 404] });
    return answer.status === 200 && parseAssignable(answer.body, account);
  });
}
