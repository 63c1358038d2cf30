/** What hangs on an issue, for the page: work logged, files and links, and what a person does to them. */
import { z } from 'zod';
import { wikiToAdf } from '../jira/model/wiki.ts';
import type { SitePerson } from '../person.ts';
import type { PartsView } from './api.ts';

const workBody = z.object({ timeSpent: z.string().min(1), wiki: z.string().default('') });
const fileBody = z.object({ name: z.string().min(1), type: z.string(), base64: z.string() });
const linkBody = z.object({ type: z.string().min(1), other: z.string().min(1) });

/** Everything that hangs on an issue. */
export async function partsOf(person: SitePerson, id: string): Promise<PartsView> {
  const [worklogs, files, links] = await Promise.all([person.worklogs(id), person.attachments(id), person.links(id)]);
  return {
    worklogs: worklogs.map(({ id: worklog, author, timeSpent, comment }) => {
      return { id: worklog, author: author?.displayName ?? 'Somebody', timeSpent, body: comment ?? null };
    }),
    files: files.map(({ id: file, filename, size }) => ({ id: file, name: filename, bytes: size })),
    links: links.map(({ id: link, type, inwardIssue, outwardIssue }) => {
      const words = outwardIssue === undefined ? type.inward : type.outward;
      return { id: link, words, other: (outwardIssue ?? inwardIssue)?.key ?? '' };
    }),
  };
}

/** Parses a body by a schema, or refuses it. */
type Parse = <T>(schema: z.ZodType<T>, body: unknown) => T;

/** What a person does to the parts of an issue. */
export const partDeeds = {
  logWork: async (person: SitePerson, id: string, body: unknown, parse: Parse): Promise<void> => {
    const { timeSpent, wiki } = parse(workBody, body);
    await person.logWork(id, { timeSpent, ...(wiki === '' ? {} : { comment: wikiToAdf(wiki) }) });
  },
  attach: async (person: SitePerson, id: string, body: unknown, parse: Parse): Promise<void> => {
    const { name, type, base64 } = parse(fileBody, body);
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
    await person.attach(id, { filename: name, bytes, ...(type === '' ? {} : { mimeType: type }) });
  },
  link: async (person: SitePerson, id: string, body: unknown, parse: Parse): Promise<void> => {
    const { type, other } = parse(linkBody, body);
    await person.link(id, type, (await person.read(other)).id);
  },
} as const;
