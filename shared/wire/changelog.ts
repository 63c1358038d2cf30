/** What an issue's changelog tells: when each field changed last, by whom, and who put the elements of its sets there. */
import { z } from 'zod';
import { isSystemField, kindOf } from '../model/field.ts';
import type { FieldName } from '../model/field.ts';
import type { JiraIssue } from '../model/replica.ts';
import { stamp } from './jiraFields.ts';
import type { SiteFields } from './jiraFields.ts';

/** One side of a change, as a changelog writes it. An object without it answers with a function of its own for `toString`. */
const written = z.string().nullable().catch(null);
const changeItem = z.object({
  field: z.string(),
  fieldId: z.string().optional(),
  from: written,
  fromString: written,
  to: written,
  toString: written,
});
/** One entry: who changed what at once. */
export const history = z.object({
  id: z.string().optional(),
  created: stamp,
  author: z.object({ accountType: z.string().optional() }).optional().catch(undefined),
  items: z.array(changeItem),
});

type LastChanges = Pick<JiraIssue, 'changedAt' | 'changedByApp' | 'appChangedAt' | 'putByPeople'>;

/**
 * What the changelog tells last of each field. The order of histories is not guaranteed and `fieldId` is often absent.
 * An app's change is one whose author is an app; automations run as one. @see ATLASSIAN.md §6.3
 * `links`: the elements of the issue's links by the words of the changelog. Links to elsewhere are told by their ids.
 */
export function lastChanges(
  histories: readonly z.infer<typeof history>[],
  site: SiteFields,
  links: ReadonlyMap<string, string> = new Map(),
): LastChanges {
  const changedAt: Partial<Record<FieldName, number>> = {};
  const appChangedAt: Partial<Record<FieldName, number>> = {};
  const byApp = new Set<FieldName>();
  const put: Partial<Record<FieldName, ReadonlySet<string>>> = {};
  for (const { created, author, items } of histories.toSorted(byTime)) {
    const isApp = author?.accountType === 'app';
    for (const item of items) {
      const field =
        (item.fieldId === undefined ? undefined : site.nameOf(item.fieldId)) ?? site.nameInChangelog(item.field);
      if (field === undefined) continue;
      changedAt[field] = created;
      if (isApp) appChangedAt[field] = created;
      if (isApp) byApp.add(field);
      else byApp.delete(field);
      const arrived = arrivedIn(field, item, links);
      if (arrived.length > 0) put[field] = putAfter(put[field] ?? new Set(), arrived, isApp);
    }
  }
  const putByPeople = listed(put);
  return {
    changedAt,
    ...(byApp.size === 0 ? {} : { changedByApp: [...byApp] }),
    ...(Object.keys(appChangedAt).length === 0 ? {} : { appChangedAt }),
    ...(Object.keys(putByPeople).length === 0 ? {} : { putByPeople }),
  };
}

/** The eldest first; what was written in one millisecond follows its ids. */
function byTime(one: z.infer<typeof history>, other: z.infer<typeof history>): number {
  return one.created - other.created || Number(one.id ?? 0) - Number(other.id ?? 0);
}

function putAfter(before: ReadonlySet<string>, arrived: readonly string[], isApp: boolean): ReadonlySet<string> {
  return new Set([...before, ...arrived].filter((element) => !isApp || !arrived.includes(element)));
}

function listed(put: Readonly<Partial<Record<FieldName, ReadonlySet<string>>>>) {
  const full = Object.entries(put).flatMap(([field, elements]) =>
    elements === undefined || elements.size === 0 ? [] : [[field, elements] as const],
  );
  return Object.fromEntries(full.map(([field, elements]) => [field, [...elements].sort()])) as Partial<
    Record<FieldName, readonly string[]>
  >;
}

/** The elements of a set that came with a change. */
function arrivedIn(
  field: FieldName,
  item: z.infer<typeof changeItem>,
  links: ReadonlyMap<string, string>,
): readonly string[] {
  const before = new Set(elementsIn(field, item.from, item.fromString, links));
  return elementsIn(field, item.to, item.toString, links).filter((element) => !before.has(element));
}

/**
 * The elements that one side of a change names: labels apart by spaces, options of a custom field by commas, persons by their ids in
 * brackets, components and versions one in each change. An option with a comma in its name is not recognised.
 */
function elementsIn(
  field: FieldName,
  raw: string | null,
  text: string | null,
  links: ReadonlyMap<string, string>,
): readonly string[] {
  switch (kindOf(field)) {
    case 'links':
      return [links.get(text ?? '') ?? []].flat();
    case 'remoteLinks':
      return raw === null ? [] : [raw];
    case 'labels':
      return (text ?? '').split(' ').filter((word) => word !== '');
    case 'users':
      return (raw ?? '')
        .replaceAll(/^\[|\]$/g, '')
        .split(', ')
        .filter((word) => word !== '');
    case 'options': {
      const names = isSystemField(field) ? [text ?? ''] : (text ?? '').split(',');
      return names.map((name) => name.trim()).filter((name) => name !== '');
    }
    default:
      return [];
  }
}
