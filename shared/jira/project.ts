import { kindOf } from '../model/field.ts';
import type { FieldName } from '../model/field.ts';
import type { ProjectKey } from '../model/ids.ts';
import type { ProjectRules, TypeRules } from '../model/projectRules.ts';
import { parseLinkTypes } from '../wire/jira.ts';
import type { Screen, ScreenField } from '../wire/jira.ts';
import { parseProjectStatuses, parseQueries } from '../wire/jiraProject.ts';
import { call, target } from './call.ts';
import type { Site } from './call.ts';
import { createScreen, issueTypesOf, readTransitions, siteFields } from './meta.ts';
import type { MetaCache } from './meta.ts';
import { search } from './read.ts';
import { allEnded } from '../model/allEnded.ts';

/** Issue types whose create screens are looked at; a project seldom has ten. */
const MAX_TYPES = 30;
/** Statuses from which an issue's moves are looked at; each costs two calls. */
const MAX_LOOKED = 20;

/** Reads what rules about a project can be wrong about: some thirty calls, for a check that an admin waits for. */
export async function readProject(site: Site, cache: MetaCache, project: ProjectKey): Promise<ProjectRules> {
  const [types, fields, statuses, linkTypes] = await allEnded([
    issueTypesOf(site, cache, project),
    siteFields(site, cache),
    statusesOf(site, project),
    linkTypesOf(site),
  ]);
  const screens: { readonly type: TypeRules; readonly screen: Screen }[] = [];
  for (const { id, name, isSubtask } of types.slice(0, MAX_TYPES)) {
    const screen = await createScreen(site, cache, project, id);
    const required = [...screen].flatMap(([field, { isRequired }]) => (isRequired ? [field] : []));
    const type = { name, isSubtask, creatable: [...screen.keys()], required, statuses: statuses.get(name) ?? [] };
    screens.push({ type, screen });
  }
  const all = [...new Set(screens.flatMap(({ type }) => type.statuses))];
  return {
    custom: fields.custom,
    types: screens.map(({ type }) => type),
    options: optionsOf(screens.map(({ screen }) => screen)),
    linkTypes,
    ...(await movesFrom(site, cache, project, all)),
  };
}

async function statusesOf(site: Site, project: ProjectKey): Promise<ReadonlyMap<string, readonly string[]>> {
  return parseProjectStatuses(
    (await call(site, { method: 'GET', target: target('/project/{}/statuses', [project]) })).body,
  );
}

async function linkTypesOf(site: Site): Promise<readonly string[]> {
  const answer = await call(site, { method: 'GET', target: target('/issueLinkType'), accept: [404] });
  return answer.status === 404 ? [] : parseLinkTypes(answer.body);
}

function optionsOf(screens: readonly Screen[]): ProjectRules['options'] {
  const options: Partial<Record<FieldName, readonly string[]>> = {};
  for (const [name, field] of screens.flatMap((screen) => [...screen])) {
    if (field.choices !== undefined)
      options[name] = [...new Set([...(options[name] ?? []), ...namesOf(name, field)])].sort();
  }
  return options;
}

function namesOf(name: FieldName, { choices }: ScreenField): readonly string[] {
  if (kindOf(name) !== 'cascade') return [...(choices?.keys() ?? [])];
  return [...(choices?.values() ?? [])].flatMap((choice) => [
    JSON.stringify([choice.name]),
    ...[...choice.children.keys()].map((child) => JSON.stringify([choice.name, child])),
  ]);
}

/** Workflows cannot be read by an app without admin rights: what an issue that stands in a status offers is what is known of it. */
async function movesFrom(
  site: Site,
  cache: MetaCache,
  project: ProjectKey,
  statuses: readonly string[],
): Promise<Pick<ProjectRules, 'moves' | 'looked'>> {
  const moves: ProjectRules['moves'][number][] = [];
  const looked: string[] = [];
  for (const from of statuses.slice(0, MAX_LOOKED)) {
    const jql = `project = "${project}" AND status = "${from.replaceAll(/["\\]/g, '\\$&')}"`;
    const [issue] = (await search(site, jql, { limit: 1 })).items;
    if (issue === undefined) continue;
    looked.push(from);
    const ways = await readTransitions(site, cache, issue);
    moves.push(...ways.map(({ to, required = [] }) => ({ from, to, required })));
  }
  return { moves, looked };
}

/** Whether Jira's own parser takes the queries. */
export async function isJql(site: Site, queries: readonly string[]): Promise<boolean> {
  const path = target('/jql/parse', [], { validation: 'strict' });
  return parseQueries((await call(site, { method: 'POST', target: path, body: { queries } })).body);
}
