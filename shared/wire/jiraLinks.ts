/** Schemas of what Jira says of links between issues and of links to elsewhere. */
import { z } from 'zod';
import { issueId } from '../model/ids.ts';
import { linkElement, remoteLinkElement } from '../model/links.ts';
import { Fault } from '../verdict.ts';
import { idSchema } from './message.ts';
import { placeIn } from './place.ts';

const end = z.object({ id: idSchema(issueId), key: z.string().optional().catch(undefined) });
/** The links of an issue, as its `issuelinks` field shows them: each with the other issue at one end. */
export const issueLinks = z.array(
  z.object({
    id: z.string(),
    type: z.object({ name: z.string().min(1), inward: z.string().optional(), outward: z.string().optional() }),
    inwardIssue: end.optional(),
    outwardIssue: end.optional(),
  }),
);

const issueWithLinks = z.object({ fields: z.object({ issuelinks: issueLinks.optional() }) });

/** A link with the id by which it is removed, and the element that stands for it. */
export interface NamedLink {
  readonly id: string;
  readonly element: string;
}

/**
 * The elements of an issue's links. In an `outwardIssue` the issue itself is the one that acts. @see ATLASSIAN.md §6.3
 *
 * A type that reads the same from both ends ("relates to") has no direction: Jira makes no second such link between two issues
 * the other way round, though imported ones exist.
 */
export function linksIn(found: z.infer<typeof issueLinks>): readonly NamedLink[] {
  return found.flatMap(({ id, type, inwardIssue, outwardIssue }): NamedLink[] => {
    const issue = (outwardIssue ?? inwardIssue)?.id;
    if (issue === undefined) return [];
    const isEven = type.inward !== undefined && type.inward === type.outward;
    const direction = outwardIssue !== undefined || isEven ? 'outward' : 'inward';
    return [{ id, element: linkElement({ type: type.name, direction, issue }) }];
  });
}

/**
 * The elements of an issue's links by the words in which its changelog tells them, `This issue blocks ABC-1`. Where two links read the
 * same, neither is told. @see recorded changelogs of Jira Cloud
 */
export function linksByWords(raw: unknown): ReadonlyMap<string, string> {
  const parsed = issueLinks.safeParse(raw);
  const words = new Map<string, string>();
  const twice = new Set<string>();
  for (const link of parsed.success ? parsed.data : []) {
    const key = (link.outwardIssue ?? link.inwardIssue)?.key;
    const verb = link.outwardIssue === undefined ? link.type.inward : link.type.outward;
    const [named] = linksIn([link]);
    if (key === undefined || verb === undefined || named === undefined) continue;
    const said = `This issue ${verb} ${key}`;
    if (words.has(said) && words.get(said) !== named.element) twice.add(said);
    words.set(said, named.element);
  }
  for (const said of twice) words.delete(said);
  return words;
}

/** Reads an issue that was asked for its links alone. @throws Fault `jira-answer-odd` */
export function parseIssueLinks(body: unknown): readonly NamedLink[] {
  return linksIn(read(issueWithLinks, body).fields.issuelinks ?? []);
}

const remoteLinks = z.array(
  z.object({
    id: z.union([z.number(), z.string()]).transform(String),
    globalId: z.string().nullish(),
    object: z.object({ url: z.string(), title: z.string() }),
  }),
);

/** Reads the remote links of an issue. @throws Fault `jira-answer-odd` */
export function parseRemoteLinks(body: unknown): readonly NamedLink[] {
  return read(remoteLinks, body).map(({ id, globalId, object: { url, title } }) => ({
    id,
    element: remoteLinkElement({ url, title, ...(globalId === undefined || globalId === null ? {} : { globalId }) }),
  }));
}

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Fault('jira-answer-odd', { what: 'links', path: placeIn(parsed.error, schema) });
}
