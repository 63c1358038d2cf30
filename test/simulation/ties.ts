/**
 * What ties issues to others: links, links to elsewhere, and parents. Elements and values name the other issue by its word, so that
 * two sites can be compared. Like the judge, it uses none of the engine's functions.
 */
import type { Issue, Site } from '../../infra/local/jira/model/types.ts';
import { pick } from './chance.ts';
import type { Chance } from './chance.ts';
import type { Editing, FieldKind } from './fieldKinds.ts';

/** Names of the kinds that tie an issue to others, as the rules call them. */
export const TIES = ['links', 'remoteLinks', 'parent'] as const;

/** Types of links that people use: one with a direction, and one that reads the same from both ends. */
const LINK_TYPES = ['Blocks', 'Relates'] as const;
const PAGES = ['plan', 'notes'] as const;
/** Share of new issues that are a sub-task, an epic, or beneath one. */
const BORN = { subtask: 0.45, epic: 0.15, beneath: 0.2 } as const;
const NOBODY = '-';

/** The word of an issue, which its summary begins with. */
export function wordOf(issue: Issue): string {
  const summary = issue.values['summary'];
  return typeof summary === 'string' ? (/^\S+/.exec(summary.trim())?.[0] ?? '') : '';
}

function projectOf(key: string): string {
  return key.slice(0, key.lastIndexOf('-'));
}

/** Issues of the project of this one, or of the project that the people of a site share. */
function neighbours(site: Site, project: string): readonly Issue[] {
  return [...site.issues.values()].map(({ issue }) => issue).filter(({ key }) => projectOf(key) === project);
}

function levelOf(site: Site, issue: Issue): number {
  return site.issueTypes.find(({ id }) => id === issue.values['issuetype'])?.hierarchyLevel ?? 0;
}

/** The issue that this one stands beneath, when it is there. */
export function parentOf(site: Site, { values }: Issue): Issue | undefined {
  const { parent } = values;
  return typeof parent === 'string' ? site.issues.get(parent)?.issue : undefined;
}

/** Whether an issue is a sub-task. */
export function isSubtask(site: Site, issue: Issue): boolean {
  return levelOf(site, issue) < 0;
}

/** The links of an issue, each as it reads from there, with its id. A type without direction has none. */
function linksOf(site: Site, { id: own }: Issue): readonly { readonly id: string; readonly element: string }[] {
  return (site.issues.get(own)?.linkIds ?? []).flatMap((id) => {
    const link = site.links.get(id);
    const type = site.linkTypes.find((one) => one.id === link?.typeId);
    if (link === undefined || type === undefined) return [];
    const isSource = link.sourceId === own;
    const other = site.issues.get(isSource ? link.destinationId : link.sourceId)?.issue;
    const words = isSource ? type.outward : type.inward;
    return [{ id, element: `${words} ${other === undefined ? NOBODY : wordOf(other)}` }];
  });
}

/** The word of the other issue. */
function otherIn(shown: string): string | undefined {
  const word = shown.slice(shown.lastIndexOf(' ') + 1);
  return word === NOBODY ? undefined : word;
}

function remoteLinksOf(site: Site, { id: own }: Issue): readonly { readonly id: string; readonly element: string }[] {
  return (site.issues.get(own)?.remoteLinkIds ?? []).flatMap((id) => {
    const link = site.remoteLinks.get(id);
    return link === undefined ? [] : [{ id, element: `${String(link.object['url'])} ${link.globalId ?? NOBODY}` }];
  });
}

/** Takes the link away that is there, or makes it. Now and then to an issue that nobody shares. */
function editLinks({ site, issue, people, chance }: Editing): void {
  const others = neighbours(site, projectOf(issue.key)).filter(({ id }) => id !== issue.id);
  const here = linksOf(site, issue);
  if (here.length > 0 && chance() < 0.35) {
    people.unlink(pick(chance, here).id);
    return;
  }
  const strangers = neighbours(site, 'OTHER');
  const among = strangers.length > 0 && (others.length === 0 || chance() < 0.1) ? strangers : others;
  if (among.length === 0) return;
  const other = pick(chance, among);
  const type = site.linkTypes.find(({ name }) => name === pick(chance, LINK_TYPES));
  if (type === undefined) return;
  const isSource = strangers.includes(other) || chance() < 0.5;
  const wanted = `${isSource ? type.outward : type.inward} ${wordOf(other)}`;
  const there = here.find(({ element }) => element === wanted);
  if (there !== undefined) people.unlink(there.id);
  else if (isSource) people.link(issue.id, type.name, other.id);
  else people.link(other.id, type.name, issue.id);
}

function editRemoteLinks({ site, issue, people, chance }: Editing): void {
  const page = pick(chance, PAGES);
  const url = `https://pages.example/${page}`;
  // Some tools give their links a name of their own, people give none.
  const globalId = page === 'notes' ? { globalId: 'notes-1' } : {};
  const there = remoteLinksOf(site, issue).find(({ element }) => element.startsWith(url));
  if (there === undefined) people.remoteLink(issue.id, { url, title: page, ...globalId });
  else people.deleteRemoteLink(issue.id, there.id);
}

/** Issues that this one may stand beneath. */
function parentsFor(site: Site, project: string, level: number, own?: Issue): readonly Issue[] {
  return neighbours(site, project).filter((one) => one.id !== own?.id && levelOf(site, one) === level + 1);
}

function editParent({ site, issue, people, chance }: Editing): void {
  const level = levelOf(site, issue);
  const among = parentsFor(site, projectOf(issue.key), level, issue);
  if (level === 0 && chance() < 0.3) people.editIssue(issue.id, { parent: null });
  else if (among.length > 0) people.editIssue(issue.id, { parent: pick(chance, among).key });
}

/** A new issue is a plain one, an epic, one beneath an epic, or a sub-task; copies have sub-tasks as well. */
function bornBeneath(chance: Chance, site: Site): Readonly<Record<string, unknown>> {
  const shared = [...site.projects.keys()].find((key) => key.toLowerCase() === site.name) ?? '';
  const drawn = chance();
  const plain = parentsFor(site, shared, -1);
  if (drawn < BORN.subtask && plain.length > 0) return { issuetype: 'Sub-task', parent: pick(chance, plain).key };
  if (drawn < BORN.subtask + BORN.epic) return { issuetype: 'Epic' };
  const epics = parentsFor(site, shared, 0);
  return drawn > 1 - BORN.beneath && epics.length > 0 ? { parent: pick(chance, epics).key } : {};
}

/** The table. */
export const tieKinds: readonly FieldKind[] = [
  {
    name: 'links',
    shape: 'set',
    show: (site, issue) =>
      linksOf(site, issue)
        .map(({ element }) => element)
        .toSorted(),
    edit: editLinks,
    refersTo: otherIn,
    isQuiet: true,
  },
  {
    name: 'remoteLinks',
    shape: 'set',
    show: (site, issue) =>
      remoteLinksOf(site, issue)
        .map(({ element }) => element)
        .toSorted(),
    edit: editRemoteLinks,
    isQuiet: true,
  },
  {
    name: 'parent',
    shape: 'scalar',
    show: (site, issue) => {
      const parent = parentOf(site, issue);
      return parent === undefined ? NOBODY : wordOf(parent);
    },
    edit: editParent,
    born: ({ chance, site }) => bornBeneath(chance, site),
    refersTo: otherIn,
  },
];
