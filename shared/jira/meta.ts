import type { AccountId, IssueId, ProjectKey } from '../model/ids.ts';
import type { Abilities } from '../model/plan.ts';
import type { Clock, ProjectFacts } from '../ports.ts';
import { parseAssignable, parseCreateMeta, parseEditMeta, parseIssueTypes, parseTransitions } from '../wire/jira.ts';
import type { ScreenFields } from '../wire/jira.ts';
import { call, target } from './call.ts';
import type { Site } from './call.ts';

/** How long a site's screens, types and people are believed: an admin who repairs a screen tries again within a minute. */
const KEEP_MS = 60_000;
/** Entries of one kind, of all tenants together; each is a few hundred bytes. */
const MAX_ENTRIES = 2_000;
/** Issue types and fields of one screen fit in one page. @see ATLASSIAN.md §6.3 */
const META_PAGE = 200;
/** People asked about for one twin; those beyond count as not usable, so that one issue with many mentions stays cheap. */
const MAX_PEOPLE = 20;

/** Answers of one kind that change seldom, by tenant and name, for at most a minute. */
interface Kept<T> {
  get(site: Site, name: string, load: () => Promise<T>): Promise<T>;
  /** Forgets all of a tenant: an answer has contradicted what was believed. */
  forget(site: Site): void;
}

/** What the client believes of sites for a minute. */
export interface MetaCache {
  readonly types: Kept<readonly KnownType[]>;
  readonly screens: Kept<ScreenFields>;
  readonly people: Kept<boolean>;
}

/** Makes the cache of one process. Expired entries are neither used nor kept for long. */
export function createMetaCache(clock: Clock): MetaCache {
  return { types: createKept(clock), screens: createKept(clock), people: createKept(clock) };
}

/** Forgets what was believed of a tenant's screens, types and people. */
export function forget(cache: MetaCache, site: Site): void {
  for (const kept of [cache.types, cache.screens, cache.people]) kept.forget(site);
}

function createKept<T>(clock: Clock): Kept<T> {
  const entries = new Map<string, { readonly value: T; readonly until: number }>();
  const prefixOf = ({ tenant }: Site): string => `${tenant.tenant}#${tenant.generation} `;
  return {
    get: async (site, name, load) => {
      const key = prefixOf(site) + name;
      const kept = entries.get(key);
      if (kept !== undefined && kept.until > clock.now()) return kept.value;
      const value = await load();
      entries.delete(key);
      entries.set(key, { value, until: clock.now() + KEEP_MS });
      const eldest = entries.keys().next().value;
      if (entries.size > MAX_ENTRIES && eldest !== undefined) entries.delete(eldest);
      return value;
    },
    forget: (site) => {
      for (const key of entries.keys()) if (key.startsWith(prefixOf(site))) entries.delete(key);
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

/** The create screen of one issue type. */
export function createScreen(site: Site, cache: MetaCache, project: ProjectKey, type: string): Promise<ScreenFields> {
  return cache.screens.get(site, `create ${project} ${type}`, async () => {
    const path = target('/issue/createmeta/{}/issuetypes/{}', [project, type], { maxResults: META_PAGE });
    return parseCreateMeta((await call(site, { method: 'GET', target: path })).body);
  });
}

/** The edit screen of an issue. Kept for a minute only because one sync asks twice. */
export function editScreen(site: Site, cache: MetaCache, issue: IssueId): Promise<ScreenFields> {
  return cache.screens.get(site, `edit ${issue}`, async () => {
    const answer = await call(site, { method: 'GET', target: target('/issue/{}/editmeta', [issue]) });
    return parseEditMeta(answer.body);
  });
}

/**
 * What may be written. For a new issue the create screen of `issueType` counts, of the project's first plain type when the project
 * does not know that name.
 */
export async function readAbilities(
  site: Site,
  cache: MetaCache,
  ask: {
    readonly project: ProjectKey;
    readonly issue?: IssueId;
    readonly issueType?: string;
    readonly people: readonly AccountId[];
  },
): Promise<Abilities> {
  const [types, usable] = await Promise.all([
    issueTypesOf(site, cache, ask.project),
    usablePeople(site, cache, ask.project, ask.people),
  ]);
  const issueTypes = types.map(({ name, isSubtask }) => ({ name, isSubtask }));
  if (ask.issue === undefined) {
    const type = plainType(types, ask.issueType);
    const screen = type === undefined ? undefined : await createScreen(site, cache, ask.project, type.id);
    const options = { priority: [...(screen?.priorities.keys() ?? [])] };
    return { issueTypes, options, creatable: screen?.fields ?? [], editable: [], transitions: [], usable };
  }
  const [screen, transitions] = await Promise.all([
    editScreen(site, cache, ask.issue),
    readTransitions(site, ask.issue),
  ]);
  return {
    issueTypes,
    options: { priority: [...screen.priorities.keys()] },
    creatable: [],
    editable: screen.fields,
    transitions,
    usable,
  };
}

/** The plain type of that name, or the first one. */
export function plainType(types: readonly KnownType[], name: string | undefined): KnownType | undefined {
  const plain = types.filter(({ isSubtask }) => !isSubtask);
  return plain.find((type) => type.name === name) ?? plain[0];
}

/** Never kept: they depend on where the issue stands now. */
async function readTransitions(site: Site, issue: IssueId): Promise<Abilities['transitions']> {
  return parseTransitions((await call(site, { method: 'GET', target: target('/issue/{}/transitions', [issue]) })).body);
}

async function usablePeople(
  site: Site,
  cache: MetaCache,
  project: ProjectKey,
  people: readonly AccountId[],
): Promise<ReadonlySet<AccountId>> {
  const asked = people.slice(0, MAX_PEOPLE);
  const answers = await Promise.all(asked.map((account) => isAssignable(site, cache, project, account)));
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
