import type { IssueId, ProjectKey } from '../model/ids.ts';
import type { Clock, HostFacts } from '../ports.ts';
import { parseHasInternal, parseIsArchived, parseSelf, parseUploadMeta } from '../wire/jiraParts.ts';
import { call, target } from './call.ts';
import type { Site } from './call.ts';
import { createKept } from './meta.ts';
import type { Kept } from './meta.ts';
import { match } from './read.ts';
import { allEnded } from '../model/allEnded.ts';

/** What the client believes for a minute of a site as a whole. */
export type HostCache = Kept<HostFacts>;

/** Makes the cache of one process. */
export function createHostCache(clock: Clock): HostCache {
  return createKept(clock);
}

/** Who we are there, whether a project has internal comments, and which files the site takes. */
export function readHost(site: Site, cache: HostCache, project: ProjectKey): Promise<HostFacts> {
  return cache.get(site, project, async () => {
    const ask = async (path: string): Promise<unknown> => (await call(site, { method: 'GET', target: path })).body;
    const [self, about, upload] = await allEnded([
      ask(target('/myself')),
      ask(target('/project/{}', [project])),
      ask(target('/attachment/meta')),
    ]);
    return { self: parseSelf(self), hasInternal: parseHasInternal(about), upload: parseUploadMeta(upload) };
  });
}

/**
 * Whether a project is archived, or an issue of it alone. Of an issue Jira says so nowhere: one that can be read by its id and that no
 * search finds is archived. Never kept: asked only when something else has made it likely.
 */
export async function archivedPart(
  site: Site,
  project: ProjectKey,
  issue: IssueId | undefined,
): Promise<'project' | 'issue' | undefined> {
  const answer = await call(site, { method: 'GET', target: target('/project/{}', [project]), accept: [403, 404] });
  if (answer.status !== 200) return undefined;
  if (parseIsArchived(answer.body)) return 'project';
  if (issue === undefined) return undefined;
  return (await match(site, `project = "${project}"`, [issue])).length === 0 ? 'issue' : undefined;
}
